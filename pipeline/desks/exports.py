"""The desk where a table that somebody may see is taken away as a file (U3, L1)."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from callwarden.desks.acts import Acts
from callwarden.model.access import Actor
from callwarden.ports.clock import Clock
from callwarden.rules.rights import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDesk:
    """What stands in the table was read at another desk, which has decided about it and written its own entry.
    Thread-safe."""

    acts: Acts
    clock: Clock

    def exported(self, actor: Actor, table: str, form: str, content: bytes, *, count: int) -> datetime:
        """Write down that these bytes leave: which table, how many rows, and the digest of the file. Durable when it
        returns; the instant. Raises RefusedError, RetryableError."""
        with self.acts.perform(Act.TABLE_EXPORT, actor) as doing:
            doing.reasons = (table, form)
            doing.count = count
            doing.digest = sha256(content).hexdigest()
        return self.clock.now()
