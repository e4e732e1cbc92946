"""What the programs say while they run: one JSON object a line on standard error, static event names and ids only.

Every line has a level and an instant, those of libraries too. What a library says in words may be personal: it is shown
at the level ``debug`` only.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from callwarden.errors import CallwardenError
from callwarden.settings import load_settings

_INSTANT = structlog.processors.TimeStamper(fmt="iso", utc=True)


def level_in_force() -> str:
    """What the settings say; where they are wrong, which the command will tell, the usual one."""
    try:
        return load_settings().log_level.value
    except CallwardenError:
        return "info"


def configure(level: str = "info") -> None:
    """Set up the lines of a process: those of `level` (a name of `logging`, in small letters) and above."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _INSTANT,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    _configure_libraries(number)


def _configure_libraries(number: int) -> None:
    """Their own chatter stays out below a warning, and below what happens at ``debug``: some write secrets there."""
    outspoken = number <= logging.DEBUG
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, _INSTANT],
            processors=[_as_library if not outspoken else _in_words, structlog.processors.JSONRenderer()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if outspoken else max(number, logging.WARNING))
    # Our own lines tell of every outage of the bus, once; the library tells of each attempt of each connection.
    logging.getLogger("kafka").setLevel(logging.INFO if outspoken else logging.CRITICAL)


def _as_library(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's line: whose it is."""
    name = event["_record"].name
    return {"event": "library", "logger": name, "level": event["level"], "timestamp": event["timestamp"]}


def _in_words(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {**_as_library(logger, method, event), "message": event["_record"].getMessage()}
