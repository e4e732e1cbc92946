"""The only destroyer: what the vault holds stays whole, whatever the catalogue knows of it (I4, K3, K4)."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn, cast
from uuid import uuid4

import pytest

from callwarden.adapters.aws import AwsSettings, s3_client
from callwarden.adapters.vault.directory import DirectoryVault
from callwarden.adapters.vault.s3 import S3Vault
from callwarden.custody.disposal import Disposal, Listed
from callwarden.errors import RetryableError
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation, make_entry_id
from callwarden.model.recording import GONE, ArtefactKind, RecordingState
from callwarden.ports.catalogue import WrappedKey
from callwarden.ports.log import LogReader
from callwarden.ports.vault import ObjectHeldError, ObjectVersion
from callwarden.ports.whole_vault import Vault
from callwarden.rules.remains import restored_ending
from callwarden.rules.vault_layout import object_key, recording_prefix
from tests.fakes.catalogue import FakeCatalogue
from tests.support.catalogue_rows import recording
from tests.support.disposals import SOMEBODY, disposal_over
from tests.support.memory import MemoryJournal, MemoryLogReader, MemoryVault
from tests.support.site import MovableClock

RETENTION = {"callwarden-retention": "P6M"}
HELD = {"callwarden-held": "yes"}
VOICE = b"what was said"


@dataclass(slots=True)
class Parts:
    vault: Vault
    catalogue: FakeCatalogue
    journal: MemoryJournal
    disposal: Disposal
    recording_id: RecordingId

    def put(self, kind: ArtefactKind = ArtefactKind.ORIGINAL_AUDIO, generation: int = 1) -> ObjectVersion:
        key = object_key(self.recording_id, kind, generation)
        stored = self.vault.put(key, io.BytesIO(VOICE), size=len(VOICE), tags=RETENTION)
        return ObjectVersion(
            key=key, version_id=stored.version_id, size=stored.size, modified_at=datetime(2026, 1, 1, tzinfo=UTC)
        )

    def end(self, state: RecordingState = RecordingState.DISPOSING) -> int:
        """Claim it and end it; how many versions went. Raises ObjectHeldError."""
        with self.catalogue.transaction() as tx:
            row = tx.recordings.get([self.recording_id], lock=True)[self.recording_id]
            if row.state not in GONE:
                tx.recordings.save([replace(row, state=state)])
        before = len(self.left())
        self.disposal.end_one(self.recording_id, actor=SOMEBODY)
        return before - len(self.left())

    def logged(self) -> list[tuple[str, int | None]]:
        return [(one.operation.value, one.count) for one in self.catalogue.log]

    def has_key(self) -> bool:
        with self.catalogue.snapshot() as tx:
            return self.recording_id in tx.keys.get([self.recording_id])

    def left(self) -> list[ObjectVersion]:
        return list(self.vault.versions(recording_prefix(self.recording_id)))


def built(vault: Vault, folder: Path) -> Parts:
    catalogue, journal = FakeCatalogue(), MemoryJournal()
    recording_id = RecordingId(f"rec-{uuid4().hex}")
    with catalogue.transaction() as tx:
        tx.recordings.insert([recording(recording_id=recording_id)])
        tx.keys.add([WrappedKey(recording_id=recording_id, wrapped=b"wrapped", master_key_id="m1")])
    log = cast("LogReader", MemoryLogReader(catalogue))
    disposal = disposal_over(
        folder=folder, vault=vault, catalogue=catalogue, journal=journal, log=log, clock=MovableClock()
    )
    return Parts(vault=vault, catalogue=catalogue, journal=journal, disposal=disposal, recording_id=recording_id)


@pytest.fixture(params=["directory", "moto", "ceph"])
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Parts]:
    if request.param == "directory":
        yield built(DirectoryVault(tmp_path / "vault"), tmp_path)
        return
    server = request.getfixturevalue(f"{request.param}_server")
    settings = AwsSettings(
        endpoint_url=server.endpoint_url,
        region=server.region,
        access_key=server.access_key,
        secret_key=server.secret_key,
    )
    vault = S3Vault(s3_client(settings), f"disposal-{uuid4().hex}")
    vault.ensure_bucket()
    yield built(vault, tmp_path)


def test_a_version_the_vault_holds_keeps_its_key_its_bytes_and_every_version_beside_it(parts: Parts) -> None:
    """The catalogue knows of no hold: the flag in the vault alone must do."""
    held, beside = parts.put(), parts.put(ArtefactKind.BEEPED_AUDIO)
    parts.vault.set_hold(held.key, held.version_id, held=True, tags=HELD)
    for _ in range(2):
        with pytest.raises(ObjectHeldError):
            parts.end()
    assert parts.has_key()
    assert parts.journal.records == []
    for version in (held, beside):
        assert parts.vault.read(version.key, version.version_id, start=0, length=100) == VOICE
    parts.vault.set_hold(held.key, held.version_id, held=False, tags=RETENTION)
    assert parts.end() == 2
    assert (parts.left(), parts.has_key(), len(parts.journal.records)) == ([], False, 1)


def test_every_version_goes_and_doing_it_again_finds_nothing(parts: Parts) -> None:
    """I11: two versions under one key, one under another."""
    for kind, generation in (
        (ArtefactKind.ORIGINAL_AUDIO, 1),
        (ArtefactKind.ORIGINAL_AUDIO, 1),
        (ArtefactKind.WAVEFORM, 2),
    ):
        parts.put(kind, generation)
    assert parts.end(RecordingState.DROPPING) == 3
    assert parts.end(RecordingState.DROPPING) == 0
    assert parts.left() == []
    assert parts.logged() == [("recording.disposed", 3)]


def test_what_an_overtaken_worker_stored_of_a_dropped_call_goes_too_and_is_logged(parts: Parts) -> None:
    parts.end(RecordingState.DROPPING)
    parts.put()
    assert parts.end(RecordingState.DROPPING) == 1
    assert parts.logged() == [("recording.disposed", 0), ("artefact.destroyed", 1)]


def test_a_recording_that_nobody_has_claimed_is_not_destroyed(parts: Parts) -> None:
    parts.put()
    assert parts.disposal.end([parts.recording_id], actor=SOMEBODY).disposed == []
    assert (len(parts.left()), parts.has_key(), parts.journal.records) == (1, True, [])


def test_what_a_backup_brought_back_under_a_hold_goes_all_the_same(parts: Parts) -> None:
    """K4: the journal knows that it was destroyed later, when nobody held it any more."""
    back = parts.put()
    parts.vault.set_hold(back.key, back.version_id, held=True, tags=HELD)
    parts.disposal.end_again(parts.recording_id, restored_ending("retention"), actor=SOMEBODY)
    assert (parts.left(), parts.has_key()) == ([], False)


class Stubborn(MemoryVault):
    """Says that it destroyed, and did not."""

    def destroy(self, versions: object) -> None:
        pass


def test_a_vault_that_still_lists_something_afterwards_is_not_believed(tmp_path: Path) -> None:
    parts = built(Stubborn(MovableClock()), tmp_path)
    parts.put()
    with pytest.raises(RetryableError, match="still listed"):
        parts.end()


def test_what_the_log_alone_knows_as_held_is_not_destroyed(parts: Parts) -> None:
    """A hold from before the journal kept acts, its rows taken away."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    placed = LogEntry(
        entry_id=make_entry_id(at, bytes(10)),
        at=at,
        actor="service:test-1",
        operation=Operation.HOLD_PLACED,
        outcome=EntryOutcome.DONE,
        subject=parts.recording_id,
        case="DOSSIER-1",
    )
    with parts.catalogue.transaction() as tx:
        tx.log.append([placed])
    with pytest.raises(ObjectHeldError):
        parts.end()
    assert parts.has_key()


