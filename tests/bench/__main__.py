"""`make bench`: every measurement, side by side with its baseline in the same run, written to bench.json.

`python -m tests.bench [NAME…]` runs some of them. Each figure is written as soon as it is measured. What cannot run
here (no speech model, no such server) is named at the end. A figure that misses its target is marked; the exit code
says so, and so it does of a measurement that broke.
"""

import argparse
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from callwarden.errors import CallwardenError
from tests.servers.kafka import RunningKafka
from tests.servers.postgres import RunningPostgres
from tests.servers.s3 import RunningS3
from tests.servers.session import TierSession

Figures = Mapping[str, Mapping[str, Any]]
TARGETS: dict[str, tuple[str, float]] = {
    "ingest_vs_poll_and_put": (">=", 0.8),
    "ingest_s3_landing_vs_get_put_delete": (">=", 0.6),
    "consume_and_validate_vs_raw_poll": (">=", 0.6),
    "ingest_4h_stereo_wav_peak_mb": ("ours<=", 250.0),
    "disposal_rows_sqlite": ("<=", 1.3),
    "disposal_rows_postgresql": ("<=", 1.3),
    "request_decided_sqlite": ("ours<=", 2.0),
    "request_decided_postgresql": ("ours<=", 2.0),
    "hold_preview_customer_ms": ("ours<=", 200.0),
    "hold_preview_four_weeks_ms": ("ours<=", 200.0),
    "hold_place_100000_rows_per_s": ("ours>=", 5_000.0),
    "search_100000_sqlite": ("<=", 1.5),
    "search_100000_postgresql": ("<=", 1.5),
    "log_append_one_by_one": (">=", 0.5),
    "log_append_group_commit": (">=", 8.0),
    "log_verify": (">=", 0.3),
    "redact_text": (">=", 3.0),
    "beep": (">=", 8.0),
    "tones": (">=", 100.0),
    "speech": (">=", 2.0),
    "speech_100_calls_growth_mb": ("ours<=", 60.0),
    "speech_40min_hold_music_s": ("ours<=", 240.0),
    "reading_decisions_per_s": (">=", 1.0),
    "push_30mb_vs_bare_upload": (">=", 0.7),
    "push_20_at_once_growth_mb": ("ours<=", 60.0),
    "listeners_50_growth_mb": ("ours<=", 60.0),
    "call_page_beyond_database_sqlite_ms": ("ours<=", 80.0),
    "call_page_beyond_database_postgresql_ms": ("ours<=", 80.0),
    "push_20_at_once_s3_growth_mb": ("ours<=", 250.0),
    "experiment_10000_vs_copying": ("<=", 1.5),
    "experiment_10000_growth_mb": ("ours<=", 60.0),
    "gate_first_byte_over_plain_ms": ("ours<=", 5.0),
    "gate_range_middle_vs_start": ("<=", 1.2),
}
"""Name → how the ratio (or our own figure) compares with what was promised."""


