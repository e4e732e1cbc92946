"""A process that is killed at a chosen call of a port: from then on nothing it does reaches the outside."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import GeneratorType
from typing import Any, BinaryIO, Self

from callwarden.wiring import System

PORTS = ("bus", "vault", "catalogue", "keys", "landing", "journal")
"""Every port with a lasting effect. `cached_property` names of `System`."""

LASTING = frozenset(
    {
        "bus.publish",
        "catalogue.mark_sent",
        "catalogue.transaction.commit",
        "journal.append",
        "keys.destroy_master",
        "keys.make_master",
        "keys.use_master",
        "landing.delete",
        "upload.finish",
        "upload.write",
        "subscription.commit",
        "vault.destroy",
        "vault.give_up",
        "vault.put",
        "vault.put.read",
        "vault.set_hold",
    }
)
"""Calls that change something. Dying after any other is dying before the next call."""


class KilledError(BaseException):
    """The process is dead. Not an Exception: nothing may catch it and carry on."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The `nth` call (from 1) of a port's method, before it or after it has taken effect."""

    call: str
    nth: int
    after: bool = False

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.call} {self.nth}"


@dataclass(slots=True)
class Fate:
    """Dies at a moment; None: never, it only takes note of the calls."""

    at: Moment | None = None
    calls: list[str] = field(default_factory=list)
    dead: bool = False
    _counted: Counter[str] = field(default_factory=Counter)
    _lock: Any = field(default_factory=threading.RLock)

    def before(self, call: str) -> bool:
        """To be told before each call; says whether the process dies after it."""
        with self._lock:
            if self.dead:
                raise KilledError(call)
            self.calls.append(call)
            self._counted[call] += 1
            if self.at is None or (self.at.call, self.at.nth) != (call, self._counted[call]):
                return False
            self.dead = True
            if not self.at.after:
                raise KilledError(call)
            return True


def moments(calls: Sequence[str], *, every: bool = True) -> list[Moment]:
    """The moments to die at of the process that made these calls one after the other: before the first call of every
    kind, and after each call that changes something. Between two of those nothing changes, so dying there leaves the
    same behind. With `every` off, only the first of each kind that changes something."""
    found = []
    counted: Counter[str] = Counter()
    for call in calls:
        counted[call] += 1
        if counted[call] == 1:
            found.append(Moment(call, 1))
        if call in LASTING and (every or counted[call] == 1):
            found.append(Moment(call, counted[call], after=True))
    return found


class Dying:
    """Stands before a port. Calls of a dead process never reach it."""

    def __init__(self, inner: Any, fate: Fate, name: str) -> None:
        self._inner = inner
        self._fate = fate
        self._name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if self._name == "tx":
            return Dying(value, self._fate, f"tx.{name}")
        if not callable(value) or name in ("close", "__exit__"):
            return value
        label = f"{self._name}.{name}"
        if name == "transaction":
            return lambda: self._transaction(label)
        if name == "subscribe":
            return lambda *args, **kwargs: DyingSubscription(value(*args, **kwargs), self._fate, "subscription")

        def call(*args: Any, **kwargs: Any) -> Any:
            dies = self._fate.before(label)
            if name == "put":
                args = (args[0], DyingBody(args[1], self._fate), *args[2:])
            result = value(*args, **kwargs)
            if self._name == "landing" and name == "begin":
                result = Dying(result, self._fate, "upload")
            if isinstance(result, GeneratorType):
                result = iter(list(result))
            if dies:
                raise KilledError(label)
            return result

        return call

    @contextmanager
    def _transaction(self, label: str) -> Iterator[Any]:
        """A process that dies inside rolls back; one that dies after has committed."""
        self._fate.before(label)
        dies = False
        with self._inner.transaction() as tx:
            self._fate.before(f"{label}.begin")
            yield Dying(tx, self._fate, "tx")
            dies = self._fate.before(f"{label}.commit")
        if dies:
            raise KilledError(f"{label}.commit")


class DyingBody:
    """Bytes on their way into the vault: the process may die between two pieces."""

    def __init__(self, inner: BinaryIO, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate

    def read(self, size: int = -1, /) -> bytes:
        piece = self._inner.read(size)
        if self._fate.before("vault.put.read"):
            raise KilledError("vault.put.read")
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class DyingSubscription(Dying):
    """Leaves its group even when dead, without committing: that others notice a member that was killed is for the
    tests with real processes."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._inner.close()


def mortal(system: System, fate: Fate) -> System:
    """Put every port of a system that has not been used yet under a fate."""
    for name in PORTS:
        system.stand_in(**{name: Dying(getattr(system, name), fate, name)})
    return system
