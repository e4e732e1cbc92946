"""Finding calls is reading them: each is decided and in the log before it is shown; what may not be read is absent, and
not counted (U1, U3, U4)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from callwarden.desks.finding import Sought
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.purpose import Purpose
from callwarden.model.search import Facets, FoundState
from callwarden.rules.places import cursor_of, place_of
from tests.gate.conftest import NotingLog
from tests.support.redactions import redacted
from tests.support.workshop import Workshop

TRAINER = Actor(role=Role.TRAINER, name="t.martin")
SUPERVISOR = Actor(role=Role.SUPERVISOR, name="s.durand")


def call(shop: Workshop, call_id: str, words: str = "le tournesol est ouvert", **changes: Any) -> RecordingId:
    recording_id = shop.stored(call_id, **changes)
    redacted(shop, recording_id, words)
    shop.clock.move(timedelta(minutes=5))
    return recording_id


def ids(shop: Workshop, words: str = "", *, actor: Actor = TRAINER, **sought: Any) -> list[str]:
    page = shop.system.find_desk.find(actor, Purpose.TRAINING, Sought(words=words, **sought))
    return [one.recording.recording_id for one in page.calls]


def count(shop: Workshop, *, actor: Actor = TRAINER, **sought: Any) -> Facets:
    return shop.system.find_desk.count(actor, Purpose.TRAINING, Sought(**sought))


def change(shop: Workshop, recording_id: RecordingId, **changes: Any) -> None:
    with shop.system.catalogue.transaction() as tx:
        row = tx.recordings.get([recording_id], lock=True)[recording_id]
        tx.recordings.save([replace(row, **changes)])


def test_calls_are_listed_newest_first_with_or_without_words(shop: Workshop) -> None:
    one, two, three = call(shop, "c-1"), call(shop, "c-2", "tout autre chose"), call(shop, "c-3")
    assert ids(shop) == [three, two, one]
    assert ids(shop, "TOURNESOL ouv*") == [three, one]


def test_pages_follow_one_another_both_ways_and_the_last_says_so(shop: Workshop) -> None:
    calls = [call(shop, f"c-{number}") for number in range(5)][::-1]
    desk = shop.system.find_desk
    first = desk.find(TRAINER, Purpose.TRAINING, Sought(), limit=2)
    assert first.following is not None
    second = desk.find(TRAINER, Purpose.TRAINING, Sought(), limit=2, after=cursor_of(first.following))
    assert second.following is not None
    third = desk.find(TRAINER, Purpose.TRAINING, Sought(), limit=2, after=cursor_of(second.following))
    seen = [one.recording.recording_id for page in (first, second, third) for one in page.calls]
    assert (seen, third.following) == (calls, None)
    back = desk.find(TRAINER, Purpose.TRAINING, Sought(), limit=1, before=cursor_of(second.calls[0].place))
    assert [one.recording.recording_id for one in back.calls] == calls[1:2]


@pytest.mark.parametrize(
    "cursor", ["", "x", "W10", "bnVsbA", "WzEsMl0", "é", cursor_of(place_of("WzAsInJlYy0xIl0")) + "="]
)
def test_a_cursor_somebody_made_up_is_wrong_usage(shop: Workshop, cursor: str) -> None:
    with pytest.raises(UsageError):
        shop.system.find_desk.find(TRAINER, Purpose.TRAINING, Sought(), after=cursor)


def test_a_cursor_of_somebody_elses_call_opens_nothing(shop: Workshop) -> None:
    closed, one = call(shop, "c-1"), call(shop, "c-0", agent={"id": "a-9"})
    actor = replace(TRAINER, agents=frozenset({"a-9"}))
    page = shop.system.find_desk.find(TRAINER, Purpose.TRAINING, Sought(), limit=1)
    cursor = cursor_of(page.calls[0].place)
    below = shop.system.find_desk.find(actor, Purpose.TRAINING, Sought(), after=cursor)
    assert (closed, below.calls) == (closed, [])
    assert ids(shop, actor=actor) == [one]


@pytest.mark.parametrize(
    "changes",
    [{"restricted": True}, {"objected": frozenset({"training"})}, {"keep_until": None}],
    ids=lambda changes: "-".join(changes),
)
def test_what_may_not_be_read_is_neither_shown_nor_counted(shop: Workshop, changes: dict[str, Any]) -> None:
    closed, one = call(shop, "c-1"), call(shop, "c-2")
    change(shop, closed, **changes)
    assert ids(shop) == [one]
    assert count(shop).total == 1
    assert ids(shop, actor=replace(TRAINER, lines=frozenset({LineId("elsewhere")}))) == []
    assert count(shop, actor=replace(TRAINER, agents=frozenset({"a-2"}))).total == 0


def test_what_narrows_narrows_and_its_own_facet_still_shows_the_others(shop: Workshop) -> None:
    one = call(shop, "c-1", agent={"id": "a-1"}, labels={"topic": "alarm"})
    two = call(shop, "c-2", agent={"id": "a-2"}, line="monitoring-centre", labels={"topic": "bill"})
    shop.hold(two)
    assert ids(shop, agent="a-1") == ids(shop, line="customer-service") == ids(shop, label="topic=alarm") == [one]
    assert ids(shop, state=FoundState.HELD) == [two]
    assert ids(shop, shortest_s=30, longest_s=31) == [two, one]
    assert ids(shop, longest_s=30) == ids(shop, shortest_s=31) == []
    assert ids(shop, first=date(2026, 11, 20), last=date(2026, 11, 20)) == [two, one]
    assert ids(shop, first=date(2026, 11, 21)) == ids(shop, last=date(2026, 11, 19)) == []
    facets = count(shop, actor=SUPERVISOR, agent="a-1")
    assert (facets.total, facets.lines, facets.agents) == (1, {"customer-service": 1}, {"a-1": 1, "a-2": 1})
    assert (facets.days, facets.bands) == ({date(2026, 11, 20): 1}, {0: 1})
    assert facets.labels == {"topic=alarm": 1}
    assert count(shop, actor=SUPERVISOR).states == {FoundState.HELD: 1}
    assert count(shop).labels == {}, "labels are metadata, which trainers are not granted"


def test_the_search_and_each_call_are_in_the_log_and_the_words_are_not(shop: Workshop, log: NotingLog) -> None:
    one, other = call(shop, "c-1"), call(shop, "c-2")
    log.entries.clear()
    assert ids(shop, "tournesol") == [other, one]
    assert [(entry.operation, entry.subject, entry.count) for entry in log.entries] == [
        (Operation.SEARCH, None, 2),
        (Operation.SEARCH, other, None),
        (Operation.SEARCH, one, None),
    ]
    assert len({entry.correlation for entry in log.entries}) == 1
    log.entries.clear()
    assert count(shop, words="tournesol").total == 2
    assert [(entry.operation, entry.count) for entry in log.entries] == [(Operation.SEARCH, 2)]
    assert "tournesol" not in repr(log.entries)


def test_nothing_is_shown_that_the_log_cannot_take(shop: Workshop, log: NotingLog) -> None:
    call(shop, "c-1")
    log.down = True
    for asked in (ids, count):
        with pytest.raises(RefusedError) as caught:
            asked(shop)
        assert caught.value.reasons == ("log_unavailable",)


def test_who_is_granted_no_transcripts_is_refused_and_that_is_an_entry(shop: Workshop, log: NotingLog) -> None:
    call(shop, "c-1")
    log.entries.clear()
    operator = Actor(role=Role.OPERATOR, name="o")
    for asked in (ids, count):
        with pytest.raises(RefusedError):
            asked(shop, actor=operator)
    assert [entry.outcome for entry in log.entries] == [EntryOutcome.REFUSED, EntryOutcome.REFUSED]


def test_a_page_fills_up_behind_rows_that_say_more_than_the_rule_allows(shop: Workshop) -> None:
    """Rows somebody has put back: what is on file closes them all the same, and the others are still found."""
    one = call(shop, "c-1")
    closed = [call(shop, f"x-{number}") for number in range(3)]
    for number in range(3):
        shop.publish(shop.say("objected", call_id=f"x-{number}", purposes=["training"]))
    shop.drain()
    for recording_id in closed:
        change(shop, recording_id, objected=frozenset())
    page = shop.system.find_desk.find(TRAINER, Purpose.TRAINING, Sought(), limit=1)
    assert ([found.recording.recording_id for found in page.calls], page.following) == ([one], None)


def test_for_experiments_nothing_says_whose_call_it_was(shop: Workshop) -> None:
    """U5"""
    one = call(shop, "c-1", agent={"id": "a-1"})
    desk, analyst = shop.system.find_desk, Actor(role=Role.ANALYST, name="a.petit")
    [found] = desk.find(analyst, Purpose.AI_EXPERIMENT, Sought()).calls
    assert (found.recording.recording_id, found.recording.agent_id) == (one, None)
    facets = desk.count(analyst, Purpose.AI_EXPERIMENT, Sought())
    assert (facets.total, facets.agents) == (1, {})
    for ask in (desk.find, desk.count):
        with pytest.raises(UsageError, match="look without an agent"):
            ask(analyst, Purpose.AI_EXPERIMENT, Sought(agent="a-1"))
    read = shop.system.gate.read(analyst, Purpose.AI_EXPERIMENT, one, Readable.REDACTED_TRANSCRIPT)
    assert read.about.agent_id is None
    assert count(shop).agents == {"a-1": 1}
