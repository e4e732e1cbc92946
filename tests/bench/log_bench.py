"""The access log against the plainest thing that gives the same: append + fsync, and a bare SHA-256 loop.

``ours`` and ``baseline`` are per second (entries); ``ratio`` is ours / baseline. Each run measures both, one right
after the other, in alternating order. ``python -m tests.bench.log_bench`` prints the figures.
"""

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from callwarden.accesslog.book.group_writer import GroupLogWriter
from callwarden.accesslog.book.sequencer import BATCH
from callwarden.accesslog.book.staging import open_log_writer
from callwarden.accesslog.book.upgrade import upgrade_log
from callwarden.accesslog.export import verify_directory
from callwarden.accesslog.proof.encoding import encode_entry
from callwarden.adapters.sql.catalogue import SqlCatalogue, open_catalogue
from callwarden.model.log_entry import LogEntry
from tests.support.log_builder import an_entry, signer
from tests.support.seals import SEALS
from tests.support.sql_log import SqlLog

RUNS: Final = 5
ALONE: Final = 600
TOGETHER: Final = 9_600
THREADS: Final = 64
GROUP: Final = 50
VERIFIED: Final = 100_000
Figures = dict[str, dict[str, Any]]


def run() -> Figures:
    """Measure on SQLite in a directory of this machine's temporary file system."""
    with tempfile.TemporaryDirectory(prefix="callwarden-bench-") as name:
        folder = Path(name)
        return {
            "log_append_one_by_one": _appends(folder, _one_by_one, ALONE),
            "log_append_group_commit": _appends(folder, _in_groups, TOGETHER),
            "log_append_64_threads": _appends(folder, _from_many_threads, TOGETHER),
            "log_sequence": _sequencing(folder),
            "log_verify": _verification(folder),
        }


def _appends(folder: Path, append: Callable[[GroupLogWriter, Sequence[LogEntry]], None], count: int) -> Figures:
    """Durable appends through the gate's writer, against append + fsync of the same bytes one by one."""
    ours, baseline, numbers = [], [], iter(range(10**9))
    catalogue = open_catalogue(f"sqlite:///{folder}/{append.__name__}.db", seals=SEALS)
    writer = open_log_writer(catalogue.engine, timeout_s=60)
    for number in range(RUNS + 1):
        entries = [an_entry(next(numbers)) for _ in range(count)]
        lines = [encode_entry(entry) + b"\n" for entry in entries[:ALONE]]
        if number % 2:
            baseline.append(len(lines) / _timed(lambda: _append_and_sync(folder / "plain", lines)))  # noqa: B023
        ours.append(count / _timed(lambda: append(writer, entries)))  # noqa: B023
        if not number % 2:
            baseline.append(len(lines) / _timed(lambda: _append_and_sync(folder / "plain", lines)))  # noqa: B023
    writer.close()
    catalogue.close()
    return _figures(ours[1:], baseline[1:])  # the first run warms caches up


def _one_by_one(writer: GroupLogWriter, entries: Sequence[LogEntry]) -> None:
    for entry in entries:
        writer.append(entry)


def _in_groups(writer: GroupLogWriter, entries: Sequence[LogEntry]) -> None:
    for start in range(0, len(entries), GROUP):
        writer.append_all(entries[start : start + GROUP])


def _from_many_threads(writer: GroupLogWriter, entries: Sequence[LogEntry]) -> None:
    threads = [
        threading.Thread(target=_one_by_one, args=(writer, entries[number::THREADS])) for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _append_and_sync(path: Path, lines: Sequence[bytes]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for line in lines:
            os.write(handle, line)
            os.fsync(handle)
    finally:
        os.close(handle)


def _sequencing(folder: Path) -> Figures:
    """Numbering staged entries, tree and all, against inserting as many by group commit's own bulk insert."""
    catalogue = open_catalogue(f"sqlite:///{folder}/sequenced.db", seals=SEALS)
    upgrade_log(catalogue.engine)
    ours, baseline = [], []
    with SqlLog(catalogue=catalogue, places=[]).sequencer(batch=BATCH) as sequencer:
        for number in range(RUNS):
            entries = [an_entry(number * 5000 + offset) for offset in range(5000)]
            baseline.append(5000 / _timed(lambda: _stage(catalogue, entries)))  # noqa: B023
            ours.append(5000 / _timed(sequencer.sequence))
    catalogue.close()
    return _figures(ours, baseline)


def _verification(folder: Path) -> Figures:
    """`log verify` of an export, read from its files, against SHA-256 of each entry read from the same files."""
    catalogue = open_catalogue(f"sqlite:///{folder}/verified.db", seals=SEALS)
    upgrade_log(catalogue.engine)
    for start in range(0, VERIFIED, 10_000):
        _stage(catalogue, [an_entry(number) for number in range(start, start + 10_000)])
    with SqlLog(catalogue=catalogue, places=[]).sequencer(batch=BATCH) as sequencer:
        sequencer.sequence()
        sequencer.checkpoint()
    export = folder / "export"
    SqlLog(catalogue=catalogue, places=[]).book().export(export)
    catalogue.close()
    files = sorted((export / "segments").glob("*.entries"))
    ours, baseline = [], []
    for _ in range(RUNS):
        ours.append(VERIFIED / _timed(lambda: _verified(export)))
        baseline.append(VERIFIED / _timed(lambda: _bare_loop(files)))
    return _figures(ours, baseline)


def _stage(catalogue: SqlCatalogue, entries: Sequence[LogEntry]) -> None:
    with catalogue.transaction() as transaction:
        transaction.log.append(entries)


def _verified(export: Path) -> None:
    report = verify_directory(export, trusted=[signer().trusted])
    assert report.ok, report.faults
    assert report.anchored == VERIFIED


def _bare_loop(files: Sequence[Path]) -> None:
    for file in files:
        for line in file.read_bytes().splitlines():
            sha256(line).digest()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _figures(ours: Sequence[float], baseline: Sequence[float]) -> dict[str, Any]:
    ratios = [mine / plain for mine, plain in zip(ours, baseline, strict=True)]
    return {
        "ours": round(statistics.median(ours)),
        "baseline": round(statistics.median(baseline)),
        "ratio": round(statistics.median(ratios), 3),
        "runs": len(ratios),
        "spread": [round(min(ratios), 3), round(max(ratios), 3)],
    }


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=1)
    sys.stdout.write("\n")
