"""The only destroyer of stored content. A recording ends one way: journal, key, every version, a listing that proves
zero, a signed certificate; then row, certificate, log entry and message together.

Once the journal's record is durable nothing brings the recording back (K4); once the key is gone every copy is noise.
Holds are looked for before any of it: a version the vault holds stays readable, whatever the catalogue knows of it, and
what the journal or the log knows as held is not destroyed, whatever the rows say (I4). What goes while its recording
stays, such as a superseded redaction, is an entry of the log before it goes.

Every call may be repeated; a crash in the middle is healed by repeating it.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
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
from callwarden.model.recording import Artefact, ArtefactKind, Recording, RecordingState
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, OutboxEntry
from callwarden.ports.clock import Clock
from callwarden.ports.journal import Journal
from callwarden.ports.vault import ObjectHeldError, ObjectMissingError, ObjectVersion, UnfinishedUpload
from callwarden.ports.vault_destroyer import VaultDestroyer
from callwarden.rules.remains import Ending, emptied, ending_of
from callwarden.rules.vault_layout import object_key, read_key, recording_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Of what the vault lists of one recording (None: of no recording's), what goes: versions and markers, and uploads
    that were not finished."""

    recording_id: RecordingId | None
    versions: Sequence[ObjectVersion]
    uploads: Sequence[UnfinishedUpload] = ()


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

    def end(
        self, recording_ids: Sequence[RecordingId], *, actor: Actor, as_at: datetime | None = None
    ) -> DisposedBatch:
        """End those of these recordings whose rows say that they end (`ending_of`): whoever wants one destroyed has
        claimed it so. What somebody else has closed meanwhile is theirs, and not in the answer. `as_at` is the instant
        they are over by, where that is not the clock's.

        Raises JournalDamagedError, LogDamagedError where they cannot tell what is held; RetryableError when something
        cannot be reached or is still there afterwards.
        """
        with self.catalogue.snapshot() as tx:
            rows, known = tx.recordings.get(recording_ids), tx.artefacts.get(recording_ids)
            caught = self.standing_holds.caught(tx, rows.values())
        erased, held = list[_Erased](), list[Disposed]()
        for row in [rows[name] for name in recording_ids if name in rows]:
            ending = ending_of(row)
            if ending is None:
                continue
            at, listed = self.clock.now(), self._list(row.recording_id)
            if row.recording_id in caught or self._is_kept(listed):
                held.append(Disposed(recording=row, erasure=None, held_in_vault=True))
                continue
            self.journal.append(row.recording_id, destroyed_at=self.clock.now(), reason=ending.rule)
            erased.append(self._erase(row, listed, ending, at=at, known=known, actor=actor, as_at=as_at))
        batch = self._close(erased)
        return DisposedBatch(disposed=[*held, *batch.disposed], outbox=batch.outbox)

    def end_one(self, recording_id: RecordingId, *, actor: Actor) -> None:
        """As `end`. Raises ObjectHeldError, having destroyed nothing, where a hold forbids it."""
        if any(done.held_in_vault for done in self.end([recording_id], actor=actor).disposed):
            raise ObjectHeldError(f"a hold that no row knows of keeps {recording_id}: callwarden reconcile")

    def end_again(self, recording_id: RecordingId, ending: Ending, *, actor: Actor) -> None:
        """Destroy what a restored backup has brought back. The journal has it already, and whoever asks has made sure
        that no case holds it: a flag a restored vault still shows comes off. What no row knows gets an entry and no
        certificate. Raises RetryableError."""
        with self.catalogue.snapshot() as tx:
            row, known = tx.recordings.get([recording_id]).get(recording_id), tx.artefacts.get([recording_id])
        self.holding.lift(recording_id)
        at, listed = self.clock.now(), self._list(recording_id)
        if row is None:
            self._destroy_all(listed, replace(ending, certified=False), actor=actor)
        else:
            erased = self._erase(row, listed, ending, at=at, known=known, actor=actor)
            self._close([erased], in_any_state=True)

    def clear(self, artefacts: Sequence[Artefact], *, actor: Actor) -> None:
        """Destroy stored objects of one recording that no row names any more: others took their place. One that a row
        does name stays: its attempt was thought lost when its commit was not (I2). Raises as `remove`."""
        if not artefacts:
            return
        with self.catalogue.transaction() as tx:
            named = tx.artefacts.get([artefacts[0].recording_id])
        wanted = {(gone.key, gone.version_id) for gone in artefacts} - {(one.key, one.version_id) for one in named}
        found = [each for key in sorted({gone.key for gone in artefacts}) for each in self.vault.versions(key)]
        going = [each for each in found if (each.key, each.version_id) in wanted]
        if going:
            self.remove(
                Listed(recording_id=artefacts[0].recording_id, versions=going), reason="superseded", actor=actor
            )

    def make_room(self, recording_id: RecordingId, key: str, *, attempt: int, actor: Actor) -> None:
        """Destroy what attempts before this one have left under this key and no row names. An attempt that was
        overtaken destroys nothing: what lies there may be what a row names by now (I2). Raises as `remove`."""
        listed = Listed(
            recording_id=recording_id,
            versions=[each for each in self.vault.versions(key) if each.key == key],
            uploads=[each for each in self.vault.unfinished_uploads(key) if each.key == key],
        )
        if not listed.versions and not listed.uploads:
            return
        # Asked after the listing: while this attempt is the newest, all that was listed is older, and fenced for good.
        with self.catalogue.transaction() as tx:
            newest, named = tx.recordings.attempts([recording_id])[recording_id], tx.artefacts.get([recording_id])
        if newest == attempt:
            self._remove_unnamed(listed, named, actor=actor)

    def clear_replaced(self, recording_id: RecordingId, *, actor: Actor) -> None:
        """Destroy audio of this recording that other audio has taken the place of, once that is durable and named.
        While audio is on its way nothing goes: whoever brings it asks again. Raises as `remove`."""
        key = object_key(recording_id, ArtefactKind.ORIGINAL_AUDIO, 1)
        versions = [each for each in self.vault.versions(key) if each.key == key]
        # Asked after the listing: what came since is not in it.
        with self.catalogue.transaction() as tx:
            row, named = tx.recordings.get([recording_id]).get(recording_id), tx.artefacts.get([recording_id])
        if row is not None and row.state in (RecordingState.STORED, RecordingState.QUARANTINED):
            self._remove_unnamed(Listed(recording_id=recording_id, versions=versions), named, actor=actor)

    def _remove_unnamed(self, listed: Listed, named: Sequence[Artefact], *, actor: Actor) -> None:
        kept = {(one.key, one.version_id) for one in named}
        going = [each for each in listed.versions if (each.key, each.version_id) not in kept]
        if going or listed.uploads:
            self.remove(replace(listed, versions=going), reason="replaced", actor=actor)

    def remove(self, listed: Listed, *, reason: str, actor: Actor) -> None:
        """Destroy what is listed, once it is in the log with its number; its recording goes on. Raises
        ObjectHeldError, having destroyed nothing; RetryableError."""
        self._refuse_held(listed, in_vault_only=True)
        self._destroy(listed, reason=reason, actor=actor)

    def listed(self, recording_id: RecordingId, kinds: Collection[ArtefactKind]) -> Listed:
        """What the vault lists of these kinds of a recording."""
        whole = self._list(recording_id)
        return Listed(
            recording_id=recording_id,
            versions=[each for each in whole.versions if _kind_of(each.key) in kinds],
            uploads=[each for each in whole.uploads if _kind_of(each.key) in kinds],
        )

    def keeps(self, recording_id: RecordingId, kinds: Collection[ArtefactKind]) -> bool:
        """Whether a hold that no row may know of keeps something of these kinds: one in the vault, or one that the
        journal or the log knows. Raises as `end`."""
        return self._is_kept(self.listed(recording_id, kinds))

    def _is_kept(self, listed: Listed) -> bool:
        try:
            self._refuse_held(listed)
        except ObjectHeldError:
            return True
        return False

    def _list(self, recording_id: RecordingId) -> Listed:
        prefix = recording_prefix(recording_id)
        versions, uploads = tuple(self.vault.versions(prefix)), tuple(self.vault.unfinished_uploads(prefix))
        return Listed(recording_id=recording_id, versions=versions, uploads=uploads)

    def _refuse_held(self, listed: Listed, *, in_vault_only: bool = False) -> None:
        for version in listed.versions:
            with suppress(ObjectMissingError):  # destroyed by somebody else since it was listed
                if not version.is_marker and self.vault.is_held(version.key, version.version_id):
                    raise ObjectHeldError(f"a legal hold in the vault keeps {version.key}")
        if listed.recording_id and not in_vault_only and self.standing_holds.among([listed.recording_id]):
            raise ObjectHeldError(f"the journal or the log knows of a case that holds {listed.recording_id}")

    def _erase(
        self,
        before: Recording,
        listed: Listed,
        ending: Ending,
        *,
        at: datetime,
        known: Sequence[Artefact],
        actor: Actor,
        as_at: datetime | None = None,
    ) -> _Erased:
        self._destroy_all(listed, ending, actor=actor)
        erasure = Erasure(
            versions=tuple(version for version in listed.versions if not version.is_marker),
            uploads_given_up=len(listed.uploads),
            listed_at=at,
            proven_empty_at=self.clock.now(),
        )
        if not ending.certified:
            return _Erased(before=before, ending=ending, erasure=erasure, issued=None)
        mine = [artefact for artefact in known if artefact.recording_id == before.recording_id]
        issued = certified(
            before,
            erasure,
            known=mine,
            rule=ending.rule,
            actor=actor,
            as_at=as_at,
            signer=self.signer,
            scribe=self.scribe,
        )
        return _Erased(before=before, ending=ending, erasure=erasure, issued=issued)

    def _destroy_all(self, listed: Listed, ending: Ending, *, actor: Actor) -> None:
        """The key, then everything that is listed; then a listing that proves zero. Where there will be no certificate,
        an entry comes before."""
        assert listed.recording_id is not None, "all of one recording"
        with self.catalogue.transaction() as tx:
            tx.keys.destroy([listed.recording_id])
            tx.redactions.remove([listed.recording_id])
        self._destroy(listed, reason=None if ending.certified else ending.rule, actor=actor)
        if listed.versions or listed.uploads:
            again = self._list(listed.recording_id)
            if left := len(again.versions) + len(again.uploads):
                raise RetryableError(f"{left} versions or uploads of {listed.recording_id} are still listed")

    def _destroy(self, listed: Listed, *, reason: str | None, actor: Actor) -> None:
        """Logged before, where there is a `reason` to give."""
        count = len(listed.versions) + len(listed.uploads)
        if reason is not None and count:
            keys = {version.key for version in listed.versions} | {upload.key for upload in listed.uploads}
            kinds = {known[1].value for known in map(read_key, keys) if known is not None}
            entry = self.scribe.entry(
                actor,
                Operation.ARTEFACT_DESTROYED,
                subject=listed.recording_id,
                artefact=kinds.pop() if len(kinds) == 1 else None,
                reasons=(reason,),
                count=count,
            )
            with self.catalogue.transaction() as tx:
                tx.log.append([entry])
        if listed.versions:
            self.vault.destroy(listed.versions)
        for upload in listed.uploads:
            self.vault.give_up(upload)

    def _close(self, erased: Sequence[_Erased], *, in_any_state: bool = False) -> DisposedBatch:
        """Empty the rows of those that still end as they did, with certificate, entry and message."""
        with self.catalogue.transaction() as tx:
            rows = tx.recordings.get([each.before.recording_id for each in erased], lock=True)
            closing = [
                (row, each)
                for each in erased
                if (row := rows.get(each.before.recording_id)) is not None
                and (in_any_state or (ending_of(row) == each.ending and row.state is not each.ending.state))
            ]
            tx.artefacts.remove([row.recording_id for row, _ in closing])
            tx.labels.remove([row.recording_id for row, _ in closing])
            tx.recordings.save(
                [emptied(row, state=each.ending.state, at=each.erasure.proven_empty_at) for row, each in closing]
            )
            issued = [each.issued for _, each in closing if each.issued is not None]
            tx.certificates.add([certificate for certificate, _ in issued])
            tx.log.append([entry for _, entry in issued])
            outbox = tx.outbox.append([_message(each) for _, each in closing if each.issued is not None])
        disposed = [Disposed(recording=each.before, erasure=each.erasure) for _, each in closing]
        return DisposedBatch(disposed=disposed, outbox=outbox)


def _kind_of(key: str) -> ArtefactKind | None:
    known = read_key(key)
    return None if known is None else known[1]


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
