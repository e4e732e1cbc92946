"""What `callwarden.ports.catalogue` promises of redaction records and of generations of artefacts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callwarden.errors import InvariantError
from callwarden.model.recording import ArtefactKind, RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus, WithheldReason
from callwarden.model.transcript import TimeRange
from callwarden.ports.catalogue import Catalogue
from tests.support import catalogue_rows as rows
from tests.support.catalogue_backends import DATABASES, Backend, backend_named
from tests.support.catalogue_rows import NOON, at, rec

# One catalogue serves all examples of a property: each example empties it first.
examples = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

RELEASED, WITHHELD, WITHDRAWN = RedactionStatus
NO_STATUS: frozenset[RedactionStatus] = frozenset()


@pytest.fixture(params=("memory", *DATABASES))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened = backend_named(request.param, request, tmp_path)
    yield opened
    opened.catalogue.close()


@pytest.fixture
def catalogue(backend: Backend) -> Catalogue:
    return backend.catalogue


def record(number: int = 1, **changes: Any) -> RedactionRecord:
    values: dict[str, Any] = {
        "recording_id": rec(number),
        "generation": 1,
        "version": "v1",
        "status": RELEASED,
        "reasons": (),
        "decided_at": NOON,
    }
    return RedactionRecord(**values | changes)


def test_the_record_saved_last_is_the_one_read(catalogue: Catalogue) -> None:
    """I11."""
    reasons = (WithheldReason.UNPLACEABLE_SPAN.value, WithheldReason.LOW_CONFIDENCE.value)
    missed = (TimeRange(start_s=0.1, end_s=2.5), TimeRange(start_s=3, end_s=3))
    read = {"missed": missed, "read_with": (rec(2), rec(3)), "spans_sha256": "f" * 64}
    withheld = record(1, status=WITHHELD, reasons=reasons, generation=0, decided_at=at(1), **read)
    with catalogue.transaction() as transaction:
        transaction.recordings.insert([rows.recording(1), rows.recording(2)])
        assert transaction.redactions.get([rec(1)]) == {}
        transaction.redactions.save([record(2), record(1, generation=7), record(1)])
        assert transaction.redactions.get([rec(1), rec(2), rec(3)]) == {rec(1): record(1), rec(2): record(2)}
        transaction.redactions.save([withheld])
        transaction.redactions.save([])
    with catalogue.snapshot() as reading:
        assert reading.redactions.get([rec(1)]) == {rec(1): withheld}
        assert reading.redactions.get([]) == {}


def test_a_recording_that_does_not_exist_has_no_redaction(catalogue: Catalogue) -> None:
    with pytest.raises(InvariantError), catalogue.transaction() as transaction:
        transaction.redactions.save([record(1)])


def test_a_record_removed_is_gone_and_the_others_stay(catalogue: Catalogue) -> None:
    with catalogue.transaction() as transaction:
        transaction.recordings.insert([rows.recording(1), rows.recording(2)])
        transaction.redactions.save([record(1), record(2)])
        transaction.redactions.remove([rec(1), rec(9)])
        transaction.redactions.remove([])
    with catalogue.snapshot() as reading:
        assert reading.redactions.get([rec(1), rec(2)]) == {rec(2): record(2)}


@examples
@given(
    data=st.lists(
        st.tuples(st.sampled_from(RecordingState), st.sampled_from(["v1", "v2"]), st.sampled_from(RedactionStatus)),
        max_size=8,
    ),
    version=st.sampled_from([None, "v1", "v2", "v3"]),
    statuses=st.frozensets(st.sampled_from(RedactionStatus)),
    limit=st.integers(1, 9),
    after=st.none() | st.integers(0, 8).map(rec),
)
def test_what_is_redone_is_of_another_version_or_of_a_given_status_and_stored(
    backend: Backend, data: Any, version: Any, statuses: Any, limit: int, after: Any
) -> None:
    backend.clear()
    every = [record(number, version=made, status=status) for number, (_, made, status) in enumerate(data)]
    with backend.catalogue.transaction() as transaction:
        transaction.recordings.insert([rows.recording(one, state=state) for one, (state, _, _) in enumerate(data)])
        transaction.redactions.save(every)
        found = transaction.redactions.to_redo(version_below=version, statuses=statuses, limit=limit, after=after)
    expected = [
        one
        for one, (state, made, status) in zip(every, data, strict=True)
        if state is RecordingState.STORED
        and ((version is not None and made != version) or status in statuses)
        and (after is None or one.recording_id > after)
    ]
    assert found == expected[:limit]


def test_a_list_to_redo_is_read_in_portions_while_it_changes(catalogue: Catalogue) -> None:
    with catalogue.transaction() as transaction:
        transaction.recordings.insert([rows.recording(number) for number in range(7)])
        transaction.redactions.save([record(number) for number in range(7)])
    seen, after = [], None
    while True:
        with catalogue.transaction() as transaction:
            portion = transaction.redactions.to_redo(version_below="v2", statuses=NO_STATUS, limit=3, after=after)
            transaction.redactions.save([record(int(one.recording_id[4:]), version="v2") for one in portion])
        if not portion:
            break
        seen += [one.recording_id for one in portion]
        after = seen[-1]
    assert seen == [rec(number) for number in range(7)]


def test_older_generations_of_some_kinds_are_forgotten_and_handed_back(catalogue: Catalogue) -> None:
    beeped = [rows.artefact(1, kind=ArtefactKind.BEEPED_AUDIO, generation=number) for number in (1, 2, 3)]
    texts = [rows.artefact(1, kind=ArtefactKind.REDACTED_TRANSCRIPT, generation=number) for number in (1, 3)]
    others = [rows.artefact(1), rows.artefact(2, kind=ArtefactKind.BEEPED_AUDIO)]
    kinds = [ArtefactKind.REDACTED_TRANSCRIPT, ArtefactKind.BEEPED_AUDIO]
    with catalogue.transaction() as transaction:
        transaction.recordings.insert([rows.recording(1), rows.recording(2)])
        transaction.artefacts.add([*beeped, *texts, *others])
        assert transaction.artefacts.remove_older(rec(1), [], 3) == []
        assert transaction.artefacts.remove_older(rec(1), kinds, 3) == [beeped[0], beeped[1], texts[0]]
        assert transaction.artefacts.remove_older(rec(1), kinds, 3) == []
        left = transaction.artefacts.get([rec(1)])
        transaction.artefacts.remove_kinds(rec(1), [ArtefactKind.BEEPED_AUDIO])
        spared = [one for one in left if one.kind is not ArtefactKind.BEEPED_AUDIO]
        assert transaction.artefacts.get([rec(1)]) == spared
        assert len(spared) < len(left)
        transaction.artefacts.add([one for one in left if one.kind is ArtefactKind.BEEPED_AUDIO])
    with catalogue.snapshot() as reading:
        assert set(reading.artefacts.get([rec(1), rec(2)])) == {beeped[2], texts[1], *others}
