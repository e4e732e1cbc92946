"""Which entries somebody asked for, told by the signed bytes."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Self

from callwarden.model.log_entry import LogEntry, Operation


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty fields do not narrow."""

    subjects: frozenset[str] | None = None
    case: str | None = None
    operations: frozenset[Operation] | None = None
    _needles: tuple[tuple[bytes, ...], ...] = field(default=(), repr=False)

    @classmethod
    def of(
        cls,
        *,
        subjects: Collection[str] | None,
        case: str | None,
        operations: Collection[Operation] | None,
    ) -> Self:
        """What is wanted, in the form the bytes are searched for it."""
        wishes = (
            None if subjects is None else tuple(_member("subject", one) for one in subjects),
            None if case is None else (_member("case", case),),
            None if operations is None else tuple(_member("operation", one.value) for one in operations),
        )
        return cls(
            None if subjects is None else frozenset(subjects),
            case,
            None if operations is None else frozenset(operations),
            tuple(wish for wish in wishes if wish is not None),
        )

    def may_be(self, data: bytes) -> bool:
        """Whether these bytes can be wanted: entries have one encoding, so what is not in them is not in the entry.
        A tenth of what reading an entry costs."""
        return all(any(needle in data for needle in wish) for wish in self._needles)

    def matches(self, entry: LogEntry) -> bool:
        """Whether this entry is wanted."""
        return (
            (self.subjects is None or entry.subject in self.subjects)
            and (self.case is None or entry.case == self.case)
            and (self.operations is None or entry.operation in self.operations)
        )


def _member(name: str, value: str) -> bytes:
    return f'"{name}":"{value}"'.encode()
