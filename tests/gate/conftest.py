"""A system in memory for each test of the gate, with a log that remembers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from callwarden.model.log_entry import EntryId, LogEntry
from callwarden.ports.log import LogUnavailableError
from tests.support.workshop import Workshop


@dataclass
class NotingLog:
    """`callwarden.ports.log.LogWriter` in memory; `down` makes it refuse."""

    down: bool = False
    entries: list[LogEntry] = field(default_factory=list)

    def append(self, entry: LogEntry) -> EntryId:
        self.append_all([entry])
        return entry.entry_id

    def append_all(self, entries: Sequence[LogEntry]) -> None:
        if self.down:
            raise LogUnavailableError("down")
        self.entries += entries


@pytest.fixture
def log() -> NotingLog:
    return NotingLog()


@pytest.fixture
def shop(tmp_path: Path, log: NotingLog) -> Iterator[Workshop]:
    with Workshop(tmp_path) as built:
        built.parts["log_writer"] = log
        built.reopen()
        yield built
