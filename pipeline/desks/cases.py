"""The desk where litigation cases are opened, edited, shown and listed (K3, U2).

The names of cases are shared by everybody who may open one, whatever their capitals; a case is not: it is open to the
people named in it (`callwarden.rules.cases`). The data protection officer and the auditor see that there is one, whose
it is and how much it holds; a data protection officer may name its people anew, so that no case is lost with them.
Whoever is narrowed to lines or agents sees recordings of theirs only.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from callwarden.desks.acts import Acts, Doing
from callwarden.desks.named_case import NAME_TAKEN, case_named, found_case, is_within, no_such_case
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.hold import Case, CaseState, Hold, Placement, PlacementState, Unapplied
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.recording import Recording
from callwarden.ports.catalogue import Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.cases import LONGEST_NAME, CaseDetails, edited, is_case_name, is_theirs, look_at, meant, seen_by
from callwarden.rules.letting_go import goes_at
from callwarden.rules.people import same_person
from callwarden.rules.reading import is_scoped
from callwarden.rules.rights import Act, ActRefusal

PEOPLE = frozenset({"people", "responsible"})
"""What somebody may change who only oversees cases."""


NAMED = 200
"""Held recordings of which is told which calls they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCall:
    """A held recording; `goes_at` is when it would be destroyed at the earliest if the case were released now: None
    where something else keeps it."""

    recording: Recording
    goes_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCase:
    """A case as somebody may see it. `whole` unless they only oversee it: then there are no `placements` either."""

    case: Case
    whole: bool
    holds: Sequence[Hold]
    placements: Sequence[Placement] = field(default=())
    refused: Sequence[Unapplied] = field(default=())
    """Of what it holds, what the vault refuses to hold, object by object; it is tried again."""
    not_fast: Mapping[RecordingId, Sequence[str]] = field(default_factory=dict)
    """Of what it holds, what is not known to be held in every version, and which objects were stored since it was."""
    first: Sequence[HeldCall] = field(default=())
    """Of what it holds the first `NAMED`, oldest call first; nothing for whoever only oversees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDesk:
    """Each method is an act of somebody, and may be repeated. Raises RefusedError, RetryableError; UsageError for what
    makes no sense in a case. Thread-safe."""

    clock: Clock
    acts: Acts
    delay: timedelta
    """From the end of a hold until anything is destroyed."""

    def open(self, actor: Actor, case_id: CaseId, *, reason: str, details: CaseDetails | None = None) -> Case:
        """Open a case. Opening one that is open, and says the same, gives it as it is; any other use of its name is
        refused (``name_taken``), whosever it is. Raises UsageError for a name that is blank or holds a telephone number
        as well."""
        case_id, said = case_named(case_id), {} if details is None else details.said()
        wanted = look_at(
            Case(
                case_id=case_id,
                opened_by=actor.name,
                opened_at=self.clock.now(),
                state=CaseState.OPEN,
                **{**said, "reason": reason.strip()},
            )
        )
        with self.acts.perform(Act.HOLD_OPEN, actor, case=case_id) as doing:
            known = found_case(doing, case_id)
            if known is None:
                if not is_case_name(case_id):
                    raise UsageError(
                        f"a case is named by letters a to z, with accents or without, digits and signs, {LONGEST_NAME} "
                        "at most, such as DOSSIER-2026-014: others look like these, or do not show"
                    )
                doing.tx.cases.save(wanted)
                return wanted
            if not self._is_known_to(doing, known):  # nor is what it says: it cannot be guessed
                raise RefusedError((NAME_TAKEN,), "somebody else has used this name: open a case under another name")
            same = known.reason == wanted.reason and all(getattr(known, name) == said[name] for name in said)
            if known.state is CaseState.RELEASED or not same:
                ended = "was released" if known.state is CaseState.RELEASED else "is open and says something else"
                raise RefusedError((NAME_TAKEN,), f"case {known.case_id} {ended}: open a new one under another name")
            doing.silent = True
            doing.looks(Act.HOLD_LIST)
            return known

    def edit(
        self, actor: Actor, case_id: CaseId, details: CaseDetails, *, seen: Mapping[str, str] | None = None
    ) -> Case:
        """Change what an open case says; what it said before stays in its history. Refused: ``unknown``, ``name_taken``
        for one that was released. A data protection officer who only oversees it may change its people.

        `seen`: what a form showed (`prints_of`). Only what it changed is written; refused, ``changed_since``, where
        somebody else has changed the same meanwhile."""
        case_id, said = case_named(case_id), details.said()
        if not said:
            raise UsageError("say what to change, such as --people bruno,brigitte")
        with self.acts.perform(Act.HOLD_EDIT, actor, case=case_id) as doing:
            case = found_case(doing, case_id)
            overseen = actor.role is Role.DPO and said.keys() <= PEOPLE
            if case is None or not (is_theirs(case, actor) or overseen) or not is_within(doing, case):
                raise no_such_case(case_id)
            if case.state is CaseState.RELEASED:
                raise RefusedError((NAME_TAKEN,), f"case {case.case_id} was released: it stays as it is")
            if seen is not None:
                said, stale = meant(case, said, seen)
                if stale:
                    words = f"somebody has changed {', '.join(stale)} since you opened it: look at what it says now"
                    raise RefusedError((ActRefusal.CHANGED_SINCE.value,), words)
            after = edited(case, replace(case, **said), by=actor.name, at=self.clock.now())
            if is_theirs(after, actor) and not is_theirs(case, actor):
                raise RefusedError(
                    (ActRefusal.SAME_PERSON.value,),
                    "nobody opens a case to themselves: somebody of the case, or another data protection officer, does",
                )
            if after is case:
                doing.silent = True
                doing.looks(Act.HOLD_SHOW)
            else:
                doing.tx.cases.save(after)
            shown = seen_by(after, actor)
            assert shown is not None, "whoever may edit it may see it"
            return shown

    def shown(self, actor: Actor, case_id: CaseId) -> ShownCase:
        """One case with its history, what it holds, and the criteria it holds by. Refused, ``unknown``, for one that is
        not theirs to know of."""
        case_id = case_named(case_id)
        with self.acts.perform(Act.HOLD_SHOW, actor, case=case_id) as doing:
            case = found_case(doing, case_id)
            seen = None if case is None else self._seen(doing, case)
            if case is None or seen is None:
                raise no_such_case(case_id)
            placed = doing.tx.holds.find(case_id=case.case_id)
            holds = as_applied(doing.tx, placed)
            if is_scoped(actor):
                rows = doing.tx.recordings.get([hold.recording_id for hold in holds]).values()
                theirs = {row.recording_id for row in doing.theirs(rows)}
                holds = [hold for hold in holds if hold.recording_id in theirs]
            held = {hold.recording_id for hold in holds}
            refused = [
                each for each in doing.tx.unapplied.find(case_id=case.case_id, faulty=True) if each.recording_id in held
            ]
            stored = doing.tx.artefacts.get([hold.recording_id for hold in holds if hold.applied_at is None])
            since = {hold.recording_id: hold.applied_at for hold in placed}
            not_fast: dict[RecordingId, list[str]] = {
                hold.recording_id: [] for hold in holds if hold.applied_at is None
            }
            for one in stored:
                fast_at = since[one.recording_id]
                if fast_at is None or one.stored_at > fast_at:
                    not_fast[one.recording_id].append(one.key)
            whole = is_theirs(case, actor)
            placements = doing.tx.placements.of_case(case.case_id) if whole and not is_scoped(actor) else ()
            named = [hold.recording_id for hold in holds[:NAMED]] if whole else []
            calls = sorted(doing.tx.recordings.get(named).values(), key=lambda row: (_began(row), row.recording_id))
        return ShownCase(
            case=seen,
            whole=whole,
            holds=holds,
            placements=placements,
            refused=refused,
            not_fast=not_fast,
            first=[
                HeldCall(recording=row, goes_at=goes_at(row, case.case_id, now=self.clock.now(), delay=self.delay))
                for row in calls
            ],
        )

    def listed(self, actor: Actor) -> Sequence[tuple[Case, Sequence[Hold], int]]:
        """Every case they may know of, newest first, what it holds, and how many placements wait for a second person
        and hold nothing yet. Whoever is narrowed sees those they opened or that hold something of theirs, and of each
        what is theirs."""
        with self.acts.perform(Act.HOLD_LIST, actor) as doing:
            held: dict[CaseId, list[Hold]] = defaultdict(list)
            holds = as_applied(doing.tx, doing.tx.holds.find())
            if is_scoped(actor):
                rows = doing.tx.recordings.get({hold.recording_id for hold in holds}).values()
                theirs = {row.recording_id for row in doing.theirs(rows)}
                holds = [hold for hold in holds if hold.recording_id in theirs]
            for hold in holds:
                held[hold.case_id].append(hold)
            cases = [seen for case in doing.tx.cases.all() if (seen := seen_by(case, actor)) is not None]
            if is_scoped(actor):
                cases = [case for case in cases if case.case_id in held or same_person(case.opened_by, actor.name)]
            doing.count = len(cases)
            return [(case, held[case.case_id], len(waiting_of(doing, case))) for case in cases]

    def _is_known_to(self, doing: Doing, case: Case) -> bool:
        """Whether it is theirs, and `listed` shows it to them."""
        return is_theirs(case, doing.actor) and self._seen(doing, case) is not None

    def _seen(self, doing: Doing, case: Case) -> Case | None:
        """The case as `listed` shows it to them."""
        return seen_by(case, doing.actor) if is_within(doing, case) else None


def _began(row: Recording) -> str:
    began = row.started_at or row.ended_at
    return "" if began is None else began.astimezone(UTC).isoformat()


def waiting_of(doing: Doing, case: Case) -> Sequence[Placement]:
    """The placements of an open case that wait for a second person, for whoever it is open to and is not narrowed."""
    if case.state is not CaseState.OPEN or is_scoped(doing.actor) or not is_theirs(case, doing.actor):
        return ()
    return [one for one in doing.tx.placements.of_case(case.case_id) if one.state is PlacementState.WAITING]


def as_applied(tx: Transaction, holds: Sequence[Hold]) -> Sequence[Hold]:
    """The holds, those not known to be on every version as not applied: something may have been stored since."""
    waiting = {each.recording_id for each in tx.unapplied.find()}
    return [replace(hold, applied_at=None) if hold.recording_id in waiting else hold for hold in holds]
