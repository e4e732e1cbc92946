"""Dead letters, reasons of acts, and outcomes that are looked for, on every database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.model.ids import CallId, EventId, LineId
from callwarden.model.outcome import Outcome, Position, Reason
from callwarden.model.recording import RecordingState
from callwarden.model.set_aside import ActReason, DeadLetter
from callwarden.ports.catalogue import DESTROYED_MASTER, OutcomeFilter
from tests.support import catalogue_rows as rows
from tests.support.catalogue_backends import DATABASES, Backend, backend_named
from tests.support.catalogue_rows import NOON, at, rec

LETTER = DeadLetter(
    position=Position(topic="telephony.calls", partition=2, offset=7),
    reason=Reason.INVALID_FIELD,
    field="data",
    event_id=EventId("pbx#1"),
    call_id=CallId("c-1"),
    at=NOON,
    keep_until=at(24),
    size=12,
    is_cut=False,
    wrapped_key=b"\0wrapped",
    sealed=b"\xffsealed",
)
WHY = ActReason(
    act_id="act-1", act="quarantine.clear", subject=rec(1), at=NOON, keep_until=at(1), wrapped_key=b"k", sealed=b"s"
)


@pytest.fixture(params=["memory", *DATABASES])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    made = backend_named(request.param, request, tmp_path)
    yield made
    made.catalogue.close()


def test_a_dead_letter_comes_back_as_it_was_kept_and_the_first_stays(backend: Backend) -> None:
    with backend.catalogue.transaction() as tx:
        tx.dead_letters.add([LETTER])
        tx.dead_letters.add([replace(LETTER, size=1)])
    with backend.catalogue.transaction() as tx:
        assert tx.dead_letters.get(LETTER.position, lock=True) == LETTER
        assert tx.dead_letters.get(replace(LETTER.position, offset=8)) is None


def test_dead_letters_are_listed_newest_first_without_what_they_hold(backend: Backend) -> None:
    newer = replace(LETTER, position=replace(LETTER.position, offset=3), at=at(1), event_id=None, call_id=None)
    with backend.catalogue.transaction() as tx:
        tx.dead_letters.add([LETTER, newer])
    with backend.catalogue.transaction() as tx:
        bare = [replace(one, wrapped_key=None, sealed=None) for one in (newer, LETTER)]
        assert list(tx.dead_letters.all()) == bare
        assert list(tx.dead_letters.all(limit=1)) == bare[:1]


def test_a_dead_letter_that_is_discarded_loses_key_and_bytes(backend: Backend) -> None:
    gone = replace(LETTER, wrapped_key=None, sealed=None, discarded_at=at(2))
    with backend.catalogue.transaction() as tx:
        tx.dead_letters.add([LETTER])
    with backend.catalogue.transaction() as tx:
        tx.dead_letters.save(gone)
    with backend.catalogue.transaction() as tx:
        assert tx.dead_letters.get(LETTER.position) == gone


def test_reasons_of_acts_are_found_by_what_they_are_about(backend: Backend) -> None:
    later, other = replace(WHY, act_id="act-0", at=at(1)), replace(WHY, act_id="act-2", subject=rec(2))
    with backend.catalogue.transaction() as tx:
        for one in (later, WHY, other):
            tx.act_reasons.add(one)
    with backend.catalogue.transaction() as tx:
        assert list(tx.act_reasons.about(rec(1))) == [WHY, later]


def test_what_is_set_aside_goes_when_its_time_is_over(backend: Backend) -> None:
    with backend.catalogue.transaction() as tx:
        tx.dead_letters.add([LETTER])
        tx.act_reasons.add(WHY)
    with backend.catalogue.transaction() as tx:
        assert tx.act_reasons.remove(before=at(1)) == 0
        assert tx.act_reasons.remove(before=at(1) + timedelta(microseconds=1)) == 1
        assert tx.act_reasons.about(rec(1)) == []
        assert tx.dead_letters.remove(before=at(1)) == 0
        assert tx.dead_letters.remove(before=at(25)) == 1
        assert tx.dead_letters.all() == []


def test_outcomes_are_found_by_what_is_known_of_them(backend: Backend) -> None:
    aside = {"outcome": Outcome.QUARANTINED, "reason": Reason.UNKNOWN_LINE, "line": LineId("x")}
    stored, quarantined = rows.outcome(1), rows.outcome(2, **aside)
    lost = rows.outcome(
        3, outcome=Outcome.DEAD_LETTERED, reason=Reason.NOT_AN_EVENT, recording_id=None, decided_at=at(9)
    )
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert(
            [
                rows.recording(1, ended_at=at(-48), untranscribed="language_unsupported"),
                rows.recording(
                    2, ended_at=None, state=RecordingState.QUARANTINED, untranscribed="objected", agent_id="A-2"
                ),
            ]
        )
        tx.outcomes.record([stored, quarantined, lost])
    cases = [
        (OutcomeFilter(), [stored, quarantined, lost]),
        (OutcomeFilter(outcomes=frozenset({Outcome.QUARANTINED, Outcome.STORED})), [stored, quarantined]),
        (OutcomeFilter(reasons=frozenset({Reason.NOT_AN_EVENT})), [lost]),
        (OutcomeFilter(line=LineId("x")), [quarantined]),
        (OutcomeFilter(states=frozenset({RecordingState.STORED})), [stored]),
        (OutcomeFilter(untranscribed=True), [stored]),
        (OutcomeFilter(ended_from=at(-48), ended_before=at(-47)), [stored]),
        (OutcomeFilter(ended_from=at(-47)), [quarantined, lost]),
        (OutcomeFilter(ended_before=at(9)), [stored, quarantined]),
        (OutcomeFilter(states=frozenset({RecordingState.QUARANTINED}), line=LineId("y")), []),
        (OutcomeFilter(lines=frozenset({rows.recording(1).line})), [stored, quarantined, lost]),
        (OutcomeFilter(lines=frozenset({LineId("x")})), []),  # the recording's line counts where there is one
        (OutcomeFilter(lines=frozenset()), []),
        (OutcomeFilter(agents=frozenset({"A-2", "A-9"})), [quarantined]),
        (OutcomeFilter(lines=frozenset({LineId("x")}), agents=frozenset({"A-2"})), []),
    ]
    for wanted, expected in cases:
        assert list(backend.catalogue.list_outcomes(wanted=wanted)) == expected, wanted


def test_keys_of_what_is_no_recording_are_found_and_replaced_where_they_are_as_they_were(backend: Backend) -> None:
    """K4: and one that was destroyed meanwhile is never written back."""
    old = replace(LETTER, wrapped_key=b"\x00old", master_key_id="m1")
    gone = replace(old, position=replace(LETTER.position, offset=LETTER.position.offset + 1))
    with backend.catalogue.transaction() as tx:
        tx.dead_letters.add([old, gone])
        tx.act_reasons.add(replace(WHY, master_key_id=""))
        tx.waiting.add([rows.waiting_event(1, master_key_id="m1"), rows.waiting_event(2, master_key_id="m2")])
    with backend.catalogue.snapshot() as tx:
        found = tx.other_keys.find(but_under="m2")
        assert dict(tx.keys.count_by_master()) == {"m1": 3, "m2": 1}
        assert len(tx.other_keys.find(but_under="m1")) == 2
    assert {(one.of.value, one.master_key_id) for one in found} == {
        ("dead_letter", "m1"),
        ("act_reason", ""),
        ("waiting_event", "m1"),
    }
    assert [one.recording_id for one in found if one.recording_id] == [rec(1)]
    with backend.catalogue.transaction() as tx:
        tx.dead_letters.save(replace(gone, wrapped_key=None, sealed=None))
    with backend.catalogue.transaction() as tx:
        fresh = [(one, replace(one, wrapped=b"\x00new", master_key_id="m2")) for one in found]
        assert tx.other_keys.replace(fresh) == 3
        assert tx.other_keys.replace(fresh) == 0
    with backend.catalogue.snapshot() as tx:
        assert tx.dead_letters.get(gone.position) == replace(gone, wrapped_key=None, sealed=None)
        assert tx.dead_letters.get(old.position) == replace(old, wrapped_key=b"\x00new", master_key_id="m2")
        [why] = tx.act_reasons.about(WHY.subject)
        assert (why.wrapped_key, why.sealed) == (b"\x00new", WHY.sealed)
        assert list(tx.other_keys.find(but_under="m2")) == []
        assert dict(tx.keys.count_by_master()) == {"m2": 4}


def test_a_key_that_surely_opens_no_more_is_not_asked_for_again(backend: Backend) -> None:
    with backend.catalogue.transaction() as tx:
        tx.act_reasons.add(replace(WHY, master_key_id=""))
        [one] = tx.other_keys.find(but_under="m2")
        assert tx.other_keys.replace([(one, replace(one, master_key_id=DESTROYED_MASTER))]) == 1
    with backend.catalogue.snapshot() as tx:
        assert list(tx.other_keys.find(but_under="m2")) == []
        assert dict(tx.keys.count_by_master()) == {}
