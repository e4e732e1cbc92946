"""Between bytes on the bus and values: parse at the edge, trust inside."""

from typing import Protocol

from pipeline.model.event import CallRecorded, InboundEvent


class EventCodec(Protocol):
    """Reads inbound CloudEvents."""

    def decode(self, value: bytes) -> InboundEvent:
        """The event in these bytes. Raises InvalidMessageError with the reason ``not_an_event`` (not JSON, not a
        CloudEvent, over the size limit), ``unsupported_version`` (specversion or type unknown) or
        ``invalid_field`` (naming the field)."""
        ...

    def encode(self, event: CallRecorded) -> bytes:
        """Canonical bytes that `decode` reads back to an equal value; sealed with the recording."""
        ...
