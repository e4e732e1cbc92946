"""How often something may be tried, whichever process is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from callwarden.model.ids import Pseudonym
from callwarden.model.person import Attempts
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyStore
from callwarden.rules.attempts import Pace, charged, left, wait

_NONE: Final = timedelta()
_PARTS: Final = 10
"""What is left is taken in so many parts, where it is taken in parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Something of which only so much may be tried: what kind of thing, which one, and how much."""

    kind: str
    value: str
    pace: Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """Whether it may be tried: `wait` is nothing then. `tell` is true for one refusal in a while: so many go into the
    log, and no stranger fills it."""

    wait: timedelta = _NONE
    tell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """So many may be tried by whoever took them; none, and `wait` says how long there are none."""

    count: int = 0
    wait: timedelta = _NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """Keeps pseudonyms of what is tried only. Thread-safe."""

    catalogue: Catalogue
    clock: Clock
    keys: KeyStore

    def charge(self, tried: Sequence[Tried]) -> Charged:
        """Count an attempt, before it is made: durable when this returns. One that is refused is not counted."""
        keys = {self._key(one): one for one in tried}
        with self.catalogue.snapshot() as tx:
            found = self._charge(tx, keys, write=False)
        if found.wait and not found.tell:
            return found  # nothing is written for who goes on after they were told
        with self.catalogue.transaction() as tx:
            return self._charge(tx, keys, write=True)

    def look(self, tried: Sequence[Tried]) -> timedelta:
        """How long to wait until it may be tried; nothing is counted."""
        keys = {self._key(one): one for one in tried}
        with self.catalogue.snapshot() as tx:
            return self._charge(tx, keys, write=False).wait

    def portion(self, tried: Tried) -> Portion:
        """Count a tenth of what is left, one at least: what is tried often is not written down one by one, and however
        many take portions of it, they take no more than there is. Durable when this returns."""
        with self.catalogue.snapshot() as tx:
            found, _ = self._portion(tx, tried, lock=False)
        if not found.count:
            return found  # nothing is written for who has to wait
        with self.catalogue.transaction() as tx:
            found, after = self._portion(tx, tried, lock=True)
            tx.attempts.save([after] if found.count else [])
        return found

    def _portion(self, tx: Transaction, tried: Tried, *, lock: bool) -> tuple[Portion, Attempts]:
        now, pace, key = self.clock.now(), tried.pace, self._key(tried)
        before = next(iter(tx.attempts.get([key], lock=lock)), Attempts(key=key, free_at=now))
        there = left(before.free_at, pace, now=now)
        if not there:
            return Portion(wait=wait(before.free_at, pace, now=now)), before
        count = max(1, there // _PARTS)
        return Portion(count=count), replace(before, free_at=charged(before.free_at, pace, now=now, count=count))

    def refund(self, tx: Transaction, tried: Sequence[Tried]) -> None:
        """It was in order: it does not count."""
        keys = {self._key(one): one for one in tried}
        kept = tx.attempts.get(list(keys), lock=True)
        tx.attempts.save([replace(one, free_at=one.free_at - keys[one.key].pace.each) for one in kept])

    def _key(self, tried: Tried) -> Pseudonym:
        return self.keys.pseudonym(f"tried {tried.kind}", tried.value)

    def _charge(self, tx: Transaction, keys: dict[Pseudonym, Tried], *, write: bool) -> Charged:
        now = self.clock.now()
        kept = {one.key: one for one in tx.attempts.get(list(keys), lock=write)}
        before = [kept.get(key, Attempts(key=key, free_at=now)) for key in sorted(keys)]
        waits = {one.key: wait(one.free_at, keys[one.key].pace, now=now) for one in before}
        longest = max(waits.values(), default=_NONE)
        if not longest:
            after = [replace(one, free_at=charged(one.free_at, keys[one.key].pace, now=now)) for one in before]
            found = Charged()
        else:
            untold = [one for one in before if waits[one.key] and (one.told_until is None or one.told_until <= now)]
            after = [replace(one, told_until=now + keys[one.key].pace.fills_in) for one in untold]
            found = Charged(wait=longest, tell=bool(untold))
        if write:
            tx.attempts.forget(before=now - timedelta(days=1))
            tx.attempts.save(after)
        return found
