"""``/figures``: how many and how long, of groups that point at nobody; what is withheld is shown as withheld (U6)."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from callwarden.model.figure import Week
from callwarden.model.ids import LineId
from callwarden.rules.figures.asking import By
from callwarden.rules.figures.counting import last_over
from callwarden.rules.figures.reporting import Kind
from callwarden.rules.rights import Act
from callwarden.workers.shapes.reports import UNITS, plain_rows
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.charts import columns as drawn
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/figures")

WEEKS: Final = 8
"""How many are shown where no days are given."""


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
    end = _week(last) or newest
    begin = _week(first) or end.after(1 - WEEKS)
    if end.monday < begin.monday:
        begin, end = end, begin
    found = system.figure_desk.read(actor, report, by, begin.monday, end.sunday, line=LineId(line) if line else None)
    columns, rows = plain_rows(found)
    file = exported(request, actor, table=f"figures-{report.value}", columns=columns, rows=rows)
    if file is not None:
        return file
    lines = sorted(system.policy.lines if actor.lines is None else actor.lines & system.policy.lines.keys())
    return page(
        request,
        "figures.html",
        actor=actor,
        found=found,
        kinds=Kind,
        ways=By,
        line=line,
        lines=lines,
        columns=[name for name in columns if name != "withheld"],
        rows=rows,
        unit=UNITS[report],
        bars=drawn([row.value for row in found.rows]),
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
