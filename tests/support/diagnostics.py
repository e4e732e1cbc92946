"""What the product's own lines were, in place of printing them."""

from collections.abc import Iterator
from contextlib import contextmanager

from callwarden.diagnostics import Line, log


@contextmanager
def capture_logs() -> Iterator[list[Line]]:
    """Yields the list to which lines of this process go, of every level and from whichever thread, until the end."""
    captured: list[Line] = []
    before = log.sink, log.least
    log.sink, log.least = captured.append, 0
    try:
        yield captured
    finally:
        log.sink, log.least = before
