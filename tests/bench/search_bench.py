"""Finding calls among 100,000 redacted ones beside the bare query of the database's own full-text search.

Ours decides about each call it shows, seals are checked, and the search and every result are in the access log before
the first is given; the baseline gives the 20 best rows of FTS5, or of a tsvector under a GIN index. The same questions
are asked of both, taking turns: single words from the rarest to those of nearly every call, two words, beginnings and
phrases. To print the figures: ``python -m tests.bench search``.
"""

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from callwarden.desks.finding import Sought
from callwarden.model.access import Actor, Role
from callwarden.model.ids import CallId, LineId, RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.wiring import System
from tests.support.catalogue_rows import recording
from tests.support.site import MovableClock, Site

CALLS: Final = 100_000
WORDS_OF_A_CALL: Final = 60
VOCABULARY: Final = 20_000
QUESTIONS: Final = 120
PORTION: Final = 2_000
_NOW: Final = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
_TRAINER: Final = Actor(role=Role.TRAINER, name="bench")


@dataclass(frozen=True, slots=True)
class Question:
    """One question, in each way of writing it."""

    ours: str
    fts5: str
    tsquery: str


def run(dsn: str | None, *, calls: int = CALLS) -> dict[str, Mapping[str, Any]]:
    """`search_100000_<database>`: 95th percentiles in ms of a page of 20 calls, its ratio to the bare query;
    `search_counts_100000_<database>`: of all facets of what was found, beside the same query."""
    results: dict[str, Mapping[str, Any]] = {}
    texts = list(_texts(calls))
    questions = _questions(texts)
    with tempfile.TemporaryDirectory() as folder:
        with _site(Path(folder) / "sqlite", None) as site:
            _fill(site.system, texts)
            bare = _fts5(Path(folder) / "bare.db", texts)
            results |= _measured(
                "sqlite", site.system, questions, lambda question: bare(question.fts5), name=f"{calls}"
            )
        if dsn is not None:
            with _site(Path(folder) / "postgresql", dsn) as site:
                _fill(site.system, texts)
                with _tsvector(dsn, texts) as asked:
                    results |= _measured(
                        "postgresql", site.system, questions, lambda question: asked(question.tsquery), name=f"{calls}"
                    )
    return results


def _measured(
    database: str, system: System, questions: Sequence[Question], bare: Callable[[Question], object], *, name: str
) -> dict[str, Mapping[str, Any]]:
    desk = system.find_desk

    def found(question: Question) -> object:
        return desk.find(_TRAINER, Purpose.TRAINING, Sought(words=question.ours), limit=20)

    def counted(question: Question) -> object:
        return desk.count(_TRAINER, Purpose.TRAINING, Sought(words=question.ours))

    taken: dict[str, list[float]] = {"bare": [], "found": [], "counted": []}
    for number, question in enumerate([*questions[:5], *questions]):
        for way, ask in (("bare", bare), ("found", found), ("counted", counted)):
            began = time.perf_counter()
            ask(question)
            if number >= 5:
                taken[way].append((time.perf_counter() - began) * 1000)
    bare_p95, found_p95, counted_p95 = (_p95(taken[way]) for way in ("bare", "found", "counted"))
    return {
        f"search_{name}_{database}": {
            "ours": found_p95,
            "baseline": bare_p95,
            "ratio": found_p95 / bare_p95,
            "runs": len(questions),
            "median": statistics.median(taken["found"]),
        },
        f"search_counts_{name}_{database}": {
            "ours": counted_p95,
            "baseline": bare_p95,
            "ratio": counted_p95 / bare_p95,
            "runs": len(questions),
            "median": statistics.median(taken["counted"]),
        },
    }


