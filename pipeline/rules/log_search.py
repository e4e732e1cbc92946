"""Which entries of the access log somebody looks for: by whom, of what, when."""

from dataclasses import dataclass
from datetime import datetime

from callwarden.model.log_entry import EntryId, EntryOutcome, LogEntry, Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSearch:
    """What is given together all has to hold. `recording` and `case` are asked of the log itself; `who` is as the log
    has people, or what stands for everybody of a role (``trainer:``); `before` is the number of an entry that was shown
    last."""

    recording: str | None = None
    case: str | None = None
    operations: frozenset[Operation] = frozenset()
    outcomes: frozenset[EntryOutcome] = frozenset()
    who: frozenset[str] = frozenset()
    entry: EntryId | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None

    def wants(self, index: int | None, entry: LogEntry) -> bool:
        """Whether an entry, and its number, is one of these."""
        return (
            (not self.operations or entry.operation in self.operations)
            and (not self.outcomes or entry.outcome in self.outcomes)
            and (not self.who or any(entry.actor == who or _is_role(who, entry.actor) for who in self.who))
            and (self.entry is None or entry.entry_id == self.entry)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
            and (self.before is None or (index is not None and index < self.before))
        )


def _is_role(who: str, actor: str) -> bool:
    return who.endswith(":") and actor.startswith(who)
