"""The desk where what is known of a call is put right, because the person concerned says that it is wrong (D1).

The row, the event sealed beside it, its history and its entry are one transaction. What follows from the corrected data
follows at once: the period counts anew, holds by criteria catch it, and an objection on file under a corrected number
does what it would have done.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from callwarden.custody.objection_effects import Applied, ObjectionEffects
from callwarden.custody.placing import Placing
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.concerned import Concerned
from callwarden.desks.request_file import items_of, locked, refuse
from callwarden.errors import InvariantError, RefusedError, UsageError
from callwarden.messages import HoldsChanged
from callwarden.model.access import Actor
from callwarden.model.event import CallRecorded
from callwarden.model.ids import Pseudonym, RecordingId
from callwarden.model.log_entry import make_entry_id
from callwarden.model.objection import Objection
from callwarden.model.policy import Policy
from callwarden.model.recording import ArtefactKind, Recording, RecordingState
from callwarden.model.rectification import Correction, Rectification
from callwarden.model.request import Decision, RefusalGround, Request, RequestId, RequestItem, RequestType
from callwarden.ports.bus import Message
from callwarden.ports.cipher import DecryptionError, StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.codec import EventCodec
from callwarden.ports.keys import KeyDestroyedError, KeyMissingError, KeyStore
from callwarden.rules.criteria import label_text, shown_label
from callwarden.rules.objection import references_of
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.rectifying import Change, changes, corrected, refused_because, row_after
from callwarden.rules.requests import RequestRefusal
from callwarden.rules.rights import Act, ActRefusal
from callwarden.rules.seals import event_seal, key_context


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectified:
    """What was put right, and what followed: objections that concern the recording now, and what they did."""

    recording: Recording
    changes: Mapping[str, Change]
    objections: Sequence[Applied]
    state: RecordingState
    """Where it stands after that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A correction as it was made; `changes` are None once the recording's key is gone."""

    rectification: Rectification
    changes: Mapping[str, Change] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RectificationDesk:
    """Each method is an act of somebody. Raises RefusedError, RetryableError; UsageError for what makes no sense as it
    was typed. Thread-safe."""

    policy: Policy
    clock: Clock
    acts: Acts
    concerned: Concerned
    effects: ObjectionEffects
    placing: Placing
    keys: KeyStore
    cipher: StreamCipher
    codec: EventCodec

    def rectify(
        self, actor: Actor, request_id: RequestId, recording_id: RecordingId, correction: Correction
    ) -> Rectified:
        """Put right what a granted item of a request says is wrong, and keep what stood there before. Refused where a
        call cannot have been so."""
        now = self.clock.now()
        with self.acts.perform(Act.REQUEST_RECTIFY, actor, subject=request_id) as doing:
            request = locked(doing, request_id)
            item = _granted(doing, request, recording_id)
            row = _there(doing, recording_id)
            data_key = self._data_key(doing, recording_id)
            before = self._event(row, data_key)
            after = corrected(before, self._as_kept(correction))
            changed = changes(before, after)
            if not changed:
                raise UsageError("that is what it says already: say what is to be put right")
            audio = doing.tx.artefacts.newest(recording_id, ArtefactKind.ORIGINAL_AUDIO)
            stored_at = None if audio is None else audio.stored_at
            if why := refused_because(after, stored_at=stored_at, policy=self.policy, now=now):
                raise RefusedError((why.value,), f"a call cannot have been so: {why.value}")
            saved = self._row(row, after, data_key)
            doing.tx.recordings.save([saved])
            if "labels" in changed:
                doing.tx.labels.remove([recording_id])
                doing.tx.labels.add({recording_id: self._labels(after)})
            doing.tx.rectifications.add(
                Rectification(
                    rectification_id=(made := f"fix-{make_entry_id(now, os.urandom(10))}"),
                    recording_id=recording_id,
                    request_id=request_id,
                    at=now,
                    by=actor.name,
                    fields=frozenset(changed),
                    sealed=self.cipher.seal(_text(changed), data_key=data_key, purpose=_seal(made)),
                )
            )
            doing.tx.requests.save_items([item.now(done_at=now)])
            doing.tx.outbox.append([Message.of(HoldsChanged(recording_id=recording_id))])
            self.placing.catch(doing.tx, [saved])  # before an objection is looked at: a hold outranks it
            on_file = doing.tx.objections.under(
                references_of(saved.call_id, caller=saved.caller, customer=saved.customer)
            )
            doing.subjects, doing.correlation = [recording_id], request_id
            doing.reasons = tuple(sorted(changed))
        applied = self._apply(on_file, recording_id, actor)
        with self.acts.catalogue.snapshot() as tx:
            state = tx.recordings.get([recording_id])[recording_id].state
        return Rectified(recording=saved, changes=changed, objections=applied, state=state)

    def history(self, actor: Actor, request_id: RequestId) -> Sequence[Corrected]:
        """What was put right in the recordings of a request, oldest first, and what stood there before."""
        with self.acts.perform(Act.REQUEST_RECTIFICATIONS, actor, subject=request_id) as doing:
            request = locked(doing, request_id)
            names = [item.recording_id for item in items_of(doing, request.request_id)]
            made = doing.tx.rectifications.of(names)
            keys = doing.tx.keys.get(names)
            doing.count = len(made)
        return [
            Corrected(rectification=one, changes=self._opened(one, keys[one.recording_id].wrapped))
            if one.recording_id in keys
            else Corrected(rectification=one, changes=None)
            for one in made
        ]

    def _apply(self, on_file: Sequence[Objection], recording_id: RecordingId, actor: Actor) -> Sequence[Applied]:
        """What objections do to the recording now that they concern it."""
        applied = [self.effects.apply(one, actor=actor) for one in on_file if one.withdrawn_at is None]
        return [
            one
            for one in applied
            if recording_id
            in {
                *one.dropped,
                *one.limited,
                *one.kept_for_case,
                *one.kept_for_request,
                *one.not_offered,
            }
        ]

    def _as_kept(self, correction: Correction) -> Correction:
        """With the number in its one form. Raises UsageError for one that is none, and a blank customer."""
        if correction.customer is not None:
            self.concerned.customer(correction.customer)
        if correction.number is None:
            return correction
        self.concerned.number(correction.number)
        number = self.concerned.numbers.canonical(correction.number, region=self.policy.region)
        return replace(correction, number=number)

    def _row(self, row: Recording, after: CallRecorded, data_key: bytes) -> Recording:
        caller, customer = after.caller.number, after.caller.customer_id
        sealed = self.cipher.seal(self.codec.encode(after), data_key=data_key, purpose=event_seal(row.recording_id))
        return replace(
            row_after(row, after, policy=self.policy),
            caller=self.concerned.number(caller, typed=False) if caller else row.caller,
            customer=self.concerned.customer(customer, typed=False) if customer else row.customer,
            sealed_event=sealed,
        )

    def _labels(self, event: CallRecorded) -> Mapping[Pseudonym, str | None]:
        return {self.keys.pseudonym("label", label_text(*label)): shown_label(*label) for label in event.labels}

    def _data_key(self, doing: Doing, recording_id: RecordingId) -> bytes:
        key = doing.tx.keys.get([recording_id]).get(recording_id)
        if key is None:
            raise RefusedError((ReadRefusal.KEY_MISSING.value,), "its key is gone: nothing of it can be read")
        return self.keys.unwrap(key.wrapped, key_context(recording_id))

    def _event(self, row: Recording, data_key: bytes) -> CallRecorded:
        if row.sealed_event is None:
            raise RefusedError(("nothing_kept",), "its event was not kept: there is nothing to put right")
        purpose = event_seal(row.recording_id)
        event = self.codec.decode(self.cipher.unseal(row.sealed_event, data_key=data_key, purpose=purpose))
        if not isinstance(event, CallRecorded):
            raise InvariantError("a recording's sealed event is not one of a recorded call")
        return event

    def _opened(self, made: Rectification, wrapped: bytes) -> Mapping[str, Change] | None:
        try:
            data_key = self.keys.unwrap(wrapped, key_context(made.recording_id))
            text = self.cipher.unseal(made.sealed, data_key=data_key, purpose=_seal(made.rectification_id))
        except (KeyDestroyedError, KeyMissingError, DecryptionError):
            return None
        found: Mapping[str, Change] = json.loads(text)
        return found


