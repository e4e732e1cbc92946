"""What `callwarden.ports.catalogue` promises of recordings, what is stored of them and what holds them (I2, K1, K3)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callwarden.errors import InvariantError
from callwarden.model.hold import CaseState, FlagFault
from callwarden.model.ids import CallId, CaseId, LineId, Pseudonym
from callwarden.model.recording import ArtefactKind, AudioState, Recording, RecordingState
from callwarden.ports.catalogue import Catalogue, RecordingFilter
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


def held(catalogue: Catalogue, number: int, *cases: str) -> None:
    with catalogue.transaction() as transaction:
        for one in cases:
            transaction.cases.save(rows.case(one))
        transaction.holds.save([rows.hold(number, one) for one in cases])


# recordings


def test_a_recording_that_is_there_is_not_inserted_again(catalogue: Catalogue) -> None:
    """I11."""
    stored(catalogue, rows.recording(1))
    stored(catalogue, rows.recording(1, leg="other"), rows.recording(2))
    with catalogue.transaction() as transaction:
        assert transaction.recordings.get([rec(1), rec(2)]) == {rec(1): rows.recording(1), rec(2): rows.recording(2)}


def test_saving_a_recording_that_does_not_exist_stops_the_worker(catalogue: Catalogue) -> None:
    stored(catalogue, rows.recording(1))
    with pytest.raises(InvariantError), catalogue.transaction() as transaction:
        transaction.recordings.save([rows.recording(1, leg="changed"), rows.recording(2)])
    with catalogue.transaction() as transaction:
        assert transaction.recordings.get([rec(1)])[rec(1)].leg == "main"


@pytest.mark.parametrize("lock", [False, True])
def test_the_last_save_counts_whatever_was_read_and_saved_before(catalogue: Catalogue, lock: bool) -> None:
    first, second = rows.recording(1), rows.recording(1, leg="changed", sealed_event=None, restricted=True)
    stored(catalogue, first, rows.recording(2))
    with catalogue.transaction() as transaction:
        transaction.recordings.get([rec(1)], lock=lock)
        transaction.recordings.save([second])
        assert transaction.recordings.get([rec(1)]) == {rec(1): second}
        transaction.recordings.save([first, rows.recording(2, segment=9)])
        transaction.recordings.save([])
        assert transaction.recordings.get([rec(1)]) == {rec(1): first}
        transaction.recordings.save([first, second])
    with catalogue.transaction() as transaction:
        assert transaction.recordings.get([rec(1), rec(2)]) == {rec(1): second, rec(2): rows.recording(2, segment=9)}


def test_attempts_are_numbered_from_one_and_survive_saving(catalogue: Catalogue) -> None:
    stored(catalogue, rows.recording(1), rows.recording(2))
    with catalogue.transaction() as transaction:
        assert transaction.recordings.attempts([rec(1), rec(3)]) == {rec(1): 0, rec(3): 0}
        assert transaction.recordings.begin_attempts([rec(1), rec(2)]) == {rec(1): 1, rec(2): 1}
        assert transaction.recordings.begin_attempts([rec(1)]) == {rec(1): 2}
        transaction.recordings.save([rows.recording(1, leg="changed")])
        transaction.recordings.insert([rows.recording(1)])
    with catalogue.transaction() as transaction:
        assert transaction.recordings.attempts([rec(1), rec(2)]) == {rec(1): 2, rec(2): 1}
        assert transaction.recordings.begin_attempts([]) == {}
    with pytest.raises(InvariantError), catalogue.transaction() as transaction:
        transaction.recordings.begin_attempts([rec(3)])


@pytest.mark.parametrize("lock", [False, True])
def test_a_filter_narrows_by_every_field_and_the_newest_call_comes_first(catalogue: Catalogue, lock: bool) -> None:
    undated = rows.recording(1, ended_at=None)
    old = rows.recording(2, ended_at=at(-9), call_id=CallId("other"), state=RecordingState.QUARANTINED)
    new = rows.recording(3, line=LineId("sales"), caller=Pseudonym("x"), customer=Pseudonym("y"), agent_id="z")
    stored(catalogue, undated, old, new)
    expected: list[tuple[RecordingFilter, list[Recording]]] = [
        (RecordingFilter(), [new, old, undated]),
        (RecordingFilter(call_id=CallId("other")), [old]),
        (RecordingFilter(line=LineId("sales")), [new]),
        (RecordingFilter(states=frozenset({RecordingState.QUARANTINED, RecordingState.DROPPED})), [old]),
        (RecordingFilter(caller=Pseudonym("x")), [new]),
        (RecordingFilter(customer=Pseudonym("y")), [new]),
        (RecordingFilter(agent_id="z"), [new]),
        (RecordingFilter(ended_from=NOON), [new]),
        (RecordingFilter(ended_before=NOON), [old]),
        (RecordingFilter(ended_from=at(-9), ended_before=at(1)), [new, old]),
        (RecordingFilter(line=LineId("sales"), agent_id="nobody"), []),
    ]
    with catalogue.transaction() as transaction:
        for wanted, found in expected:
            assert transaction.recordings.find(wanted, lock=lock) == found, wanted
        assert transaction.recordings.find(RecordingFilter(), lock=lock, limit=2) == [new, old]


def test_the_unfinished_are_those_disposing_or_dropping(catalogue: Catalogue) -> None:
    every = [rows.recording(number, state=state) for number, state in enumerate(RecordingState)]
    stored(catalogue, *every)
    with catalogue.transaction() as transaction:
        found = transaction.recordings.unfinished(limit=10)
        assert {one.state for one in found} == {RecordingState.DISPOSING, RecordingState.DROPPING}
        assert transaction.recordings.unfinished(limit=1) == found[:1]


# due


@examples
@given(
    data=st.lists(
        st.builds(
            lambda state, keep, after, restricted, cases, sound, audio: (
                {
                    "state": state,
                    "keep_until": keep,
                    "not_before": after,
                    "restricted": restricted,
                    "audio_until": sound,
                    "audio": audio,
                },
                cases,
            ),
            st.sampled_from([*RecordingState, RecordingState.STORED, RecordingState.STORED]),
            st.none() | st.integers(-2, 2).map(at),
            st.none() | st.integers(-2, 2).map(at),
            st.booleans(),
            st.lists(st.sampled_from(["case-1", "case-2"]), unique=True, max_size=2),
            st.none() | st.integers(-2, 2).map(at),
            st.sampled_from(AudioState),
        ),
        max_size=12,
    ),
    limit=st.integers(0, 6),
    released=st.sampled_from(["case-1", "case-2", "none"]),
)
def test_due_is_what_a_plain_reading_of_its_promise_finds(
    backend: Backend, data: list[tuple[dict[str, object], list[str]]], limit: int, released: str
) -> None:
    """K1, K3: against a naive filter over the rows."""
    backend.clear()
    every = [rows.recording(number, **fields) for number, (fields, _) in enumerate(data)]
    holds = [rows.hold(number, case) for number, (_, cases) in enumerate(data) for case in cases]
    with backend.catalogue.transaction() as transaction:
        transaction.recordings.insert(every)
        transaction.cases.save(rows.case("case-1"))
        transaction.cases.save(rows.case("case-2"))
        transaction.holds.save(holds)
        transaction.holds.remove([one for one in holds if one.case_id == released])
    naive = [
        one
        for one, (_, cases) in zip(every, data, strict=True)
        if one.state in (RecordingState.STORED, RecordingState.QUARANTINED)
        and not one.restricted
        and set(cases) <= {released}
        and one.keep_until is not None
        and one.keep_until <= NOON
        and (one.not_before is None or one.not_before <= NOON)
    ]
    with backend.catalogue.transaction() as transaction:
        everything = transaction.recordings.due(now=NOON, limit=100)
        assert transaction.recordings.count_due(now=NOON) == len(everything)
        assert sorted(everything, key=lambda one: one.recording_id) == naive
        since = [max(one.keep_until or NOON, one.not_before or at(-99)) for one in everything]
        assert since == sorted(since)
        assert len(transaction.recordings.due(now=NOON, limit=limit)) == min(limit, len(naive))
    sound = [
        one
        for one, (_, cases) in zip(every, data, strict=True)
        if one.state is RecordingState.STORED
        and one.audio is AudioState.KEPT
        and not one.restricted
        and set(cases) <= {released}
        and one.audio_until is not None
        and one.audio_until <= NOON
        and one.keep_until is not None
        and max(one.keep_until, one.not_before or at(-99)) > NOON
        and (one.not_before is None or one.not_before <= NOON)
    ]
    with backend.catalogue.transaction() as transaction:
        over = transaction.recordings.audio_due(now=NOON, limit=100)
        assert transaction.recordings.count_audio_due(now=NOON) == len(over)
        assert sorted(over, key=lambda one: one.recording_id) == sound
        assert [one.audio_until for one in over] == sorted(one.audio_until for one in over if one.audio_until)
        assert len(transaction.recordings.audio_due(now=NOON, limit=limit)) == min(limit, len(sound))
        ending = [one for one in every if one.state is RecordingState.STORED and one.audio is AudioState.ENDING]
        begun = transaction.recordings.audio_unfinished(limit=100)
        assert [one.recording_id for one in begun] == sorted(one.recording_id for one in ending)


# artefacts and keys


def test_artefacts_come_by_recording_and_kind_and_the_newest_generation_is_the_artefact(catalogue: Catalogue) -> None:
    beeped = ArtefactKind.BEEPED_AUDIO
    every = [
        rows.artefact(1, kind=beeped, generation=1),
        rows.artefact(1, kind=beeped, generation=10),
        rows.artefact(1, kind=ArtefactKind.ORIGINAL_AUDIO),
        rows.artefact(2),
    ]
    stored(catalogue, rows.recording(1), rows.recording(2))
    with catalogue.transaction() as transaction:
        transaction.artefacts.add(every[::-1])
    with catalogue.transaction() as transaction:
        assert transaction.artefacts.get([rec(2), rec(1)]) == every
        assert transaction.artefacts.newest(rec(1), beeped) == every[1]
        assert transaction.artefacts.newest(rec(2), beeped) is None
        transaction.artefacts.remove([rec(1)])
        assert transaction.artefacts.get([rec(1), rec(2)]) == every[3:]


def test_one_artefact_exists_once(catalogue: Catalogue) -> None:
    """I2."""
    stored(catalogue, rows.recording(1))
    with catalogue.transaction() as transaction:
        transaction.artefacts.add([rows.artefact(1)])
    with pytest.raises(InvariantError), catalogue.transaction() as transaction:
        transaction.artefacts.add([rows.artefact(1, key="elsewhere")])
    assert list(catalogue.all_artefacts()) == [rows.artefact(1)]


def test_nothing_is_stored_of_a_recording_nobody_knows(catalogue: Catalogue) -> None:
    """I2: an object without its row would never be found again."""
    with pytest.raises(InvariantError), catalogue.transaction() as transaction:
        transaction.artefacts.add([rows.artefact(1)])
    with pytest.raises(InvariantError), catalogue.transaction() as transaction:
        transaction.keys.add([rows.key(1)])


def test_a_key_is_wrapped_anew_by_rotation_and_gone_when_destroyed(catalogue: Catalogue) -> None:
    stored(catalogue, rows.recording(1), rows.recording(2))
    with catalogue.transaction() as transaction:
        transaction.keys.add([rows.key(1), rows.key(2)])
    with catalogue.transaction() as transaction:
        transaction.keys.add([rows.key(1, wrapped=b"anew", master="mk-2")])
        assert transaction.keys.get([rec(1), rec(3)]) == {rec(1): rows.key(1, wrapped=b"anew", master="mk-2")}
        transaction.keys.destroy([rec(1)])
    with catalogue.transaction() as transaction:
        assert transaction.keys.get([rec(1), rec(2)]) == {rec(2): rows.key(2)}


# holds


def test_two_cases_may_hold_one_recording_and_releasing_one_leaves_the_other(catalogue: Catalogue) -> None:
    """K3."""
    stored(catalogue, rows.recording(1, keep_until=at(-1)), rows.recording(2, keep_until=at(-2)))
    held(catalogue, 1, "case-2", "case-1")
    with catalogue.transaction() as transaction:
        assert transaction.recordings.get([rec(1)], lock=True)[rec(1)].holds == (CaseId("case-1"), CaseId("case-2"))
        assert [one.holds for one in transaction.recordings.find(RecordingFilter(call_id=CallId("c-1")))] == [
            (CaseId("case-1"), CaseId("case-2"))
        ]
        assert transaction.holds.find(case_id=CaseId("case-2")) == [rows.hold(1, "case-2")]
        assert transaction.holds.find(recording_id=rec(2)) == []
        transaction.holds.remove([rows.hold(1, "case-1")])
    with catalogue.transaction() as transaction:
        assert transaction.recordings.get([rec(1)])[rec(1)].holds == (CaseId("case-2"),)
        assert [one.recording_id for one in transaction.recordings.due(now=NOON, limit=9)] == [rec(2)]
        transaction.holds.remove([rows.hold(1, "case-2"), rows.hold(2, "case-2")])
        assert [one.recording_id for one in transaction.recordings.due(now=NOON, limit=9)] == [rec(2), rec(1)]
        assert not transaction.holds.find()


def test_saving_a_recording_neither_writes_nor_loses_its_holds(catalogue: Catalogue) -> None:
    stored(catalogue, rows.recording(1, holds=(CaseId("never"),)))
    held(catalogue, 1, "case-1")
    with catalogue.transaction() as transaction:
        found = transaction.recordings.get([rec(1)], lock=True)[rec(1)]
        transaction.recordings.save([replace(found, holds=(), keep_until=at(-1))])
    with catalogue.transaction() as transaction:
        assert transaction.recordings.get([rec(1)])[rec(1)].holds == (CaseId("case-1"),)
        assert transaction.recordings.due(now=NOON, limit=9) == []
    assert [one.holds for one in catalogue.all_recordings()] == [(CaseId("case-1"),)]


def test_a_hold_is_replaced_when_saved_again_and_needs_its_case_and_recording(catalogue: Catalogue) -> None:
    stored(catalogue, rows.recording(1))
    held(catalogue, 1, "case-1")
    with catalogue.transaction() as transaction:
        transaction.holds.save([rows.hold(1, applied_at=at(1))])
        assert transaction.holds.find() == [rows.hold(1, applied_at=at(1))]
    for impossible in (rows.hold(2, "case-1"), rows.hold(1, "case-9")):
        with pytest.raises(InvariantError), catalogue.transaction() as transaction:
            transaction.holds.save([impossible])


def test_what_is_placed_released_or_stored_of_the_held_is_unapplied_until_it_is_said_to_be_applied(
    catalogue: Catalogue,
) -> None:
    stored(catalogue, *(rows.recording(number) for number in (1, 2, 3)))
    with catalogue.transaction() as transaction:
        transaction.artefacts.add([rows.artefact(3)])
        assert transaction.unapplied.find() == []
    held(catalogue, 1, "case-1", "case-2")
    held(catalogue, 2, "case-2")
    with catalogue.transaction() as transaction:
        assert transaction.unapplied.count() == {"case-1": 1, "case-2": 2}
        first, second = sorted(transaction.unapplied.fresh(limit=9), key=lambda one: one.recording_id)
        assert transaction.unapplied.find(case_id=CaseId("case-1")) == [first]
        assert transaction.unapplied.get([rec(1), rec(3)]) == {rec(1): first}
        transaction.unapplied.remove([first])
        refused = replace(
            second, tries=1, again_at=at(5), faults=(FlagFault(key="k", version_id="v", error="refused"),)
        )
        transaction.unapplied.save([refused])
        assert transaction.unapplied.find(faulty=True) == transaction.unapplied.find() == [refused]
        assert (transaction.unapplied.due(now=at(4), limit=9), transaction.unapplied.fresh(limit=9)) == ([], [])
        assert transaction.unapplied.due(now=at(5), limit=9, lock=True) == [refused]
    with catalogue.transaction() as transaction:
        transaction.artefacts.add([rows.artefact(1), rows.artefact(2)])
        changed = sorted(transaction.unapplied.fresh(limit=9), key=lambda one: one.recording_id)
        assert [(one.recording_id, one.tries, one.faults) for one in changed] == [(rec(1), 0, ()), (rec(2), 0, ())]
        transaction.unapplied.save([replace(refused, tries=9)])
        transaction.unapplied.remove([first, refused])
        assert transaction.unapplied.find() == changed, "they have changed since those were read"
        transaction.unapplied.remove(changed)
    with catalogue.transaction() as transaction:
        transaction.holds.save([rows.hold(1, "case-1", applied_at=at(1))])
        assert transaction.unapplied.find() == [], "to say that it is applied is no change"
        transaction.holds.remove([rows.hold(1, "case-1")])
        assert [one.recording_id for one in transaction.unapplied.find()] == [rec(1)]


def test_cases_are_listed_newest_first_and_replaced_when_saved_again(catalogue: Catalogue) -> None:
    with catalogue.transaction() as transaction:
        transaction.cases.save(rows.case("case-1"))
        transaction.cases.save(rows.case("case-2", opened_at=at(1)))
        closed = rows.case("case-1", state=CaseState.RELEASED, released_by="legal:k1-bb", released_at=at(9))
        transaction.cases.save(closed)
    with catalogue.transaction() as transaction:
        assert transaction.cases.get(CaseId("case-1"), lock=True) == closed
        assert transaction.cases.get(CaseId("case-3")) is None
        assert [one.case_id for one in transaction.cases.all()] == ["case-2", "case-1"]
