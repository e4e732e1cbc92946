"""When the unanchored tail of the access log is too old (L2)."""

from datetime import datetime, timedelta
from typing import Final

INTERVALS: Final = 3
"""One is what an entry waits at most when all is well; a slow place and a restart take a second."""


def late_after(checkpoint_every: timedelta) -> timedelta:
    """How old the tail may be. The alert that `docs/operators.md` names and the log's page use the same."""
    return INTERVALS * checkpoint_every


def tail_age(since: datetime | None, *, now: datetime) -> timedelta:
    """Age of the oldest entry nothing covers yet; zero without one, and for one a clock set back puts ahead."""
    return timedelta(0) if since is None else max(now - since, timedelta(0))
