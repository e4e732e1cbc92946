"""Answers that are kept for a while, so that what is sent again is done once."""

from datetime import datetime
from typing import Protocol

from callwarden.model.given_answer import GivenAnswer
from callwarden.model.ids import Pseudonym


class GivenAnswers(Protocol):
    """By key."""

    def begin(self, wanted: GivenAnswer) -> GivenAnswer:
        """Add it where there is none of its key; the one there is then, whoever was first."""
        ...

    def save(self, given: GivenAnswer) -> None:
        """Replace the one of the same key."""
        ...

    def remove(self, key: Pseudonym) -> None:
        """As if it had never begun."""
        ...

    def forget(self, *, before: datetime) -> None:
        """Remove those that were begun before this instant."""
        ...
