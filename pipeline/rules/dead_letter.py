"""What a dead letter says: the bytes of a message nothing can be done with, encrypted, and why."""

import base64
import json
from datetime import datetime
from typing import Final

from pipeline.model.outcome import Position, Reason
from pipeline.ports.bus import Message

DEAD_LETTERS_TOPIC: Final = "dead-letters"
DEAD_LETTER_BYTES: Final = 700_000
"""What a dead letter keeps of a message at most: in base64 it still fits into one message of any bus."""


def dead_letter_place(position: Position) -> str:
    """Where the message stood. Its key's context and its seal are bound to this."""
    return f"{position.topic}/{position.partition}/{position.offset}"


def dead_letter(
    position: Position, reason: Reason, field: str, *, size: int, wrapped_key: bytes, sealed: bytes, at: datetime
) -> Message:
    """The message to publish. `sealed` is the first `DEAD_LETTER_BYTES` of the `size` bytes there were."""
    letter = {
        "topic": position.topic,
        "partition": position.partition,
        "offset": position.offset,
        "reason": reason.value,
        "field": field,
        "attempts": 1,
        "at": at.isoformat(),
        "wrapped_key": base64.b64encode(wrapped_key).decode(),
        "sealed": base64.b64encode(sealed).decode(),
    }
    if size > DEAD_LETTER_BYTES:
        letter["cut_from"] = size
    return Message(topic=DEAD_LETTERS_TOPIC, key=dead_letter_place(position), value=json.dumps(letter).encode())
