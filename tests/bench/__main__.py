"""`make bench`: every measurement, side by side with its baseline in the same run, written to bench.json.

`python -m tests.bench [NAME…]` runs some of them. A figure that misses its target is marked; the exit code says so.
"""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.servers.kafka import RunningKafka
from tests.servers.postgres import RunningPostgres
from tests.servers.s3 import RunningS3
from tests.servers.session import TierSession

Figures = Mapping[str, Mapping[str, Any]]
TARGETS: dict[str, tuple[str, float]] = {
    "ingest_vs_poll_and_put": (">=", 0.8),
    "consume_and_validate_vs_raw_poll": (">=", 0.6),
    "ingest_4h_stereo_wav_peak_mb": ("ours<=", 250.0),
    "disposal_rows_sqlite": ("<=", 1.3),
    "disposal_rows_postgresql": ("<=", 1.3),
    "log_append_one_by_one": (">=", 0.5),
    "log_append_group_commit": (">=", 8.0),
    "log_verify": (">=", 0.3),
    "redact_text": (">=", 3.0),
    "beep": (">=", 8.0),
    "speech": (">=", 2.0),
    "speech_100_calls_growth_mb": ("ours<=", 60.0),
    "speech_40min_hold_music_s": ("ours<=", 240.0),
    "reading_decisions_per_s": (">=", 1.0),
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
    "log": _plain("log_bench"),
    "reading": _plain("reading_bench"),
    "gate": _plain("gate_bench"),
    "redaction": _plain("redaction_bench"),
    "beep": _plain("beep_bench"),
    "speech": _plain("speech_bench"),
    "speech_memory": _plain("speech_memory_bench"),
}


def _met(name: str, figures: Mapping[str, Any]) -> bool | None:
    if name not in TARGETS:
        return None
    how, bound = TARGETS[name]
    match how:
        case ">=":
            return bool(figures["ratio"] >= bound)
        case "<=":
            return bool(figures["ratio"] <= bound)
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
    results: dict[str, Mapping[str, Any]] = {}
    table = Table("measurement", "ours", "baseline", "ratio", "runs", "target", "met")
    try:
        for name in chosen.name or BENCHES:
            console.print(f"[dim]{name} …[/dim]")
            for measured, figures in BENCHES[name](servers).items():
                results[measured] = figures
                met, (how, bound) = _met(measured, figures), TARGETS.get(measured, ("", ""))
                verdict = {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}[met]
                cells = (figures["ours"], figures["baseline"], figures["ratio"])
                runs = str(figures["runs"])
                table.add_row(measured, *(f"{cell:,.4g}" for cell in cells), runs, f"{how} {bound}", verdict)
    finally:
        servers.session.close()
    console.print(table)
    chosen.output.write_text(json.dumps(results, indent=1, default=str) + "\n", encoding="utf-8")
    console.print(f"Written to {chosen.output}.")
    return 0 if all(_met(name, figures) is not False for name, figures in results.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
