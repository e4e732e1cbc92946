"""The step as the runtime sees it: what became of calls is told to those who asked for it, and told again until they
have it. A group of its own: whatever receivers do, calls go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from callwarden.custody.courier import Courier
from callwarden.desks.webhooks import WEBHOOKS, WebhookDesk
from callwarden.messages import RecordingDisposed, RecordingNotStored, RecordingStored, decode
from callwarden.model.ids import RecordingId
from callwarden.model.outcome import EventOutcome, Position
from callwarden.model.recording import ArtefactKind, Recording
from callwarden.model.webhook import DeliveryFault, DeliveryId, TellsOfCall, Told, WebhookDelivery
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.step import Begun, Finished, OfOurMessages
from callwarden.rules.webhooks import call_deliveries, without_number

OurMessage = RecordingStored | RecordingNotStored | RecordingDisposed
_KINDS: Final[dict[str, type[OurMessage]]] = {
    kind.topic: kind for kind in (RecordingStored, RecordingNotStored, RecordingDisposed)
}
_DUE: Final = "webhooks.due"
"""Where notices stand that are due: on no topic."""
_NO_PARTITION: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """What a message says, for those who are to hear of it."""

    position: Position
    notices: tuple[WebhookDelivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A notice that is due."""

    position: Position
    delivery_id: DeliveryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a notice stands; None: it was not to be sent any more."""

    position: Position
    notice: WebhookDelivery | None


class Webhooks(OfOurMessages):
    """Consumes `recordings.stored`, `recordings.not-stored` and `recordings.disposed` for the group ``webhooks``.
    Thread-safe."""

    name = "webhooks"
    group = "webhooks"
    topics = tuple(_KINDS)

    def __init__(self, *, catalogue: Catalogue, courier: Courier, desk: WebhookDesk, clock: Clock) -> None:
        self._catalogue = catalogue
        self._courier = courier
        self._desk = desk
        self._clock = clock

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[Tell | Send]:
        """Read what has become of calls. Raises RetryableError."""
        due = [one for one in deliveries if one.position.topic == _DUE]
        plans: list[Tell | Send] = [
            Send(position=one.position, delivery_id=DeliveryId(one.value.decode())) for one in due
        ]
        messages: dict[Position, OurMessage] = {
            one.position: decode(_KINDS[one.position.topic], one.value)
            for one in deliveries
            if one.position.topic != _DUE
        }
        if messages:
            with self._catalogue.snapshot() as tx:
                plans += self._told(messages, tx)
        return Begun(plans=plans)

    def carry_out(self, plan: Tell | Send) -> Tell | Tried:
        """Send what is due, once. Raises RetryableError."""
        if isinstance(plan, Tell):
            return plan
        notice = self._courier.attempt(plan.delivery_id)
        if notice is not None and notice.fault is DeliveryFault.GONE:
            self._desk.end_gone(WEBHOOKS, notice.webhook_id)
        return Tried(position=plan.position, notice=notice)

    def finish(self, done: Sequence[Tell | Tried]) -> Finished[Tell | Tried]:
        """Keep new notices, and how those stand that were tried. Raises RetryableError."""
        new = [notice for one in done if isinstance(one, Tell) for notice in one.notices]
        tried = [one.notice for one in done if isinstance(one, Tried) and one.notice is not None]
        if new or tried:
            with self._catalogue.transaction() as tx:
                tx.webhook_deliveries.add(new)
                self._courier.keep(tx, tried)
        return Finished(aftermaths=done)

    def clean_up(self, aftermath: Tell | Tried) -> None:
        """Nothing is left to do."""

    def overdue(self, *, limit: int) -> Sequence[Delivery]:
        """Notices that are due. Those of one receiver have one key, so that one that hangs keeps one thread."""
        return [_due(notice) for notice in self._courier.take_due(limit=limit)]

    def _told(self, messages: Mapping[Position, OurMessage], tx: Transaction) -> list[Tell | Send]:
        webhooks = [one for one in tx.webhooks.all() if one.ended is None]
        if not webhooks:
            return [Tell(position=position, notices=()) for position in messages]
        asides = [one.position for one in messages.values() if isinstance(one, RecordingNotStored)]
        about = [one.recording_id for one in messages.values() if not isinstance(one, RecordingNotStored)]
        outcomes, recordings = tx.outcomes.at(asides), tx.recordings.get(about)
        stored_at = {
            one.recording_id: one.stored_at
            for one in tx.artefacts.get(about)
            if one.kind is ArtefactKind.ORIGINAL_AUDIO
        }
        now, plans = self._clock.now(), list[Tell | Send]()
        for position, message in messages.items():
            tells = _tells(message, outcomes, recordings, stored_at, now=now)
            notices = (
                ()
                if tells is None
                else call_deliveries(webhooks, tells, about=message.key, now=self._courier.clock.now())
            )
            plans.append(Tell(position=position, notices=tuple(notices)))
        return plans


def _tells(
    message: OurMessage,
    outcomes: Mapping[Position, EventOutcome],
    recordings: Mapping[RecordingId, Recording],
    stored_at: Mapping[RecordingId, datetime],
    *,
    now: datetime,
) -> TellsOfCall | None:
    """None of what the catalogue knows nothing of, as after an older backup was restored."""
    match message:
        case RecordingNotStored():
            outcome = outcomes.get(message.position)
            if outcome is None:
                return None
            return TellsOfCall(
                recording_id=outcome.recording_id,
                call_id=without_number(outcome.call_id),
                leg=without_number(outcome.leg),
                segment=outcome.segment,
                line=outcome.line,
                outcome=Told(message.outcome.value),
                reason=None if outcome.reason is None else outcome.reason.value,
                at=outcome.decided_at,
            )
        case RecordingStored():
            row = recordings.get(message.recording_id)
            at = stored_at.get(message.recording_id, now)
            return None if row is None else _of(row, Told.STORED, at=at, keep_until=message.keep_until)
        case RecordingDisposed():
            row = recordings.get(message.recording_id)
            return None if row is None else _of(row, Told.DISPOSED, at=message.disposed_at, reason=message.reason)


def _of(
    row: Recording, told: Told, *, at: datetime, reason: str | None = None, keep_until: datetime | None = None
) -> TellsOfCall:
    return TellsOfCall(
        recording_id=row.recording_id,
        call_id=without_number(row.call_id),
        leg=without_number(row.leg),
        segment=row.segment,
        line=row.line,
        outcome=told,
        reason=reason,
        at=at,
        keep_until=keep_until,
    )


def _due(notice: WebhookDelivery) -> Delivery:
    number = int.from_bytes(sha256(notice.delivery_id.encode()).digest()[:7])
    position = Position(topic=_DUE, partition=_NO_PARTITION, offset=number)
    return Delivery(position=position, key=notice.webhook_id.encode(), value=notice.delivery_id.encode())
