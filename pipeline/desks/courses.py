"""The desk of courses: lists of moments of calls, with notes, for those who learn from them."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from callwarden.desks.acts import Acts, Doing
from callwarden.desks.reviewed import Reviewed, check_moment, check_within
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.content import About
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import make_entry_id
from callwarden.model.purpose import Purpose
from callwarden.model.recording import LOST
from callwarden.model.review import Course, CourseId, Moment
from callwarden.ports.clock import Clock
from callwarden.rules.people import ACCOUNT_RULE, is_account_name
from callwarden.rules.rights import Act, ActRefusal

LONGEST_TITLE = 200
MOST_MOMENTS = 200


class MomentState(StrEnum):
    """Whether a moment can be heard."""

    OPEN = "open"
    CLOSED = "closed"
    """Not to be read by this person for this purpose, or not now."""
    GONE = "gone"
    """Its recording is destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMoment:
    """A moment of a course: its number from 1, and where it is open, its note and which call it is of."""

    number: int
    moment: Moment
    state: MomentState
    text: str | None = field(repr=False)
    about: About | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCourse:
    """A course, its moments in their order, and whether it is the reader's own."""

    course: Course
    moments: Sequence[ShownMoment]
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseDesk:
    """Each method is an act of somebody. Only who made a course changes it. Raises RefusedError, UsageError,
    RetryableError. Thread-safe."""

    acts: Acts
    clock: Clock
    reviewed: Reviewed
    accounts_are_ours: bool = True
    """Nobody has an account that is not among ours: no identity provider knows others."""

    def make(self, actor: Actor, title: str, *, people: Iterable[str] = (), team: bool = False) -> Course:
        """A course without moments: one's own, and shared with these account names or with the team."""
        course = self._new(actor, title, people=people, team=team)
        with self.acts.perform(Act.COURSE_MAKE, actor, subject=course.course_id) as doing:
            self._are_known(doing, course.people)
            doing.tx.courses.save(course)
        return course

    def share(self, actor: Actor, course_id: CourseId, *, people: Iterable[str], team: bool) -> Course:
        """Say anew who else sees it."""
        with self.acts.perform(Act.COURSE_SHARE, actor) as doing:
            course = replace(self._own(doing, course_id), people=_people(people), team=team)
            self._are_known(doing, course.people)
            doing.tx.courses.save(course)
        return course

    def add(
        self,
        actor: Actor,
        purpose: Purpose,
        course_id: CourseId,
        recording_id: RecordingId,
        *,
        from_s: float,
        to_s: float | None = None,
        text: str | None = None,
    ) -> Course:
        """Add a moment of a call one may read now at the end; its note goes with the call."""
        check_moment(from_s, to_s)
        with self.acts.perform(Act.COURSE_ADD, actor, recording_id=recording_id, purpose=purpose.value) as doing:
            self.reviewed.must_be_open(doing, purpose)
            course = self._with(doing, self._own(doing, course_id), from_s=from_s, to_s=to_s, text=text)
            doing.correlation = course.course_id
        return course

    def begin(
        self,
        actor: Actor,
        purpose: Purpose,
        title: str,
        recording_id: RecordingId,
        *,
        from_s: float,
        to_s: float | None = None,
        text: str | None = None,
    ) -> Course:
        """A course of one's own with its first moment, as by `make` and `add`: both, or neither."""
        check_moment(from_s, to_s)
        new = self._new(actor, title)
        with self.acts.perform(Act.COURSE_ADD, actor, recording_id=recording_id, purpose=purpose.value) as doing:
            self.reviewed.must_be_open(doing, purpose)
            course = self._with(doing, new, from_s=from_s, to_s=to_s, text=text)
            doing.correlation = course.course_id
            doing.looks(Act.COURSE_MAKE, [course.course_id])
        return course

    def drop(self, actor: Actor, course_id: CourseId, number: int) -> Course:
        """Take out its moment of this number, counted from 1."""
        with self.acts.perform(Act.COURSE_DROP, actor) as doing:
            course = self._own(doing, course_id)
            if not 1 <= number <= len(course.moments):
                raise UsageError(f"it has no moment {number}")
            gone = course.moments[number - 1]
            doing.tx.notes.remove([gone.note_id] if gone.note_id is not None else [])
            course = replace(course, moments=(*course.moments[: number - 1], *course.moments[number:]))
            doing.tx.courses.save(course)
        return course

    def remove(self, actor: Actor, course_id: CourseId) -> None:
        """End a course of one's own, its notes with it."""
        with self.acts.perform(Act.COURSE_REMOVE, actor) as doing:
            course = self._own(doing, course_id)
            doing.tx.notes.remove([moment.note_id for moment in course.moments if moment.note_id is not None])
            doing.tx.courses.remove(course_id)

    def listed(self, actor: Actor) -> Sequence[Course]:
        """One's own, those one is named in and the team's; the newest first."""
        with self.acts.perform(Act.COURSE_LIST, actor) as doing:
            found = [course for course in doing.tx.courses.all() if _is_theirs(course, actor)]
            doing.count = len(found)
        return found

    def shown(self, actor: Actor, purpose: Purpose, course_id: CourseId) -> ShownCourse:
        """A course and what each of its moments is for this reader. Those whose note is shown are entries."""
        with self.acts.perform(Act.COURSE_SHOW, actor, purpose=purpose.value) as doing:
            course = doing.tx.courses.get(course_id)
            if course is None or not _is_theirs(course, actor):
                raise RefusedError((ActRefusal.UNKNOWN.value,), "no such course, or none you may know of")
            moments = [
                self._shown(doing, purpose, number, moment) for number, moment in enumerate(course.moments, start=1)
            ]
            opened = dict.fromkeys(one.moment.recording_id for one in moments if one.state is MomentState.OPEN)
            doing.subjects, doing.correlation, doing.count = [course_id, *opened], course_id, None
        return ShownCourse(course=course, moments=moments, own=course.made_by == actor.account)

    def _shown(self, doing: Doing, purpose: Purpose, number: int, moment: Moment) -> ShownMoment:
        tx, name = doing.tx, moment.recording_id
        row = tx.recordings.get([name]).get(name)
        if row is None or row.state in LOST:
            return ShownMoment(number=number, moment=moment, state=MomentState.GONE, text=None)
        if not self.reviewed.open_to(doing.actor, purpose, name, tx):
            return ShownMoment(number=number, moment=moment, state=MomentState.CLOSED, text=None)
        notes = tx.notes.get([moment.note_id]) if moment.note_id is not None else []
        text = self.reviewed.text(notes[0], tx.keys.get([name]).get(name)) if notes else None
        return ShownMoment(
            number=number, moment=moment, state=MomentState.OPEN, text=text, about=About.of(row, purpose)
        )

    def _new(self, actor: Actor, title: str, *, people: Iterable[str] = (), team: bool = False) -> Course:
        now = self.clock.now()
        return Course(
            course_id=CourseId(f"course-{make_entry_id(now, os.urandom(10))}"),
            title=_title(title),
            made_by=actor.account,
            made_at=now,
            team=team,
            people=_people(people),
            moments=(),
        )

    def _with(self, doing: Doing, course: Course, *, from_s: float, to_s: float | None, text: str | None) -> Course:
        """Save it with a moment of the act's recording at its end."""
        if len(course.moments) >= MOST_MOMENTS:
            raise UsageError(f"a course has {MOST_MOMENTS} moments at most")
        check_within(doing.row, from_s, to_s)
        note, recording_id = None, doing.row.recording_id
        if text is not None and text.strip():
            note = self.reviewed.write(doing, text, from_s=from_s, to_s=to_s, shared=True, about=course.course_id)
        moment = Moment(
            recording_id=recording_id, from_s=from_s, to_s=to_s, note_id=None if note is None else note.note_id
        )
        course = replace(course, moments=(*course.moments, moment))
        doing.tx.courses.save(course)
        return course

    def _are_known(self, doing: Doing, names: frozenset[str]) -> None:
        """Raises UsageError for a name that nobody bears, where everybody's name is known here."""
        accounts = doing.tx.people.all() if names and self.accounts_are_ours else ()
        if not accounts:
            return  # people say themselves who they are, or are known elsewhere
        known = {one.name for one in accounts if one.removed_at is None} | {
            token.name for token in doing.tx.tokens.all() if token.revoked_at is None
        }
        if unknown := sorted(names - known):
            raise UsageError(f"nobody here is called {', '.join(unknown)}: write the names as they log in")

    def _own(self, doing: Doing, course_id: CourseId) -> Course:
        course = doing.tx.courses.get(course_id, lock=True)
        if course is None or course.altered or course.made_by != doing.actor.account:
            raise RefusedError((ActRefusal.UNKNOWN.value,), "no such course of yours")
        doing.subject = course_id
        return course


def _is_theirs(course: Course, actor: Actor) -> bool:
    return not course.altered and (course.team or course.made_by == actor.account or actor.name in course.people)


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not title or len(title) > LONGEST_TITLE:
        raise UsageError(f"a title has 1 to {LONGEST_TITLE} characters")
    return title


def _people(names: Iterable[str]) -> frozenset[str]:
    people = frozenset(names)
    for name in people:
        if not is_account_name(name):
            raise UsageError(f"{name!r} is not an account name: a name is {ACCOUNT_RULE}")
    return people