def _granted(doing: Doing, request: Request, recording_id: RecordingId) -> RequestItem:
    if request.type is not RequestType.RECTIFICATION:
        refuse(RequestRefusal.NOT_A_RECTIFICATION)
    if request.answered_at is not None:
        refuse(RequestRefusal.ALREADY_ANSWERED)
    item = next((one for one in items_of(doing, request.request_id) if one.recording_id == recording_id), None)
    if item is None:
        raise RefusedError(
            (ActRefusal.UNKNOWN.value,),
            f"{recording_id} is no item of this request: callwarden request find lists them",
        )
    if item.decision is not Decision.GRANTED:
        refuse(RequestRefusal.UNDECIDED)
    return item


def _there(doing: Doing, recording_id: RecordingId) -> Recording:
    row = doing.tx.recordings.get([recording_id], lock=True).get(recording_id)
    if row is None or row.state is not RecordingState.STORED:
        raise RefusedError(
            (RefusalGround.ALREADY_GONE.value,), "it is not stored any more: there is nothing to put right"
        )
    if row.altered:
        raise RefusedError((ReadRefusal.ROW_ALTERED.value,), "its row was altered: callwarden reconcile")
    return row


def _text(changed: Mapping[str, Change]) -> bytes:
    return json.dumps({name: dict(change) for name, change in changed.items()}, ensure_ascii=False).encode()


def _seal(rectification_id: str) -> str:
    return f"rectification:{rectification_id}"
