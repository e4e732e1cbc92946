"""What was done by the log and the journal, against the rows (I4, I7)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from callwarden.model.access import Role
from callwarden.model.act import HoldReleased
from callwarden.model.hold import Hold
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation, make_entry_id
from callwarden.model.person import Person, PersonId
from callwarden.rules.log_and_rows import Held, NotBorneOut, log_says, not_borne_out, remember

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAIR: Held = ("rec-1", "case-1")


def an_entry(operation: Operation, *, after_s: float = 0, **changes: str) -> LogEntry:
    at = NOON + timedelta(seconds=after_s)
    entry = LogEntry(
        entry_id=make_entry_id(at, bytes(10)),
        at=at,
        actor="service:test-1",
        operation=operation,
        outcome=EntryOutcome.DONE,
    )
    return replace(entry, **{"subject": PAIR[0], "case": PAIR[1], **changes})


PLACED = an_entry(Operation.HOLD_PLACED)
RELEASED = an_entry(Operation.HOLD_RELEASED, after_s=1)
PLACED_AGAIN = an_entry(Operation.HOLD_PLACED, after_s=2)

PERSON = Person(
    person_id=PersonId("per-1"), name="alice", role=Role.TRAINER, added_by="o", added_at=NOON, changed_at=NOON
)


def found(
    *entries: LogEntry,
    held: set[Held],
    journal: tuple[Hold | HoldReleased | Person, ...] = (),
    gone: tuple[str, ...] = (),
    people: tuple[Person, ...] = (),
) -> list[NotBorneOut]:
    said = log_says(entries)
    remember(said, journal, case=str)
    return [
        code
        for code, _ in not_borne_out(
            said, tokens=(), people=people, objections=(), held=held, still_held=held, gone=gone, approved=()
        )
    ]


@pytest.mark.parametrize(
    ("entries", "is_held"),
    [((), False), ((PLACED,), True), ((PLACED, RELEASED), False), ((PLACED, RELEASED, PLACED_AGAIN), True)],
)
def test_a_hold_is_there_while_the_last_word_of_the_log_is_that_it_was_placed(
    entries: tuple[LogEntry, ...], is_held: bool
) -> None:
    """In whatever order the entries are shown."""
    for order in permutations(entries):
        assert found(*order, held={PAIR}) == ([] if is_held else [NotBorneOut.HOLD_UNTOLD])
        assert found(*order, held=set()) == ([NotBorneOut.HOLD_GONE] if is_held else [])


def test_what_was_held_and_never_released_is_told_of_for_as_long_as_it_is_gone() -> None:
    assert found(PLACED, held=set(), gone=(PAIR[0],)) == [NotBorneOut.HOLD_BROKEN]
    assert found(PLACED, RELEASED, held=set(), gone=(PAIR[0],)) == []


def test_a_log_restored_without_the_release_blames_nobody_where_the_journal_has_it() -> None:
    released = HoldReleased(case_id=CaseId(PAIR[1]), recording_id=RecordingId(PAIR[0]))
    assert found(PLACED, held=set(), gone=(PAIR[0],), journal=(released,)) == []


def test_a_token_good_once_that_was_accepted_twice_is_told_of_and_a_restored_backup_does_not_count() -> None:
    spent = [an_entry(Operation.TOKEN_SPENT, after_s=each, subject="tok-1") for each in (1, 2)]
    restored = replace(spent[1], reasons=("restored_backup",))
    assert found(*spent, held=set()) == [NotBorneOut.TOKEN_TWICE]
    assert found(spent[0], restored, held=set()) == []


def test_words_of_one_instant_contradict_nothing() -> None:
    at_once = an_entry(Operation.HOLD_RELEASED)
    assert found(PLACED, at_once, held={PAIR}) == found(PLACED, at_once, held=set()) == []


def test_a_release_that_stands_in_the_log_alone_is_not_believed() -> None:
    hold = Hold(case_id=CaseId(PAIR[1]), recording_id=RecordingId(PAIR[0]), placed_by="bruno", placed_at=NOON)
    over = HoldReleased(case_id=hold.case_id, recording_id=hold.recording_id)
    assert found(PLACED, RELEASED, held=set(), journal=(hold,)) == [NotBorneOut.HOLD_GONE]
    assert found(PLACED, RELEASED, held=set(), journal=(hold, over)) == []


def test_an_account_as_it_was_before_somebody_changed_it_is_told_of() -> None:
    removed = replace(PERSON, version=2, removed_at=NOON)
    for row, breaches in ((PERSON, [NotBorneOut.PERSON_REVIVED]), (removed, []), (None, [NotBorneOut.PERSON_REVIVED])):
        people = () if row is None else (row,)
        assert found(held=set(), journal=(PERSON, removed), people=people) == breaches


@pytest.mark.parametrize("outcome", EntryOutcome)
@pytest.mark.parametrize(
    ("operation", "field"),
    [
        (Operation.BREAKGLASS_APPROVED, "correlation"),
        (Operation.TESTING_APPROVED, "subject"),
        (Operation.POLICY_APPROVED, "subject"),
    ],
)
def test_an_approval_that_was_refused_approves_nothing(operation: Operation, field: str, outcome: EntryOutcome) -> None:
    said = log_says([replace(an_entry(operation, **{field: "asked-1"}), outcome=outcome)])
    assert ("asked-1" in said.approved) is (outcome is EntryOutcome.DONE)
