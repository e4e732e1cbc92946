"""The gate's way into the log: one durable append at a time as seen from outside, one commit for many inside."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final

from callwarden.errors import CallwardenError, InvariantError
from callwarden.model.log_entry import EntryId, LogEntry
from callwarden.ports.log import LogUnavailableError

TIMEOUT_S: Final = 2.0
_GROUP: Final = 512
_QUEUE: Final = 8192


def _locked() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True)
class _Append:
    """One caller's wish. ``given_up`` is set by a caller whose time is over: not written then, if still possible."""

    entries: Sequence[LogEntry]
    answered: threading.Lock = field(default_factory=_locked)  # released once the answer is there
    failure: CallwardenError | None = None
    given_up: bool = False


class GroupLogWriter:
    """`callwarden.ports.log.LogWriter` over anything that stages entries durably, all or none.

    One thread commits; while it does, callers queue up, and the next commit takes them all. A commit that hangs
    therefore hangs that thread and nobody else: callers leave after ``timeout_s``, and once the queue is full new
    ones are refused at once.
    """

    def __init__(
        self,
        stage: Callable[[Sequence[LogEntry]], None],
        *,
        on_close: Callable[[], None] = lambda: None,
        timeout_s: float = TIMEOUT_S,
        group: int = _GROUP,
        queue_size: int = _QUEUE,
    ) -> None:
        self._stage = stage
        self._on_close = on_close
        self._timeout_s = timeout_s
        self._group = group
        self._queue_size = queue_size
        self._waiting: SimpleQueue[_Append | None] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def append(self, entry: LogEntry) -> EntryId:
        """See `LogWriter.append`."""
        self.append_all((entry,))
        return entry.entry_id

    def append_all(self, entries: Sequence[LogEntry]) -> None:
        """As `append`, for entries that stand or fall together (an export's, a search's): all or none of them."""
        wish = _Append(entries)
        self._ensure_thread()
        if self._waiting.qsize() >= self._queue_size:
            raise LogUnavailableError("the log does not keep up: too many entries wait for it")
        self._waiting.put(wish)
        if not wish.answered.acquire(timeout=self._timeout_s):
            wish.given_up = True
            raise LogUnavailableError(f"the log did not answer within {self._timeout_s:g} s")
        if wish.failure is not None:
            raise LogUnavailableError(f"the log refused the entry: {wish.failure}") from wish.failure

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
                self._thread = threading.Thread(target=self._work, name="log-writer", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        try:
            self._run()
        finally:
            self._on_close()

    def _run(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                return
            group, ended = [first], False
            while len(group) < self._group:
                try:
                    more = self._waiting.get_nowait()
                except Empty:
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
        failure = self._try([entry for wish in group for entry in wish.entries])
        if isinstance(failure, InvariantError) and len(group) > 1:
            # One of them is at fault: the others must not suffer for it.
            for wish in group:
                self._commit([wish])
            return
        for wish in group:
            wish.failure = failure
            wish.answered.release()

    def _try(self, entries: list[LogEntry]) -> CallwardenError | None:
        try:
            self._stage(entries)
        except CallwardenError as error:
            return error
        except Exception as error:  # noqa: BLE001 -- whatever it is, the callers wait for an answer
            return InvariantError(f"the log's store failed: {type(error).__name__}")
        return None
