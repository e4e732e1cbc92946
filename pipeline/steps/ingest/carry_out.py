"""Phase two: everything slow and nothing transactional. Fetch, check, encrypt, store; many at once."""

import os
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from callwarden.custody.letters import Letters
from callwarden.custody.store import Measure, Store, measured
from callwarden.model.audio import AudioCaps, AudioFault
from callwarden.model.event import AudioReference, CallRecorded
from callwarden.model.ids import RecordingId
from callwarden.model.note import AGAINST_AUDIO, Note, NoteWhy
from callwarden.model.outcome import Outcome, Reason
from callwarden.model.policy import Policy
from callwarden.ports.audio import AudioProbe, BadAudioError
from callwarden.ports.catalogue import WaitingEvent, WrappedKey
from callwarden.ports.cipher import StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.codec import EventCodec
from callwarden.ports.keys import DataKey, KeyStore
from callwarden.ports.landing import (
    Fetched,
    LandingArea,
    LandingAwayError,
    LandingMissingError,
    LandingOversizedError,
    LandingRefusedError,
)
from callwarden.rules.admit import Admit, Quarantine
from callwarden.rules.audio_says import unlike_audio, unlike_reason
from callwarden.rules.landing_uri import name_of_place, unaddressed
from callwarden.rules.seals import audio_key_seal, event_seal, key_context
from callwarden.steps.ingest.places import Places
from callwarden.steps.ingest.plan import (
    INGEST,
    Aftermath,
    Close,
    Compare,
    Done,
    Leave,
    Measured,
    Park,
    Parked,
    Plan,
    Reject,
    Rejected,
    Take,
    Taken,
)

