"""A table as a file: what a spreadsheet would take for a formula is text, and the entry has count and digest."""

import csv
import re
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import callwarden
from callwarden.model.access import Actor, Role
from callwarden.model.log_entry import Operation
from callwarden.workers.web.portal.export import as_csv
from tests.support.workshop import Workshop

ALICE = Actor(role=Role.TRAINER, name="alice")
COLUMNS = ("one", "two")
FILES = re.compile(r"parts\.exports\(|\bfiles\(")
CELLS = st.text() | st.builds(str.__add__, st.sampled_from("=+-@\t\r\n＝＋－＠"), st.text())


TEMPLATES = Path(callwarden.__file__).parent / "workers" / "web" / "portal" / "templates"
NO_FILE = {
    "evaluation.html": {"Scores"},  # columns of the file of evaluations
    "experiment.html": {"Left out"},  # of a preview, counted anew each time; a build's own are a file
    "forms.html": {"Parties"},  # to be filled in
    "log.html": {"Months", "Who had this recording"},  # `log status --json`; the same entries as below
    "policy.html": {"Lines", "Who may read what", "What is open in each state of a recording"},  # the papers have them
    "quarantined.html": {"Expected and found", "Noted"},  # of one event
    "request.html": {"What would become of each"},  # of a preview; once approved the items say it
    "webhooks.html": {"Receivers"},  # settings: their notices are a file
}
"""Tables that cannot be had as files, and why."""


def test_every_table_of_a_page_is_a_file_as_well() -> None:
    without = {}
    for template in TEMPLATES.glob("*.html"):
        text = template.read_text()
        tables = re.split(r'call parts\.table\(_\("(.+?)"\)\)', text)
        places = tables[2::2] if len(tables) > 3 else [text]  # a page's one table may say so above it
        bare = {name for name, place in zip(tables[1::2], places, strict=False) if not FILES.search(place)}
        without |= {template.name: bare} if bare else {}
    assert without == NO_FILE


def read(content: bytes, delimiter: str) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


@given(st.lists(st.tuples(CELLS, CELLS), max_size=4), st.sampled_from(",;"))
def test_no_text_of_a_file_is_a_formula_and_the_table_keeps_its_shape(
    rows: list[tuple[str, str]], delimiter: str
) -> None:
    found = read(as_csv(COLUMNS, [{"one": one, "two": two} for one, two in rows], delimiter=delimiter), delimiter)
    assert found[0] == list(COLUMNS)
    assert [len(row) for row in found] == [2] * (len(rows) + 1)
    assert not any(cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) for row in found for cell in row)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        (-5, "-5"),
        (-0.5, "-0.5"),
        (None, ""),
        (datetime(2026, 11, 20, 9, tzinfo=UTC), "2026-11-20 09:00:00Z"),
        ("+33639980001", "'+33639980001"),
        ("a;b,c", "a;b,c"),
    ],
)
def test_a_cell_is_what_the_commands_print(value: object, cell: str) -> None:
    assert read(as_csv(["one"], [{"one": value}], delimiter=";"), ";")[1] == [cell]


def test_an_export_is_an_entry_with_the_table_the_count_and_the_digest(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with Workshop(tmp_path_factory.mktemp("shop")) as shop:
        shop.system.export_desk.exported(ALICE, "quarantine", "csv", b"one\r\n", count=7)
        [entry] = [
            one for one in shop.parts["catalogue"].rows.log.values() if one.operation is Operation.TABLE_EXPORTED
        ]
    assert (entry.reasons, entry.count, entry.digest) == (("quarantine", "csv"), 7, sha256(b"one\r\n").hexdigest())
