"""The desk of what was set aside: what is wrong with it, clearing it, having it decided again, destroying it (K7).

Nothing here lets out audio: that is the gate's, of what is set aside (`Gate.hear_set_aside`) as of what is cleared.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn

from callwarden.custody.disposal import Disposal
from callwarden.custody.placing import Placing
from callwarden.desks.act_reasons import ActReasons
from callwarden.desks.acts import Acts, Doing
from callwarden.errors import InvariantError, RefusedError, UsageError
from callwarden.messages import CALLS_TOPIC, HoldsChanged, RecordingStored
from callwarden.model.access import Actor
from callwarden.model.event import CallRecorded
from callwarden.model.ids import EventId, LineId, RecordingId
from callwarden.model.log_entry import make_entry_id
from callwarden.model.outcome import EventOutcome, Outcome, Reason
from callwarden.model.policy import Policy
from callwarden.model.purpose import RECORDING
from callwarden.model.recording import GONE, Artefact, ArtefactKind, Recording, RecordingState
from callwarden.model.set_aside import ActReason
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, OutcomeFilter, RecordingFilter
from callwarden.ports.cipher import StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.codec import EventCodec
from callwarden.ports.keys import KeyStore
from callwarden.ports.landing import LandingArea, LandingRefusedError
from callwarden.rules.admit import Admit, Quarantine, Refuse, Wait, admit
from callwarden.rules.clearing import (
    OF_THE_AUDIO,
    Correction,
    Difference,
    corrected,
    differences,
    is_no_audio,
    unheard,
)
from callwarden.rules.disposal import KeptBecause
from callwarden.rules.objection import references_of, spoken_objection
from callwarden.rules.remains import DISCARDED
from callwarden.rules.rights import Act
from callwarden.rules.seals import event_seal, key_context

_SOURCE = "callwarden/quarantine"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A quarantined recording, and the newest event that was decided so (None where it is no longer on record)."""

    recording: Recording
    outcome: EventOutcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is known of one without opening it."""

    recording: Recording
    outcome: EventOutcome | None
    differences: tuple[Difference, ...]
    audio: Artefact | None
    acts: tuple[ActReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarded:
    """What is left of one, and the digest of its certificate: None while the sweep has still to finish."""

    recording: Recording
    certificate: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError, UsageError. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    landing: LandingArea
    keys: KeyStore
    cipher: StreamCipher
    codec: EventCodec
    acts: Acts
    reasons: ActReasons
    disposal: Disposal
    placing: Placing

    def listed(
        self,
        actor: Actor,
        *,
        reason: str | None = None,
        line: LineId | None = None,
        older_than: timedelta | None = None,
    ) -> Sequence[SetAside]:
        """What is set aside on the actor's lines, the longest first."""
        decided = self._outcomes(OutcomeFilter(outcomes=_QUARANTINED, states=frozenset({RecordingState.QUARANTINED})))
        with self.acts.perform(Act.QUARANTINE_LIST, actor) as doing:
            wanted = RecordingFilter(line=line, states=frozenset({RecordingState.QUARANTINED}))
            theirs = doing.theirs(doing.tx.recordings.find(wanted))
            found = [
                SetAside(recording=row, outcome=decided.get(row.recording_id))
                for row in theirs
                if reason in (None, row.quarantine_reason)
            ]
            if older_than is not None:
                before = self.clock.now() - older_than
                found = [row for row in found if row.outcome is None or row.outcome.decided_at < before]
            doing.count = len(found)
        return sorted(found, key=_age)

    def shown(self, actor: Actor, recording_id: RecordingId) -> Shown:
        """What was expected and what was found; codes, sizes, digests and times, nothing that anybody said or is
        called."""
        with self.acts.perform(Act.QUARANTINE_SHOW, actor, recording_id=recording_id) as doing:
            row = _set_aside(doing)
            event = self._event(doing)
            audio = doing.tx.artefacts.newest(recording_id, ArtefactKind.ORIGINAL_AUDIO)
            acts = tuple(doing.tx.act_reasons.about(recording_id))
        outcomes = [
            outcome
            for outcome in self.catalogue.list_outcomes(recording_id=recording_id)
            if outcome.outcome in _QUARANTINED
        ]
        return Shown(
            recording=row,
            outcome=outcomes[-1] if outcomes else None,
            differences=() if event is None else differences(event, row, audio, policy=self.policy),
            audio=audio,
            acts=acts,
        )

    def opened(
        self, actor: Actor, recording_id: RecordingId
    ) -> tuple[bytes, CallRecorded, list[tuple[ActReason, str | None]]]:
        """The event as it is kept, as bytes and as a value, with what stood in wrong fields; and the reasons people
        gave."""
        with self.acts.perform(Act.QUARANTINE_OPEN, actor, recording_id=recording_id) as doing:
            _set_aside(doing)
            event = self._needed_event(doing)
            acts = doing.tx.act_reasons.about(recording_id)
        return self.codec.encode(event), event, self.reasons.read(acts)

    def cleared(self, actor: Actor, recording_id: RecordingId, correction: Correction, *, reason: str) -> Recording:
        """Store it after all, with what a person put right. Audio they have looked at is taken as it is.

        Refused, with the reason, while the policy would not keep the corrected call, and where no audio is kept or
        nothing can be heard in it.
        """
        if correction.line is not None and correction.line not in self.policy.lines:
            raise UsageError(f"unknown line {correction.line}: the policy has {', '.join(sorted(self.policy.lines))}")
        with self.acts.perform(Act.QUARANTINE_CLEAR, actor, recording_id=recording_id) as doing:
            row = _to_be_changed(doing)
            if row.source_sha256 is None:
                raise RefusedError(
                    (Reason.MISSING_AUDIO.value,),
                    "no audio is kept of it: put it at its address, then callwarden quarantine retry",
                )
            event = corrected(self._needed_event(doing), correction)
            saved = self._release(doing, event, renamed=correction.renames, looked_at=True)
            if correction.objections:
                said = replace(event, pushed=None)  # a person answers for it: it is to all of the call
                spoken = spoken_objection(said, now=self.clock.now(), entered_by=actor.account)
                doing.tx.objections.save(spoken)
            doing.reasons = (row.quarantine_reason or "",)
            self.reasons.keep(doing, Act.QUARANTINE_CLEAR, reason)
        return saved

    def retried(self, actor: Actor, recording_id: RecordingId) -> Recording | None:
        """Have it decided again, after the policy was changed or its audio was put where the event says.

        Returns the stored recording, or None where its event was sent again because audio lies at its address: what
        comes of that has an outcome of its own.
        """
        with self.acts.perform(Act.QUARANTINE_RETRY, actor, recording_id=recording_id) as doing:
            row = _to_be_changed(doing)
            event = self._needed_event(doing)
            doing.reasons = (row.quarantine_reason or "",)
            if not row.holds and not row.restricted and self._lies_there(event.audio.uri):
                doing.tx.outbox.append([self._again(event)])
                return None
            if row.source_sha256 is None:
                raise RefusedError((Reason.MISSING_AUDIO.value,), "there is still no audio at its address")
            if row.quarantine_reason in OF_THE_AUDIO:
                raise RefusedError(
                    (str(row.quarantine_reason),),
                    "its audio is what it was: put the right one at its address and retry, or clear or discard it",
                )
            return self._release(doing, event)

    def discarded(self, actor: Actor, recording_id: RecordingId, *, reason: str) -> Discarded:
        """Destroy it now, with a certificate. Refused while it is held, restricted or requested; again, it goes on."""
        with self.acts.perform(Act.QUARANTINE_DISCARD, actor, recording_id=recording_id) as doing:
            row = doing.row
            if row.state is RecordingState.DISPOSING and row.quarantine_reason == DISCARDED:
                doing.silent = True
                doing.looks(Act.QUARANTINE_SHOW)
            else:
                row = _to_be_changed(doing)
                kept = [
                    (KeptBecause.HELD, bool(row.holds)),
                    (KeptBecause.RESTRICTED, row.restricted),
                    (KeptBecause.REQUESTED, bool(doing.tx.requests.freezing([recording_id]))),
                ]
                if because := tuple(code.value for code, holds in kept if holds):
                    words = "what is held, restricted or asked for by the person concerned is not destroyed"
                    raise RefusedError(because, words)
                doing.tx.recordings.save([replace(row, state=RecordingState.DISPOSING, quarantine_reason=DISCARDED)])
                doing.reasons = (row.quarantine_reason or "",)
                self.reasons.keep(doing, Act.QUARANTINE_DISCARD, reason)
        self.disposal.end([recording_id], actor=actor)  # the sweep finishes it, should this process die
        with self.catalogue.snapshot() as tx:
            row, certificates = tx.recordings.get([recording_id])[recording_id], tx.certificates.get([recording_id])
        return Discarded(recording=row, certificate=certificates[-1].digest if certificates else None)

    def _release(
        self, doing: Doing, event: CallRecorded, *, renamed: bool = False, looked_at: bool = False
    ) -> Recording:
        """Store it, if the policy would keep a call like this one and none of its name is stored."""
        row, now = doing.row, self.clock.now()
        if is_no_audio(event, row):
            raise RefusedError(
                (Reason.UNREADABLE_AUDIO.value,),
                "nothing can be heard in it: put the right file at its address and retry, or discard it",
            )
        self._must_be_new(doing, event, renamed=renamed)
        on_file = doing.tx.objections.under(references_of(event.call_id, caller=row.caller, customer=row.customer))
        match admit(event, policy=self.policy, objections=on_file, now=now, looked_at=looked_at):
            case Admit() as verdict:
                pass
            case Refuse(reason=why):
                _refuse(why, "")
            case Quarantine(reason=why, field=blamed):
                _refuse(why, blamed)
            case Wait():
                _refuse(Reason.OBJECTION_UNKNOWN, "data.objections")
        key = doing.tx.keys.get([row.recording_id])[row.recording_id]
        data_key = self.keys.unwrap(key.wrapped, key_context(row.recording_id))
        sealed = self.cipher.seal(self.codec.encode(event), data_key=data_key, purpose=event_seal(row.recording_id))
        saved = replace(
            row,
            call_id=event.call_id,
            leg=event.leg,
            segment=event.segment,
            line=event.line,
            state=RecordingState.STORED,
            started_at=event.started_at,
            ended_at=event.ended_at,
            keep_until=verdict.keep_until,
            audio_until=verdict.audio_until,
            objection_offered=self._offered(row, event.line),
            objected=row.objected | verdict.objected,
            quarantine_reason=None,
            policy_version=self.policy.version,
            sealed_event=sealed,
        )
        doing.tx.recordings.save([saved])
        self.placing.catch(doing.tx, [saved])
        # The tags in the vault say how long its bucket keeps it: they follow the row, as after a hold.
        doing.tx.outbox.append(
            [Message.of(RecordingStored.of(saved)), Message.of(HoldsChanged(recording_id=row.recording_id))]
        )
        return saved

    def _offered(self, row: Recording, line: LineId) -> bool:
        """What its line promised when it came; what it promises now, where it was another's."""
        offered = self.policy.lines[line].objection_honoured  # the policy would not keep a call of another line
        return offered or bool(row.objection_offered and row.line == line)

    def _must_be_new(self, doing: Doing, event: CallRecorded, *, renamed: bool) -> None:
        """There may be other audio of its name, set aside like this one: whichever is stored first bears the name."""
        for other in doing.tx.recordings.find(RecordingFilter(call_id=event.call_id)):
            same = (other.leg, other.segment) == (event.leg, event.segment)
            taken = other.state not in GONE if renamed else other.state is RecordingState.STORED
            if same and taken and other.recording_id != doing.row.recording_id:
                raise RefusedError(
                    (Reason.SAME_RECORDING.value,),
                    f"{other.recording_id} is this call, leg and segment already: say --leg or --segment",
                )

    def _again(self, event: CallRecorded) -> Message:
        """The event under a name of ours, so that it is no duplicate of itself."""
        name = EventId(f"{_SOURCE}#{make_entry_id(self.clock.now(), os.urandom(10))}")
        return Message(
            topic=CALLS_TOPIC, key=event.call_id, value=self.codec.encode(replace(unheard(event), event_id=name))
        )

    def _lies_there(self, uri: str) -> bool:
        try:
            return bool(uri) and self.landing.exists(uri)
        except LandingRefusedError:
            return False

    def _needed_event(self, doing: Doing) -> CallRecorded:
        event = self._event(doing)
        if event is None:
            raise RefusedError(("nothing_kept",), "its event was not kept: have the telephone system send it again")
        return event

    def _event(self, doing: Doing) -> CallRecorded | None:
        row = doing.row
        key = doing.tx.keys.get([row.recording_id]).get(row.recording_id)
        if row.sealed_event is None or key is None:
            return None
        data_key = self.keys.unwrap(key.wrapped, key_context(row.recording_id))
        opened = self.cipher.unseal(row.sealed_event, data_key=data_key, purpose=event_seal(row.recording_id))
        event = self.codec.decode(opened)
        if not isinstance(event, CallRecorded):
            raise InvariantError("a recording's sealed event is not one of a recorded call")
        return event

    def _outcomes(self, wanted: OutcomeFilter) -> Mapping[RecordingId, EventOutcome]:
        """The newest outcome of each recording."""
        found = self.catalogue.list_outcomes(wanted=wanted)
        return {outcome.recording_id: outcome for outcome in found if outcome.recording_id is not None}


_QUARANTINED = frozenset({Outcome.QUARANTINED})


def _set_aside(doing: Doing) -> Recording:
    if doing.row.state is not RecordingState.QUARANTINED:
        raise RefusedError(("not_quarantined",), "it is not set aside: callwarden quarantine list")
    return doing.row


def _to_be_changed(doing: Doing) -> Recording:
    """A row that somebody else wrote decides nothing (I7)."""
    if doing.row.altered:
        raise RefusedError((KeptBecause.ALTERED.value,), "its row was altered: callwarden reconcile")
    return _set_aside(doing)


def _refuse(why: Reason, blamed: str) -> NoReturn:
    if why is Reason.OBJECTION:
        hint = f"the caller objected to {RECORDING}: discard it"
    else:
        hint = f"it would not be kept so: {why.value}" + (f" ({blamed})" if blamed else "")
    raise RefusedError((why.value,), hint)


def _age(one: SetAside) -> tuple[datetime, str]:
    at = one.outcome.decided_at if one.outcome is not None else one.recording.keep_until
    assert at is not None  # what is quarantined has an end
    return at, one.recording.recording_id
