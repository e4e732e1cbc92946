"""K4, I10: a month-old backup is restored, of the catalogue and of the objects; nothing destroyed comes back."""

import io
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callwarden.accesslog.book.reader import SqlLogReader
from callwarden.accesslog.book.upgrade import upgrade_log
from callwarden.adapters.crypto.cipher import AesGcmStreamCipher
from callwarden.adapters.journal.directory import DirectoryJournal
from callwarden.adapters.journal.seal import JournalSeal
from callwarden.adapters.keys.file import FileKeyStore
from callwarden.adapters.sql.catalogue import SqlCatalogue, open_catalogue
from callwarden.adapters.vault.directory import DirectoryVault
from callwarden.model.ids import RecordingId
from callwarden.model.recording import GONE, ArtefactKind, RecordingState
from callwarden.ports.catalogue import WrappedKey
from callwarden.ports.cipher import Binding
from callwarden.ports.journal import ErasureRecord
from callwarden.rules.vault_layout import object_key, recording_prefix
from callwarden.steps.replay.erasures import ErasureReplay
from tests.support.catalogue_rows import recording
from tests.support.disposals import SOMEBODY, disposal_over
from tests.support.seals import SEALS

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class FixedClock:
    def now(self) -> datetime:
        return NOW


def identity(number: int) -> RecordingId:
    return RecordingId(f"rec-{number:032x}")


def log_of(catalogue: SqlCatalogue) -> SqlLogReader:
    upgrade_log(catalogue.engine)
    return SqlLogReader(catalogue.engine, trusted=tuple)


class Site:
    """The parts of a small system in one folder. The journal and the keys lie apart from what is backed up."""

    def __init__(self, folder: Path) -> None:
        self.backed_up = folder / "data"
        self.backed_up.mkdir(parents=True, exist_ok=True)
        self.catalogue = open_catalogue(f"sqlite:///{self.backed_up / 'catalogue.db'}", seals=SEALS)
        self.vault = DirectoryVault(self.backed_up / "vault")
        self.keys = FileKeyStore(folder / "keys" / "keys.json")
        self.journal = DirectoryJournal(folder / "erasures", JournalSeal(lambda: self.keys))
        self.cipher = AesGcmStreamCipher()
        self.disposal = disposal_over(
            folder=folder,
            vault=self.vault,
            catalogue=self.catalogue,
            journal=self.journal,
            log=log_of(self.catalogue),
            clock=FixedClock(),
            keys=self.keys,
        )

    def replay(self) -> int:
        """What a system does before it serves; how many were destroyed again."""
        erasures = ErasureReplay(catalogue=self.catalogue, disposal=lambda: self.disposal)
        records = [one for one in self.journal.iterate() if isinstance(one, ErasureRecord)]
        return len(erasures.run(records)[0])

    def store(self, number: int) -> None:
        recording_id = identity(number)
        made = self.keys.new_data_key({"recording": recording_id})
        binding = Binding(recording_id=recording_id, kind=ArtefactKind.ORIGINAL_AUDIO, generation=1)
        content = f"voice {number}".encode()
        self.vault.put(
            object_key(recording_id, binding.kind, 1),
            self.cipher.encrypting(io.BytesIO(content), data_key=made.plaintext, binding=binding),
            size=self.cipher.stored_size(len(content)),
            tags={},
        )
        with self.catalogue.transaction() as tx:
            tx.recordings.insert([recording(number, recording_id=recording_id)])
            tx.keys.add([WrappedKey(recording_id=recording_id, wrapped=made.wrapped, master_key_id=made.master_key_id)])

    def erase(self, recording_id: RecordingId) -> None:
        with self.catalogue.transaction() as tx:
            row = tx.recordings.get([recording_id], lock=True)[recording_id]
            tx.recordings.save([replace(row, state=RecordingState.DISPOSING)])
        self.disposal.end_one(recording_id, actor=SOMEBODY)

    def destroyed(self, recording_id: RecordingId) -> bool:
        with self.catalogue.transaction() as tx:
            row = tx.recordings.get([recording_id]).get(recording_id)
            has_key = recording_id in tx.keys.get([recording_id])
        gone = row is None or row.state in GONE
        return gone and not has_key and not list(self.vault.versions(recording_prefix(recording_id)))

    def voice(self, number: int) -> bytes:
        recording_id = identity(number)
        with self.catalogue.transaction() as tx:
            key = tx.keys.get([recording_id])[recording_id]
        [version] = self.vault.versions(recording_prefix(recording_id))
        pieces = self.cipher.decrypt(
            lambda start, length: self.vault.read(version.key, version.version_id, start=start, length=length),
            stored_size=version.size,
            data_key=self.keys.unwrap(key.wrapped, {"recording": recording_id}),
            binding=Binding(recording_id=recording_id, kind=ArtefactKind.ORIGINAL_AUDIO, generation=1),
        )
        return b"".join(pieces)


def test_after_restoring_an_old_backup_the_journal_destroys_again_what_was_destroyed_since(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    for number in range(4):
        site.store(number)
    site.catalogue.close()
    shutil.copytree(site.backed_up, tmp_path / "backup")

    site = Site(tmp_path / "site")
    site.erase(identity(1))
    site.erase(identity(3))
    site.catalogue.close()

    shutil.rmtree(site.backed_up)
    shutil.copytree(tmp_path / "backup", site.backed_up)
    restored = Site(tmp_path / "site")
    assert restored.voice(1) == b"voice 1", "without the journal the backup brings it back"

    assert restored.replay() == 2

    for number in (1, 3):
        assert restored.destroyed(identity(number))
        assert not any(f"{identity(number)}" in path.name for path in (restored.backed_up / "vault").rglob("*"))
    assert (restored.voice(0), restored.voice(2)) == (b"voice 0", b"voice 2")
    assert restored.replay() == 0
    restored.catalogue.close()


def test_a_crash_in_the_middle_of_an_erasure_is_finished_by_the_replay(tmp_path: Path) -> None:
    """The journal is written first: whatever died after that, nothing of the recording survives a replay."""
    site = Site(tmp_path)
    site.store(1)
    site.journal.append(identity(1), destroyed_at=NOW - timedelta(minutes=1), reason="objection")
    assert not site.destroyed(identity(1))
    assert site.replay() == 1
    assert site.destroyed(identity(1))
    site.catalogue.close()
