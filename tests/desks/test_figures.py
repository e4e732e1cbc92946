"""Figures are told of weeks that are over, as they were then, whatever is destroyed afterwards (U6)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest

from callwarden.desks.figures import Report
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.figure import Subject, Week
from callwarden.model.ids import CallId, LineId, PolicyVersion, Pseudonym, RecordingId
from callwarden.model.recording import Measured, Recording, RecordingState
from callwarden.model.review import Evaluation, EvaluationId
from callwarden.rules.figures.asking import By
from callwarden.rules.figures.reporting import Kind
from callwarden.rules.remains import emptied
from tests.steps.test_stopped_sweep import in_earnest
from tests.support.workshop import Workshop

ADA = Actor(role=Role.ANALYST, name="ada")
SERVICE, ALARMS = LineId("customer-service"), LineId("monitoring-centre")
FIRST = date(2026, 11, 2)
"""A Monday; the clock of these tests stands on Friday, 20 November."""
SECOND, THIRD = FIRST + timedelta(days=7), FIRST + timedelta(days=14)
SUNDAY = timedelta(days=6)


def recording_id(name: str) -> RecordingId:
    return RecordingId(f"rec-{sha256(name.encode()).hexdigest()[:32]}")


def part(number: int, day: date = FIRST, line: LineId = SERVICE, **changes: object) -> Recording:
    began = datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(minutes=number)
    values = {
        "recording_id": recording_id(f"{line} {day} {number}"),
        "call_id": CallId(f"c-{line}-{day}-{number}"),
        "leg": "main",
        "segment": 0,
        "line": line,
        "state": RecordingState.STORED,
        "started_at": began,
        "ended_at": began + timedelta(seconds=90),
        "keep_until": began + timedelta(days=180),
        "caller": Pseudonym(f"num-k1-{number}"),
        "customer": None,
        "agent_id": f"a-{number % 4}",
        "objected": frozenset(),
        "restricted": False,
        "quarantine_reason": None,
        "policy_version": PolicyVersion("sha256:1"),
        "source_sha256": None,
        "measured": Measured(team="jour", answered_after_s=8, agent_s=40, caller_s=30, silence_s=20),
    }
    return Recording(**{**values, **changes})  # type: ignore[arg-type]


def calls(count: int, day: date = FIRST, line: LineId = SERVICE, **changes: object) -> list[Recording]:
    return [part(number, day, line, **changes) for number in range(count)]


def keep(shop: Workshop, *many: Iterable[Recording]) -> None:
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.insert([one for each in many for one in each])


def asked(
    shop: Workshop,
    kind: Kind = Kind.CALLS,
    by: By = By.LINE,
    first: date = FIRST,
    last: date = FIRST + SUNDAY,
    who: Actor = ADA,
    line: LineId | None = None,
) -> Report:
    return shop.system.figure_desk.read(who, kind, by, first, last, line=line)


def told(report: Report) -> dict[str, float | None]:
    return {row.team or str(row.week or row.line): row.value for row in report.rows}


def emptied_out(shop: Workshop, *which: Recording) -> None:
    with shop.system.catalogue.transaction() as tx:
        rows = tx.recordings.get([one.recording_id for one in which], lock=True).values()
        tx.recordings.save([emptied(row, state=RecordingState.DISPOSED, at=shop.clock.now()) for row in rows])


def test_a_figure_stays_as_it_was_told_when_calls_are_erased_and_when_others_come_late(shop: Workshop) -> None:
    keep(shop, there := calls(20))
    before = asked(shop)
    assert told(before) == {SERVICE: 20, ALARMS: None}
    emptied_out(shop, *there[:15])
    keep(shop, [part(number) for number in range(20, 60)])
    assert asked(shop) == before


def test_the_sweep_closes_a_week_before_it_destroys_what_it_was_made_of(shop: Workshop) -> None:
    keep(shop, calls(20, keep_until=shop.clock.now()))
    shop.drain("dispose")
    catalogue = shop.parts["catalogue"]
    assert {one.state for one in catalogue.rows.recordings.values()} == {RecordingState.DISPOSED}
    assert told(asked(shop)) == {SERVICE: 20, ALARMS: None}
    [entry] = [one for one in catalogue.log if one.operation == "figures.closed" and one.subject[:6] == "calls-"][-1:]
    assert (entry.subject, entry.actor) == ("calls-2026-W46", "service:figures")
    assert entry.digest is not None


def test_what_was_erased_before_its_week_closed_counts_as_nobodys_known(shop: Workshop) -> None:
    keep(shop, there := calls(20))
    emptied_out(shop, *there[:6])
    assert told(asked(shop)) == {SERVICE: 20, ALARMS: None}


def test_of_a_week_of_which_most_was_erased_before_it_closed_nothing_is_told(shop: Workshop) -> None:
    keep(shop, there := calls(20), calls(30, SECOND))
    emptied_out(shop, *there[:15])
    report = asked(shop, by=By.WEEK, last=SECOND + SUNDAY)
    assert told(report) == {"2026-W45": None, "2026-W46": None}
    assert told(asked(shop, last=SECOND + SUNDAY)) == {SERVICE: 50, ALARMS: None}


def test_a_week_that_is_not_over_or_whose_calls_may_still_lie_landed_is_withheld(shop: Workshop) -> None:
    keep(shop, calls(20), calls(20, SECOND), calls(20, THIRD))
    shop.clock.instant = datetime(2026, 11, 18, 22, 59, tzinfo=UTC)  # two days and 23:59 hours after the Sunday
    assert told(asked(shop, by=By.WEEK, last=THIRD + SUNDAY)) == {"2026-W45": 20, "2026-W46": None, "2026-W47": None}
    shop.clock.move(timedelta(minutes=1))
    assert told(asked(shop, by=By.WEEK, last=THIRD + SUNDAY)) == {"2026-W45": 20, "2026-W46": 20, "2026-W47": None}


def test_where_nothing_is_known_nothing_is_told_and_no_week_is_closed(shop: Workshop) -> None:
    for kind in Kind:
        report = asked(shop, kind)
        assert told(report) == {SERVICE: None, ALARMS: None}
        assert report.closed is None
    assert asked(shop, by=By.TEAM).rows == []
    keep(shop, calls(20))
    assert told(asked(shop))[SERVICE] == 20


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (FIRST, FIRST, "whole weeks"),
        (FIRST + timedelta(days=1), SECOND, "whole weeks"),
        (SECOND, FIRST + SUNDAY, "the end, 2026-11-08, comes before the start, 2026-11-09"),
    ],
)
def test_a_range_that_is_not_of_whole_weeks_is_refused_and_that_is_an_entry(
    shop: Workshop, first: date, last: date, why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        asked(shop, first=first, last=last)
    assert shop.parts["catalogue"].log[-1].reasons == ("not_possible", "report.read")
    with pytest.raises(UsageError, match="at most"):
        asked(shop, first=date(2000, 1, 3))
    with pytest.raises(UsageError, match="no line"):
        asked(shop, line=LineId("nowhere"))


def test_a_call_in_parts_is_one_of_its_earliest_parts_line_and_team(shop: Workshop) -> None:
    later = [
        replace(
            one,
            recording_id=recording_id(f"{one.recording_id} 2"),
            segment=1,
            line=ALARMS,
            agent_id="a-9",
            started_at=one.ended_at,
            ended_at=one.ended_at + timedelta(seconds=30),  # type: ignore[operator]
            measured=Measured(team="nuit", agent_s=10, caller_s=0, silence_s=20),
        )
        for one in calls(20)
    ]
    keep(shop, later, calls(20))
    report = asked(shop, Kind.DURATIONS, By.TEAM)
    assert told(report) == {"jour": 120}
    assert report.rows[0].beside == {"calls": 20, "agent_s": 50, "caller_s": 30, "silence_s": 40}


def test_only_a_mean_beside_which_its_number_stands_has_a_decimal(shop: Workshop) -> None:
    odd = Measured(team="jour", answered_after_s=9, agent_s=41, caller_s=31, silence_s=21)
    longer = [
        replace(one, ended_at=one.ended_at + timedelta(seconds=1), measured=odd)  # type: ignore[operator]
        for one in calls(8)
    ]
    keep(shop, longer, [part(number) for number in range(8, 20)])
    row = asked(shop, Kind.DURATIONS).rows[0]
    assert (row.value, row.beside) == (90.4, {"calls": 20, "agent_s": 40, "caller_s": 30, "silence_s": 20})
    assert told(asked(shop, Kind.ANSWER_TIMES))[SERVICE] == 8


def test_a_call_that_began_on_sunday_night_is_of_that_week_whole(shop: Workshop) -> None:
    night = [replace(one, call_id=CallId(f"n-{at}")) for at, one in enumerate(calls(20))]
    sunday = datetime(2026, 11, 8, 22, 58, tzinfo=UTC)  # a minute and a half before midnight in Paris, and after
    first = [replace(one, started_at=sunday, ended_at=sunday + timedelta(seconds=60)) for one in night]
    second = [
        replace(
            one,
            recording_id=recording_id(f"{one.recording_id} 2"),
            started_at=sunday + timedelta(seconds=60),
            ended_at=sunday + timedelta(seconds=180),
        )
        for one in night
    ]
    keep(shop, first, second)
    assert told(asked(shop, Kind.DURATIONS, By.WEEK, last=SECOND + SUNDAY)) == {"2026-W45": 180, "2026-W46": None}


def test_answer_times_of_an_alarm_line_are_never_mixed_with_others(shop: Workshop) -> None:
    quick = calls(20, line=ALARMS, measured=Measured(team="nuit", answered_after_s=2))
    keep(shop, calls(20), quick)
    report = asked(shop, Kind.ANSWER_TIMES, By.WEEK)
    assert [(row.line, row.value) for row in report.rows] == [(SERVICE, 8), (ALARMS, 2)]
    assert report.whole is None


def test_a_mean_of_what_is_known_of_too_few_is_withheld_and_withholds_nothing_else(shop: Workshop) -> None:
    unknown = [part(number, measured=Measured(team="jour")) for number in range(10, 40)]
    keep(shop, calls(10), unknown)
    report = asked(shop, Kind.DURATIONS)
    assert told(report) == {SERVICE: 90, ALARMS: None}
    assert report.rows[0].beside["agent_s"] is None
    assert report.rows[0].unmeasured == frozenset()
    assert told(asked(shop, Kind.ANSWER_TIMES))[SERVICE] is None


def test_what_nothing_was_counted_of_is_told_apart_from_what_is_withheld(shop: Workshop) -> None:
    silent = Measured(team="jour", answered_after_s=8)
    spoken = Measured(team="jour", answered_after_s=8, agent_s=4, caller_s=3, silence_s=2)
    keep(shop, calls(20, measured=silent), [part(90, SECOND, measured=spoken)], calls(20, SECOND, measured=silent))
    for by in (By.LINE, By.TEAM):
        [row] = [one for one in asked(shop, Kind.DURATIONS, by).rows if one.line == SERVICE]
        assert (row.value, row.unmeasured) == (90, {"agent_s", "caller_s", "silence_s"})
    [row, alarms] = asked(shop, Kind.DURATIONS, last=SECOND + SUNDAY).rows
    assert row.unmeasured == frozenset(), "of one call it is withheld, and nobody learns of how many"
    assert alarms.unmeasured == {"value", "calls", "agent_s", "caller_s", "silence_s"}, "no call was ever on the line"
    open_week = asked(shop, Kind.DURATIONS, last=THIRD + SUNDAY).rows
    assert [row.unmeasured for row in open_week] == [frozenset(), frozenset()], "of a week that is open nobody knows"
    assert [row.withholds("value") for row in open_week] == [True, True]


@pytest.mark.parametrize(("objecting", "expected"), [(12, 12), (5, None), (45, None)])
def test_objections_are_told_where_neither_those_who_object_nor_the_others_are_few(
    shop: Workshop, objecting: int, expected: int | None
) -> None:
    keep(shop, [part(at, objected=frozenset({"training"}) if at < objecting else frozenset()) for at in range(50)])
    assert told(asked(shop, Kind.OBJECTIONS))[SERVICE] == expected
    assert told(asked(shop))[SERVICE] == 50


def test_evaluations_are_told_as_a_mean_of_their_scores(shop: Workshop) -> None:
    keep(shop, there := calls(20))
    with shop.system.catalogue.transaction() as tx:
        for at, one in enumerate(there):
            tx.evaluations.save(
                Evaluation(
                    evaluation_id=EvaluationId(f"eval-{at}"),
                    recording_id=one.recording_id,
                    line=one.line,
                    agent_id=str(one.agent_id),
                    grid="0" * 16,
                    scores={"greeting": 4, "address": 1 + at % 2},
                    made_by="supervisor:simone",
                    made_at=datetime(2026, 11, 4, tzinfo=UTC),
                    changed_at=None,
                    keep_until=datetime(2027, 11, 4, tzinfo=UTC),
                )
            )
    report = asked(shop, Kind.EVALUATIONS)
    assert told(report) == {SERVICE: 2.8, ALARMS: None}
    assert report.rows[-2].beside == {"evaluations": 20}


def test_who_is_narrowed_to_a_line_gets_that_line_and_no_sum_with_others(shop: Workshop) -> None:
    keep(shop, calls(20), calls(30, line=ALARMS))
    simone = Actor(role=Role.SUPERVISOR, name="simone", lines=frozenset({SERVICE}))
    assert told(asked(shop, who=simone)) == {SERVICE: 20}
    weeks = asked(shop, by=By.WEEK, who=simone)
    assert [(row.line, row.value) for row in weeks.rows] == [(SERVICE, 20)]
    assert weeks.whole is None
    with pytest.raises(RefusedError) as refused:
        asked(shop, who=simone, line=ALARMS)
    assert refused.value.reasons == ("unknown",)
    assert asked(shop).whole is not None


def test_who_knows_the_calls_of_some_agents_gets_no_figure_that_others_are_left_of(shop: Workshop) -> None:
    keep(shop, calls(20))
    simone = Actor(role=Role.SUPERVISOR, name="simone", agents=frozenset({"a-0", "a-1"}))
    with pytest.raises(RefusedError) as refused:
        asked(shop, who=simone)
    assert refused.value.reasons == ("knows_agents",)
    assert shop.parts["catalogue"].log[-1].reasons == ("knows_agents", "report.read")


@pytest.mark.parametrize("role", [Role.ANALYST, Role.SUPERVISOR, Role.DPO])
def test_no_figure_is_of_one_employee_whoever_asks(shop: Workshop, role: Role) -> None:
    keep(shop, calls(20))
    with pytest.raises(RefusedError, match="evaluation list --agent") as refused:
        asked(shop, by=By.AGENT, who=Actor(role=role, name="x"))
    assert refused.value.reasons == ("one_employee",)
    assert shop.parts["catalogue"].log[-1].reasons == ("one_employee", "report.read")
    assert shop.parts["catalogue"].rows.closings == {}


def test_outcomes_say_how_many_were_objected_to_and_set_aside_or_withhold_it(shop: Workshop) -> None:
    aside = [replace(one, state=RecordingState.QUARANTINED) for one in calls(12)]
    objected = [part(number, objected=frozenset({"training"})) for number in range(12, 30)]
    keep(shop, aside, objected, [part(number) for number in range(30, 60)])
    [row] = [one for one in asked(shop, Kind.OUTCOMES).rows if one.line == SERVICE]
    assert (row.value, row.beside) == (60, {"objected": 18, "set_aside": 12})


def test_of_calls_set_aside_none_are_told_where_few_are_neither_that_nor_objected_to(shop: Workshop) -> None:
    aside = [replace(one, state=RecordingState.QUARANTINED) for one in calls(20)]
    objected = [part(number, objected=frozenset({"training"})) for number in range(20, 40)]
    keep(shop, aside, objected, [part(number) for number in range(40, 44)])
    [row] = [one for one in asked(shop, Kind.OUTCOMES).rows if one.line == SERVICE]
    assert (row.value, row.beside) == (44, {"objected": 20, "set_aside": None})


def test_an_objection_during_the_upload_is_counted_among_objections(shop: Workshop) -> None:
    overtaken = [emptied(one, state=RecordingState.REFUSED, at=shop.clock.now()) for one in calls(2)]
    keep(shop, overtaken, [part(at, objected=frozenset({"training"})) for at in range(2, 22)])
    keep(shop, [part(number) for number in range(22, 50)])
    assert told(asked(shop, Kind.OBJECTIONS))[SERVICE] == 22


def test_weeks_of_a_small_line_are_told_together_beside_those_of_all_lines(shop: Workshop) -> None:
    keep(shop, calls(20), calls(20, SECOND), calls(7, FIRST, ALARMS))
    keep(shop, [part(number, SECOND, ALARMS) for number in range(7, 14)])
    report = asked(shop, by=By.WEEK, last=SECOND + SUNDAY)
    assert told(report) == {"2026-W45": None, "2026-W46": None}
    assert [(one.line, str(one.week), str(one.until), one.value) for one in report.groups] == [
        (SERVICE, "2026-W45", "2026-W45", 20),
        (SERVICE, "2026-W46", "2026-W46", 20),
        (ALARMS, "2026-W45", "2026-W46", 14),
    ]
    begins, ends = asked(shop, by=By.WEEK), asked(shop, by=By.WEEK, first=SECOND, last=SECOND + SUNDAY)
    assert begins.groups == [report.groups[0], report.groups[2]], "with a week after what was asked for"
    assert ends.groups == report.groups[1:], "with a week before it"
    assert asked(shop, last=SECOND + SUNDAY).groups == [], "each line is told whole"


def test_of_a_line_that_cannot_be_told_whole_the_weeks_that_can_are(shop: Workshop) -> None:
    keep(shop, calls(20), calls(7, SECOND))
    report = asked(shop, last=SECOND + SUNDAY)
    assert told(report)[SERVICE] is None
    assert [(str(one.week), one.value) for one in report.groups] == [("2026-W45", 20)]


@pytest.mark.parametrize("role", [Role.TRAINER, Role.TELEPHONY, Role.INVESTIGATOR, Role.LEGAL])
def test_figures_are_refused_to_others_and_that_closes_nothing(shop: Workshop, role: Role) -> None:
    keep(shop, calls(20))
    with pytest.raises(RefusedError):
        asked(shop, who=Actor(role=role, name="x"))
    assert shop.parts["catalogue"].log[-1].reasons == ("not_permitted", "report.read")
    assert shop.parts["catalogue"].rows.closings == {}


def test_a_closing_that_somebody_altered_tells_nothing_and_nothing_after_it(shop: Workshop) -> None:
    keep(shop, calls(20), calls(20, SECOND))
    assert told(asked(shop))[SERVICE] == 20
    rows = shop.parts["catalogue"].rows.closings
    for key, one in list(rows.items()):
        rows[key] = replace(one, altered=True)
    assert told(asked(shop, last=SECOND + SUNDAY))[SERVICE] is None
    shop.clock.move(timedelta(days=7))
    before = dict(rows)
    asked(shop)
    assert rows == before


def test_a_restored_catalogue_tells_what_was_told_and_not_what_it_would_count(shop: Workshop) -> None:
    """I10."""
    keep(shop, there := calls(20))
    before = asked(shop)
    journal = shop.parts["journal"]
    catalogue = shop.parts["catalogue"]
    assert {one.subject for one in catalogue.rows.closings.values()} == set(Subject)
    catalogue.rows.closings.clear()
    emptied_out(shop, *there[:15])
    shop.system.replay_from_start()
    assert journal.records
    assert asked(shop) == before


def test_by_a_clock_that_is_far_ahead_no_week_is_closed(shop: Workshop) -> None:
    keep(shop, calls(20))
    in_earnest(shop)
    closed = asked(shop).closed
    assert closed == Week(SECOND)
    shop.clock.move(timedelta(days=400))
    assert asked(shop).closed == closed