def test_what_goes_while_its_recording_stays_is_in_the_log_before_it_goes(parts: Parts) -> None:
    old, new = parts.put(ArtefactKind.WAVEFORM), parts.put(ArtefactKind.WAVEFORM, 12)
    parts.disposal.make_room(parts.recording_id, old.key, attempt=0, actor=SOMEBODY)
    [entry] = parts.catalogue.log
    assert (entry.operation, entry.subject, entry.artefact) == (
        Operation.ARTEFACT_DESTROYED,
        parts.recording_id,
        "waveform",
    )
    assert (entry.count, entry.reasons) == (1, ("replaced",))
    assert [one.version_id for one in parts.left()] == [new.version_id]
    parts.disposal.make_room(parts.recording_id, old.key, attempt=0, actor=SOMEBODY)
    assert len(parts.catalogue.log) == 1


def test_without_its_log_entry_nothing_goes(tmp_path: Path) -> None:
    parts = built(MemoryVault(MovableClock()), tmp_path)
    version = parts.put()

    def away() -> NoReturn:
        raise RetryableError("the database is away")

    disposal = replace(parts.disposal, catalogue=SimpleNamespace(transaction=away))  # type: ignore[arg-type]
    with pytest.raises(RetryableError):
        disposal.remove(
            Listed(recording_id=parts.recording_id, versions=[version]), reason="object_unknown", actor=SOMEBODY
        )
    assert len(parts.left()) == 1
