"""A paper as an OpenDocument spreadsheet (.ods): a list for each table and, where its rows are read by themselves, a
sheet for each row, as the CNIL's model of the register has them.
"""

import io
import re
from collections.abc import Iterator, Sequence

from odfdo import Cell, Document, Row
from odfdo import Table as Sheet

from callwarden.model.paper import Cells, Paper, Table

_NOT_IN_A_NAME = re.compile(r"[\\/*?:\[\]']")
_LONGEST_NAME = 31
"""What every program that reads spreadsheets takes."""


def as_sheets(paper: Paper) -> bytes:
    """The file. Every value is text: a program that opens it computes nothing."""
    document = Document("spreadsheet")
    document.body.clear()
    taken = set[str]()
    for name, rows in _sheets(paper):
        sheet = Sheet(_name(name, taken))
        for row in rows:
            sheet.append_row(_row(row))
        document.body.append(sheet)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _sheets(paper: Paper) -> Iterator[tuple[str, list[Sequence[str]]]]:
    head: list[Sequence[str]] = [[paper.title], [paper.stamp], [paper.lead]]
    if paper.missing:
        head += [[paper.missing_title], *([one] for one in paper.missing)]
    for number, table in enumerate(paper.tables):
        labels = [label for _, label in table.columns]
        rows = [["\n".join(row.get(code, ())) for code, _ in table.columns] for row in table.rows]
        yield table.title, [*(head if number == 0 else head[:2]), [], labels, *rows]
        if table.as_sheets:
            yield from (_sheet(paper, table, row) for row in table.rows)


def _sheet(paper: Paper, table: Table, row: Cells) -> tuple[str, list[Sequence[str]]]:
    (_, first), (reference, _) = table.columns[0], table.columns[1]
    title = row[table.columns[0][0]][0]
    lines: list[Sequence[str]] = [[first, title], [paper.stamp], []]
    for code, label in table.columns[1:]:
        values = row.get(code, ())
        lines += [[label if number == 0 else "", value] for number, value in enumerate(values or ("",))]
    return row[reference][0], lines


def _name(name: str, taken: set[str]) -> str:
    """A sheet's name, which no other has."""
    plain = _NOT_IN_A_NAME.sub(" ", name).strip()[:_LONGEST_NAME] or "-"
    found, number = plain, 2
    while found.lower() in taken:
        found, number = f"{plain[: _LONGEST_NAME - 4]} {number}", number + 1
    taken.add(found.lower())
    return found


def _row(values: Sequence[str]) -> Row:
    row = Row()
    for value in values:
        row.append_cell(Cell(value, cell_type="string") if value else Cell())
    return row
