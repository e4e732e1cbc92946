"""Searching is reading: every hit is decided, the search is in the log before its result, the words never are (U3)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import CallId, LineId, RecordingId
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording, RecordingState
from callwarden.model.redaction_record import RedactionStatus
from tests.gate.conftest import NotingLog
from tests.support.redactions import redacted
from tests.support.workshop import Workshop

TRAINER = Actor(role=Role.TRAINER, name="t.martin")
WORDS = "le tournesol est ouvert"


def ids(shop: Workshop, words: str = "tournesol", *, actor: Actor = TRAINER, limit: int = 9, **more: Any) -> list[str]:
    purpose = more.get("purpose", Purpose.TRAINING)
    return [hit.recording_id for hit in shop.system.gate.search(actor, purpose, words, limit=limit)]


def change(shop: Workshop, recording_id: RecordingId, **changes: Any) -> None:
    with shop.system.catalogue.transaction() as tx:
        row = tx.recordings.get([recording_id], lock=True)[recording_id]
        tx.recordings.save([replace(row, **changes)])


def test_what_was_said_is_found_with_the_words_around_it(shop: Workshop) -> None:
    one, other = shop.stored("c-1"), shop.stored("c-2")
    redacted(shop, one, WORDS)
    redacted(shop, other, "tout autre chose")
    (hit,) = shop.system.gate.search(TRAINER, Purpose.TRAINING, "TOURNESOL", limit=9)
    assert (hit.recording_id, hit.snippet) == (one, WORDS)


@pytest.mark.parametrize(
    "changes",
    [
        {"restricted": True},
        {"objected": frozenset({"training"})},
        {"state": RecordingState.QUARANTINED},
        {"state": RecordingState.DISPOSED},
        {"keep_until": None},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_what_may_not_be_read_is_silently_absent(shop: Workshop, changes: dict[str, Any]) -> None:
    """U1, K7: the very rule of reading, asked of every hit."""
    closed, one = shop.stored("c-1"), shop.stored("c-2")
    for recording_id in (closed, one):
        redacted(shop, recording_id, WORDS)
    assert set(ids(shop)) == {closed, one}
    change(shop, closed, **changes)
    assert ids(shop) == [one]


def test_from_the_end_of_its_period_a_call_is_not_found(shop: Workshop) -> None:
    """I5: whether or not the sweep has run."""
    one = shop.stored()
    redacted(shop, one, WORDS)
    shop.clock.instant = shop.recording("c-1").keep_until or shop.clock.instant
    assert ids(shop) == []
    shop.clock.move(-timedelta(seconds=1))
    assert ids(shop) == [one]


@pytest.mark.parametrize(
    "made",
    [
        {"status": RedactionStatus.WITHHELD},
        {"status": RedactionStatus.WITHDRAWN},
        {"recorded": 2},
        {"generation": 2, "recorded": 1},
        {"generation": 2, "indexed": 1},
    ],
    ids=["withheld", "withdrawn", "older-artefact", "newer-artefact", "older-words"],
)
def test_only_the_words_of_the_released_redaction_are_found(shop: Workshop, made: dict[str, Any]) -> None:
    """I8."""
    redacted(shop, shop.stored(), WORDS, **made)
    assert ids(shop) == []


def test_lines_and_own_agents_narrow_a_search(shop: Workshop) -> None:
    one = shop.stored()
    redacted(shop, one, WORDS)
    assert ids(shop, actor=replace(TRAINER, lines=frozenset({LineId("customer-service")}))) == [one]
    assert ids(shop, actor=replace(TRAINER, lines=frozenset({LineId("elsewhere")}))) == []
    assert ids(shop, actor=replace(TRAINER, agents=frozenset({"a-1"}))) == [one]
    assert ids(shop, actor=replace(TRAINER, agents=frozenset({"a-2"}))) == []


def test_a_destroyed_call_is_not_found(shop: Workshop) -> None:
    """K1, K4: nor anything of its words kept."""
    one = shop.stored()
    redacted(shop, one, WORDS)
    shop.clock.move(timedelta(days=400))
    assert shop.drain("dispose") == 1
    assert ids(shop) == []
    assert shop.parts["catalogue"].rows.searchable == {}
    assert shop.parts["catalogue"].rows.redactions == {}


def test_a_search_finds_what_may_be_read_behind_many_that_may_not(shop: Workshop) -> None:
    open_one = shop.stored("c-0")
    redacted(shop, open_one, "tournesol")
    row = shop.recording("c-0")
    closed: list[Recording] = []
    for number in range(350):
        recording_id = RecordingId(f"rec-{number:032x}")
        closed.append(replace(row, recording_id=recording_id, call_id=CallId(f"x-{number}"), restricted=True))
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.insert(closed)
        for one in closed:
            tx.search.index(
                one.recording_id, generation=1, line=one.line, ended_at=one.ended_at, text="tournesol tournesol"
            )
    assert ids(shop, limit=1) == [open_one]


# the log


def test_a_search_is_logged_with_its_count_and_recordings_but_without_its_words(shop: Workshop, log: NotingLog) -> None:
    """U3: the result is what somebody has seen; the words may be anybody's name."""
    found = {shop.stored(f"c-{number}") for number in range(3)}
    for one in found:
        redacted(shop, one, WORDS)
    assert len(ids(shop, limit=2)) == 2
    act, *each = log.entries
    assert (act.operation, act.outcome, act.count) == (Operation.SEARCH, EntryOutcome.ALLOWED, 2)
    assert (act.purpose, act.subject) == ("training", None)
    assert {one.subject for one in each} < found
    assert len(each) == 2
    assert "tournesol" not in repr(log.entries)


def test_a_search_that_finds_nothing_is_logged_too(shop: Workshop, log: NotingLog) -> None:
    assert ids(shop, "introuvable") == []
    assert [(one.operation, one.count) for one in log.entries] == [(Operation.SEARCH, 0)]


def test_nothing_is_found_while_the_log_is_down(shop: Workshop, log: NotingLog) -> None:
    """I6."""
    redacted(shop, shop.stored(), WORDS)
    log.down = True
    with pytest.raises(RefusedError) as refused:
        ids(shop)
    assert refused.value.reasons == ("log_unavailable",)


@pytest.mark.parametrize(
    ("role", "purpose"),
    [
        (Role.TRAINER, Purpose.DISPUTE),
        (Role.OPERATOR, Purpose.QUALITY),
        (Role.AUDITOR, Purpose.QUALITY),
        (Role.INVESTIGATOR, Purpose.FRAUD_CONTROL),
    ],
)
def test_who_is_granted_no_redacted_transcript_may_not_search_and_the_try_is_logged(
    shop: Workshop, log: NotingLog, role: Role, purpose: Purpose
) -> None:
    """U2."""
    redacted(shop, shop.stored(), WORDS)
    with pytest.raises(RefusedError) as refused:
        ids(shop, actor=Actor(role=role, name="somebody"), purpose=purpose)
    assert refused.value.reasons == ("not_permitted",)
    assert [one.operation for one in log.entries] == [Operation.ACCESS_REFUSED]
