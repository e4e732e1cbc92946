"""Figures as they are told."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from callwarden.desks.figures import Report
from callwarden.rules.figures.asking import By
from callwarden.rules.figures.reporting import VALUE, Kind, ReportRow
from callwarden.workers.shapes import Row

UNITS: Final = {
    Kind.CALLS: "calls",
    Kind.ANSWER_TIMES: "seconds",
    Kind.DURATIONS: "seconds",
    Kind.OUTCOMES: "calls",
    Kind.OBJECTIONS: "calls",
    Kind.EVALUATIONS: "score",
}
"""What `value` is of; of times and scores it is the mean."""
BESIDE: Final = {
    Kind.DURATIONS: ("calls", "agent_s", "caller_s", "silence_s"),
    Kind.OUTCOMES: ("objected", "set_aside"),
    Kind.EVALUATIONS: ("evaluations",),
}


WITHHELD: Final = "withheld"
UNMEASURED: Final = "not measured"


def cell_shape(row: ReportRow, name: str) -> Row:
    """A figure, or that it is withheld; neither where nothing of the kind was counted."""
    return {"value": row.figure(name), "withheld": row.withholds(name)}


def plain_cell(row: ReportRow, name: str) -> float | str:
    """A figure as a cell of plain text; a cell that is empty would leave open why."""
    figure = row.figure(name)
    if figure is None:
        return WITHHELD if row.withholds(name) else UNMEASURED
    return figure


def row_shape(kind: Kind, row: ReportRow) -> Row:
    """A row: what it is of, its figure, and what stands beside it."""
    beside = {name: cell_shape(row, name) for name in BESIDE.get(kind, ())}
    of = {"line": row.line, "team": row.team, "week": None if row.week is None else str(row.week)}
    return {**of, **cell_shape(row, VALUE), "unit": UNITS[kind], **beside}


def report_shape(report: Report) -> Row:
    """A whole report."""
    return {
        "report": report.kind.value,
        "by": report.by.value,
        "from": report.first.monday,
        "to": report.last.sunday,
        "closed_to": _closed_to(report),
        "items": [row_shape(report.kind, row) for row in report.rows],
        "groups": [_group_shape(report.kind, row) for row in report.groups],
        "whole": None if report.whole is None else row_shape(report.kind, report.whole),
        "next": None,
    }


def row_shapes(report: Report) -> list[Row]:
    """The rows alone, each with all that is told with it: what weeks of its line are told by, all lines together, and
    how far figures reach."""
    kind, whole = report.kind, report.whole
    return [
        {
            **row_shape(kind, row),
            "groups": [_group_shape(kind, one) for one in report.groups if _is_of(one, row)],
            "whole": None if whole is None else row_shape(kind, whole),
            "closed_to": _closed_to(report),
        }
        for row in report.rows
    ]


def told_apart(report: Report) -> Sequence[ReportRow]:
    """Those of its groups that have a figure of which no row tells."""
    shown = {(row.line, row.week) for row in report.rows if row.value is not None}
    return [
        row for row in report.groups if row.value is not None and not shown & {(row.line, row.week), (None, row.week)}
    ]


def plain_rows(report: Report) -> tuple[tuple[str, ...], list[Row]]:
    """Columns and rows for a table of a report's rows: each cell that has no figure says why."""
    of = {By.LINE: ("line",), By.TEAM: ("line", "team"), By.WEEK: ("week", "line")}[report.by]
    if report.by is By.WEEK and all(row.line is None for row in report.rows):
        of = ("week",)
    return (*of, VALUE, "withheld", *BESIDE.get(report.kind, ())), [_plain_row(report, row) for row in report.rows]


def file_rows(
    report: Report, shown: Sequence[ReportRow] | None = None, *, as_json: bool = False
) -> tuple[tuple[str, ...], list[Row]]:
    """The same for a file, of which nobody asks more: the weeks that are told together and all lines together, too.
    The column `row` tells them apart, for none of them may be added to the others. `shown`: what a page shows of the
    rows and groups. In JSON a figure is a number or null."""
    found = [*report.rows, *told_apart(report)] if shown is None else list(shown)
    if report.whole is not None:
        found.append(report.whole)
    plain = {By.LINE: ("line",), By.TEAM: ("line", "team"), By.WEEK: ("week", "until", "line")}[report.by]
    columns = (*plain, VALUE, "withheld", *BESIDE.get(report.kind, ()))
    more = tuple(name for name in ("week", "until", "row", "closed_to") if name not in columns)
    rows: list[Row] = [{**_plain_row(report, row), **(row_shape(report.kind, row) if as_json else {})} for row in found]
    return (*columns, *more), rows


def _plain_row(report: Report, row: ReportRow) -> Row:
    said = row_shape(report.kind, row)
    until = said["week"] if row.until is None else str(row.until)
    cells = {name: plain_cell(row, name) for name in (VALUE, *BESIDE.get(report.kind, ()))}
    return {**said, "until": until, "row": _told_of(row), "closed_to": _closed_to(report), **cells}


def _told_of(row: ReportRow) -> str:
    if row.week is not None:
        return "week" if row.until in (None, row.week) else "weeks_together"
    if row.line is None:
        return "all_lines"
    return "line" if row.team is None else "team"


def _is_of(group: ReportRow, row: ReportRow) -> bool:
    """Whether it has weeks of this row."""
    begins, ends = group.week, group.until
    if row.line not in (None, group.line) or row.team is not None or begins is None or ends is None:
        return False
    return row.week is None or begins <= row.week <= ends


def _group_shape(kind: Kind, row: ReportRow) -> Row:
    return {**row_shape(kind, row), "until": None if row.until is None else str(row.until)}


def _closed_to(report: Report) -> date | None:
    return None if report.closed is None else report.closed.sunday
