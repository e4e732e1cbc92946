"""The sequencer's one row of state, and the guard that lets only one writer move it."""

from typing import Final

from sqlalchemy import Connection, insert, select, update

from callwarden.accesslog.book.stored import stored_bytes
from callwarden.accesslog.book.tables import log_state
from callwarden.accesslog.proof.proofs import MissingHashError, NodeSource
from callwarden.accesslog.proof.tree import Frontier, cover
from callwarden.accesslog.proof.values import Hash
from callwarden.errors import ConfigurationError
from callwarden.ports.log import LogDamagedError, SecondSequencerError

_ROW: Final = 1
_STATE: Final = select(log_state.c.size, log_state.c.peaks, log_state.c.origin).where(log_state.c.id == _ROW)


def read_frontier(connection: Connection) -> tuple[Frontier, str | None]:
    """How far the tree has got, and of which origin the log is; an empty one, of none, before the first use.

    Raises: `LogDamagedError`.
    """
    row = connection.execute(_STATE).one_or_none()
    if row is None:
        return Frontier(), None
    size, peaks, origin = row[0], stored_bytes(row[1]), row[2]
    try:
        return Frontier(size, tuple(Hash(peaks[i : i + 32]) for i in range(0, len(peaks), 32))), origin
    except ValueError as error:
        raise LogDamagedError("the log's stored frontier is damaged") from error


def load_frontier(connection: Connection, *, origin: str) -> Frontier:
    """As `read_frontier`, to be moved on: makes the row on first use, and locks it where rows can be locked.

    Raises: `ConfigurationError` when the database holds the log of another origin, `LogDamagedError`.
    """
    connection.execute(_STATE.with_for_update())
    frontier, known = read_frontier(connection)
    if known is None:
        connection.execute(insert(log_state), {"id": _ROW, "size": 0, "peaks": b"", "origin": origin})
    elif known != origin:
        raise ConfigurationError(f"this database holds the log {known}, not {origin}: check the log's name")
    return frontier


def save_frontier(connection: Connection, before: Frontier, after: Frontier) -> None:
    """Set the row to ``after`` if it still is ``before``. Raises: `SecondSequencerError`."""
    changed = connection.execute(
        update(log_state)
        .where(log_state.c.id == _ROW, log_state.c.size == before.size)
        .values(size=after.size, peaks=b"".join(after.peaks))
    ).rowcount
    if changed != 1:
        raise SecondSequencerError("another process has added to the log's tree meanwhile")


def check_frontier(frontier: Frontier, source: NodeSource) -> None:
    """The state agrees with the stored hashes. Raises: `LogDamagedError`."""
    for piece, peak in zip(cover(0, frontier.size), frontier.peaks, strict=True):
        try:
            agrees = source(piece) == peak
        except MissingHashError as error:
            message = f"hashes of the entries {error.piece.first} to {error.piece.end - 1} are missing"
            raise LogDamagedError(message, index=error.piece.first) from error
        if not agrees:
            message = f"the stored hashes of the entries {piece.first} to {piece.end - 1} are altered"
            raise LogDamagedError(message, index=piece.first)
