"""What is written once and kept: certificates, landmarks, log entries, messages to publish."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from callwarden.model.certificate import Certificate
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import LogEntry
from callwarden.ports.bus import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A message that is durable with the rows it tells about, and not yet known to be on the bus."""

    outbox_id: int
    message: Message


class Certificates(Protocol):
    """Disposal certificates."""

    def get(self, recording_ids: Collection[RecordingId]) -> Sequence[Certificate]:
        """Those of these recordings, oldest first."""
        ...

    def add(self, certificates: Sequence[Certificate]) -> None:
        """Keep them; one with the same digest is kept once."""
        ...


class Landmarks(Protocol):
    """What is remembered of the system as a whole, by name."""

    def get(self, name: str) -> str | None:
        """What was saved under this name; None before the first time."""
        ...

    def save(self, name: str, value: str) -> None: ...

    def sealed(self, name: str, *, if_altered: str | None = None) -> str | None:
        """What was saved under this name, for what decides something; None before the first time. What anybody else has
        put there is never given: then it is `if_altered`."""
        ...

    def save_sealed(self, name: str, value: str) -> None:
        """Encrypt it, so that nobody without the key reads it or makes another."""
        ...

    def journal_position(self) -> str:
        """How far the erasure journal has been replayed over these rows; empty before the first time."""
        ...

    def save_journal_position(self, position: str) -> None: ...


class Log(Protocol):
    """The access log, as far as a transaction writes it."""

    def append(self, entries: Sequence[LogEntry]) -> None:
        """Write entries, durable with this transaction."""
        ...


class Outbox(Protocol):
    """Messages that follow this transaction."""

    def append(self, messages: Sequence[Message]) -> Sequence[OutboxEntry]:
        """Write messages to be published after this transaction."""
        ...
