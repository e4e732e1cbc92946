"""The desk where a telephone system hands over calls: event and audio together, once each (I11).

The audio lies in the landing area and the event is in the outbox, both durable, before there is a receipt. From there
on it is a call like any other.
"""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from callwarden.desks.acts import Acts
from callwarden.desks.incoming import Incoming
from callwarden.desks.trial import Trial, tried
from callwarden.errors import ConfigurationError, InvalidFieldsError, InvalidMessageError, RefusedError, RetryableError
from callwarden.messages import CALLS_TOPIC
from callwarden.model.access import Actor
from callwarden.model.event import NO_LINE, AudioReference, CallRecorded, PushedBy
from callwarden.model.ids import CallId, LineId, Pseudonym
from callwarden.model.outcome import Reason
from callwarden.model.policy import Policy
from callwarden.model.receipt import Receipt, ReceiptId
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import OutboxEntry, RecordingFilter
from callwarden.ports.clock import Clock
from callwarden.ports.codec import EventCodec
from callwarden.ports.keys import KeyStore
from callwarden.ports.landing import LandingArea, LandingIntake
from callwarden.rules.objection import spoken_id
from callwarden.rules.pushing import FOLDER, pusher_identity, receipt_id, receipt_identity, upload_name
from callwarden.rules.rights import Act, ActRefusal

Headers = Sequence[tuple[str, bytes]]

_BETTER_SENT_AGAIN = frozenset({"data.audio.sha256", "data.audio.bytes", "data.started_at", "data.ended_at"})
"""Said wrongly, the audio is not held against its digest or the call is set aside: whoever sent it can still tell."""

