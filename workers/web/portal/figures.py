"""``/figures``: how many and how long, of groups that point at nobody; what is withheld is shown as withheld (U6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from callwarden.desks.figures import Report
from callwarden.model.figure import Week
from callwarden.model.ids import LineId
from callwarden.rules.figures.asking import By
from callwarden.rules.figures.counting import last_over
from callwarden.rules.figures.reporting import VALUE, Kind, ReportRow
from callwarden.rules.rights import Act
from callwarden.workers.shapes.reports import BESIDE, UNITS, file_rows
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.charts import Column
from callwarden.workers.web.portal.charts import columns as drawn
from callwarden.workers.web.portal.export import PARAMETER, exported, exports
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/figures")

WEEKS: Final = 8
"""How many are shown where no days are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn, and stands in a table below: rows of one `line`, or of all together (None)."""

    line: LineId | None
    rows: Sequence[ReportRow]
    bars: Sequence[Column]

    @property
    def tells(self) -> bool:
        """Whether anything of it is told."""
        return any(row.value is not None for row in self.rows)


@router.get("")
@does(Act.REPORT_READ, Act.TABLE_EXPORT)
def show(
    request: Request,
    actor: Asking,
    system: TheSystem,
    report: Kind = Kind.CALLS,
    by: By = By.LINE,
    line: str = "",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
) -> Response:
    """A chart and a table of whole weeks: those that the days are of."""
    newest = last_over(system.clock.now(), system.policy)
    end = min(_week(last) or newest, newest)
    begin = _week(first) or end.after(1 - WEEKS)
    if end < begin:
        begin = end
    found = system.figure_desk.read(actor, report, by, begin.monday, end.sunday, line=LineId(line) if line else None)
    lines = sorted(system.policy.lines if actor.lines is None else actor.lines & system.policy.lines.keys())
    charts = _charts(found, [LineId(line)] if line else lines)
    shown = [row for chart in charts for row in chart.rows]
    columns, rows = file_rows(found, shown, as_json=request.query_params.get(PARAMETER) == "json")
    file = exported(request, actor, table=f"figures-{report.value}", columns=columns, rows=rows)
    if file is not None:
        return file
    return page(
        request,
        "figures.html",
        actor=actor,
        found=found,
        kinds=Kind,
        ways=[each for each in By if each is not By.AGENT],
        line=line,
        lines=lines,
        charts=charts,
        apart=by is By.WEEK and found.whole is not None and all(chart.line for chart in charts),
        beside=BESIDE.get(report, ()),
        unit=UNITS[report],
        minimums=system.policy.figures,
        exports=exports(request),
    )


def _week(text: str) -> Week | None:
    """The week of a day as a form gives it; None for none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return Week.of(day) if date(2000, 1, 3) <= day <= date(9000, 1, 1) else None


def _charts(found: Report, lines: Sequence[LineId]) -> Sequence[Chart]:
    """Weeks of all lines together, then each line by itself as it is told; or all rows at once."""
    if found.by is not By.WEEK:
        return [_chart(None, found.rows)] if found.rows else []
    whole = [row for row in found.rows if row.line is None]
    together = _chart(None, whole)
    of_lines = [_chart(line, _with_gaps(line, found), as_sum=UNITS[found.kind] == "calls") for line in lines]
    return [together, *of_lines] if together.tells else of_lines


def _chart(line: LineId | None, rows: Sequence[ReportRow], *, as_sum: bool = False) -> Chart:
    """As high as a week of it on average, where weeks are added up in a row `as_sum`."""
    widths = [1 if row.week is None or row.until is None else row.week.to(row.until) for row in rows]
    values = [0 if VALUE in row.unmeasured else row.value for row in rows]
    heights = [
        value if value is None or not as_sum else value / weeks for value, weeks in zip(values, widths, strict=True)
    ]
    return Chart(line=line, rows=rows, bars=drawn(heights, widths))


def _with_gaps(line: LineId, found: Report) -> Sequence[ReportRow]:
    """What a line tells of its weeks. Those in no group are told later, or with weeks that were not asked for."""
    told, due = list[ReportRow](), found.first
    for row in [*(each for each in found.groups if each.line == line), None]:
        begins = found.last.after() if row is None or row.week is None else row.week
        if due < begins:
            told.append(ReportRow(line=line, team=None, week=due, until=begins.after(-1), value=None))
        if row is not None and row.until is not None:
            told.append(row)
            due = row.until.after()
    return told
