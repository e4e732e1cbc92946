"""Tells the people on watch, at once. What must not be lost is also a message on the topic ``alerts``."""

from typing import Protocol


class Alarm(Protocol):
    """Raises alarms. Never fails: the message on the bus is the durable one. Thread-safe."""

    def sound(self, code: str, *, subject: str, correlation: str) -> None:
        """`code` is of a closed vocabulary; `subject` and `correlation` are opaque ids, never names or text."""
        ...
