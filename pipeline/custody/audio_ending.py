"""The end of the audio where the redacted transcript is kept longer: its key, every version of it, a listing that
proves zero, a signed certificate (K1, K4). What ends is `GOES_WITH_AUDIO`.

It is claimed under the row's lock: with that commit, which the journal has first, the key is gone and no copy of the
sound can be read any more. A hold placed before keeps it; one placed after finds it gone. What is left to be done then
a crash leaves to the next sweep.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.custody.certificates import Erasure, certified
from callwarden.custody.disposal import Disposal, Disposed
from callwarden.custody.placing import Placing
from callwarden.errors import RetryableError
from callwarden.messages import HoldsChanged
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.recording import GOES_WITH_AUDIO, AudioState, Recording, RecordingState
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.vault import ObjectHeldError
from callwarden.rules.audio_period import audio_disposal
from callwarden.rules.disposal import Dispose
from callwarden.rules.remains import AUDIO_RETENTION


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedAudio:
    """Recordings whose audio has no key any more, and its objects are to go; `held` are kept by what no
    row knows of: a hold, a request or criteria, as a code."""

    unfinished: Sequence[RecordingId]
    claimed: Sequence[RecordingId]
    held: Mapping[RecordingId, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioEnding:
    """Thread-safe. Everything may be repeated."""

    catalogue: Catalogue
    disposal: Disposal
    placing: Placing
    clock: Clock

    def claim(self, now: datetime, but_for: Collection[RecordingId], *, limit: int, with_due: bool) -> ClaimedAudio:
        """Take what an earlier sweep left, and, `with_due`, what is over by `now`. Raises RetryableError,
        JournalDamagedError, LogDamagedError."""
        with self.catalogue.transaction() as tx:
            left = tx.recordings.audio_unfinished(limit=limit + len(but_for))
            due = tx.recordings.audio_due(now=now, limit=limit + len(but_for)) if with_due else ()
            rows = [row for row in due if row.recording_id not in but_for][:limit]
            lost = self.disposal.standing_holds.lost(tx, rows)
        unfinished = [row.recording_id for row in left if row.recording_id not in but_for][:limit]
        wanted = [row.recording_id for row in rows]
        held = {name: "hold_gone" for name in wanted if self.disposal.keeps(name, GOES_WITH_AUDIO)} | {**lost}
        claimed = self._claim([name for name in wanted if name not in held], now)
        return ClaimedAudio(unfinished=unfinished, claimed=claimed, held=held)

    def _claim(self, names: Sequence[RecordingId], now: datetime) -> Sequence[RecordingId]:
        if not names:
            return ()
        with self.catalogue.transaction() as tx:
            rows = tx.recordings.get(names, lock=True)
            if self.placing.in_doubt(tx):
                return ()
            caught = self.placing.catch(tx, rows.values())
            tx.outbox.append([Message.of(HoldsChanged(recording_id=name)) for name in caught])
            kept = {*caught, *tx.requests.freezing(names), *self.disposal.standing_holds.lost(tx, rows.values())}
            going = [
                row
                for name, row in rows.items()
                if name not in kept and isinstance(audio_disposal(row, now=now), Dispose)
            ]
            tx.recordings.save([replace(row, audio=AudioState.ENDING, sealed_audio_key=None) for row in going])
            # Whoever is making something of the sound just now stores it in vain.
            tx.recordings.begin_attempts([row.recording_id for row in going])
        return [row.recording_id for row in going]

    def end(self, recording_id: RecordingId, *, actor: Actor, as_at: datetime | None = None) -> Disposed | None:
        """Destroy what was claimed; None where somebody else has. Raises RetryableError."""
        with self.catalogue.snapshot() as tx:
            row = tx.recordings.get([recording_id]).get(recording_id)
            known = [each for each in tx.artefacts.get([recording_id]) if each.kind in GOES_WITH_AUDIO]
        if row is None or not _is_ending(row):
            return None
        at, listed = self.clock.now(), self.disposal.listed(recording_id, GOES_WITH_AUDIO)
        try:
            self.disposal.remove(listed, reason=AUDIO_RETENTION, actor=actor)
        except ObjectHeldError:
            return Disposed(recording=row, erasure=None, held_in_vault=True)
        again = self.disposal.listed(recording_id, GOES_WITH_AUDIO)
        if left := len(again.versions) + len(again.uploads):
            raise RetryableError(f"{left} versions or uploads of the audio of {recording_id} are still listed")
        erasure = Erasure(
            versions=tuple(version for version in listed.versions if not version.is_marker),
            uploads_given_up=len(listed.uploads),
            listed_at=at,
            proven_empty_at=self.clock.now(),
        )
        certificate, entry = certified(
            replace(row, keep_until=row.audio_until),
            erasure,
            known=known,
            rule=AUDIO_RETENTION,
            actor=actor,
            as_at=as_at,
            signer=self.disposal.signer,
            scribe=self.disposal.scribe,
            operation=Operation.AUDIO_DISPOSED,
        )
        with self.catalogue.transaction() as tx:
            now = tx.recordings.get([recording_id], lock=True)[recording_id]
            if not _is_ending(now):
                return None
            tx.artefacts.remove_kinds(recording_id, GOES_WITH_AUDIO)
            tx.recordings.save([replace(now, audio=AudioState.ENDED)])
            tx.certificates.add([certificate])
            tx.log.append([entry])
        return Disposed(recording=row, erasure=erasure)


def _is_ending(row: Recording) -> bool:
    return row.audio is AudioState.ENDING and row.state is RecordingState.STORED
