"""Whether the clock may be believed by whoever destroys or refuses for good because of it (I5).

The last instant that was believed is kept in the catalogue and moves on with the clock, never by more than the policy
allows. Whoever acts on time alone asks first: the sweeps, the expiry of the log, ingest where a call comes too late.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from callwarden.errors import RetryableError
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.sweeping import LONGEST_JUMP, ClockStanding, clock_standing

BELIEVED: Final = "clock-believed"
_LONG_AGO: Final = "1970-01-01T00:00:00+00:00"
"""What is believed where somebody has altered it: no clock is right then, until two people say so."""
_WRITE_DOWN: Final = timedelta(minutes=30)
"""How much time goes by before the instant is written anew."""


class ClockAstrayError(RetryableError):
    """The clock is too far from the last instant that was believed. Nothing changed."""

    def __init__(self, standing: ClockStanding, *, at: datetime, believed: datetime | None) -> None:
        self.standing = standing
        known = "" if believed is None else f", the last believed instant is {believed:%Y-%m-%d %H:%M:%SZ}"
        super().__init__(
            f"{standing.value}: the clock says {at:%Y-%m-%d %H:%M:%SZ}{known}. Nothing is destroyed or refused by it: "
            "set the clock right; if it is right, callwarden dispose --as ROLE:NAME asks for it to be believed, and "
            "somebody else confirms"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Timekeeper:
    """Thread-safe. `newest_entry` is when the access log was last written, for a system that never believed an instant
    before; `may_jump` is true of test systems, which began under a clock fixed by hand."""

    clock: Clock
    catalogue: Catalogue
    within: timedelta
    newest_entry: Callable[[], datetime | None]
    may_jump: bool = False

    def standing(self, tx: Transaction, *, given: datetime | None = None) -> tuple[ClockStanding, datetime | None]:
        """How the clock stands, or an instant `given` by a person, and what was believed before. Of a clock that is
        right it is written down that it was."""
        at = given or self.clock.now()
        believed = self.believed(tx)
        standing = self._standing(at, believed, given=given is not None)
        moved = believed is None or at - believed > _WRITE_DOWN
        if standing is ClockStanding.RIGHT and given is None and moved:
            self.believe(tx, at)
        return standing, believed

    def is_ahead(self, tx: Transaction) -> bool:
        """Whether the clock is too far ahead to be believed. Writes nothing down."""
        return self._standing(self.clock.now(), self.believed(tx)) is ClockStanding.AHEAD

    def check(self, tx: Transaction) -> datetime:
        """The clock's instant. Raises ClockAstrayError."""
        standing, believed = self.standing(tx)
        if standing is not ClockStanding.RIGHT:
            raise ClockAstrayError(standing, at=self.clock.now(), believed=believed)
        return self.clock.now()

    def now(self) -> datetime:
        """As `check`, in a transaction of its own."""
        with self.catalogue.transaction() as tx:
            return self.check(tx)

    def believed(self, tx: Transaction) -> datetime | None:
        """The last instant that was believed."""
        written = tx.landmarks.sealed(BELIEVED, if_altered=_LONG_AGO)
        if written is not None:
            return datetime.fromisoformat(written)
        return None if self.may_jump else self.newest_entry()

    def believe(self, tx: Transaction, at: datetime) -> None:
        """Write down that `at` is to be believed: the clock was right, or two people say so."""
        tx.landmarks.save_sealed(BELIEVED, at.astimezone(UTC).isoformat())

    def _standing(self, at: datetime, believed: datetime | None, *, given: bool = False) -> ClockStanding:
        within = LONGEST_JUMP if self.may_jump or given else self.within
        return clock_standing(at, believed=believed, within=within)
