"""One time budget for one call, asked between and inside the rules."""

import time
from collections.abc import Callable

from callwarden.ports.pii import FinderTimeoutError


class Deadline:
    """Raises `FinderTimeoutError` from the instant the budget is used up."""

    def __init__(self, budget_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._budget_s = budget_s
        self._monotonic = monotonic
        self._end = monotonic() + budget_s

    def check(self) -> None:
        if self._monotonic() >= self._end:
            raise FinderTimeoutError(self._budget_s)
