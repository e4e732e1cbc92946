"""The step as the runtime sees it: whatever is stored of a held recording, now or later, carries the flag."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from callwarden.custody.holding import Holding
from callwarden.messages import HoldsChanged, RecordingRedacted, RecordingStored, decode
from callwarden.model.ids import RecordingId
from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery, Message
from callwarden.ports.step import Begun, Finished, OfOurMessages

_KINDS = {kind.topic: kind for kind in (HoldsChanged, RecordingStored, RecordingRedacted)}
_NO_PARTITION = -1
"""Where what comes from the catalogue stands: no offset is committed there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlan:
    """One recording to look at. `changed`: its holds changed, so a flag may also have to come off."""

    position: Position
    recording_id: RecordingId
    changed: bool


class Holds(OfOurMessages):
    """Consumes `holds.changed`, `recordings.stored` and `recordings.redacted` for the group ``holds``. Thread-safe."""

    name = "holds"
    group = "holds"
    topics = tuple(_KINDS)

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[HoldPlan]:
        """Read which recordings have changed."""
        return Begun(plans=[_read(delivery) for delivery in deliveries])

    def carry_out(self, plan: HoldPlan) -> HoldPlan:
        """Bring the flags of one recording in line. Raises RetryableError."""
        self._holding.apply(plan.recording_id, only_if_held=not plan.changed)
        return plan

    def finish(self, done: Sequence[HoldPlan]) -> Finished[HoldPlan]:
        """Nothing more to write: the flags are the outcome."""
        return Finished(aftermaths=done)

    def clean_up(self, aftermath: HoldPlan) -> None:
        """Nothing is left to do."""

    def overdue(self, *, limit: int) -> Sequence[Delivery]:
        """What the vault refused before, or whose message was lost, as if its message came again."""
        return [_again(recording_id) for recording_id in self._holding.take_due(limit=limit)]


def _again(recording_id: RecordingId) -> Delivery:
    message = Message.of(HoldsChanged(recording_id=recording_id))
    number = int.from_bytes(sha256(recording_id.encode()).digest()[:7])
    position = Position(topic=message.topic, partition=_NO_PARTITION, offset=number)
    return Delivery(position=position, key=message.key.encode(), value=message.value)


def _read(delivery: Delivery) -> HoldPlan:
    message = decode(_KINDS[delivery.position.topic], delivery.value)
    return HoldPlan(
        position=delivery.position,
        recording_id=message.recording_id,
        changed=isinstance(message, HoldsChanged),
    )
