"""A paper as an OpenDocument spreadsheet (.ods): a list for each table and, where its rows are read by themselves, a
sheet for each row, as the CNIL's model of the register has them.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from odfdo import Cell, Column, Document, Paragraph, Row, Style
from odfdo import Table as Sheet

from callwarden.model.paper import Cells, Paper, Table

_NOT_IN_A_NAME = re.compile(r"[\\/*?:\[\]']")
_LONGEST_NAME = 31
"""What every program that reads spreadsheets takes."""
_HEADING = "heading"
_TEXT = "text"
_WIDTH = "width"


@dataclass(frozen=True, slots=True)
class _Line:
    """What stands in a row; a heading is bold."""

    values: Sequence[str]
    heading: bool = False


def as_sheets(paper: Paper) -> bytes:
    """The file. Every value is text: a program that opens it computes nothing."""
    document = Document("spreadsheet")
    document.body.clear()
    for style in _styles():
        document.insert_style(style, automatic=True)
    taken = set[str]()
    for name, lines in _sheets(paper):
        sheet = Sheet(_name(name, taken))
        for line in lines:
            sheet.append_row(_row(line))
        for number in range(max(len(line.values) for line in lines)):
            sheet.set_column(number, Column(style=_WIDTH))
        document.body.append(sheet)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _styles() -> Iterator[Style]:
    for name, bold in ((_HEADING, True), (_TEXT, False)):
        style = Style("table-cell", name=name)
        style.set_properties({"fo:wrap-option": "wrap", "style:vertical-align": "top"}, area="table-cell")
        style.set_properties({"fo:font-weight": "bold" if bold else "normal"}, area="text")
        yield style
    yield Style("table-column", name=_WIDTH, width="7cm")


def _sheets(paper: Paper) -> Iterator[tuple[str, list[_Line]]]:
    head = [_Line([paper.title], heading=True), _Line([paper.stamp]), _Line([paper.lead])]
    if paper.missing:
        head += [_Line([paper.missing_title], heading=True), *(_Line([one]) for one in paper.missing)]
    for number, table in enumerate(paper.tables):
        yield table.title, [*(head if number == 0 else head[:2]), _Line([]), *_listed(table)]
        if table.sections:
            yield from (_sheet(paper, table, row) for row in table.rows)


def _listed(table: Table) -> Iterator[_Line]:
    yield _Line([label for _, label in table.columns], heading=True)
    for row in table.rows:
        yield _Line(["\n".join(row.get(code, ())) for code, _ in table.columns])


def _sheet(paper: Paper, table: Table, row: Cells) -> tuple[str, list[_Line]]:
    labels, (reference, _) = dict(table.columns), table.columns[1]
    lines = [_Line([row[table.columns[0][0]][0]], heading=True), _Line([paper.stamp])]
    for title, columns in table.sections:
        lines += [_Line([]), _Line([title], heading=True)]
        lines += [] if columns else list(_listed(paper.tables[0]))
        for code in columns:
            values = row.get(code, ())
            lines += [_Line([labels[code] if number == 0 else "", one]) for number, one in enumerate(values or ("",))]
    return row[reference][0], lines


def _name(name: str, taken: set[str]) -> str:
    """A sheet's name, which no other has."""
    plain = _NOT_IN_A_NAME.sub(" ", name).strip()[:_LONGEST_NAME] or "-"
    found, number = plain, 2
    while found.lower() in taken:
        found, number = f"{plain[: _LONGEST_NAME - 4]} {number}", number + 1
    taken.add(found.lower())
    return found


def _row(line: _Line) -> Row:
    row, style = Row(), _HEADING if line.heading else _TEXT
    for value in line.values:
        row.append_cell(_cell(value, style) if value else Cell())
    return row


def _cell(value: str, style: str) -> Cell:
    """One paragraph a line: programs that read spreadsheets show a line break within a paragraph as a space."""
    cell = Cell(style=style)
    cell.type = "string"
    for line in value.splitlines():
        cell.append(Paragraph(line))
    return cell
