"""The only destroyer of stored content. A recording ends one way: journal, key, every version, a listing that proves
zero, a signed certificate; then row, certificate, log entry and message together.

Once the journal's record is durable nothing brings the recording back (K4); once the key is gone every copy is noise.
Holds are looked for before any of it: a version the vault holds stays readable, whatever the catalogue knows of it, and
what the journal or the log knows as held is not destroyed, whatever the rows say (I4). What goes while its recording
stays, such as a superseded redaction, is an entry of the log before it goes.

Every call may be repeated; a crash in the middle is healed by repeating it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.accesslog.proof.note import Signer
from callwarden.custody.certificates import Erasure, certified
from callwarden.custody.holding import Holding
from callwarden.custody.scribe import Scribe
from callwarden.custody.standing_holds import StandingHolds
from callwarden.errors import RetryableError
from callwarden.messages import RecordingDisposed
from callwarden.model.access import Actor
from callwarden.model.certificate import Certificate
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.model.recording import Artefact, Recording
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, OutboxEntry
from callwarden.ports.clock import Clock
from callwarden.ports.journal import Journal
from callwarden.ports.vault import ObjectHeldError, ObjectMissingError, ObjectVersion, UnfinishedUpload
from callwarden.ports.vault_destroyer import VaultDestroyer
from callwarden.rules.remains import Ending, emptied, ending_of
from callwarden.rules.vault_layout import read_key, recording_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposed:
    """One recording that was to end, as its row was before. `held_in_vault`: a legal hold that no row knows of forbade
    it, one in the vault or one that the journal or the log knows; nothing of it was destroyed then."""

    recording: Recording
    erasure: Erasure | None
    held_in_vault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposedBatch:
    """Several of them, and the messages they left in the outbox."""

    disposed: Sequence[Disposed]
    outbox: Sequence[OutboxEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Erased:
    before: Recording
    ending: Ending
    erasure: Erasure
    issued: tuple[Certificate, LogEntry] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """Destroys. Thread-safe."""

    vault: VaultDestroyer
    catalogue: Catalogue
    journal: Journal
    clock: Clock
    standing_holds: StandingHolds
    holding: Holding
    signer: Signer
    scribe: Scribe

    def end(self, recording_ids: Sequence[RecordingId], *, actor: Actor) -> DisposedBatch:
        """End those of these recordings whose rows say that they end (`ending_of`): whoever wants one destroyed has
        claimed it so. What somebody else has closed meanwhile is theirs, and not in the answer.

        Raises JournalDamagedError, LogDamagedError where they cannot tell what is held; RetryableError when something
        cannot be reached or is still there afterwards.
        """
        with self.catalogue.snapshot() as tx:
            rows, known = tx.recordings.get(recording_ids), tx.artefacts.get(recording_ids)
        erased, held = list[_Erased](), list[Disposed]()
        for row in [rows[one] for one in recording_ids if one in rows]:
            ending = ending_of(row)
            if ending is None:
                continue
            try:
                erasure = self._erase(row.recording_id, ending, actor=actor)
            except ObjectHeldError:
                held.append(Disposed(recording=row, erasure=None, held_in_vault=True))
                continue
            erased.append(self._certified(row, ending, erasure, known=known, actor=actor))
        batch = self._close(erased)
        return DisposedBatch(disposed=[*held, *batch.disposed], outbox=batch.outbox)

    def end_one(self, recording_id: RecordingId, *, actor: Actor) -> None:
        """As `end`. Raises ObjectHeldError, having destroyed nothing, where a hold forbids it."""
        if any(one.held_in_vault for one in self.end([recording_id], actor=actor).disposed):
            raise ObjectHeldError(f"a hold that no row knows of keeps {recording_id}: callwarden reconcile")

    def end_again(self, recording_id: RecordingId, ending: Ending, *, actor: Actor) -> None:
        """Destroy what a restored backup has brought back. The journal has it already, and whoever asks has made sure
        that no case holds it: a flag a restored vault still shows comes off. What no row knows gets an entry and no
        certificate. Raises RetryableError."""
        with self.catalogue.snapshot() as tx:
            row, known = tx.recordings.get([recording_id]).get(recording_id), tx.artefacts.get([recording_id])
        self.holding.lift(recording_id)
        self._destroy_key(recording_id)
        if row is None:
            ending = replace(ending, certified=False)
        listed_at, versions = self._list(recording_id)
        erasure = self._remove_all(recording_id, versions, ending, listed_at=listed_at, actor=actor)
        if row is not None:
            self._close([self._certified(row, ending, erasure, known=known, actor=actor)], in_any_state=True)

    def clear(self, artefacts: Sequence[Artefact], *, actor: Actor) -> None:
        """Destroy stored objects of one recording that no row names any more: others took their place. Raises as
        `remove`."""
        wanted = {(one.key, one.version_id) for one in artefacts}
        keys = sorted({one.key for one in artefacts})
        versions = [one for key in keys for one in self.vault.versions(key) if (one.key, one.version_id) in wanted]
        if versions:
            self.remove(artefacts[0].recording_id, versions, reason="superseded", actor=actor)

    def make_room(self, recording_id: RecordingId, key: str, *, actor: Actor) -> None:
        """Destroy what an earlier, unfinished attempt to store left under this key. Raises as `remove`."""
        versions = [one for one in self.vault.versions(key) if one.key == key]
        uploads = [one for one in self.vault.unfinished_uploads(key) if one.key == key]
        self.remove(recording_id, versions, uploads, reason="replaced", actor=actor)

    def remove(
        self,
        recording_id: RecordingId | None,
        versions: Sequence[ObjectVersion],
        uploads: Sequence[UnfinishedUpload] = (),
        *,
        reason: str,
        actor: Actor,
    ) -> None:
        """Destroy these of a recording's versions, markers and unfinished uploads, once they are in the log with their
        number; the recording itself goes on. Raises ObjectHeldError, having destroyed nothing; RetryableError."""
        self._refuse_held(versions)
        self._log_removal(recording_id, versions, uploads, reason=reason, actor=actor)
        self._destroy(versions, uploads)

    def _log_removal(
        self,
        recording_id: RecordingId | None,
        versions: Sequence[ObjectVersion],
        uploads: Sequence[UnfinishedUpload],
        *,
        reason: str,
        actor: Actor,
    ) -> None:
        if not versions and not uploads:
            return
        keys = {one.key for one in versions} | {one.key for one in uploads}
        kinds = {known[1].value for key in keys if (known := read_key(key)) is not None}
        entry = self.scribe.entry(
            actor,
            Operation.ARTEFACT_DESTROYED,
            subject=recording_id,
            artefact=kinds.pop() if len(kinds) == 1 else None,
            reasons=(reason,),
            count=len(versions) + len(uploads),
        )
        with self.catalogue.transaction() as tx:
            tx.log.append([entry])

    def _destroy(self, versions: Sequence[ObjectVersion], uploads: Sequence[UnfinishedUpload]) -> None:
        if versions:
            self.vault.destroy(versions)
        for upload in uploads:
            self.vault.give_up(upload)

    def _erase(self, recording_id: RecordingId, ending: Ending, *, actor: Actor) -> Erasure:
        listed_at, versions = self._list(recording_id)
        self._refuse_held(versions)
        if self.standing_holds.among([recording_id]):
            raise ObjectHeldError(f"the journal or the log knows of a case that holds {recording_id}, and no row does")
        self.journal.append(recording_id, destroyed_at=self.clock.now(), reason=ending.rule)
        self._destroy_key(recording_id)
        return self._remove_all(recording_id, versions, ending, listed_at=listed_at, actor=actor)

    def _destroy_key(self, recording_id: RecordingId) -> None:
        with self.catalogue.transaction() as tx:
            tx.keys.destroy([recording_id])
            tx.redactions.remove([recording_id])

    def _list(self, recording_id: RecordingId) -> tuple[datetime, Sequence[ObjectVersion]]:
        return self.clock.now(), tuple(self.vault.versions(recording_prefix(recording_id)))

    def _remove_all(
        self,
        recording_id: RecordingId,
        versions: Sequence[ObjectVersion],
        ending: Ending,
        *,
        listed_at: datetime,
        actor: Actor,
    ) -> Erasure:
        """These versions and every unfinished upload; where there will be no certificate, logged before."""
        prefix = recording_prefix(recording_id)
        uploads = tuple(self.vault.unfinished_uploads(prefix))
        if not ending.certified:
            self._log_removal(recording_id, versions, uploads, reason=ending.rule, actor=actor)
        self._destroy(versions, uploads)
        if versions or uploads:
            self._prove_empty(prefix)
        return Erasure(
            versions=tuple(version for version in versions if not version.is_marker),
            uploads_given_up=len(uploads),
            listed_at=listed_at,
            proven_empty_at=self.clock.now(),
        )

    def _prove_empty(self, prefix: str) -> None:
        left = sum(1 for _ in self.vault.versions(prefix)) + sum(1 for _ in self.vault.unfinished_uploads(prefix))
        if left:
            raise RetryableError(f"{left} versions or uploads are still listed under {prefix} after destroying all")

    def _refuse_held(self, versions: Sequence[ObjectVersion]) -> None:
        for version in versions:
            if not version.is_marker and self._is_held(version):
                raise ObjectHeldError(f"a legal hold in the vault keeps {version.key}")

    def _is_held(self, version: ObjectVersion) -> bool:
        try:
            return self.vault.is_held(version.key, version.version_id)
        except ObjectMissingError:
            return False  # destroyed by somebody else since it was listed

    def _certified(
        self, before: Recording, ending: Ending, erasure: Erasure, *, known: Sequence[Artefact], actor: Actor
    ) -> _Erased:
        """With its certificate and log entry; neither is written yet."""
        mine = [one for one in known if one.recording_id == before.recording_id]
        issued = (
            certified(
                before, erasure, known=mine, rule=ending.rule, actor=actor, signer=self.signer, scribe=self.scribe
            )
            if ending.certified
            else None
        )
        return _Erased(before=before, ending=ending, erasure=erasure, issued=issued)

    def _close(self, erased: Sequence[_Erased], *, in_any_state: bool = False) -> DisposedBatch:
        """Empty the rows of those that still end as they did, with certificate, entry and message."""
        with self.catalogue.transaction() as tx:
            rows = tx.recordings.get([one.before.recording_id for one in erased], lock=True)
            closing = [
                one
                for one in erased
                if (row := rows.get(one.before.recording_id)) is not None
                and (in_any_state or (ending_of(row) == one.ending and row.state is not one.ending.state))
            ]
            ids = [one.before.recording_id for one in closing]
            tx.artefacts.remove(ids)
            tx.recordings.save(
                [
                    emptied(rows[one.before.recording_id], state=one.ending.state, at=one.erasure.proven_empty_at)
                    for one in closing
                ]
            )
            issued = [one.issued for one in closing if one.issued is not None]
            tx.certificates.add([certificate for certificate, _ in issued])
            tx.log.append([entry for _, entry in issued])
            outbox = tx.outbox.append([_message(one) for one in closing if one.issued is not None])
        return DisposedBatch(
            disposed=[Disposed(recording=one.before, erasure=one.erasure) for one in closing], outbox=outbox
        )


def _message(one: _Erased) -> Message:
    return Message.of(
        RecordingDisposed(
            recording_id=one.before.recording_id,
            reason=one.ending.rule,
            versions=len(one.erasure.versions),
            disposed_at=one.erasure.proven_empty_at,
            policy_version=one.before.policy_version,
        )
    )
