"""Telephone numbers in one form, so that two spellings of a number are one caller."""

from typing import Protocol


class NumberPlan(Protocol):
    """Reads telephone numbers as people and machines write them."""

    def canonical(self, number: str, *, region: str) -> str:
        """E.164 (``+33612345678``) where the number can be read in `region`'s plan; otherwise its digits, with
        a leading ``+`` kept. Never raises; empty only when there is no digit."""
        ...
