"""What holding by criteria costs on PostgreSQL: a preview among a million recordings, and placing a hold on 100,000.

Baselines are bare SQL of the same: the counts, and one INSERT of the holds with one UPDATE of their recordings. Ours
also seals every row, writes an entry of the log and an act of the journal for each recording, in portions that resume.
To print the figures: ``python -m tests.bench holds``.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, text

from callwarden.adapters.sql.catalogue import SqlCatalogue
from callwarden.adapters.sql.recordings import SELECT_RECORDINGS
from callwarden.adapters.sql.schema import recording
from callwarden.model.criteria import Criteria
from callwarden.model.hold import PlacementState
from callwarden.model.ids import Pseudonym
from callwarden.wiring import System
from tests.support.catalogue_rows import case, placement
from tests.support.site import MovableClock, Site

ROWS: Final = 1_000_000
HELD: Final = 100_000
RUNS: Final = 7
_NOW: Final = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
_FIRST: Final = _NOW - timedelta(minutes=ROWS)
_OF_A_CUSTOMER: Final = Criteria(customer=Pseudonym("cus-k1-17"))

_FILL: Final = """
INSERT INTO recording (recording_id, call_id, leg, segment, line, state, started_at, ended_at, keep_until, caller,
                       customer, agent_id, objected, restricted, policy_version, source_sha256, sealed_event)
SELECT 'rec-' || substr(md5(n::text), 1, 32), 'c-' || n, 'main', 0, 'customer-service', 'stored',
       CAST(:first AS timestamptz) + n * interval '1 minute',
       CAST(:first AS timestamptz) + (n + 1) * interval '1 minute',
       CAST(:first AS timestamptz) + interval '5 years', 'num-k1-' || (n % 5000), 'cus-k1-' || (n % 5000),
       'a-' || (n % 50), '[]', false, :policy, :policy, decode(repeat(md5(n::text), 12), 'hex')
FROM generate_series(0, :rows - 1) AS line(n)
"""
_ARTEFACTS: Final = """
INSERT INTO artefact (recording_id, kind, generation, key, version_id, size, stored_size, sha256, media_type, stored_at)
SELECT recording_id, 'original-audio', 1, 'vault/' || recording_id, 'v1', 1000000, 1000099, :policy, 'audio/wav',
       CAST(:first AS timestamptz) FROM recording
"""
_KEPT: Final = "state IN ('pending', 'stored', 'quarantined')"
_BARE_PREVIEW: Final = (
    f"SELECT count(*) FROM recording WHERE {_KEPT}",
    f"SELECT count(*), min(ended_at), max(ended_at) FROM recording WHERE {{where}} AND {_KEPT}",
    f"SELECT sum(stored_size) FROM artefact JOIN recording USING (recording_id) WHERE {{where}} AND {_KEPT}",
)
_BARE_PLACING: Final = (
    (
        "INSERT INTO hold (case_id, recording_id, placed_by, placed_at) "
        "SELECT :case, recording_id, 'bench', now() FROM recording WHERE {where}"
    ),
    "UPDATE recording SET held = true, seal = decode(md5(recording_id), 'hex') WHERE {where}",
)


def run(dsn: str, *, rows: int = ROWS, held: int = HELD) -> dict[str, Mapping[str, Any]]:
    """`hold_preview_*`: medians in ms of counting for one customer (200 recordings) and for four weeks (40,000).
    `hold_place_100000_rows_per_s`: of 100,000 recordings held in portions; the baseline does it in two statements."""
    results: dict[str, Mapping[str, Any]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        Site(Path(folder) / "home", clock=MovableClock(_NOW), overrides={"database": dsn}) as site,
    ):
        catalogue = site.system.catalogue
        with catalogue.engine.begin() as connection:
            connection.execute(text("SET LOCAL statement_timeout TO 0"))
            connection.execute(text(_FILL), {"rows": rows, "first": _FIRST, "policy": "ab" * 32})
            connection.execute(text(_ARTEFACTS), {"first": _FIRST, "policy": "ab" * 32})
        with catalogue.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        middle = _FIRST + timedelta(minutes=rows // 2)
        weeks = Criteria(since=middle, until=middle + timedelta(minutes=rows // 25))
        for name, criteria, where in (
            ("customer", _OF_A_CUSTOMER, "customer = 'cus-k1-17'"),
            ("four_weeks", weeks, f"ended_at >= '{weeks.since}' AND started_at < '{weeks.until}'"),
        ):
            results[f"hold_preview_{name}_ms"] = _preview(catalogue, criteria, where)
        results[f"hold_place_{held}_rows_per_s"] = _place(site.system, held)
    return results


def _preview(catalogue: SqlCatalogue, criteria: Criteria, where: str) -> Mapping[str, Any]:
    bare = [text(statement.format(where=where)) for statement in _BARE_PREVIEW]

    def ours() -> None:
        with catalogue.snapshot() as tx:
            assert tx.placements.tally(criteria).count

    def baseline() -> None:
        with catalogue.engine.connect() as connection:
            for statement in bare:
                connection.execute(statement).one()

    pairs = [(_timed(ours), _timed(baseline)) for _ in range(RUNS)][1:]
    mine, plain = (statistics.median(each) * 1000 for each in zip(*pairs, strict=True))
    return {"ours": mine, "baseline": plain, "ratio": mine / plain, "runs": len(pairs)}


def _place(system: System, held: int) -> Mapping[str, Any]:
    """The first recordings, of which half are held by bare SQL."""
    catalogue, middle, end = system.catalogue, _FIRST + timedelta(minutes=held), _FIRST + timedelta(minutes=2 * held)
    criteria = Criteria(until=middle)
    with catalogue.transaction() as tx:
        tx.cases.save(case())
        tx.placements.save(placement(criteria=criteria, state=PlacementState.RUNNING))
    _seal(catalogue, middle)

    def ours() -> None:
        assert sum(len(portion) for portion in system.placing.run("crit-1")) == held

    def baseline() -> None:
        with catalogue.engine.begin() as connection:
            _place_barely(connection, f"started_at >= '{middle}' AND started_at < '{end}'")

    mine, plain = held / _timed(ours), held / _timed(baseline)
    return {"ours": mine, "baseline": plain, "ratio": mine / plain, "runs": 1}


def _place_barely(connection: Connection, where: str) -> None:
    connection.execute(text("SET LOCAL statement_timeout TO 0"))
    [case_id] = connection.execute(text("SELECT case_id FROM litigation_case")).scalars()
    for statement in _BARE_PLACING:
        parameters = {"case": case_id} if ":case" in statement else {}
        connection.execute(text(statement.format(where=where)), parameters)


def _seal(catalogue: SqlCatalogue, until: datetime) -> None:
    """Nothing is done to rows that bear no genuine seal."""
    with catalogue.transaction() as tx:
        found = tx.recordings.read(SELECT_RECORDINGS.where(recording.c.started_at < until), locked=True)
        tx.recordings._locked.update((one.recording_id, replace(one, altered=False)) for one in found)
        tx.recordings.seal_again([one.recording_id for one in found])


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
