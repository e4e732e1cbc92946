"""What a sweep's rows cost: `due()` and saving over 1,000 due recordings among ten thousand and among one million.

"ours" is the million, "baseline" the ten thousand: medians in seconds; the promise is a ratio of at most 1.3.
"spread" is the widest distance between the ratios of single runs. Of the rows that are not due, some are disposed
of, some held, restricted or delayed although their period is over. To print the figures, with PostgreSQL or without:
``python -m tests.bench.disposal_rows_bench [postgresql://…/empty1 postgresql://…/empty2]``
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from callwarden.adapters.sql.catalogue import SqlCatalogue, open_catalogue
from callwarden.adapters.sql.recordings import SELECT_RECORDINGS
from callwarden.adapters.sql.schema import recording
from callwarden.model.recording import RecordingState
from tests.support.seals import SEALS

DUE: Final = 1_000
SMALL: Final = 10_000
LARGE: Final = 1_000_000
_NOW: Final = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
_MINUTE_US: Final = 60_000_000

# Row n was recorded n minutes after the first; ids are hashes, so they are in no order. The first rows are gone,
# the next thousand are due, the rest is not. `{…}` are a dialect's words for a number line, a hash and an instant.
_FILL: Final = """
INSERT INTO recording (recording_id, call_id, leg, segment, line, state, started_at, ended_at, keep_until, caller,
                       customer, agent_id, objected, restricted, policy_version, source_sha256, not_before,
                       sealed_event, held)
SELECT 'rec-' || {hashed}, 'c-' || n, 'main', 0, 'customer-service',
       CASE WHEN n < :due_from AND n % 2 = 0 THEN 'disposed' ELSE 'stored' END,
       {start}, {start}, {keep},
       'num-k1-' || (n % 5000), 'cus-k1-' || (n % 5000), 'a-' || (n % 50), '[]',
       n < :due_from AND n % 6 = 1, :policy, :policy,
       CASE WHEN n < :due_from AND n % 6 = 3 THEN {later} END,
       {sealed}, n < :due_from AND n % 6 = 5
FROM {numbers}
"""
_SQLITE: Final = {
    "hashed": "lower(hex(randomblob(13)))",
    "start": f"(:first + n * {_MINUTE_US})",
    "keep": f"(:now + (n - :due_before) * {_MINUTE_US})",
    "later": f"(:now + 86400 * {_MINUTE_US})",
    "sealed": "randomblob(200)",
    "numbers": "(WITH RECURSIVE line(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM line WHERE n + 1 < :rows) "
    "SELECT n FROM line)",
}
_POSTGRESQL: Final = {
    "hashed": "substr(md5(random()::text), 1, 26)",
    "start": "(CAST(:first AS timestamptz) + n * interval '1 minute')",
    "keep": "(CAST(:now AS timestamptz) + (n - :due_before) * interval '1 minute')",
    "later": "(CAST(:now AS timestamptz) + interval '60 days')",
    "sealed": "decode(repeat(md5(n::text), 12), 'hex')",
    "numbers": "generate_series(0, :rows - 1) AS line(n)",
}


def run(
    postgres_dsns: tuple[str, str] | None = None, *, large: int = LARGE, runs: int = 15
) -> dict[str, dict[str, Any]]:
    """Measure, the small and the large side by side. `postgres_dsns` are two empty databases."""
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        urls = tuple(f"sqlite:///{Path(folder) / name}.db" for name in ("small", "large"))
        results["disposal_rows_sqlite"] = _compare(urls[0], urls[1], large=large, runs=runs)
    if postgres_dsns is not None:
        results["disposal_rows_postgresql"] = _compare(*postgres_dsns, large=large, runs=runs)
    return results


def _compare(small_url: str, large_url: str, *, large: int, runs: int) -> dict[str, Any]:
    small, big = open_catalogue(small_url, seals=SEALS), open_catalogue(large_url, seals=SEALS)
    try:
        _fill(small, SMALL)
        _fill(big, large)
        for catalogue in (small, big):
            _sweep(catalogue)  # once for the caches
        pairs = [_pair(big, small, small_first=number % 2 == 0) for number in range(runs)]
    finally:
        small.close()
        big.close()
    ours = statistics.median(one for one, _ in pairs)
    baseline = statistics.median(one for _, one in pairs)
    ratios = [one / other for one, other in pairs]
    return {
        "ours": ours,
        "baseline": baseline,
        "ratio": ours / baseline,
        "runs": runs,
        "spread": max(ratios) - min(ratios),
    }


def _pair(big: SqlCatalogue, small: SqlCatalogue, *, small_first: bool) -> tuple[float, float]:
    if small_first:
        baseline = _sweep(small)
        return _sweep(big), baseline
    return _sweep(big), _sweep(small)


def _fill(catalogue: SqlCatalogue, rows: int) -> None:
    due_before = rows // 2
    sqlite = catalogue.engine.dialect.name == "sqlite"
    first = _NOW - timedelta(days=180)
    values: dict[str, object] = {
        "rows": rows,
        "due_before": due_before,
        "due_from": due_before - DUE + 1,
        "policy": "ab" * 32,
        "now": _microseconds(_NOW) if sqlite else _NOW,
        "first": _microseconds(first) if sqlite else first,
    }
    with catalogue.engine.begin() as connection:
        if not sqlite:
            connection.execute(text("SET LOCAL statement_timeout TO 0"))
        connection.execute(text(_FILL.format(**(_SQLITE if sqlite else _POSTGRESQL))), values)
    _seal_due(catalogue)
    with catalogue.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if sqlite else "VACUUM ANALYZE recording")


def _seal_due(catalogue: SqlCatalogue) -> None:
    """A sweep leaves alone what bears no genuine seal."""
    due = SELECT_RECORDINGS.where(
        recording.c.keep_until <= _NOW,
        recording.c.state == RecordingState.STORED,
        recording.c.not_before.is_(None),
        ~recording.c.restricted,
        ~recording.c.held,
    )
    with catalogue.transaction() as tx:
        found = tx.recordings.read(due, locked=True)
        tx.recordings._locked.update((one.recording_id, replace(one, altered=False)) for one in found)
        tx.recordings.seal_again([one.recording_id for one in found])


def _sweep(catalogue: SqlCatalogue) -> float:
    """Seconds to find the due and mark them disposing; then, not counted, as if nothing had been."""

    def mark() -> int:
        with catalogue.transaction() as transaction:
            found = transaction.recordings.due(now=_NOW, limit=2 * DUE)
            transaction.recordings.save([replace(one, state=RecordingState.DISPOSING) for one in found])
            return len(found)

    taken, swept = _timed(mark)
    if swept != DUE:
        raise AssertionError(f"{swept} recordings were due, not {DUE}")
    with catalogue.transaction() as transaction:
        found = transaction.recordings.unfinished(limit=2 * DUE)
        transaction.recordings.save([replace(one, state=RecordingState.STORED) for one in found])
    return taken


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _microseconds(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


if __name__ == "__main__":
    given = sys.argv[1:]
    print(json.dumps(run((given[0], given[1]) if len(given) == 2 else None), indent=2))
