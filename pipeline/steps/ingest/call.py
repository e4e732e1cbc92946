"""A delivery read: the call it holds, with the pseudonyms it is known by, or what to do with one that holds none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from callwarden.errors import InvalidMessageError
from callwarden.model.event import CallRecorded
from callwarden.model.ids import Pseudonym, RecordingId
from callwarden.model.objection import Objection
from callwarden.model.outcome import Reason
from callwarden.model.policy import Policy
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import ObjectionReference
from callwarden.ports.codec import EventCodec, SenderNames
from callwarden.ports.keys import KeyStore
from callwarden.ports.numbers import NumberPlan
from callwarden.rules.criteria import label_text, shown_label
from callwarden.rules.identity import recording_id, recording_identity
from callwarden.rules.objection import references_of
from callwarden.rules.pushing import pusher_identity
from callwarden.steps.ingest.plan import Aftermath, Leave, Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A decoded delivery with the pseudonyms it is known by."""

    delivery: Delivery
    event: CallRecorded
    recording_id: RecordingId
    caller: Pseudonym | None
    customer: Pseudonym | None
    sha256: str | None
    """Of its audio, in lower case: as it was measured, else as the event promises it."""
    labels: Mapping[Pseudonym, str]

    def references(self) -> tuple[ObjectionReference, ...]:
        """What an objection that concerns this call may be filed under."""
        return references_of(self.event.call_id, caller=self.caller, customer=self.customer)

    def concerned_by(self, objections: Sequence[Objection]) -> list[Objection]:
        """Those of `objections` that concern this call."""
        references = {(reference.scope, reference.reference) for reference in self.references()}
        line = self.event.line
        return [each for each in objections if (each.scope, each.reference) in references and each.reaches(line)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Turns deliveries into calls. Thread-safe."""

    codec: EventCodec
    keys: KeyStore
    numbers: NumberPlan
    policy: Policy

    def read(self, delivery: Delivery) -> Call | Reject | Leave:
        """The call in a delivery, or what to do with a delivery that holds none."""
        if delivery.unreadable:
            return Reject(delivery=delivery, reason=Reason.UNREADABLE_MESSAGE, field_path="", names=SenderNames())
        try:
            event = self.codec.decode(delivery.value, delivery.headers)
        except InvalidMessageError as error:
            return self.rejected(delivery, error)
        if not isinstance(event, CallRecorded):
            return Leave(aftermath=Aftermath(position=delivery.position))
        return self.call(delivery, event)

    def rejected(self, delivery: Delivery, error: InvalidMessageError) -> Reject:
        """A delivery that is no event, for this reason."""
        return Reject(
            delivery=delivery,
            reason=Reason(error.reason),
            field_path=error.field,
            names=self.codec.names(delivery.value, delivery.headers),
        )

    def call(self, delivery: Delivery, event: CallRecorded) -> Call:
        """The call, with a canonical number and its pseudonyms."""
        caller, event = event.caller, self._believed(event)
        if caller.number is not None:
            caller = replace(caller, number=self.numbers.canonical(caller.number, region=self.policy.region) or None)
            event = replace(event, caller=caller)
        return Call(
            delivery=delivery,
            event=event,
            recording_id=self.identify(event),
            sha256=None if event.audio.sha256 is None else event.audio.sha256.lower(),
            caller=None if caller.number is None else self.keys.pseudonym("number", caller.number),
            customer=None if caller.customer_id is None else self.keys.pseudonym("customer", caller.customer_id),
            labels=self.labels(event),
        )

    def _believed(self, event: CallRecorded) -> CallRecorded:
        """Without what it says of who pushed it, where that is not our desk's own word."""
        pushed = event.pushed
        if pushed is None or pushed.mark == self.keys.pseudonym("pusher", pusher_identity(event, pushed)):
            return event
        return replace(event, pushed=None)

    def labels(self, event: CallRecorded) -> Mapping[Pseudonym, str]:
        """What the telephone system labels the call with: pseudonyms, and what each stands for."""
        return {self.keys.pseudonym("label", label_text(*label)): shown_label(*label) for label in event.labels}

    def as_conflict(self, call: Call) -> Call:
        """The same call under the recording id of its other audio."""
        return replace(call, recording_id=self.identify(call.event, conflict=call.sha256 or ""))

    def identify(self, event: CallRecorded, *, conflict: str = "") -> RecordingId:
        """The recording id of this call, leg and segment."""
        identity = recording_identity(event, tenant=self.policy.tenant, conflict=conflict)
        return recording_id(self.keys.pseudonym("recording", identity))
