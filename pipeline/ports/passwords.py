"""What keeps passwords: slow one-way digests of them."""

from typing import Protocol


class Passwords(Protocol):
    """Thread-safe; few are computed at the same time, for each takes a good deal of memory."""

    def digest(self, password: str) -> str:
        """What is kept of a password: another text each time, from which it cannot be had back."""
        ...

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether `kept` is a digest of this password. False where there is none to compare with, or one that is none;
        it takes the same time."""
        ...
