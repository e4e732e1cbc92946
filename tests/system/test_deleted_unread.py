"""The embedded bus keeps events for a week; what nobody read in that time is told of by the commands (I1)."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from callwarden.workers.cli import run
from tests.support.site import NOON, Site

WEEK_S = 7 * 86_400


def test_events_that_outlived_their_week_unread_do_not_add_up_and_are_a_breach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    monkeypatch.chdir(tmp_path)
    for name, value in (("HOME", home), ("NOW", NOON.isoformat()), ("PARTITIONS", 1)):
        monkeypatch.setenv(f"CALLWARDEN_{name}", str(value))
    with Site(home, overrides={"partitions": 1}) as site:
        site.publish(site.event("c-1"))
        site.drain()
        site.publish(*(site.event(f"late-{number}") for number in range(3)))
    with closing(sqlite3.connect(home / "bus.db")) as database, database:
        database.execute("UPDATE messages SET at = at - ?", [WEEK_S + 60])
    assert run(["calls", "outcomes", "--json"]) == 1
    sums = json.loads(capsys.readouterr().out)
    assert (sums["published"], sums["in_flight"], sums["deleted_unread"], sums["balanced"]) == (4, 0, 3, False)
    assert run(["calls", "outcomes"]) == 1
    said = capsys.readouterr().out
    assert "deleted unread\t3" in said
    assert "3 events were deleted before they were read: callwarden reconcile" in said
    assert run(["reconcile", "--json"]) == 1
    [breach] = json.loads(capsys.readouterr().out)["breaches"]
    assert (breach["code"], breach["subject"]) == ("deleted_unread", "telephony.calls/0")
