"""What the programs say while they run: one JSON object a line on standard error, static event names and ids only.

Each line has its fields, then ``event``, ``level`` and ``timestamp`` (UTC, ISO 8601). Thread-safe.
"""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Lock

Line = Mapping[str, object]
"""The fields, ``event`` and ``level``."""

_writing = Lock()


def write(line: Line) -> None:
    """Write this line, with the instant, to standard error."""
    timed = {**line, "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z")}
    text = json.dumps(timed, default=repr, ensure_ascii=False)
    with _writing:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


class Diagnostics:
    """`least` is the number, of `logging`, of the lowest level that is written; `sink` takes the lines."""

    def __init__(self) -> None:
        self.least: int = logging.INFO
        self.sink: Callable[[Line], None] = write

    def debug(self, event: str, **fields: object) -> None:
        self._say(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        self._say(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        self._say(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        self._say(logging.ERROR, event, fields)

    def _say(self, level: int, event: str, fields: Mapping[str, object]) -> None:
        if level >= self.least:
            self.sink({**fields, "event": event, "level": logging.getLevelName(level).lower()})


log = Diagnostics()
"""This process's."""
