"""`callwarden report` and its route over one embedded system: calls come in, weeks close, figures are told (U6)."""

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.model.access import Actor, Role
from callwarden.workers.cli import run
from tests.support.site import NOON, Site
from tests.support.web import client

AS = ("--as", "analyst:ada")
WEEK = ("--from", "2026-11-02", "--to", "2026-11-08")
AFTER = NOON - timedelta(days=16)
"""Wednesday of that week."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Twelve callers and three agents on one line, two callers on the other."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", NOON.isoformat())
    monkeypatch.setenv("CALLWARDEN_PARTITIONS", "2")  # as a Site has
    with Site(tmp_path / "home") as made:
        made.clock.instant = AFTER
        made.publish(
            *(
                made.event(
                    f"c-{at}",
                    line="customer-service" if at < 12 else "monitoring-centre",
                    caller={"number": f"+336399800{at:02}"},
                    agent={"id": f"a-{at % 3}", "team": "jour"},
                    answered_after_s=6,
                )
                for at in range(14)
            )
        )
        made.drain("ingest")
        made.clock.instant = NOON
        yield made


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run([*arguments, "--json"])
    output, errors = capsys.readouterr()
    return code, json.loads(output) if code == 0 else json.loads(errors.splitlines()[-1])["error"]


def test_rows_say_what_is_withheld_and_so_do_a_file_and_the_route(
    site: Site, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, rows = said(capsys, "report", "calls", "--by", "line", *WEEK, *AS, "--csv", "calls.csv")
    assert code == 0
    service, alarms = rows
    assert (service["line"], service["value"], service["withheld"]) == ("customer-service", 12, False)
    assert {name: alarms[name] for name in ("value", "withheld")} == {"value": None, "withheld": True}
    with (tmp_path / "calls.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["line", "value", "withheld", "week", "until", "row", "closed_to"],
            ["customer-service", "12", "no", "", "", "line", "2026-11-15"],
            ["monitoring-centre", "withheld", "yes", "", "", "line", "2026-11-15"],
            ["", "withheld", "yes", "", "", "all_lines", "2026-11-15"],
        ]
    assert service["whole"] == {**service["whole"], "value": None, "withheld": True}
    assert (service["groups"], service["closed_to"]) == ([], "2026-11-15")
    address = "/api/v1/reports/durations?by=team&from=2026-11-02&to=2026-11-08&line=customer-service"
    answer = client(site.system, Actor(role=Role.AUDITOR, name="aline")).get(address)
    [row] = answer.json()["items"]
    assert (row["team"], row["value"], row["unit"]) == ("jour", 30, "seconds")
    assert row["calls"] == {"value": 12, "withheld": False}
    assert row["agent_s"] == {"value": None, "withheld": False}, "nothing was transcribed"
    assert answer.json()["closed_to"] == "2026-11-15"
    [file] = [client(site.system, Actor(role=Role.AUDITOR, name="aline")).get(f"{address}&format=csv")]
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.content.decode("utf-8-sig").splitlines()[1].startswith("customer-service,jour,30.0,no,12,not measured,")


def test_weeks_that_are_told_together_are_in_a_file_and_in_json_as_on_the_screen(
    site: Site, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    site.clock.instant = AFTER - timedelta(days=7)
    site.publish(
        *(
            site.event(
                f"w-{at}",
                line="monitoring-centre",
                caller={"number": f"+336399801{at:02}"},
                agent={"id": f"a-{at % 3}", "team": "jour"},
            )
            for at in range(10)
        )
    )
    site.drain("ingest")
    site.clock.instant = NOON
    weeks = ("--from", "2026-10-26", "--to", "2026-11-08", "--line", "monitoring-centre")
    code, rows = said(capsys, "report", "calls", "--by", "week", *weeks, *AS, "--csv", "calls.csv")
    assert code == 0
    assert [row["value"] for row in rows] == [None, None]
    for row in rows:
        [group] = row["groups"]
        assert (group["week"], group["until"], group["value"]) == ("2026-W44", "2026-W45", 12)
    with (tmp_path / "calls.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1:] == [
            ["2026-W44", "2026-W44", "monitoring-centre", "withheld", "yes", "week", "2026-11-15"],
            ["2026-W45", "2026-W45", "monitoring-centre", "withheld", "yes", "week", "2026-11-15"],
            ["2026-W44", "2026-W45", "monitoring-centre", "12", "no", "weeks_together", "2026-11-15"],
        ]
    assert run(["report", "calls", "--by", "week", *weeks, *AS]) == 0
    assert "monitoring-centre, 2026-W44 to 2026-W45 together: 12" in capsys.readouterr().out
    assert run(["report", "calls", "--by", "line", *WEEK, *AS]) == 0
    told = "monitoring-centre, 2026-W44 to 2026-W45 together (from before what you asked for): 12"
    assert told in capsys.readouterr().out


def test_a_table_says_how_far_figures_reach(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "answer-times", "--by", "week", "--from", "2026-11-02", "--to", "2026-11-22", *AS]) == 0
    output = capsys.readouterr().out
    assert output.splitlines()[:2] == ["week\tline\tvalue\twithheld", "2026-W45\tcustomer-service\t6\tno"]
    assert "Closed so far: weeks up to 2026-11-15" in output
    assert output.count("Withheld is a figure of fewer than 11 callers or 3 employees, or of which more than 85 %") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("calls", "--by", "line", "--from", "2026-11-02", "--to", "2026-11-07", *AS), 2, "2026-11-02 to 2026-11-08"),
        (("calls", "--by", "line", "--from", "soon", "--to", "2026-11-08", *AS), 2, "a day"),
        (("calls", "--by", "agent", *WEEK, *AS), 1, "no figure is of one employee"),
        (("calls", "--by", "line", *WEEK, *AS, "--line", "nowhere"), 2, "nowhere"),
        (("calls", "--by", "line", *WEEK, "--as", "trainer:alice"), 1, "trainer"),
    ],
)
def test_what_cannot_be_told_is_refused_in_words(
    site: Site, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, word: str
) -> None:
    answer, fault = said(capsys, "report", *arguments)
    assert answer == code
    assert word in fault["message"]


def test_the_route_refuses_what_the_command_does(site: Site) -> None:
    asking = client(site.system, Actor(role=Role.ANALYST, name="ada"))
    for query, status in (
        ("by=line&from=2026-11-02&to=2026-11-07", 422),
        ("by=agent&from=2026-11-02&to=2026-11-08", 403),
        ("by=line&from=2026-11-02", 422),
    ):
        assert asking.get(f"/api/v1/reports/calls?{query}").status_code in (400, status), query
    assert asking.get("/api/v1/reports/agents?by=line&from=2026-11-02&to=2026-11-08").status_code in (400, 404, 422)
