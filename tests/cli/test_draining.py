"""`callwarden work all --drain`: what can be done is done, what cannot is named, and it shows how far it is."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from rich.console import Console

from callwarden.errors import LackingError, RetryableError
from callwarden.workers.cli import draining
from callwarden.workers.cli.draining import DrainReport
from callwarden.workers.processes.running import Drained
from tests.servers.places import repository
from tests.support.diagnostics import capture_logs
from tests.support.site import Site


def callwarden(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CALLWARDEN_", "AWS_"))}
    return subprocess.run(
        [sys.executable, "-c", "from callwarden.workers.command import main; main()", *arguments],
        cwd=repository(),
        env={
            **kept,
            "CALLWARDEN_HOME": str(home),
            "CALLWARDEN_PARTITIONS": "2",
            "CALLWARDEN_SESSION_TIMEOUT_S": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_event_whose_bucket_has_no_credentials_stops_no_other_and_is_named_at_the_end(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        lost = site.event("c-elsewhere")
        lost["data"]["audio"]["uri"] = "s3://landing/c-elsewhere.wav"
        site.publish(lost)
        for number in range(5):
            site.publish(site.event(f"c-{number}"))
    done = callwarden(tmp_path, "work", "all", "--drain", "--json")
    assert done.returncode == 1
    error = json.loads(next(line for line in done.stderr.splitlines() if line.startswith('{"error"')))["error"]
    assert "1 events wait for s3://landing" in error["message"]
    rows = {row["step"]: row for row in json.loads(done.stdout)}
    assert rows["ingest"]["handled"] == 6
    assert rows["dispose"].keys() == rows["log"].keys() == {"step", "handled", "left", "why"}
    sums = json.loads(callwarden(tmp_path, "calls", "outcomes", "--json").stdout)
    assert (sums["outcomes"]["stored"], sums["in_flight"], sums["balanced"]) == (5, 1, True)
    [waits] = json.loads(callwarden(tmp_path, "calls", "waiting", "--json").stdout)
    assert (waits["waits_for"], waits["events"]) == ("s3://landing", 1)
    assert waits["since"] is not None
    assert sums["waiting"] == [waits]


def report(*done: Drained, names: Sequence[str] = ("ingest", "redact", "log")) -> DrainReport:
    made = DrainReport(names)
    for one in done:
        made.add(one)
    return made


def test_what_is_not_installed_is_said_and_no_failure_and_everything_else_is_one() -> None:
    lacking = Drained(step="redact", handled=0, error=LackingError("no model"))
    away = Drained(step="log", handled=0, error=RetryableError("the database is out of reach"))
    assert report(lacking).faults() == []
    assert report(lacking).left_out() == ["redact left out: no model"]
    assert report(lacking, away).faults() == ["log could not go on: the database is out of reach"]
    assert report(lacking, names=("redact",)).faults() == ["redact could not go on: no model"], "asked for by name"


def test_without_a_terminal_a_line_says_now_and_then_how_far_it_is() -> None:
    going, ended = DrainReport(("ingest", "log")), Event()
    going.add(Drained(step="ingest", handled=7))
    going.under_way["ingest"] = 5
    draining._SAY_EVERY_S, before = 0.01, draining._SAY_EVERY_S
    try:
        with capture_logs() as logged:
            shower = threading.Thread(target=draining._as_lines, args=(going, Console(), ended))
            shower.start()
            while not logged:
                ended.wait(0.01)
            ended.set()
            shower.join()
    finally:
        draining._SAY_EVERY_S = before
    assert {**logged[0], "level": ""} == {"event": "draining", "level": "", "ingest": 12, "log": 0}