ANOTHER_CALL = "another_call"
"""The reason of a conflict: this event, or this Idempotency-Key, came before with something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """An event that can be taken, as it was sent."""

    value: bytes = field(repr=False)
    headers: Headers = field(repr=False)
    event: CallRecorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What the telephone system is told, and what is still to be published."""

    receipt: ReceiptId
    call_id: CallId
    again: bool
    """It was handed over before; nothing was published now."""
    expected: Trial
    """What becomes of it by the event and the policy alone: whoever sent it can still correct it."""
    outbox: Sequence[OutboxEntry] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PushDesk:
    """Thread-safe. `area` is where pushed audio lands, None where the policy has no area for it; `landed` removes it
    again."""

    policy: Policy
    clock: Clock
    acts: Acts
    keys: KeyStore
    codec: EventCodec
    intake: Callable[[], LandingIntake]
    landed: Callable[[], LandingArea]
    area: str | None

    def admit(self, actor: Actor) -> None:
        """Before anything is read. Raises RefusedError, logged, for who may not hand over calls."""
        self.acts.admit(Act.CALLS_PUSH, actor)

    def announced(self, actor: Actor, value: bytes, headers: Headers = ()) -> Announced:
        """The event, in any form the bus carries. Raises InvalidFieldsError for what is no event of a recording, or
        lacks what says which it is; RefusedError, logged, for a line that is not theirs, and for a call that is known
        on one that is not."""
        with self.acts.perform(Act.CALLS_PUSH, actor) as doing:
            doing.silent = True
            event = self._read(value, headers)
            theirs = actor.lines is None or event.line in actor.lines
            if not theirs or (actor.agents is not None and event.agent.id not in actor.agents):
                raise _not_theirs()
        if actor.lines is not None:
            self._refuse_a_call_of_others(actor, event, actor.lines)
        return Announced(value=value, headers=headers, event=event)

    def begin(self, actor: Actor, *names: str) -> Incoming:
        """Begin to take in audio; `names` are what its sender calls it, of which a suffix is kept. Raises RefusedError,
        logged; RetryableError; ConfigurationError where the policy has no landing area for it."""
        self.admit(actor)
        if self.area is None:
            raise ConfigurationError("the policy's landing_areas list no place where pushed audio can land")
        name = upload_name(secrets.token_hex(16), *names)
        upload = self.intake().begin(self.area, f"{FOLDER}/{name}")
        return Incoming(upload, name=name, max_bytes=self.policy.limits.max_audio_bytes)

    def received(self, actor: Actor, call: Announced, audio: Incoming, *, key: str | None = None) -> Pushed:
        """All of it is here: land it, and publish the event with its address. The same again gives the same receipt and
        does nothing. `key` is the sender's Idempotency-Key, theirs alone.

        Raises InvalidFieldsError where the event says another size or digest; RefusedError, logged (``another_call``:
        the event, or the key, came before with something else); RetryableError. Whatever it raises, nothing is left.
        """
        try:
            receipt = self._receipt(call.event, audio, None if key is None else f"{actor.account} {key}")
            known = self._known(actor, receipt)
            if known is not None:
                audio.abandon()
                expected = self._expected(call)
                return Pushed(receipt=known.receipt_id, call_id=call.event.call_id, again=True, expected=expected)
            uri = audio.finish()
        except BaseException:
            audio.abandon()
            raise
        try:
            pushed = self._published(actor, call, receipt, audio, uri)
        except BaseException:
            self._remove(uri)
            raise
        if pushed.again:
            self._remove(uri)
        return pushed

    def tried(self, actor: Actor, value: bytes, headers: Headers = ()) -> Trial:
        """What would become of an event, and why; nothing is done. Raises RefusedError, logged."""
        with self.acts.perform(Act.CALLS_TRY, actor):
            return self._tried(value, headers)

    def _expected(self, call: Announced) -> Trial:
        return self._tried(call.value, call.headers)

    def _tried(self, value: bytes, headers: Headers) -> Trial:
        return tried(value, headers, codec=self.codec, policy=self.policy, now=self.clock.now(), handed_over=True)

    def _read(self, value: bytes, headers: Headers) -> CallRecorded:
        try:
            event = self.codec.decode(value, headers)
        except InvalidMessageError as error:
            raise InvalidFieldsError((error.field, error.reason, error.detail)) from None
        if not isinstance(event, CallRecorded):
            words = f"only {CallRecorded.TYPE} comes with audio: send this one to the topic {CALLS_TOPIC}"
            raise InvalidFieldsError(("type", Reason.INVALID_FIELD.value, words))
        event = replace(event, pushed=None)
        wrong = Reason.INVALID_FIELD.value
        if faults := [note for note in event.notes if note.needed or note.field in _BETTER_SENT_AGAIN]:
            raise InvalidFieldsError(*((note.field, wrong, note.why.value) for note in faults))
        return event

    def _refuse_a_call_of_others(self, actor: Actor, event: CallRecorded, theirs: frozenset[LineId]) -> None:
        """Raises RefusedError, logged, for a call that is known on a line that is not theirs, even if on one that is.
        What was pushed before may be pushed again."""
        name = receipt_id(self.keys.pseudonym("receipt", receipt_identity(event)))
        known = {one.line for one in self.acts.catalogue.list_outcomes(call_id=event.call_id)}
        with self.acts.perform(Act.CALLS_PUSH, actor) as doing:
            doing.silent = True
            rows = doing.tx.recordings.find(RecordingFilter(call_id=event.call_id))
            lines = (known | {row.line for row in rows}) - {None, NO_LINE}
            if not lines <= theirs and doing.tx.receipts.get(name) is None:
                raise _not_theirs()

    def _receipt(self, event: CallRecorded, audio: Incoming, key: str | None) -> Receipt:
        measure, says = audio.measure, event.audio
        if not measure.size:
            raise InvalidFieldsError(("audio", Reason.UNREADABLE_AUDIO.value, "is empty"))
        if says.bytes not in (None, measure.size):
            words = f"is another size than the {measure.size} bytes that came"
            raise InvalidFieldsError(("data.audio.bytes", Reason.LENGTH_MISMATCH.value, words))
        if says.sha256 is not None and says.sha256.lower() != measure.sha256:
            words = "is another digest than that of what came"
            raise InvalidFieldsError(("data.audio.sha256", Reason.CHECKSUM_MISMATCH.value, words))
        # What it means, and not how it was written: a time of sending, or white space, makes no other call of it.
        content = self.codec.encode(replace(event, audio=AudioReference(sha256=measure.sha256, bytes=measure.size)))
        return Receipt(
            receipt_id=receipt_id(self.keys.pseudonym("receipt", receipt_identity(event))),
            content=self.keys.pseudonym("pushed", content.decode()),
            upload=audio.name,
            received_at=self.clock.now(),
            key=None if key is None else self.keys.pseudonym("idempotency", key),
        )

    def _known(self, actor: Actor, receipt: Receipt) -> Receipt | None:
        """The receipt of the same call, where it was handed over before."""
        with self.acts.perform(Act.CALLS_PUSH, actor, subject=receipt.receipt_id) as doing:
            found = doing.tx.receipts.get(receipt.receipt_id)
            same_key = None if receipt.key is None else doing.tx.receipts.of_key(receipt.key)
            if same_key is not None and same_key.receipt_id != receipt.receipt_id:
                raise RefusedError((ANOTHER_CALL,), "this Idempotency-Key came before with another call")
            doing.silent = True
            if found is None or found.altered:
                return None
            _refuse_another(found.content, receipt.content)
            doing.looks(Act.CALLS_SHOW)
        return found

    def _published(self, actor: Actor, call: Announced, receipt: Receipt, audio: Incoming, uri: str) -> Pushed:
        event, measure = call.event, audio.measure
        said = AudioReference(uri=uri, sha256=measure.sha256, bytes=measure.size)
        pushed = PushedBy(by=actor.account, lines=actor.lines)
        pushed = pushed._replace(mark=self.keys.pseudonym("pusher", pusher_identity(event, pushed)))
        try:
            value = self.codec.with_audio(call.value, call.headers, said, pushed)
        except InvalidMessageError as error:
            raise InvalidFieldsError((error.field, error.reason, error.detail)) from None
        outbox: Sequence[OutboxEntry] = ()
        with self.acts.perform(Act.CALLS_PUSH, actor, subject=receipt.receipt_id) as doing:
            there = doing.tx.receipts.add(receipt)
            if there.altered:
                doing.tx.receipts.save(receipt)
                there = receipt
            _refuse_another(there.content, receipt.content)
            if there.upload == receipt.upload:
                outbox = doing.tx.outbox.append([Message(topic=CALLS_TOPIC, key=event.call_id, value=value)])
                doing.digest = measure.sha256
                doing.correlation = spoken_id(replace(event, pushed=pushed)) if event.objections else None
            else:
                doing.silent = True
                doing.looks(Act.CALLS_SHOW)
        expected = self._expected(call)
        return Pushed(
            receipt=receipt.receipt_id, call_id=event.call_id, again=not outbox, expected=expected, outbox=outbox
        )

    def _remove(self, uri: str) -> None:
        """What is not gone now, the sweep of the landing areas removes: no receipt names it."""
        with suppress(RetryableError):
            self.landed().delete(uri)


def _not_theirs() -> RefusedError:
    """One answer, whatever is not theirs: it tells nothing of what other lines have."""
    return RefusedError((ActRefusal.NOT_PERMITTED.value,), "this token is for other lines or agents")


def _refuse_another(known: Pseudonym, given: Pseudonym) -> None:
    if known != given:
        raise RefusedError((ANOTHER_CALL,), "this event came before with something else: give it another id")
