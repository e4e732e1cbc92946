"""``/api/v1/reports``: figures of groups of calls that point at nobody."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from callwarden.model.ids import LineId
from callwarden.rules.figures.asking import By
from callwarden.rules.figures.reporting import Kind
from callwarden.rules.rights import Act
from callwarden.workers.cli.spreadsheet import as_csv
from callwarden.workers.shapes.reports import file_rows, report_shape
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import DAY, FLAG, NUMBER, TEXT, answers, many, maybe, thing

router = APIRouter(prefix="/reports", tags=["reports"])
_ROW = thing(line=maybe(TEXT), team=maybe(TEXT), week=maybe(TEXT), value=maybe(NUMBER), withheld=FLAG, unit=TEXT)
_GROUP = thing(line=TEXT, week=TEXT, until=TEXT, value=maybe(NUMBER), withheld=FLAG, unit=TEXT)
_FROM = Query(alias="from", description="A Monday.", examples=["2026-11-02"])
_TO = Query(alias="to", description="A Sunday.", examples=["2026-11-08"])


@router.get(
    "/{report}",
    responses=answers(
        thing(
            report=TEXT,
            by=TEXT,
            closed_to=maybe(DAY),
            items=many(_ROW),
            groups=many(_GROUP),
            whole=maybe(_ROW),
            next=maybe(TEXT),
        )
    ),
)
@does(Act.REPORT_READ, Act.TABLE_EXPORT)
def read_report(
    report: Kind,
    by: By,
    first: Annotated[date, _FROM],
    last: Annotated[date, _TO],
    actor: Asking,
    system: TheSystem,
    line: Annotated[str | None, Query(min_length=1, max_length=64, description="This line only.")] = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    """Figures of whole weeks by line, week or team; what is withheld is null, and says so. By week, and
    of a line that cannot be told whole, `groups` are what each line tells by itself, of several weeks together where
    it is small."""
    found = system.figure_desk.read(actor, report, by, first, last, line=None if line is None else LineId(line))
    if form == "json":
        return as_json(report_shape(found))
    columns, rows = file_rows(found)
    content = as_csv(columns, rows, delimiter=",")
    system.export_desk.exported(actor, f"figures-{report.value}", "csv", content, count=len(rows))
    return Response(content, media_type="text/csv; charset=utf-8", headers={"Cache-Control": "no-store"})
