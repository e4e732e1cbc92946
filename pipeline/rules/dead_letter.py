"""What a dead letter is: a message nothing can be done with, sealed, and why."""

import json
from collections.abc import Sequence
from typing import Final

from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery

DEAD_LETTER_BYTES: Final = 700_000
"""What a dead letter keeps of a message at most: in base64 it still fits into one message of any bus."""


def dead_letter_place(position: Position) -> str:
    """Where the message stood. Its key's context and its seal are bound to this."""
    return f"{position.topic}/{position.partition}/{position.offset}"


def position_at(place: str) -> Position | None:
    """The position written as ``topic/partition/offset``; None for what is none."""
    topic, slash, numbers = place.partition("/")
    partition, slash, offset = numbers.partition("/")
    if not topic or not slash or not (partition.isdecimal() and offset.isdecimal()):
        return None
    return Position(topic=topic, partition=int(partition), offset=int(offset))


def letter_subject(position: Position) -> str:
    """How a dead letter stands in the access log."""
    return f"letter-{position.topic}:{position.partition}:{position.offset}"


def packed(delivery: Delivery) -> bytes:
    """Key, headers and bytes of a message as one, to be sealed: it can be sent again as it was."""
    around = {
        "key": None if delivery.key is None else delivery.key.decode("latin-1"),
        "headers": [[name, value.decode("latin-1")] for name, value in delivery.headers],
    }
    return json.dumps(around).encode() + b"\n" + delivery.value[:DEAD_LETTER_BYTES]


def unpacked(position: Position, content: bytes) -> Delivery:
    """The message that was packed. Raises ValueError."""
    around, _, value = content.partition(b"\n")
    fields = json.loads(around)
    headers: Sequence[tuple[str, str]] = fields["headers"]
    return Delivery(
        position=position,
        key=None if fields["key"] is None else fields["key"].encode("latin-1"),
        value=value,
        headers=tuple((name, one.encode("latin-1")) for name, one in headers),
    )