def _p95(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def _texts(calls: int) -> Iterator[str]:
    """Words as often as in a language: the n-th most frequent comes a share of 1/n of the first."""
    chance = random.Random(20_261_122)
    shares = list(accumulate(1 / (rank + 1) for rank in range(VOCABULARY)))
    vocabulary = [f"mot{rank}" for rank in range(VOCABULARY)]
    for _ in range(calls):
        yield " ".join(chance.choices(vocabulary, cum_weights=shares, k=WORDS_OF_A_CALL))


def _questions(texts: Sequence[str]) -> list[Question]:
    chance = random.Random(7)

    def word() -> str:
        return f"mot{int(VOCABULARY ** chance.random()) - 1}"  # as many of each order of magnitude

    def asked() -> Iterator[Question]:
        while True:
            one, other = word(), word()
            yield Question(one, f'"{one}"', f"'{one}'")
            yield Question(f"{one} {other}", f'"{one}" AND "{other}"', f"'{one}' & '{other}'")
            yield Question(one, f'"{one}"', f"'{one}'")
            yield Question(f"{one}*", f'"{one}"*', f"'{one}':*")
            said = chance.choice(texts).split()
            at = chance.randrange(len(said) - 1)
            first, second = said[at : at + 2]
            yield Question(f'"{first} {second}"', f'"{first} {second}"', f"'{first}' <-> '{second}'")

    questions = asked()
    return [next(questions) for _ in range(QUESTIONS)]


def _site(home: Path, dsn: str | None) -> Site:
    return Site(home, clock=MovableClock(_NOW), overrides={} if dsn is None else {"database": dsn})


def _fill(system: System, texts: Sequence[str]) -> None:
    for first in range(0, len(texts), PORTION):
        with system.catalogue.transaction() as tx:
            numbers = range(first, min(first + PORTION, len(texts)))
            rows = [
                recording(
                    recording_id=RecordingId(f"rec-{number:032x}"),
                    call_id=CallId(f"c-{number}"),
                    line=LineId(("customer-service", "monitoring-centre")[number % 2]),
                    agent_id=f"a-{number % 60}",
                    started_at=_NOW - timedelta(minutes=2 * (len(texts) - number), seconds=number % 1500),
                    ended_at=_NOW - timedelta(minutes=2 * (len(texts) - number)),
                    keep_until=_NOW + timedelta(days=400),
                )
                for number in numbers
            ]
            tx.recordings.insert(rows)
            tx.artefacts.add([_artefact(row.recording_id) for row in rows])
            tx.redactions.save([_record(row.recording_id) for row in rows])
            for row, number in zip(rows, numbers, strict=True):
                tx.search.index(
                    row.recording_id, generation=1, line=row.line, ended_at=row.ended_at, text=texts[number]
                )


def _artefact(recording_id: RecordingId) -> Artefact:
    return Artefact(
        recording_id=recording_id,
        kind=ArtefactKind.REDACTED_TRANSCRIPT,
        generation=1,
        key=f"vault/{recording_id}",
        version_id="v1",
        size=1000,
        stored_size=1099,
        sha256="00" * 32,
        media_type="application/json",
        stored_at=_NOW,
    )


def _record(recording_id: RecordingId) -> RedactionRecord:
    return RedactionRecord(
        recording_id=recording_id,
        generation=1,
        version="bench",
        status=RedactionStatus.RELEASED,
        reasons=(),
        decided_at=_NOW,
    )


def _fts5(path: Path, texts: Sequence[str]) -> Callable[[str], list[Any]]:
    database = sqlite3.connect(path)
    database.execute("CREATE VIRTUAL TABLE said USING fts5(text)")
    database.executemany("INSERT INTO said (text) VALUES (?)", ([text] for text in texts))
    database.commit()

    def ask(question: str) -> list[Any]:
        found = "SELECT rowid, text FROM said WHERE said MATCH ? ORDER BY rank LIMIT 20"
        return database.execute(found, [question]).fetchall()

    return ask


class _tsvector:  # noqa: N801 -- used as a block
    """The same texts in a table of PostgreSQL's own."""

    def __init__(self, dsn: str, texts: Sequence[str]) -> None:
        import psycopg

        self._connection = psycopg.connect(dsn.replace("postgresql+psycopg", "postgresql"), autocommit=True)
        self._connection.execute("CREATE TABLE said (number serial PRIMARY KEY, text text, words tsvector)")
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO said (text, words) VALUES (%s, to_tsvector('simple', %s))", [(one, one) for one in texts]
            )
        self._connection.execute("CREATE INDEX ON said USING gin (words)")
        self._connection.execute("VACUUM ANALYZE")

    def __enter__(self) -> Callable[[str], list[Any]]:
        return lambda question: self._connection.execute(
            "SELECT number, text FROM said, to_tsquery('simple', %s) asked WHERE words @@ asked "
            "ORDER BY ts_rank(words, asked) DESC LIMIT 20",
            [question],
        ).fetchall()

    def __exit__(self, *_: object) -> None:
        self._connection.close()
