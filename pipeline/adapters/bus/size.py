"""The size limit of a message, the same on every bus."""

from callwarden.errors import InvalidMessageError
from callwarden.model.outcome import Reason
from callwarden.ports.bus import Message


def check_size(message: Message, *, limit: int) -> None:
    """Raises InvalidMessageError(not_an_event) where key, value and headers together exceed `limit` bytes."""
    size = len(message.key.encode()) + len(message.value)
    size += sum(len(name.encode()) + len(value) for name, value in message.headers)
    if size > limit:
        raise InvalidMessageError(Reason.NOT_AN_EVENT, detail=f"{size} bytes; at most {limit} are carried")
