"""The gate's way into the log: one durable append at a time as seen from outside, one commit for many inside."""

import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from pipeline.errors import CallwardenError, InvariantError
from pipeline.model.log_entry import EntryId, LogEntry
from pipeline.ports.catalogue import Transaction
from pipeline.ports.log import LogUnavailableError

TIMEOUT_S: Final = 2.0
_GROUP: Final = 512
_QUEUE: Final = 8192


@dataclass(slots=True)
class _Append:
    """One caller's wish. ``given_up`` is set by a caller whose time is over: not written then, if still possible."""

    entry: LogEntry
    done: threading.Event = field(default_factory=threading.Event)
    failure: CallwardenError | None = None
    given_up: bool = False


class GroupLogWriter:
    """`pipeline.ports.log.LogWriter` over the catalogue's transactions.

    One thread commits; while it does, callers queue up, and the next commit takes them all. A commit that hangs
    therefore hangs that thread and nobody else: callers leave after ``timeout_s``, and once the queue is full new
    ones are refused at once.
    """

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Transaction]],
        *,
        timeout_s: float = TIMEOUT_S,
        group: int = _GROUP,
        queue_size: int = _QUEUE,
    ) -> None:
        self._transaction = transaction
        self._timeout_s = timeout_s
        self._group = group
        self._waiting: queue.Queue[_Append | None] = queue.Queue(queue_size)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def append(self, entry: LogEntry) -> EntryId:
        """See `LogWriter.append`."""
        wish = _Append(entry)
        self._ensure_thread()
        try:
            self._waiting.put_nowait(wish)
        except queue.Full:
            raise LogUnavailableError("the log does not keep up: too many entries wait for it") from None
        if not wish.done.wait(self._timeout_s):
            wish.given_up = True
            raise LogUnavailableError(f"the log did not answer within {self._timeout_s:g} s")
        if wish.failure is not None:
            raise LogUnavailableError(f"the log refused the entry: {wish.failure}") from wish.failure
        return entry.entry_id

    def close(self, *, wait_s: float = 5.0) -> None:
        """Write what waits, then end the thread; waits that long for it. Appends are refused from now on."""
        with self._starting:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._waiting.put(None)
            thread.join(wait_s)

    def _ensure_thread(self) -> None:
        if self._thread is not None and not self._closed:
            return
        with self._starting:
            if self._closed:
                raise LogUnavailableError("the log's writer is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                return
            group, ended = [first], False
            while len(group) < self._group:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    ended = True
                    break
                group.append(more)
            self._commit([wish for wish in group if not wish.given_up])
            if ended:
                return

    def _commit(self, group: list[_Append]) -> None:
        if not group:
            return
        failure = self._try([wish.entry for wish in group])
        if isinstance(failure, InvariantError) and len(group) > 1:
            # One of them is at fault: the others must not suffer for it.
            for wish in group:
                self._commit([wish])
            return
        for wish in group:
            wish.failure = failure
            wish.done.set()

    def _try(self, entries: list[LogEntry]) -> CallwardenError | None:
        try:
            with self._transaction() as transaction:
                transaction.append_log(entries)
        except CallwardenError as error:
            return error
        except Exception as error:  # noqa: BLE001 -- whatever it is, the callers wait for an answer
            return InvariantError(f"the log's store failed: {type(error).__name__}")
        return None
