"""Sets up `callwarden.diagnostics`, and what libraries say: their lines have a level and an instant too.

What a library says in words may be personal: it is shown at the level ``debug`` only.
"""

import logging

from callwarden.diagnostics import log, write
from callwarden.errors import CallwardenError
from callwarden.settings import load_settings


def level_in_force() -> str:
    """What the settings say; where they are wrong, which the command will tell, the usual one."""
    try:
        return load_settings().log_level.value
    except CallwardenError:
        return "info"


def configure(level: str = "info") -> None:
    """Set up the lines of a process: those of `level` (a name of `logging`, in small letters) and above. Of libraries,
    their own chatter stays out below a warning, and below what happens at ``debug``: some write secrets there."""
    log.least = logging.getLevelNamesMapping()[level.upper()]
    outspoken = log.least <= logging.DEBUG
    root = logging.getLogger()
    root.handlers[:] = [_LibraryLines(in_words=outspoken)]
    root.setLevel(logging.INFO if outspoken else max(log.least, logging.WARNING))
    # Our own lines tell of every outage of the bus, once; the library tells of each attempt of each connection.
    logging.getLogger("kafka").setLevel(logging.INFO if outspoken else logging.CRITICAL)


class _LibraryLines(logging.Handler):
    def __init__(self, *, in_words: bool) -> None:
        super().__init__()
        self._in_words = in_words

    def emit(self, record: logging.LogRecord) -> None:
        line = {"event": "library", "logger": record.name, "level": record.levelname.lower()}
        write({**line, "message": record.getMessage()} if self._in_words else line)
