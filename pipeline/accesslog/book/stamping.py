"""Has checkpoints time-stamped by a third party (RFC 3161), beside the sequencer and never in its way (L2)."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from prometheus_client import Counter
from sqlalchemy import Engine, func, insert, select, update

from callwarden.accesslog.book.segments import PUBLISHED, newest_checkpoint
from callwarden.accesslog.book.stored import stored_bytes
from callwarden.accesslog.book.tables import log_checkpoint, log_timestamp
from callwarden.accesslog.proof.naming import checkpoint_name, timestamp_name
from callwarden.adapters.sql.faults import translated
from callwarden.diagnostics import log
from callwarden.errors import RetryableError
from callwarden.ports.log import CheckpointPlace
from callwarden.ports.timestamps import NotStampedError, StampingFault, TimestampAuthority

_STAMPS: Final = Counter(
    "callwarden_log_timestamps",
    "Time-stamps of checkpoints asked for: stamped, away, rejected, wrong, or unkept (no place took it).",
    ["outcome"],
)
for _outcome in ("stamped", "unkept", *StampingFault):
    _STAMPS.labels(_outcome)  # from the beginning, so that the first is seen to have risen
_LET_END_S: Final = 30.0
"""A service that stops waits this long for a question it has asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamper:
    """Has the newest published checkpoint stamped when the last time-stamp is older than ``every``; never that of an
    empty log, which proves nothing and would put off the next.

    Several may work on one log: at worst a checkpoint gets two time-stamps.
    """

    engine: Engine
    authority: TimestampAuthority
    places: Sequence[CheckpointPlace]
    now: Callable[[], datetime]
    every: timedelta

    def stamp(self) -> datetime | None:
        """Stamp what is due and bring it, and any that could not be brought before, to every place: the instant it
        proves; None when nothing is due. A fault is logged, counted and raised; the next call tries again.

        Raises: `NotStampedError`, RetryableError.
        """
        try:
            self._bring()
            at = self._stamp()
            if at is not None:
                self._bring()
        except NotStampedError as error:
            _STAMPS.labels(error.fault.value).inc()
            log.warning("checkpoint_not_stamped", fault=error.fault.value, error=str(error))
            raise
        except RetryableError as error:
            _STAMPS.labels("unkept").inc()
            log.warning("timestamp_not_kept", error=str(error))
            raise
        if at is not None:
            _STAMPS.labels("stamped").inc()
            log.info("checkpoint_stamped", at=at.isoformat())
        return at

    @contextmanager
    def beside(self) -> Iterator[Callable[[], None]]:
        """A thread that stamps whenever what this yields is called; it ends with the block."""
        wanted, over = threading.Event(), threading.Event()

        def work() -> None:
            while wanted.wait() and not over.is_set():
                wanted.clear()
                try:
                    self.stamp()
                except RetryableError:
                    pass  # logged and counted; asked again after the next checkpoint
                except Exception as error:  # noqa: BLE001 -- logged by its type
                    # Whatever it is, checkpoints go on: a time-stamp is more proof, never less.
                    log.error("stamping_failed", error=type(error).__name__)

        thread = threading.Thread(target=work, name="log-timestamps", daemon=True)
        thread.start()
        try:
            yield wanted.set
        finally:
            over.set()
            wanted.set()
            thread.join(_LET_END_S)

    def _stamp(self) -> datetime | None:
        with translated(), self.engine.connect() as connection:
            newest = newest_checkpoint(connection, PUBLISHED, log_checkpoint.c.size > 0)
            last = connection.execute(select(func.max(log_timestamp.c.obtained_at))).scalar()
            if newest is None or not self._is_due(last):
                return None
            checkpoint = checkpoint_name(newest.note, size=newest.size)
            known = select(log_timestamp.c.name).where(log_timestamp.c.checkpoint == checkpoint).limit(1)
            if connection.execute(known).first() is not None:
                return None
        obtained = self.authority.stamp(newest.note)  # no connection is held while a stranger thinks
        stamped = {
            "name": timestamp_name(obtained.token, checkpoint=checkpoint),
            "checkpoint": checkpoint,
            "size": newest.size,
            "stamped_at": obtained.at,
            "obtained_at": self.now().astimezone(UTC),
            "token": obtained.token,
            "published_at": None,
        }
        with translated(), self.engine.begin() as connection:
            connection.execute(insert(log_timestamp), stamped)
        return obtained.at

    def _is_due(self, last: datetime | None) -> bool:
        """Also when the last one lies in the future: our clock was wrong then, or is now."""
        return last is None or abs(self.now() - last) >= self.every

    def _bring(self) -> None:
        """Bring every token to every place; then the places keep it, and the database only when it was."""
        waiting = select(log_timestamp.c.name, log_timestamp.c.checkpoint, log_timestamp.c.token).where(
            log_timestamp.c.published_at.is_(None), log_timestamp.c.token.is_not(None)
        )
        with translated(), self.engine.connect() as connection:
            rows = connection.execute(waiting.order_by(log_timestamp.c.name)).all()
        for name, checkpoint, token in rows:
            for place in self.places:
                place.keep_timestamp(stored_bytes(token), checkpoint=checkpoint)
            with translated(), self.engine.begin() as connection:
                connection.execute(
                    update(log_timestamp)
                    .where(log_timestamp.c.name == name)
                    .values(published_at=self.now().astimezone(UTC), token=None)
                )
