"""What the catalogue promises of broken glass, certificates and the journal's standing, on every backend (K4, U3)."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from callwarden.errors import InvariantError
from callwarden.model.access import Readable, Role
from callwarden.model.break_glass import BreakGlass, GlassId
from callwarden.model.certificate import Certificate
from callwarden.model.purpose import Purpose
from callwarden.ports.catalogue import Catalogue
from tests.support import catalogue_rows as rows
from tests.support.catalogue_backends import DATABASES, Backend, backend_named
from tests.support.catalogue_rows import NOON, at, rec


@pytest.fixture(params=("memory", *DATABASES))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened = backend_named(request.param, request, tmp_path)
    yield opened
    opened.catalogue.close()


@pytest.fixture
def catalogue(backend: Backend) -> Catalogue:
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert([rows.recording(1), rows.recording(2)])
    return backend.catalogue


def glass(number: int, recording: int = 1) -> BreakGlass:
    return BreakGlass(
        request_id=GlassId(f"glass-{number:026d}"),
        recording_id=rec(recording),
        what=Readable.ORIGINAL_AUDIO,
        purpose=Purpose.STAFF_PROTECTION,
        role=Role.SUPERVISOR,
        requested_by="sonia",
        requested_at=NOON,
        lapses_at=at(1),
        sealed_reason=b"\x00sealed\xff",
    )


def certificate(number: int, recording: int) -> Certificate:
    return Certificate(
        recording_id=rec(recording), digest=f"{number:064x}", issued_at=at(number), document=b'{"number":%d}' % number
    )


def test_a_request_to_break_glass_is_found_as_it_was_written(catalogue: Catalogue) -> None:
    with catalogue.transaction() as tx:
        tx.break_glass.save(glass(1))
    with catalogue.snapshot() as tx:
        assert tx.break_glass.get(GlassId(f"glass-{1:026d}")) == glass(1)
        assert tx.break_glass.get(GlassId("glass-none")) is None


def test_requests_are_listed_newest_first_by_recording_and_by_whether_they_have_ended(catalogue: Catalogue) -> None:
    ended = replace(glass(2), approved_by="denise", approved_at=at(0.5), open_until=at(1.5), ended_at=at(2))
    with catalogue.transaction() as tx:
        for one in (glass(1), glass(2), glass(3, recording=2)):
            tx.break_glass.save(one)
        tx.break_glass.save(ended)
    with catalogue.snapshot() as tx:
        assert list(tx.break_glass.find(recording_id=rec(1))) == [ended, glass(1)]
        assert list(tx.break_glass.find(unended=True)) == [glass(3, recording=2), glass(1)]
        assert list(tx.break_glass.find(limit=1)) == [glass(3, recording=2)]


def test_glass_is_broken_of_a_recording_that_exists(catalogue: Catalogue) -> None:
    with pytest.raises(InvariantError), catalogue.transaction() as tx:
        tx.break_glass.save(glass(1, recording=9))


def test_certificates_are_kept_once_each_and_found_oldest_first(catalogue: Catalogue) -> None:
    first, second, other = certificate(1, 1), certificate(2, 1), certificate(3, 2)
    with catalogue.transaction() as tx:
        tx.certificates.add([second, first])
        tx.certificates.add([first, other])
    with catalogue.snapshot() as tx:
        assert list(tx.certificates.get([rec(1)])) == [first, second]
        assert list(tx.certificates.get([])) == []


def test_a_certificate_outlives_its_recordings_row(catalogue: Catalogue) -> None:
    with catalogue.transaction() as tx:
        tx.certificates.add([certificate(1, 77)])
    with catalogue.snapshot() as tx:
        assert list(tx.certificates.get([rec(77)])) == [certificate(1, 77)]


def test_the_journals_position_is_empty_until_it_is_written(catalogue: Catalogue) -> None:
    with catalogue.transaction() as tx:
        assert tx.landmarks.journal_position() == ""
        tx.landmarks.save_journal_position("120")
    with catalogue.transaction() as tx:
        tx.landmarks.save_journal_position("240")
    with catalogue.snapshot() as tx:
        assert tx.landmarks.journal_position() == "240"


def test_a_landmark_is_what_was_saved_last_under_its_name_and_rolled_back_with_its_transaction(
    catalogue: Catalogue,
) -> None:
    with catalogue.transaction() as tx:
        assert tx.landmarks.get("clock") is None
        tx.landmarks.save("clock", "one")
        tx.landmarks.save("other", "")
        tx.landmarks.save_journal_position("7")
    with suppress(ZeroDivisionError), catalogue.transaction() as tx:
        tx.landmarks.save("clock", "two")
        assert tx.landmarks.get("clock") == "two"
        raise ZeroDivisionError
    with catalogue.snapshot() as tx:
        assert (tx.landmarks.get("clock"), tx.landmarks.get("other"), tx.landmarks.journal_position()) == (
            "one",
            "",
            "7",
        )


def test_a_sealed_landmark_is_another_one_than_the_plain_one_of_its_name(catalogue: Catalogue) -> None:
    with catalogue.transaction() as tx:
        tx.landmarks.save("clock", "by anybody")
        assert tx.landmarks.sealed("clock") is None
        tx.landmarks.save_sealed("clock", "by us")
        tx.landmarks.save_sealed("other", "")
    with catalogue.snapshot() as tx:
        assert (tx.landmarks.get("clock"), tx.landmarks.sealed("clock"), tx.landmarks.sealed("other")) == (
            "by anybody",
            "by us",
            "",
        )


def test_a_catalogue_is_empty_until_the_first_recording(backend: Backend) -> None:
    assert backend.catalogue.is_empty()
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert([rows.recording(1)])
    assert not backend.catalogue.is_empty()


def test_a_snapshot_waits_for_no_writer_and_shows_what_was_committed_before(backend: Backend) -> None:
    catalogue = backend.catalogue
    with catalogue.transaction() as tx:
        tx.recordings.insert([rows.recording(1)])
    with catalogue.transaction() as writing:
        writing.recordings.get([rec(1)], lock=True)
        writing.recordings.insert([rows.recording(2)])
        with catalogue.snapshot() as reading:
            assert set(reading.recordings.get([rec(1), rec(2)])) == {rec(1)}
