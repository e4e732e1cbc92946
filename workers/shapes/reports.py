"""Figures as they are told."""

from collections.abc import Sequence
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
    whole = report.whole
    return {
        "report": report.kind.value,
        "by": report.by.value,
        "from": report.first.monday,
        "to": report.last.sunday,
        "closed_to": None if report.closed is None else report.closed.sunday,
        "items": [row_shape(report.kind, row) for row in report.rows],
        "groups": [
            {**row_shape(report.kind, row), "until": None if row.until is None else str(row.until)}
            for row in report.groups
        ],
        "whole": None if whole is None else row_shape(report.kind, whole),
        "next": None,
    }


def plain_rows(report: Report, shown: Sequence[ReportRow] | None = None) -> tuple[tuple[str, ...], list[Row]]:
    """Columns and rows for a table, of a report's rows or of those that are `shown` of it: each cell that has no
    figure says why."""
    kind, by = report.kind, report.by
    found = report.rows if shown is None else shown
    of = {By.LINE: ("line",), By.TEAM: ("line", "team"), By.WEEK: ("week", "line")}[by]
    if by is By.WEEK and all(row.line is None for row in found):
        of = ("week",)
    if any(row.until is not None for row in found):
        of = ("week", "until", "line")
    columns = (*of, "value", "withheld", *BESIDE.get(kind, ()))
    rows: list[Row] = []
    for row in found:
        said = row_shape(kind, row)
        until = said["week"] if row.until is None else str(row.until)
        cells = {name: plain_cell(row, name) for name in (VALUE, *BESIDE.get(kind, ()))}
        rows.append({**said, "until": until, **cells})
    return columns, rows
