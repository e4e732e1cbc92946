"""What `callwarden.ports.catalogue` promises, on the fake, on SQLite and on PostgreSQL (I1, I2, I11, K1, K3, R4)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callwarden.errors import InvariantError, RetryableError
from callwarden.model.ids import CallId, EventId, LineId, RecordingId
from callwarden.model.objection import ScopeKind
from callwarden.model.outcome import Outcome, Position, Reason
from callwarden.model.recording import Recording
from callwarden.ports.catalogue import Catalogue, ObjectionReference, Transaction, Waits
from tests.support import catalogue_rows as rows
from tests.support.catalogue_backends import DATABASES, Backend, backend_named
from tests.support.catalogue_rows import NOON, at, rec

# One catalogue serves all examples of a property: each example empties it first.
examples = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=("memory", *DATABASES))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened = backend_named(request.param, request, tmp_path)
    yield opened
    opened.catalogue.close()


@pytest.fixture
def catalogue(backend: Backend) -> Catalogue:
    return backend.catalogue


def stored(catalogue: Catalogue, *recordings: Recording) -> None:
    with catalogue.transaction() as transaction:
        transaction.recordings.insert(recordings)


def write_everything_and_fail(transaction: Transaction) -> None:
    transaction.recordings.insert([rows.recording(1)])
    transaction.recordings.begin_attempts([rec(1)])
    transaction.artefacts.add([rows.artefact(1)])
    transaction.keys.add([rows.key(1)])
    transaction.outcomes.record([rows.outcome(1)])
    transaction.waiting.add([rows.waiting_event(1)])
    transaction.objections.save(rows.objection())
    transaction.cases.save(rows.case())
    transaction.holds.save([rows.hold(1)])
    transaction.log.append([rows.entry(1)])
    transaction.outbox.append([rows.message(1)])
    _ = 1 / 0


def write_and_swallow_the_error(catalogue: Catalogue) -> None:
    with catalogue.transaction() as transaction:
        transaction.outcomes.record([rows.outcome(1)])
        transaction.artefacts.add([rows.artefact(1)])
        with pytest.raises(InvariantError):
            transaction.artefacts.add([rows.artefact(1)])


# transactions


def test_what_a_transaction_wrote_is_there_for_the_next(catalogue: Catalogue) -> None:
    stored(catalogue, rows.recording(1))
    with catalogue.transaction() as transaction:
        assert transaction.recordings.get([rec(1), rec(2)]) == {rec(1): rows.recording(1)}


def test_a_rollback_leaves_nothing_of_any_kind(catalogue: Catalogue) -> None:
    with pytest.raises(ZeroDivisionError), catalogue.transaction() as transaction:
        write_everything_and_fail(transaction)
    assert catalogue.list_outcomes() == []
    assert catalogue.unsent(older_than_s=-60, limit=10) == []
    assert list(catalogue.all_recordings()) == []
    assert list(catalogue.all_artefacts()) == []
    assert catalogue.count_waiting("telephony.calls") == 0
    with catalogue.transaction() as transaction:
        assert not transaction.keys.get([rec(1)])
        assert not transaction.objections.all()
        assert not transaction.cases.all()
        assert not transaction.holds.find()
        assert transaction.recordings.attempts([rec(1)]) == {rec(1): 0}
        transaction.log.append([rows.entry(1)])  # its place in the log is free


def test_a_transaction_reads_its_own_writes_and_nobody_else_does(catalogue: Catalogue) -> None:
    with catalogue.transaction() as transaction:
        transaction.recordings.insert([rows.recording(1)])
        transaction.outcomes.record([rows.outcome(1)])
        assert transaction.recordings.get([rec(1)])
        assert transaction.outcomes.at([rows.outcome(1).position])
        assert catalogue.list_outcomes() == []
        assert list(catalogue.all_recordings()) == []


def test_after_a_refused_write_nothing_of_the_transaction_stays_even_if_the_error_is_caught(
    catalogue: Catalogue,
) -> None:
    stored(catalogue, rows.recording(1))
    with pytest.raises(InvariantError):
        write_and_swallow_the_error(catalogue)
    assert catalogue.list_outcomes() == []
    assert list(catalogue.all_artefacts()) == []


def test_a_transaction_inside_a_transaction_of_one_thread_is_a_mistake_told_at_once(catalogue: Catalogue) -> None:
    with (
        catalogue.transaction(),
        pytest.raises(InvariantError, match="inside a transaction"),
        catalogue.transaction(),
    ):
        pass
    stored(catalogue, rows.recording(1))
    assert len(list(catalogue.all_recordings())) == 1


def test_a_database_out_of_reach_is_an_outage_and_never_an_absence(backend: Backend) -> None:
    away = backend.unreachable()
    with pytest.raises(RetryableError), away.transaction() as transaction:
        transaction.recordings.get([rec(1)])
    with pytest.raises(RetryableError):
        away.list_outcomes()
    with pytest.raises(RetryableError):
        away.unsent(older_than_s=0, limit=1)
    with pytest.raises(RetryableError):
        list(away.all_artefacts())
    with pytest.raises(RetryableError):
        list(away.all_recordings())
    away.close()


# round trips


@examples
@given(data=st.lists(rows.any_recording(), unique_by=lambda one: one.recording_id, max_size=4))
def test_recordings_come_back_as_they_were_to_the_microsecond(backend: Backend, data: list[Recording]) -> None:
    backend.clear()
    catalogue = backend.catalogue
    with catalogue.transaction() as transaction:
        transaction.recordings.insert(data)
    with catalogue.transaction() as transaction:
        found = transaction.recordings.get([one.recording_id for one in data], lock=True)
        assert found == {one.recording_id: one for one in data}
        swapped = [replace(old, recording_id=new.recording_id) for old, new in zip(data, reversed(data), strict=True)]
        transaction.recordings.save(swapped)
    assert list(catalogue.all_recordings()) == sorted(swapped, key=lambda one: one.recording_id.encode())
    for one in catalogue.all_recordings():
        for instant in (one.started_at, one.ended_at, one.keep_until, one.disposed_at, one.not_before):
            assert instant is None or instant.utcoffset() == timedelta(0)


@examples
@given(data=st.data())
def test_everything_else_comes_back_as_it_was(backend: Backend, data: st.DataObject) -> None:
    backend.clear()
    catalogue = backend.catalogue
    outcomes = data.draw(st.lists(rows.any_outcome(), unique_by=lambda one: one.position, max_size=3))
    artefacts = data.draw(
        st.lists(rows.any_artefact_of(rec(1)), unique_by=lambda one: (one.kind, one.generation), max_size=3)
    )
    waiting = data.draw(st.lists(rows.any_waiting_event(), unique_by=lambda one: one.position, max_size=3))
    objections = data.draw(st.lists(rows.any_objection(), unique_by=lambda one: one.objection_id, max_size=3))
    cases = data.draw(st.lists(rows.any_case(), unique_by=lambda one: one.case_id, max_size=3))
    messages = data.draw(st.lists(rows.any_message(), max_size=3))
    holds = [rows.hold(1, one.case_id, applied_at=one.released_at) for one in cases]
    with catalogue.transaction() as transaction:
        transaction.recordings.insert([rows.recording(1)])
        transaction.outcomes.record(outcomes)
        transaction.artefacts.add(artefacts)
        transaction.waiting.add(waiting)
        for objection in objections:
            transaction.objections.save(objection)
        for case in cases:
            transaction.cases.save(case)
        transaction.holds.save(holds)
        entries = transaction.outbox.append(messages)
    with catalogue.transaction() as transaction:
        assert transaction.outcomes.at([one.position for one in outcomes]) == {one.position: one for one in outcomes}
        assert set(transaction.artefacts.get([rec(1)])) == set(artefacts)
        assert set(transaction.waiting.find()) == set(waiting)
        assert set(transaction.objections.all()) == set(objections)
        references = [ObjectionReference(scope=one.scope, reference=one.reference) for one in objections]
        assert set(transaction.objections.under(references)) == set(objections)
        assert {one.case_id: transaction.cases.get(one.case_id) for one in cases} == {one.case_id: one for one in cases}
        assert set(transaction.holds.find()) == set(holds)
        transaction.waiting.remove([one.position for one in waiting])
        assert not transaction.waiting.find()
    assert [one.message for one in entries] == messages
    assert catalogue.unsent(older_than_s=-60, limit=10) == entries


def test_an_instant_of_another_zone_is_the_same_instant(catalogue: Catalogue) -> None:
    paris = timezone(timedelta(hours=2))
    stored(catalogue, rows.recording(1, ended_at=NOON.astimezone(paris)))
    with catalogue.transaction() as transaction:
        assert transaction.recordings.get([rec(1)])[rec(1)].ended_at == NOON


# events


def test_a_position_keeps_its_first_outcome(catalogue: Catalogue) -> None:
    """I1, I11."""
    first, second = rows.outcome(7), rows.outcome(7, outcome=Outcome.DUPLICATE, reason=Reason.SAME_EVENT)
    with catalogue.transaction() as transaction:
        transaction.outcomes.record([first, second])
    with catalogue.transaction() as transaction:
        transaction.outcomes.record([second])
        assert transaction.outcomes.at([first.position]) == {first.position: first}


def test_outcomes_are_found_at_their_very_position_only(catalogue: Catalogue) -> None:
    with catalogue.transaction() as transaction:
        transaction.outcomes.record([rows.outcome(1)])
        for wrong in (
            Position(topic="telephony.call", partition=0, offset=1),
            Position(topic="telephony.calls", partition=1, offset=1),
            Position(topic="telephony.calls", partition=0, offset=2),
        ):
            assert transaction.outcomes.at([wrong]) == {}
        assert transaction.outcomes.at([]) == {}


def test_an_event_is_seen_by_its_outcomes_that_are_no_duplicates(catalogue: Catalogue) -> None:
    same = EventId("pbx 1")
    early = rows.outcome(3, event_id=same, outcome=Outcome.DUPLICATE, reason=Reason.SAME_RECORDING)
    first = rows.outcome(2, event_id=same, outcome=Outcome.REFUSED, reason=Reason.OBJECTION)
    later = rows.outcome(1, event_id=same)
    nameless = rows.outcome(9, event_id=None, outcome=Outcome.DEAD_LETTERED, reason=Reason.NOT_AN_EVENT)
    for one in (early, first, later, nameless):
        with catalogue.transaction() as transaction:
            transaction.outcomes.record([one])
    with catalogue.transaction() as transaction:
        assert transaction.outcomes.of_events([same, EventId("pbx 2")]) == {same: [first, later]}
        assert transaction.outcomes.of_events([]) == {}


def test_outcomes_are_listed_in_the_order_they_were_decided_and_counted_with_zeros(catalogue: Catalogue) -> None:
    decided = [rows.outcome(5), rows.outcome(3, outcome=Outcome.REFUSED, reason=Reason.OBJECTION), rows.outcome(4)]
    elsewhere = rows.outcome(4, position=Position(topic="other", partition=0, offset=4))
    for one in [*decided, elsewhere]:
        with catalogue.transaction() as transaction:
            transaction.outcomes.record([one])
    assert catalogue.list_outcomes() == [*decided, elsewhere]
    assert catalogue.list_outcomes(limit=2) == decided[:2]
    assert catalogue.list_outcomes(limit=2, after=decided[0].position) == [*decided[1:], elsewhere][:2]
    assert catalogue.list_outcomes(after=elsewhere.position) == []
    assert catalogue.list_outcomes(limit=1, after=Position(topic="none", partition=0, offset=1)) == decided[:1]
    assert catalogue.list_outcomes(call_id=CallId("c-4")) == [decided[2], elsewhere]
    assert catalogue.list_outcomes(recording_id=rec(3)) == [decided[1]]
    assert catalogue.count_outcomes("telephony.calls") == dict.fromkeys(Outcome, 0) | {
        Outcome.STORED: 2,
        Outcome.REFUSED: 1,
    }
    assert catalogue.outcomes_from("telephony.calls", 0, 4) == 2
    assert catalogue.outcomes_from("telephony.calls", 0, 4, before=5) == 1
    assert catalogue.outcomes_from("telephony.calls", 1, 0) == 0


def test_waiting_events_are_found_longest_due_first(catalogue: Catalogue) -> None:
    with catalogue.transaction() as transaction:
        transaction.waiting.add([rows.waiting_event(one) for one in (3, 1, 2)])
        transaction.waiting.add([rows.waiting_event(1, sealed=b"another")])  # the first one stays
    with catalogue.transaction() as transaction:
        assert [one.position.offset for one in transaction.waiting.find()] == [1, 2, 3]
        assert transaction.waiting.find(limit=1) == [rows.waiting_event(1)]
        assert transaction.waiting.find(due_before=at(2)) == [rows.waiting_event(1)]
        assert transaction.waiting.find(recordings=[rec(2), rec(9)]) == [rows.waiting_event(2)]
        assert transaction.waiting.find(recordings=[]) == []
        transaction.waiting.remove([rows.waiting_event(1).position, rows.waiting_event(8).position])
    assert catalogue.count_waiting("telephony.calls") == 2
    assert catalogue.count_waiting("telephony.calls", partition=0, before=3) == 1
    assert catalogue.count_waiting("telephony.calls", partition=1) == 0
    assert catalogue.count_waiting("other") == 0


# objections


def test_a_withdrawal_stays_on_file_as_it_first_came(catalogue: Catalogue) -> None:
    first = rows.withdrawal("wdr-1", withdrawn_at=at(3))
    earlier = rows.withdrawal("wdr-2", withdrawn_at=at(1), purposes=frozenset())
    other = rows.withdrawal("wdr-3", scope=ScopeKind.NUMBER)
    with catalogue.transaction() as transaction:
        for one in (first, earlier, other, replace(first, purposes=frozenset({"training"}))):
            transaction.objections.save_withdrawal(one)
    with catalogue.snapshot() as transaction:
        by_call = ObjectionReference(scope=ScopeKind.CALL, reference="c-1")
        assert transaction.objections.withdrawals([by_call]) == [earlier, first]
        assert transaction.objections.withdrawals([]) == []


def test_objections_are_found_by_scope_and_reference_together_oldest_first(catalogue: Catalogue) -> None:
    """R4: withdrawn ones included."""
    later = rows.objection("obj-1", objected_at=at(2), lines=frozenset({LineId("monitoring-centre")}))
    older = rows.objection("obj-2", objected_at=at(1), withdrawn_at=at(3))
    other_scope = rows.objection("obj-3", scope=ScopeKind.NUMBER)
    with catalogue.transaction() as transaction:
        for one in (later, older, other_scope):
            transaction.objections.save(one)
    with catalogue.transaction() as transaction:
        by_call = ObjectionReference(scope=ScopeKind.CALL, reference="c-1")
        by_customer = ObjectionReference(scope=ScopeKind.CUSTOMER, reference="c-1")
        assert transaction.objections.under([by_call, by_customer]) == [older, later]
        assert transaction.objections.under([]) == []
        assert transaction.objections.all() == [later, older, other_scope]
        assert transaction.objections.all(limit=1) == [later]
        withdrawn = replace(later, withdrawn_at=at(5))
        transaction.objections.save(withdrawn)
        assert transaction.objections.under([by_call]) == [older, withdrawn]


# what follows


def test_a_log_entry_is_written_once(catalogue: Catalogue) -> None:
    with catalogue.transaction() as transaction:
        transaction.log.append([rows.entry(1), rows.entry(2)])
    with pytest.raises(InvariantError), catalogue.transaction() as transaction:
        transaction.log.append([rows.entry(2)])


def test_outbox_entries_wait_in_order_until_the_bus_has_them(catalogue: Catalogue) -> None:
    messages = [rows.message(number, headers=(("h", b"\x00\xff"),)) for number in range(5)]
    with catalogue.transaction() as transaction:
        entries = [*transaction.outbox.append(messages[:3]), *transaction.outbox.append(messages[3:])]
        assert transaction.outbox.append([]) == []
    assert [one.message for one in entries] == messages
    assert sorted({one.outbox_id for one in entries}) == [one.outbox_id for one in entries]
    assert catalogue.unsent(older_than_s=3600, limit=10) == []
    assert catalogue.unsent(older_than_s=-60, limit=2) == entries[:2]
    catalogue.mark_sent(entries[1:])
    assert catalogue.unsent(older_than_s=-60, limit=10) == entries[:1]
    catalogue.mark_sent(entries)
    catalogue.mark_sent([])
    assert catalogue.unsent(older_than_s=-60, limit=10) == []


def test_the_number_of_a_sent_message_is_never_given_to_a_younger_one(catalogue: Catalogue) -> None:
    with catalogue.transaction() as transaction:
        first = transaction.outbox.append([rows.message(1)])
    catalogue.mark_sent(first)
    with catalogue.transaction() as transaction:
        second = transaction.outbox.append([rows.message(2)])
    catalogue.mark_sent(first)  # late, and once more
    assert catalogue.unsent(older_than_s=-60, limit=10) == second


# everything, in portions


def test_everything_is_read_in_the_order_of_bytes(catalogue: Catalogue) -> None:
    """As object stores list: Z before a, a before é; a database's own collation would differ."""
    ids = [RecordingId(f"rec-{letter}") for letter in "aZéz_A0"]
    stored(catalogue, *(rows.recording(1, recording_id=one) for one in ids))
    with catalogue.transaction() as transaction:
        transaction.artefacts.add([rows.artefact(1, recording_id=one, key=f"k/{one}") for one in ids])
    in_bytes = sorted(ids, key=lambda one: one.encode())
    assert [one.recording_id for one in catalogue.all_recordings()] == in_bytes
    assert [one.key for one in catalogue.all_artefacts()] == [f"k/{one}" for one in in_bytes]


def test_events_that_wait_for_a_place_are_left_out_on_demand_and_counted_by_place_and_reason(backend: Backend) -> None:
    backend.clear()
    catalogue = backend.catalogue
    away = {"place": "s3://landing-b", "why": "Unable to locate credentials"}
    with catalogue.transaction() as transaction:
        transaction.waiting.add(
            [
                rows.waiting_event(1),
                rows.waiting_event(2, since=at(5), **away),
                rows.waiting_event(3, since=at(4), **away),
                rows.waiting_event(4, since=at(6), place="spool:", why="disk not mounted?"),
            ]
        )
    with catalogue.transaction() as transaction:
        asked = transaction.waiting.find(due_before=at(100), but_for={"s3://landing-b"})
    assert [one.position.offset for one in asked] == [1, 4]
    assert list(catalogue.waits()) == [
        Waits(place="", why="", events=1, since=None),
        Waits(place="s3://landing-b", why="Unable to locate credentials", events=2, since=at(4)),
        Waits(place="spool:", why="disk not mounted?", events=1, since=at(6)),
    ]
