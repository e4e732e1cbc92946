"""Which key may sign next, by what the newest checkpoint says."""

from sqlalchemy import Connection

from pipeline.adapters.log.segments import read_head
from pipeline.errors import ConfigurationError
from pipeline.model.log_proof import VerifierKey
from pipeline.ports.log import LogDamagedError
from pipeline.rules.chain.checkpoint import parse_checkpoint
from pipeline.rules.chain.note import NoteError, format_key, parse_note


def successor_named(connection: Connection) -> VerifierKey | None:
    """The key the newest checkpoint hands over to, if it does. Raises: `LogDamagedError`."""
    head = read_head(connection)
    if head is None:
        return None
    try:
        return parse_checkpoint(parse_note(head).text).successor
    except NoteError as error:
        raise LogDamagedError(f"the log's newest checkpoint is damaged: {error}") from error


def refuse_retired(connection: Connection, key: VerifierKey, *, finishing: VerifierKey | None) -> None:
    """A process that was started before the key was rotated signs nothing with the old one.

    Raises: `ConfigurationError`, `LogDamagedError`.
    """
    successor = successor_named(connection)
    if successor is not None and successor not in {key, finishing}:
        raise ConfigurationError(
            f"the log's key has handed over to {format_key(successor)}: start this process again, or finish an "
            "interrupted rotation with: callwarden log rotate-key"
        )
