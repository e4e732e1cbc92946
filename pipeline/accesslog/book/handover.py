"""Which key may sign next, by what the newest checkpoint says."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine

from callwarden.accesslog.book.segments import read_head, snapshot
from callwarden.accesslog.proof.checkpoint import parse_checkpoint
from callwarden.accesslog.proof.note import NoteError, SignedNote, TrustedKey, format_key, parse_note
from callwarden.accesslog.proof.values import VerifierKey
from callwarden.errors import ConfigurationError
from callwarden.ports.log import LogDamagedError


def successor_named(connection: Connection) -> VerifierKey | None:
    """The key the newest checkpoint hands over to, if it does. Raises: `LogDamagedError`."""
    head = _head(connection)
    return None if head is None else parse_checkpoint(head.text).successor


def may_make_key(engine: Engine, name: str, *, earlier: Sequence[TrustedKey]) -> bool:
    """Whether a log of this name without a key file may be given a new key: it has signed nothing yet, or whoever runs
    it has put the key that was lost among the ``earlier`` ones. Elsewhere a new key would only hide the loss.

    Raises: RetryableError, `LogDamagedError`.
    """
    with snapshot(engine) as connection:
        head = _head(connection)
    known = {(trusted.key.name, trusted.key.key_id) for trusted in earlier}
    signatures = () if head is None else head.signatures
    return all((signature.name, signature.key_id) in known for signature in signatures if signature.name == name)


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


def _head(connection: Connection) -> SignedNote | None:
    head = read_head(connection)
    try:
        note = None if head is None else parse_note(head)
        if note is not None:
            parse_checkpoint(note.text)
    except NoteError as error:
        raise LogDamagedError(f"the log's newest checkpoint is damaged: {error}") from error
    return note