@dataclass(slots=True)
class Servers:
    """Real servers, started when a measurement asks."""

    session: TierSession

    @property
    def kafka(self) -> RunningKafka:
        running = self.session.running("kafka")
        assert isinstance(running, RunningKafka)
        return running

    @property
    def s3(self) -> RunningS3:
        running = self.session.running("ceph")
        assert isinstance(running, RunningS3)
        return running

    @property
    def postgres(self) -> RunningPostgres:
        running = self.session.running("postgres")
        assert isinstance(running, RunningPostgres)
        return running

    def database(self, name: str) -> str:
        """A new, empty database."""
        import psycopg

        with psycopg.connect(self.postgres.dsn, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.postgres.database(name)


def _ingest(servers: Servers) -> Figures:
    from tests.bench import ingest_bench

    used = ingest_bench.Servers(servers.kafka.bootstrap, servers.s3, servers.postgres)
    return ingest_bench.run(used)


def _consume(servers: Servers) -> Figures:
    from tests.bench import consume_bench

    return consume_bench.run(servers.kafka.bootstrap)


def _disposal(servers: Servers) -> Figures:
    from tests.bench import disposal_rows_bench

    return disposal_rows_bench.run((servers.database("few_rows"), servers.database("many_rows")))


def _requests(servers: Servers) -> Figures:
    from tests.bench import request_bench

    return request_bench.run(servers.database("requests"))


def _pushes(servers: Servers) -> Figures:
    from tests.bench import push_bench

    return push_bench.run(servers.s3)


def _holds(servers: Servers) -> Figures:
    from tests.bench import holds_bench

    return holds_bench.run(servers.database("holds"))


def _call_page(servers: Servers) -> Figures:
    from tests.bench import call_page_bench

    return call_page_bench.run(servers.database("call_page"))


def _search(servers: Servers) -> Figures:
    from tests.bench import search_bench

    return search_bench.run(servers.database("search"))


def _plain(module: str) -> Callable[[Servers], Figures]:
    def run(_: Servers) -> Figures:
        import importlib

        figures: Figures = importlib.import_module(f"tests.bench.{module}").run()
        return figures

    return run


BENCHES: dict[str, Callable[[Servers], Figures]] = {
    "ingest": _ingest,
    "consume": _consume,
    "memory": _plain("memory_bench"),
    "disposal": _disposal,
    "requests": _requests,
    "holds": _holds,
    "search": _search,
    "call_page": _call_page,
    "listening": _plain("listening_bench"),
    "pushes": _pushes,
    "log": _plain("log_bench"),
    "reading": _plain("reading_bench"),
    "gate": _plain("gate_bench"),
    "experiment": _plain("experiment_bench"),
    "redaction": _plain("redaction_bench"),
    "beep": _plain("beep_bench"),
    "tones": _plain("tones_bench"),
    "speech": _plain("speech_bench"),
    "speech_memory": _plain("speech_memory_bench"),
}


CANNOT_RUN = (CallwardenError, ModuleNotFoundError, pytest.skip.Exception, pytest.fail.Exception)
"""What a measurement ends with where something it needs is not on this machine."""


@dataclass(slots=True)
class Ledger:
    """The figures so far, in a file that is whole at every moment, and what there are none of."""

    path: Path
    figures: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    cannot_run: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def measure(self, name: str, bench: Callable[[], Figures]) -> Figures:
        """Run one measurement and write its figures; none where it cannot run or breaks, which is noted."""
        try:
            found = bench()
        except CANNOT_RUN as error:
            self.cannot_run[name] = str(error).partition("\n")[0]
            return {}
        except Exception:  # noqa: BLE001 -- the other measurements go on, and what broke is shown
            self.broken.append(name)
            traceback.print_exc()
            return {}
        self.figures.update(found)
        unfinished = self.path.with_name(f"{self.path.name}.part")
        unfinished.write_text(json.dumps(self.figures, indent=1, default=str) + "\n", encoding="utf-8")
        unfinished.replace(self.path)
        return found

    def succeeded(self) -> bool:
        """Whether nothing broke and no figure misses its target."""
        return not self.broken and all(_met(name, figures) is not False for name, figures in self.figures.items())


def _met(name: str, figures: Mapping[str, Any]) -> bool | None:
    if name not in TARGETS:
        return None
    how, bound = TARGETS[name]
    match how:
        case ">=":
            return bool(figures["ratio"] >= bound)
        case "<=":
            return bool(figures["ratio"] <= bound)
        case "ours>=":
            return bool(figures["ours"] >= bound)
        case _:
            return bool(figures["ours"] <= bound)


def main() -> int:
    """Run, print, write; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", nargs="*", choices=[*BENCHES, []], help="default: all of them")
    parser.add_argument("-o", "--output", type=Path, default=Path("bench.json"))
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    console = Console()
    servers = Servers(TierSession(os.environ))
    ledger = Ledger(path=chosen.output)
    table = Table("measurement", "ours", "baseline", "ratio", "runs", "target", "met")
    try:
        for name in chosen.name or BENCHES:
            console.print(f"[dim]{name} …[/dim]")
            for measured, figures in ledger.measure(name, partial(BENCHES[name], servers)).items():
                met, (how, bound) = _met(measured, figures), TARGETS.get(measured, ("", ""))
                verdict = {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}[met]
                cells = (figures["ours"], figures["baseline"], figures["ratio"])
                runs = str(figures["runs"])
                table.add_row(measured, *(f"{cell:,.4g}" for cell in cells), runs, f"{how} {bound}", verdict)
    finally:
        servers.session.close()
    console.print(table)
    for name, reason in ledger.cannot_run.items():
        console.print(f"{name} cannot run here: {reason}", markup=False)
    for name in ledger.broken:
        console.print(f"{name} broke: see above", markup=False)
    console.print(f"Written to {chosen.output}." if ledger.figures else "Nothing was measured.")
    return 0 if ledger.succeeded() else 1


if __name__ == "__main__":
    sys.exit(main())
