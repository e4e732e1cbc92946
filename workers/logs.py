"""What the programs say while they run: one JSON object a line on standard error, static event names and ids only."""

import logging
import sys

import structlog


def configure() -> None:
    """Set up structlog for a process, once. Libraries' own chatter stays out below a warning."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format='{"event":"library","logger":"%(name)s"}')
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
