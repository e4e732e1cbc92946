"""Between bytes on the bus and values: parse at the edge, trust inside."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from callwarden.model.event import AudioReference, CallRecorded, InboundEvent, PushedBy
from callwarden.model.ids import CallId, EventId, LineId


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderNames:
    """What the sender calls something that could not be decoded, as far as that can be read."""

    event_id: EventId | None = None
    call_id: CallId | None = None
    line: LineId | None = None
    objected_audio: str | None = field(default=None, repr=False)
    """The address of its audio, where it says that the caller objected to being recorded."""


class EventCodec(Protocol):
    """Reads inbound CloudEvents. `headers` are those of the message: an event's attributes may stand there."""

    def names(self, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> SenderNames:
        """The names in bytes that `decode` refuses, so that their sender finds them again. Never raises."""
        ...

    def decode(self, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> InboundEvent:
        """The event in this message. A recorded call is taken whatever is wrong with its fields: what was wrong is in
        its `notes`. Raises InvalidMessageError with the reason ``not_an_event`` (not JSON, not a CloudEvent, over the
        size limit), ``unsupported_version`` (specversion or type unknown) or ``invalid_field`` (naming the field: of
        the envelope, or of an event that is no recording)."""
        ...

    def encode(self, event: CallRecorded) -> bytes:
        """Canonical bytes that `decode` reads back to an equal value; sealed with the recording."""
        ...

    def with_audio(
        self, value: bytes, headers: Sequence[tuple[str, bytes]], audio: AudioReference, pushed: PushedBy
    ) -> bytes:
        """The event in a message that `decode` takes, in structured JSON, with these in the place of what it says of
        its audio and of who pushed it, and all else as it was sent. Raises InvalidMessageError where that is over the
        size limit."""
        ...
