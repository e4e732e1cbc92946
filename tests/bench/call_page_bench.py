"""What the page of a call costs beyond its database: a call of half an hour and several hundred turns, for a trainer.

`baseline` is what the database took for the same page, statements and commits of whatever thread, the entry of the log
among them; `ours` is everything else: deciding, decrypting, the outline, the template. 95th percentiles in ms, one
reader at a time. To print the figures: ``python -m tests.bench call_page``.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from callwarden.model.access import Actor, Role
from callwarden.workers.web.serving import settle
from tests.support.reviewed import ALARM, review
from tests.support.site import Site
from tests.support.web import client

TURNS: Final = 480
"""Thirty minutes of them."""
PAGES: Final = 60
_TRAINER: Final = Actor(role=Role.TRAINER, name="bench")


def run(dsn: str | None = None, *, pages: int = PAGES) -> dict[str, Mapping[str, Any]]:
    """`call_page_beyond_database_<database>_ms`, on SQLite and, where `dsn` is an empty database, on PostgreSQL."""
    results = {}
    for name, overrides in (("sqlite", {}), ("postgresql", {"database": dsn})):
        if "database" in overrides and dsn is None:
            continue
        with tempfile.TemporaryDirectory() as folder, Site(Path(folder) / "home", overrides=overrides) as site:
            results[f"call_page_beyond_database_{name}_ms"] = _measured(site, pages)
    return results


def _measured(site: Site, pages: int) -> Mapping[str, Any]:
    recording = review(site, said=ALARM * (TURNS // len(ALARM)))
    asking = client(site.system, _TRAINER)
    beyond, within = [], []
    settle()
    with _database() as database:
        for number in range(pages + 5):
            before, began = database.seconds, time.perf_counter()
            answer = asking.get(f"/calls/{recording}?purpose=training&turn={number * 7 % TURNS}")
            taken = time.perf_counter() - began
            assert answer.status_code == 200, answer.text
            if number >= 5:
                within.append((database.seconds - before) * 1000)
                beyond.append(taken * 1000 - within[-1])
    ours, baseline = (statistics.quantiles(each, n=20)[-1] for each in (beyond, within))
    return {
        "ours": ours,
        "baseline": baseline,
        "ratio": ours / baseline,
        "runs": pages,
        "median": statistics.median(beyond),
    }


@dataclass(slots=True)
class _Database:
    seconds: float = 0.0


@contextmanager
def _database() -> Iterator[_Database]:
    """What databases take, whoever asks them."""
    found, commit = _Database(), DefaultDialect.do_commit

    def begins(*given: Any) -> None:
        given[4].begun = time.perf_counter()

    def ends(*given: Any) -> None:
        found.seconds += time.perf_counter() - given[4].begun

    def timed(self: DefaultDialect, connection: Any) -> None:
        began = time.perf_counter()
        commit(self, connection)
        found.seconds += time.perf_counter() - began

    event.listen(Engine, "before_cursor_execute", begins)
    event.listen(Engine, "after_cursor_execute", ends)
    DefaultDialect.do_commit = timed  # type: ignore[method-assign]
    try:
        yield found
    finally:
        DefaultDialect.do_commit = commit  # type: ignore[method-assign]
        event.remove(Engine, "before_cursor_execute", begins)
        event.remove(Engine, "after_cursor_execute", ends)
