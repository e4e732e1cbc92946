"""What is set aside for a person to look at, and why somebody did something about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from callwarden.model.outcome import Position
from callwarden.model.set_aside import ActReason, DeadLetter


class DeadLetters(Protocol):
    """Messages nothing could be done with, by position."""

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Keep them. A position that has one keeps the one it has (I11)."""
        ...

    def get(self, position: Position, *, lock: bool = False) -> DeadLetter | None: ...

    def all(self, *, limit: int | None = None) -> Sequence[DeadLetter]:
        """Newest first; without their sealed bytes and keys (None)."""
        ...

    def save(self, letter: DeadLetter) -> None:
        """Replace the one of this position (read with ``lock=True`` before); a key or bytes that are None now are
        destroyed like a recording's key."""
        ...

    def remove(self, *, before: datetime) -> int:
        """Forget those whose `keep_until` lies before this instant; how many there were."""
        ...


class ActReasons(Protocol):
    """The reasons people gave for what they did."""

    def add(self, reason: ActReason) -> None: ...

    def about(self, subject: str) -> Sequence[ActReason]:
        """Those of acts about this, oldest first."""
        ...

    def remove(self, *, before: datetime) -> int:
        """Forget those whose `keep_until` lies before this instant; how many there were."""
        ...
