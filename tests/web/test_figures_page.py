"""The page of figures: charts and tables of groups that point at nobody (U6)."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from callwarden.model.access import Actor, Role
from tests.desks.test_figures import ALARMS, FIRST, calls, keep
from tests.support.site import Site
from tests.support.web import client

ADA = Actor(role=Role.ANALYST, name="ada")
WEEK = "from=2026-11-04&to=2026-11-04&lang=en"
"""Any day of it."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(Path(tmp_path_factory.mktemp("figures"))) as made:
        keep(made, calls(20), calls(3, FIRST, ALARMS))  # type: ignore[arg-type]
        yield made


def test_what_is_withheld_is_shown_as_withheld_in_the_chart_and_in_the_table(site: Site) -> None:
    page = client(site.system, ADA).get(f"/figures?by=line&{WEEK}")
    assert page.status_code == 200
    assert re.findall(r'<rect class="(\w+)"[^>]*><title>([^<]*)</title>', page.text) == [
        ("told", "customer-service: 20"),
        ("withheld", "monitoring-centre: withheld"),
    ]
    assert page.text.count('<span class="quiet">withheld</span>') == 2  # the line, and the sum that would give it away
    assert ">3<" not in page.text
    assert "style=" not in page.text
    assert "<script>" not in page.text


def test_a_week_that_one_small_line_withholds_is_said_to_be_and_each_line_is_shown_by_itself(site: Site) -> None:
    page = client(site.system, ADA).get("/figures?by=week&from=2026-11-02&to=2026-11-15&lang=fr")
    assert "une ligne est trop petite" in page.text
    assert "moins de 11 appelants ou de 3 salariés, ou dont plus de 85\u00a0% revient" in page.text
    assert re.findall(r'<rect class="(\w+)"[^>]*><title>([^<]*)</title>', page.text) == [
        ("told", "2026-W45: 20"),
        ("withheld", "2026-W46: non communiqué"),
    ]
    assert re.findall(r"<h2>([^<]*)</h2>", page.text) == ["customer-service", "monitoring-centre"]
    file = client(site.system, ADA).get("/figures?by=week&from=2026-11-02&to=2026-11-15&lang=en&format=csv")
    assert file.content.decode("utf-8-sig").splitlines() == [
        "week,until,line,value,withheld,row,closed_to",
        "2026-W45,2026-W45,customer-service,20,no,week,2026-11-15",
        "2026-W46,2026-W46,customer-service,withheld,yes,week,2026-11-15",
        "2026-W45,2026-W46,monitoring-centre,withheld,yes,weeks_together,2026-11-15",
        ",,,withheld,yes,all_lines,2026-11-15",
    ]


def test_no_page_is_of_one_employee_and_it_says_where_evaluations_are(site: Site) -> None:
    page = client(site.system, ADA).get("/figures?by=agent&lang=fr")
    assert page.status_code == 403
    assert "Aucun chiffre ne porte sur un seul salarié" in page.text
    assert 'value="agent"' not in client(site.system, ADA).get("/figures").text


@pytest.mark.parametrize("report", ["calls", "answer-times", "durations", "outcomes", "objections", "evaluations"])
@pytest.mark.parametrize("by", ["line", "week", "team"])
def test_every_report_is_a_page_in_french_and_a_file(site: Site, report: str, by: str) -> None:
    asking = client(site.system, ADA)
    page = asking.get(f"/figures?report={report}&by={by}&lang=fr")
    assert page.status_code == 200
    assert "Chiffres" in page.text
    assert ("sur les lignes où l’on peut s’y opposer" in page.text) is (report in ("outcomes", "objections"))
    file = asking.get(f"/figures?report={report}&by={by}&{WEEK}&format=csv")
    [header, *_] = csv.reader(StringIO(file.content.decode("utf-8-sig")))
    assert {"value", "withheld"} <= set(header)


def test_who_has_no_right_sees_neither_the_page_nor_the_way_there(site: Site) -> None:
    asking = client(site.system, Actor(role=Role.TRAINER, name="alice"))
    assert asking.get("/figures").status_code == 403
    assert 'href="/figures"' not in asking.get("/calls?purpose=training").text
    assert 'href="/figures"' in client(site.system, ADA).get("/figures").text
