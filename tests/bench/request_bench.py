"""Deciding a request over ten thousand recordings: the desk, with its seals, its journal and its entry, beside the bare
statements that would change as many rows.

Medians in seconds; the promise is under two seconds for the desk. To print the figures, with PostgreSQL or without:
``python -m tests.bench.request_bench [postgresql://…/empty]``
"""

import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from callwarden.model.access import Actor, Role
from callwarden.model.ids import CallId, Pseudonym
from callwarden.model.request import RequestId, RequestType
from callwarden.settings import Settings
from callwarden.wiring import System, open_system
from tests.support.catalogue_rows import rec, recording

ITEMS: Final = 10_000
NUMBER: Final = "+33639980001"
_DPO: Final = Actor(role=Role.DPO, name="chloe")
_NOW: Final = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
_BARE: Final = (
    "UPDATE request_item SET decision = 'granted', decided_at = :at, revision = revision + 1 "
    "WHERE request_id = :request AND recording_id = :recording"
)


class _Clock:
    def now(self) -> datetime:
        return _NOW


def run(postgres_dsn: str | None = None, *, runs: int = 5) -> dict[str, dict[str, Any]]:
    """Measure, side by side. `postgres_dsn` is an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        results = {"request_decided_sqlite": _compare(Settings(home=Path(folder) / "sqlite"), runs=runs)}
        if postgres_dsn is not None:
            settings = Settings(home=Path(folder) / "postgresql", database=postgres_dsn)
            results["request_decided_postgresql"] = _compare(settings, runs=runs)
    return results


def _compare(settings: Settings, *, runs: int) -> dict[str, Any]:
    with open_system(settings, clock=_Clock()) as system:
        _fill(system)
        pairs = [_pair(system) for _ in range(runs)]
    ours, baseline = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    ratios = [one / other for one, other in pairs]
    return {
        "ours": ours,
        "baseline": baseline,
        "ratio": ours / baseline,
        "runs": runs,
        "spread": max(ratios) - min(ratios),
    }


def _fill(system: System) -> None:
    caller, until = system.concerned.number(NUMBER), _NOW + timedelta(days=90)
    rows = [
        recording(
            number, call_id=CallId(f"c-{number}"), caller=caller, customer=Pseudonym(f"c-{caller}"), keep_until=until
        )
        for number in range(ITEMS)
    ]
    with system.catalogue.transaction() as tx:
        tx.recordings.insert(rows)


def _pair(system: System) -> tuple[float, float]:
    request = system.request_desk.open(_DPO, RequestType.ACCESS, number=NUMBER).request.request_id
    system.request_desk.verify(_DPO, request, how="called back")
    system.request_item_desk.find(_DPO, request)
    baseline = _bare(system, request)
    start = time.perf_counter()
    _, items = system.request_item_desk.decide(_DPO, request, [rec(number) for number in range(ITEMS)])
    taken = time.perf_counter() - start
    if sum(item.decision is not None for item in items) != ITEMS:
        raise AssertionError("not every item was decided")
    return taken, baseline


def _bare(system: System, request: RequestId) -> float:
    """Seconds for the same change by plain statements; then, not counted, as if nothing had been."""
    engine = system.opened_catalogue.engine
    at: object = _NOW if engine.dialect.name == "postgresql" else 0
    start = time.perf_counter()
    with engine.connect() as connection:
        found = connection.execute(text("SELECT * FROM request_item WHERE request_id = :id"), {"id": request}).all()
        values = [{"at": at, "request": request, "recording": row.recording_id} for row in found]
        connection.execute(text(_BARE), values)
        taken = time.perf_counter() - start
        connection.rollback()
    return taken


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:2]), indent=2))
