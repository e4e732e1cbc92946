"""A file that an embedded database keeps, and whether it is still sound."""

from collections.abc import Sequence
from typing import Protocol


class DatabaseFile(Protocol):
    """One file of this machine. Servers look after their own."""

    @property
    def name(self) -> str:
        """Its path."""
        ...

    def damage(self, *, thorough: bool) -> Sequence[str]:
        """What its own check finds wrong, in its words, which quote no values; nothing of a file that is not there.

        Reads the whole file; `thorough` compares the indexes with their tables, too. Raises RetryableError while the
        file cannot be read.
        """
        ...
