"""Notes, evaluations and courses of calls one may read now: what was written goes with the call, scores do not.

U4, K6.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from callwarden.desks.courses import MomentState
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.purpose import Purpose
from callwarden.model.review import CourseId, EvaluationId, NoteId
from callwarden.model.transcript import TimeRange
from tests.support.redactions import redacted
from tests.support.workshop import Workshop

ALICE = Actor(role=Role.TRAINER, name="alice")
BOB = Actor(role=Role.TRAINER, name="bob")
SIMONE = Actor(role=Role.SUPERVISOR, name="simone")
FOR = Purpose.TRAINING
SECRET = "il hésite sur la rue des Lilas"


@pytest.fixture
def call(shop: Workshop) -> RecordingId:
    recording_id = shop.stored()
    redacted(shop, recording_id, "le tournesol est ouvert")
    return recording_id


def entries(shop: Workshop, *operations: Operation) -> list[LogEntry]:
    return [entry for entry in shop.parts["catalogue"].rows.log.values() if entry.operation in operations]


def gone(shop: Workshop) -> None:
    """Half a year and a day later the call is destroyed."""
    shop.clock.move(timedelta(days=190))
    assert shop.drain("dispose") == 1


def kept_words(shop: Workshop) -> str:
    return repr(shop.parts["catalogue"].rows) + repr(
        [note.sealed for note in shop.parts["catalogue"].rows.notes.values()]
    )


def test_ones_own_notes_are_ones_own_and_the_teams_are_everybodys(shop: Workshop, call: RecordingId) -> None:
    desk = shop.system.note_desk
    desk.add(ALICE, FOR, call, SECRET, from_s=12.5, to_s=14)
    desk.add(ALICE, FOR, call, "à montrer", from_s=3, shared=True)
    desk.add(ALICE, FOR, call, "bon appel", shared=True)
    assert [(note.text, note.own) for note in desk.listed(ALICE, FOR, call)] == [
        ("bon appel", True),
        ("à montrer", True),
        (SECRET, True),
    ]
    assert [(note.text, note.own) for note in desk.listed(BOB, FOR, call)] == [
        ("bon appel", False),
        ("à montrer", False),
    ]


def test_a_note_is_an_entry_without_a_word_of_it_and_is_nowhere_in_clear(shop: Workshop, call: RecordingId) -> None:
    """L1."""
    made = shop.system.note_desk.add(ALICE, FOR, call, SECRET, from_s=1)
    [entry] = entries(shop, Operation.NOTE_WRITTEN)
    assert (entry.subject, entry.correlation, entry.purpose) == (call, made.note.note_id, "training")
    assert "Lilas" not in kept_words(shop)
    assert "Lilas" not in repr(made)


def test_a_note_goes_with_its_call(shop: Workshop, call: RecordingId) -> None:
    """K1."""
    shop.system.note_desk.add(ALICE, FOR, call, SECRET)
    gone(shop)
    assert shop.parts["catalogue"].rows.notes == {}
    with pytest.raises(RefusedError):
        shop.system.note_desk.listed(ALICE, FOR, call)


@pytest.mark.parametrize(
    "actor",
    [
        replace(ALICE, lines=frozenset({LineId("elsewhere")})),
        replace(ALICE, agents=frozenset({"a-9"})),
        Actor(role=Role.LEGAL, name="bruno"),
        Actor(role=Role.OPERATOR, name="olga"),
    ],
    ids=["another line", "another agent", "legal", "operator"],
)
def test_who_does_not_learn_from_this_call_writes_and_reads_nothing_about_it(
    shop: Workshop, call: RecordingId, actor: Actor
) -> None:
    system = shop.system
    course = system.course_desk.make(ALICE, "Accueil", team=True)
    for act in (
        lambda: system.note_desk.add(actor, FOR, call, "x"),
        lambda: system.note_desk.listed(actor, FOR, call),
        lambda: system.evaluation_desk.make(actor, FOR, call, {"greeting": 3}),
        lambda: system.course_desk.add(actor, FOR, course.course_id, call, from_s=0),
    ):
        with pytest.raises(RefusedError):
            act()
    assert len([one for one in entries(shop, *Operation) if one.outcome is EntryOutcome.REFUSED]) >= 4


def test_what_may_not_be_read_now_is_not_written_about(shop: Workshop, call: RecordingId) -> None:
    """I8, R4."""
    shop.system.note_desk.add(ALICE, FOR, call, "avant", shared=True)
    shop.system.redaction_desk.report_missed(ALICE, call, places=[TimeRange(start_s=1, end_s=2)])
    for act in (
        lambda: shop.system.note_desk.add(ALICE, FOR, call, "x"),
        lambda: shop.system.note_desk.listed(ALICE, FOR, call),
    ):
        with pytest.raises(RefusedError) as caught:
            act()
        assert caught.value.reasons == ("redaction_incomplete",)


def test_only_who_wrote_a_note_takes_it_back(shop: Workshop, call: RecordingId) -> None:
    desk = shop.system.note_desk
    made = desk.add(ALICE, FOR, call, "x", shared=True)
    for actor, note in ((BOB, made.note.note_id), (ALICE, NoteId("note-1"))):
        with pytest.raises(RefusedError) as caught:
            desk.remove(actor, note)
        assert caught.value.reasons == ("unknown",)
    desk.remove(ALICE, made.note.note_id)
    assert desk.listed(ALICE, FOR, call) == []


@pytest.mark.parametrize(
    ("text", "from_s", "to_s"),
    [
        (" ", None, None),
        ("x" * 2001, None, None),
        ("x", -1, None),
        ("x", float("nan"), None),
        ("x", 5, 4),
        ("x", None, 4),
        ("x", 99_999, None),
        ("x", 1, 99_999),
        ("x\x00y", None, None),
    ],
)
def test_a_note_that_makes_no_sense_is_wrong_usage(
    shop: Workshop, call: RecordingId, text: str, from_s: float | None, to_s: float | None
) -> None:
    with pytest.raises(UsageError):
        shop.system.note_desk.add(ALICE, FOR, call, text, from_s=from_s, to_s=to_s)
    assert shop.parts["catalogue"].rows.notes == {}


def test_an_evaluation_lives_its_own_year_without_a_word_of_the_call_or_its_caller(
    shop: Workshop, call: RecordingId
) -> None:
    """K6: it outlives the recording, not the year."""
    desk = shop.system.evaluation_desk
    made = desk.make(SIMONE, FOR, call, {"greeting": 4, "address": 1}, remark=SECRET)
    caller = shop.recording("c-1").caller
    assert desk.shown(SIMONE, FOR, made.evaluation.evaluation_id).remark == SECRET
    gone(shop)
    after = desk.shown(SIMONE, FOR, made.evaluation.evaluation_id)
    assert (after.evaluation.scores, after.remark) == ({"greeting": 4, "address": 1}, None)
    assert caller is not None
    assert caller not in repr(after.evaluation)
    assert shop.parts["catalogue"].rows.notes == {}
    shop.clock.instant = made.evaluation.keep_until - timedelta(microseconds=1)
    shop.drain("dispose")
    assert len(desk.listed(SIMONE)) == 1
    shop.clock.instant = made.evaluation.keep_until
    shop.drain("dispose")
    assert desk.listed(SIMONE) == []
    [entry] = entries(shop, Operation.EVALUATION_ENDED)
    assert (entry.subject, entry.actor) == (made.evaluation.evaluation_id, "service:evaluations")


def test_done_again_it_takes_the_place_of_the_first_and_its_year_goes_on(shop: Workshop, call: RecordingId) -> None:
    desk = shop.system.evaluation_desk
    first = desk.make(SIMONE, FOR, call, {"greeting": 1}, remark="un").evaluation
    shop.clock.move(timedelta(days=30))
    second = desk.make(SIMONE, FOR, call, {"greeting": 2}, remark="deux").evaluation
    desk.make(ALICE, FOR, call, {"greeting": 3})
    assert (second.evaluation_id, second.made_at, second.keep_until) == (
        first.evaluation_id,
        first.made_at,
        first.keep_until,
    )
    assert {one.made_by: one.scores["greeting"] for one in desk.listed(SIMONE, recording_id=call)} == {
        "supervisor:simone": 2,
        "trainer:alice": 3,
    }
    assert desk.shown(SIMONE, FOR, second.evaluation_id).remark == "deux"
    assert len(shop.parts["catalogue"].rows.notes) == 1


def test_trainers_see_their_own_evaluations_and_supervisors_those_of_their_lines_and_agents(
    shop: Workshop, call: RecordingId
) -> None:
    desk = shop.system.evaluation_desk
    made = desk.make(ALICE, FOR, call, {"greeting": 3}).evaluation
    assert desk.listed(ALICE) == desk.listed(SIMONE) == desk.listed(SIMONE, agent="a-1") == [made]
    assert desk.listed(BOB) == desk.listed(SIMONE, agent="a-2") == []
    narrowed = replace(SIMONE, agents=frozenset({"a-2"}))
    assert desk.listed(narrowed) == desk.listed(narrowed, agent="a-1") == []
    for actor, evaluation in (
        (BOB, made.evaluation_id),
        (narrowed, made.evaluation_id),
        (ALICE, EvaluationId("eval-1")),
    ):
        with pytest.raises(RefusedError) as caught:
            desk.shown(actor, FOR, evaluation)
        assert caught.value.reasons == ("unknown",)


@pytest.mark.parametrize("scores", [{}, {"greeting": 5}, {"greeting": -1}, {"taste": 1}])
def test_scores_are_those_of_the_grid(shop: Workshop, call: RecordingId, scores: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        shop.system.evaluation_desk.make(SIMONE, FOR, call, scores)


def test_a_call_of_nobody_is_no_evaluation(shop: Workshop) -> None:
    recording_id = shop.stored(agent=...)
    redacted(shop, recording_id, "le tournesol")
    with pytest.raises(UsageError):
        shop.system.evaluation_desk.make(SIMONE, FOR, recording_id, {"greeting": 1})


def test_a_course_is_for_its_maker_those_it_names_and_the_team(shop: Workshop, call: RecordingId) -> None:
    desk = shop.system.course_desk
    course = desk.make(ALICE, "  Levée de\n doute ", people=["bob"])
    desk.add(ALICE, FOR, course.course_id, call, from_s=3, to_s=9, text=SECRET)
    shown = desk.shown(BOB, FOR, course.course_id)
    assert (shown.course.title, shown.own) == ("Levée de doute", False)
    assert [(one.number, one.state, one.text) for one in shown.moments] == [(1, MomentState.OPEN, SECRET)]
    assert desk.listed(SIMONE) == []
    with pytest.raises(RefusedError):
        desk.shown(SIMONE, FOR, course.course_id)
    desk.share(ALICE, course.course_id, people=(), team=True)
    assert [one.course_id for one in desk.listed(SIMONE)] == [course.course_id]
    opened = [entry.subject for entry in entries(shop, Operation.COURSE_SHOWN) if entry.outcome is EntryOutcome.ALLOWED]
    assert opened == [course.course_id, call]
    assert "Lilas" not in kept_words(shop)


def test_a_moment_of_a_call_that_is_gone_shows_as_gone_and_one_that_is_not_theirs_as_closed(
    shop: Workshop, call: RecordingId
) -> None:
    desk = shop.system.course_desk
    course = desk.make(ALICE, "Accueil", team=True)
    desk.add(ALICE, FOR, course.course_id, call, from_s=3, text=SECRET)
    narrowed = replace(BOB, agents=frozenset({"a-9"}))
    [closed] = desk.shown(narrowed, FOR, course.course_id).moments
    assert (closed.state, closed.text) == (MomentState.CLOSED, None)
    gone(shop)
    [moment] = desk.shown(BOB, FOR, course.course_id).moments
    assert (moment.state, moment.text) == (MomentState.GONE, None)


def test_only_its_maker_changes_a_course(shop: Workshop, call: RecordingId) -> None:
    desk = shop.system.course_desk
    course = desk.make(ALICE, "Accueil", team=True).course_id
    desk.add(ALICE, FOR, course, call, from_s=1, text="un")
    desk.add(ALICE, FOR, course, call, from_s=2, text="deux")
    for act in (
        lambda: desk.add(BOB, FOR, course, call, from_s=0),
        lambda: desk.drop(BOB, course, 1),
        lambda: desk.share(BOB, course, people=(), team=False),
        lambda: desk.remove(BOB, course),
        lambda: desk.remove(ALICE, CourseId("course-1")),
    ):
        with pytest.raises(RefusedError):
            act()
    desk.drop(ALICE, course, 1)
    assert [one.text for one in desk.shown(BOB, FOR, course).moments] == ["deux"]
    with pytest.raises(UsageError):
        desk.drop(ALICE, course, 2)
    desk.remove(ALICE, course)
    assert desk.listed(BOB) == []
    assert shop.parts["catalogue"].rows.notes == {}


def test_a_course_is_begun_with_its_first_moment_or_not_at_all(shop: Workshop, call: RecordingId) -> None:
    desk = shop.system.course_desk
    row = shop.recording("c-1")
    assert row.started_at is not None
    assert row.ended_at is not None
    beyond = (row.ended_at - row.started_at).total_seconds() + 11
    for from_s, to_s, text in ((5, 4, None), (beyond, None, None), (1, beyond, None), (1, None, "x" * 2001)):
        with pytest.raises(UsageError):
            desk.begin(ALICE, FOR, "Accueil", call, from_s=from_s, to_s=to_s, text=text)
    assert desk.listed(ALICE) == []
    course = desk.begin(ALICE, FOR, "Accueil", call, from_s=1, to_s=2, text=SECRET)
    assert [(one.moment.from_s, one.text) for one in desk.shown(ALICE, FOR, course.course_id).moments] == [(1, SECRET)]
    made = [
        (entry.operation, entry.subject) for entry in entries(shop, Operation.COURSE_MADE, Operation.COURSE_CHANGED)
    ]
    assert made == [(Operation.COURSE_CHANGED, call), (Operation.COURSE_MADE, course.course_id)]
    with pytest.raises(UsageError):
        desk.add(ALICE, FOR, course.course_id, call, from_s=beyond)


@pytest.mark.parametrize(("title", "people"), [(" ", ()), ("x" * 201, ()), ("x", ("not a name",))])
def test_a_course_that_makes_no_sense_is_wrong_usage(shop: Workshop, title: str, people: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        shop.system.course_desk.make(ALICE, title, people=people)


def test_a_course_is_shared_with_people_who_are_there_where_everybody_s_name_is_known(shop: Workshop) -> None:
    desk, olga = shop.system.course_desk, Actor(role=Role.OPERATOR, name="olga")
    course = desk.make(ALICE, "Accueil", people=["nobody-yet"])  # nobody has an account: people say who they are
    shop.system.people_desk.add(olga, BOB, password="trois chevaux bleus")
    shop.system.token_desk.issue(olga, SIMONE, lasts=timedelta(days=1))
    with pytest.raises(UsageError, match="nobody here is called bbo, carol"):
        desk.share(ALICE, course.course_id, people=["carol", "bob", "bbo"], team=False)
    with pytest.raises(UsageError, match="nobody here is called bbo"):
        desk.make(ALICE, "Accueil", people=["bbo"])
    assert desk.share(ALICE, course.course_id, people=["bob", "simone"], team=False).people == {"bob", "simone"}
    elsewhere = replace(desk, accounts_are_ours=False)  # an identity provider knows whom it knows
    assert elsewhere.share(ALICE, course.course_id, people=["carol"], team=False).people == {"carol"}
