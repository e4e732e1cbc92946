"""Weeks whose figures are frozen."""

from collections.abc import Sequence
from typing import Protocol

from callwarden.model.figure import Closing, Subject


class Closings(Protocol):
    """Every closing there ever was. None is changed or removed: a figure that was told stays as it was told (U6)."""

    def of(self, subject: Subject) -> Sequence[Closing]:
        """Those of a subject, by week."""
        ...

    def newest(self, subject: Subject) -> Closing | None:
        """That of the latest week."""
        ...

    def add(self, closing: Closing) -> bool:
        """Insert it, unless there is one of the same subject and week; whether it is this one that stands."""
        ...
