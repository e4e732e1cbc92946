"""Who may build the tree: one process at a time. The lease ends with its process, however that ends, and so does the
wish for a checkpoint, by which any other process hurries it."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, text

from callwarden.adapters.sql.faults import translated
from callwarden.errors import ConfigurationError
from callwarden.ports.log import SecondSequencerError

_ADVISORY_LOCK: Final = 0x6C6F67736571  # any number of our own
_TRY_LOCK: Final = text("SELECT pg_try_advisory_lock(:number)")
_WISH: Final = _ADVISORY_LOCK + 1
_WISH_LOCK: Final = text("SELECT pg_advisory_lock_shared(:number)")
_TRY_WISH: Final = text("SELECT pg_try_advisory_xact_lock(:number)")
PATIENCE_S: Final = 0.5
"""A server takes a moment to see that a session is gone: a sequencer started anew must not trip over its own."""
_LOOK_S: Final = 0.025
_REFUSED: Final = "another process is building the log's tree; stop it before you start this one"


@contextmanager
def sequencer_lease(engine: Engine, *, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold the lease for the length of the block.

    On SQLite a lock on a file beside the database, on PostgreSQL a session's advisory lock: the operating system,
    or the server, ends it when the process is gone. Were it ever lost unseen, comparing and setting the frontier
    still lets only one of two succeed.

    Raises: `SecondSequencerError` when another still holds it after ``patience_s``; RetryableError when the database
    is out of reach, `ConfigurationError` when the lock's file cannot be made.
    """
    if engine.dialect.name == "sqlite":
        assert engine.url.database is not None
        with _file_lock(Path(engine.url.database + ".sequencer"), patience_s):
            yield
        return
    with _session(engine) as connection:
        with translated():
            _try_until(patience_s, lambda: bool(connection.execute(_TRY_LOCK, {"number": _ADVISORY_LOCK}).scalar_one()))
        yield


@contextmanager
def checkpoint_wish(engine: Engine) -> Iterator[None]:
    """Have whoever holds the lease make a checkpoint at its next look, for the length of the block: a lock that any
    number share, and that it finds it cannot have alone. Raises: as `sequencer_lease`, but `SecondSequencerError`."""
    if engine.dialect.name == "sqlite":
        with _opened(_wish_file(engine)) as handle:
            fcntl.flock(handle, fcntl.LOCK_SH)
            yield
        return
    with _session(engine) as connection:
        with translated():
            connection.execute(_WISH_LOCK, {"number": _WISH})
        yield


def checkpoint_wished(engine: Engine) -> bool:
    """Whether anybody waits for one. Raises RetryableError."""
    if engine.dialect.name == "sqlite":
        with suppress(FileNotFoundError), _wish_file(engine).open("rb+") as file:
            return not _locked(file.fileno())
        return False
    with translated(), engine.begin() as connection:
        return not connection.execute(_TRY_WISH, {"number": _WISH}).scalar_one()


def _wish_file(engine: Engine) -> Path:
    assert engine.url.database is not None
    return Path(engine.url.database + ".checkpoint-wished")


@contextmanager
def _session(engine: Engine) -> Iterator[Connection]:
    """A session whose locks last as long as the block."""
    with translated():
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with translated():
            # The session only waits: it must outlive every time-out that is set for those that work.
            connection.execute(text("SELECT set_config('idle_in_transaction_session_timeout', '0', false)"))
        yield connection
    finally:
        connection.invalidate()  # closes the session, and with it the lock
        connection.close()


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(f"{path}: the sequencer's lock cannot be made ({error.strerror})") from error
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _file_lock(path: Path, patience_s: float) -> Iterator[None]:
    with _opened(path) as handle:
        _try_until(patience_s, lambda: _locked(handle))
        yield


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _try_until(patience_s: float, take: Callable[[], bool]) -> None:
    end = time.monotonic() + patience_s
    while not take():
        if time.monotonic() > end:
            raise SecondSequencerError(_REFUSED)
        time.sleep(_LOOK_S)