_KEY_BYTES = 32
MAX_SAMPLE_RATE_HZ = 192_000
_UNKNOWN_MEDIA_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Storekeeper:
    """Carries out plans. Thread-safe; holds no transaction while audio moves."""

    landing: LandingArea
    store: Store
    cipher: StreamCipher
    keys: KeyStore
    probe: AudioProbe
    codec: EventCodec
    letters: Letters
    clock: Clock
    policy: Policy
    places: Places

    def carry_out(self, plan: Plan) -> Done:
        """Do what the plan says. Raises RetryableError; the plan may then be carried out again."""
        match plan:
            case Close() | Leave():
                return plan
            case Take():
                return self._take(plan)
            case Compare():
                return self._compare(plan)
            case Park():
                return self._park(plan)
            case Reject():
                return self._reject(plan)

    def _take(self, plan: Take) -> Taken | Parked:
        try:
            audio = self._fetch(plan.event.audio)
        except LandingAwayError as away:
            return self._waits_for(away, plan)
        except (LandingRefusedError, LandingMissingError, LandingOversizedError) as error:
            return self._without_audio(plan, _landing_reason(error))
        with audio as file:
            measure = measured(file)
            found = self._examine(file, plan.event, measure)
            taken = self._store(plan, file, measure, found=found)
        return replace(taken, origin=self.keys.pseudonym("origin", audio.instance))

    def _without_audio(self, plan: Take, reason: Reason) -> Taken:
        """There is no audio to keep, but an event: somebody may find the audio, or say what was meant."""
        data_key = self.keys.new_data_key(key_context(plan.recording_id))
        return Taken(
            plan=plan,
            verdict=_verdict(plan, reason, field="" if reason is Reason.OVERSIZED_AUDIO else "data.audio.uri"),
            artefact=None,
            key=_wrapped(plan.recording_id, data_key),
            sealed_event=self._seal_event(plan.event, plan.recording_id, data_key),
        )

    def _fetch(self, audio: AudioReference) -> Fetched:
        match unaddressed(audio.uri, self.policy.landing_areas):
            case Reason.MISSING_AUDIO:
                raise LandingMissingError("the event names no audio")
            case Reason():
                raise LandingRefusedError("the address lies outside every landing area of the policy")
        place = name_of_place(audio.uri, self.policy.landing_areas)
        self.places.check(place)
        try:
            fetched = self.landing.fetch(audio.uri, max_bytes=self.policy.limits.max_audio_bytes)
        except LandingAwayError as away:
            self.places.failed(away)
            raise
        self.places.answered(place)
        return fetched

    def _examine(self, audio: BinaryIO, event: CallRecorded, measure: Measure) -> "_Found":
        found, promised = self._inspected(audio, event), event.audio
        of_itself = tuple(note for note in found.notes if note.why not in AGAINST_AUDIO)
        if promised.bytes not in (None, measure.size):
            return replace(found, reason=Reason.LENGTH_MISMATCH, field="data.audio.bytes", notes=of_itself)
        if promised.sha256 is not None and promised.sha256.lower() != measure.sha256:
            return replace(found, reason=Reason.CHECKSUM_MISMATCH, field="data.audio.sha256", notes=of_itself)
        return found

    def _inspected(self, audio: BinaryIO, event: CallRecorded) -> "_Found":
        try:
            facts = self.probe.inspect(audio, caps=self._caps(), hint=event.audio_hint)
        except BadAudioError as error:
            why = NoteWhy.NO_SOUND if error.fault is AudioFault.UNREADABLE else NoteWhy.BAD_AUDIO
            note = Note(field="data.audio", why=why, kind=error.detail)
            return _Found(reason=Reason(error.fault.value), notes=(note,))
        notes = unlike_audio(event, facts, limits=self.policy.limits)
        unlike = next((note for note in notes if note.needed and not facts.silent), None)
        return _Found(
            reason=Reason.SILENT_AUDIO if facts.silent else None if unlike is None else unlike_reason(unlike),
            field="" if unlike is None else unlike.field,
            media_type=facts.media_type,
            notes=notes,
        )

    def _caps(self) -> AudioCaps:
        limits = self.policy.limits
        return AudioCaps(
            max_bytes=limits.max_audio_bytes,
            max_duration_s=limits.max_duration.total_seconds(),
            max_channels=limits.max_channels,
            max_sample_rate_hz=MAX_SAMPLE_RATE_HZ,
        )

    def _store(self, plan: Take, audio: BinaryIO, measure: Measure, *, found: "_Found") -> Taken:
        event = replace(plan.event, notes=(*plan.event.notes, *found.notes))
        verdict = _verdict(plan, found.reason, field=found.field)
        data_key = self.keys.new_data_key(key_context(plan.recording_id))
        audio_key = self._audio_key(event)
        artefact = self.store.original(
            plan.recording_id,
            audio,
            measure,
            data_key=audio_key or data_key.plaintext,
            line=event.line,
            quarantined=isinstance(verdict, Quarantine),
            media_type=found.media_type,
            # What an earlier event of this call left in quarantine stays until there is something better.
            attempt=plan.attempt,
            actor=INGEST,
        )
        return Taken(
            plan=plan,
            verdict=verdict,
            artefact=artefact,
            key=_wrapped(plan.recording_id, data_key),
            notes=found.notes,
            sealed_event=self._seal_event(event, plan.recording_id, data_key),
            sealed_audio_key=None
            if audio_key is None
            else self.cipher.seal(audio_key, data_key=data_key.plaintext, purpose=audio_key_seal(plan.recording_id)),
        )

    def _audio_key(self, event: CallRecorded) -> bytes | None:
        """A key of its own where the audio may end before the rest, so that no copy of it outlives it (K4)."""
        line = self.policy.lines.get(event.line)
        return None if line is None or line.audio_retention is None else os.urandom(_KEY_BYTES)

    def _seal_event(self, event: CallRecorded, recording_id: RecordingId, data_key: DataKey) -> bytes:
        return self.cipher.seal(self.codec.encode(event), data_key=data_key.plaintext, purpose=event_seal(recording_id))

    def _compare(self, plan: Compare) -> Done:
        """The same audio is a duplicate, whose landing copy goes. Other audio is another recording."""
        sha256 = plan.sha256
        try:
            if sha256 != plan.known_sha256:
                with self._fetch(plan.event.audio) as audio:
                    sha256 = measured(audio).sha256
        except LandingAwayError as away:
            return self._waits_for(away, plan)
        except (LandingRefusedError, LandingMissingError, LandingOversizedError) as error:
            if plan.repeated:
                return _duplicate(plan, drop_landing=False)
            if plan.stays:
                return _quarantined_unread(plan, _landing_reason(error), recording_id=plan.recording_id)
            return Measured(plan=plan, sha256=plan.known_sha256)  # no other audio, then: only the event is new
        if sha256 == plan.known_sha256 and plan.stays:
            return _duplicate(plan, drop_landing=True)
        if sha256 == plan.sha256:
            # Named after its audio and yet another one lies there: it changed at its address while it was fetched.
            return _quarantined_unread(plan, Reason.CONFLICTING_DUPLICATE, recording_id=None)
        return Measured(plan=plan, sha256=sha256)

    def _park(self, plan: Park) -> Parked:
        return Parked(plan=plan, waiting=self._waiting(plan, due_at=plan.wait.until))

    def _waits_for(self, away: LandingAwayError, plan: Take | Compare) -> Parked:
        """The event waits in the catalogue, so that the partition goes on, and is tried again later."""
        now = self.clock.now()
        waiting = self._waiting(plan, due_at=now)
        return Parked(plan=plan, waiting=replace(waiting, place=away.place, why=str(away), since=now))

    def _waiting(self, plan: Park | Take | Compare, *, due_at: datetime) -> WaitingEvent:
        data_key = self.keys.new_data_key(key_context(plan.recording_id))
        return WaitingEvent(
            position=plan.position,
            event_id=plan.event.event_id,
            recording_id=plan.recording_id,
            due_at=due_at,
            wrapped_key=data_key.wrapped,
            master_key_id=data_key.master_key_id,
            sealed=self._seal_event(plan.event, plan.recording_id, data_key),
        )

    def _reject(self, plan: Reject) -> Rejected:
        letter = self.letters.seal(plan.delivery, plan.reason, plan.field_path, plan.names)
        return Rejected(
            plan=plan,
            letter=letter,
            aftermath=Aftermath(position=plan.position, drop_landing=self._objected(plan)),
        )

    def _objected(self, plan: Reject) -> str | None:
        """Where the audio lies of a dead letter whose caller objects, on a line that honours it or is not known: it
        goes at once (I3). Other audio stays for a retry, as long as the policy lets it lie there."""
        line = None if plan.names.line is None else self.policy.lines.get(plan.names.line)
        return plan.names.objected_audio if line is None or line.objection_honoured else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What is wrong with the audio, if anything, and what it says of the event."""

    reason: Reason | None
    field: str = ""
    """Of the event, where it says something else than the audio."""
    media_type: str = _UNKNOWN_MEDIA_TYPE
    notes: tuple[Note, ...] = ()


def _verdict(plan: Take, reason: Reason | None, *, field: str) -> Admit | Quarantine:
    """What the policy found wrong comes before what is wrong with the audio."""
    if reason is None or isinstance(plan.verdict, Quarantine):
        return plan.verdict
    return Quarantine(reason=reason, field=field)


def _wrapped(recording_id: RecordingId, data_key: DataKey) -> WrappedKey:
    return WrappedKey(recording_id=recording_id, wrapped=data_key.wrapped, master_key_id=data_key.master_key_id)


def _landing_reason(error: LandingRefusedError | LandingMissingError | LandingOversizedError) -> Reason:
    match error:
        case LandingRefusedError():
            return Reason.URI_NOT_ALLOWED
        case LandingMissingError():
            return Reason.MISSING_AUDIO
        case LandingOversizedError():
            return Reason.OVERSIZED_AUDIO


def _duplicate(plan: Compare, *, drop_landing: bool) -> Close:
    return Close(
        event=plan.event,
        outcome=Outcome.DUPLICATE,
        reason=Reason.SAME_EVENT if plan.repeated else Reason.SAME_RECORDING,
        recording_id=plan.recording_id,
        aftermath=Aftermath(position=plan.position, drop_landing=plan.event.audio.uri if drop_landing else None),
    )


def _quarantined_unread(plan: Compare, reason: Reason, *, recording_id: RecordingId | None) -> Close:
    return Close(
        event=plan.event,
        outcome=Outcome.QUARANTINED,
        reason=reason,
        recording_id=recording_id,
        aftermath=Aftermath(position=plan.position),
    )
