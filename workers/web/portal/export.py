"""Any table of the portal as a file: ``?format=csv`` or ``json`` on the page's own address, an act of whoever asks.

A page asks `exported` with the rows it would show::

    file = exported(request, actor, table="quarantine", columns=COLUMNS, rows=rows)
    if file is not None:
        return file

and shows the addresses with ``{{ parts.exports(*exports(request)) }}``. Its route names ``Act.TABLE_EXPORT`` as well.
A page of several tables asks `exported_of` with all of them, and shows ``exports(request, "its-name")`` under each.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import HTTPException, Request
from starlette.responses import Response

from callwarden.model.access import Actor
from callwarden.workers.cli.spreadsheet import as_csv
from callwarden.workers.shapes import Row, to_json
from callwarden.workers.web.asking import system_of
from callwarden.workers.web.portal.pages import words_of
from callwarden.workers.web.words import Language

PARAMETER: Final = "format"
_TABLE: Final = "table"
_TYPES: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


Tables = Mapping[str, tuple[Sequence[str], Sequence[Row]]]
"""By the name of each its columns and rows."""


def exports(request: Request, table: str | None = None) -> tuple[str, str]:
    """The addresses of this page, or of this table of it, as CSV and as JSON, filters and all."""
    which = {} if table is None else {_TABLE: table}
    csv_, json_ = (f"?{request.url.include_query_params(**which, **{PARAMETER: form}).query}" for form in _TYPES)
    return csv_, json_


def exported_of(request: Request, actor: Actor, tables: Tables) -> Response | None:
    """As `exported`, of a page that has several: the one that ``?table=`` names."""
    if PARAMETER not in request.query_params or request.method != "GET":
        return None
    name = request.query_params.get(_TABLE, "")
    if name not in tables:
        raise HTTPException(404)
    columns, rows = tables[name]
    return exported(request, actor, table=name, columns=columns, rows=rows)


def exported(
    request: Request, actor: Actor, *, table: str, columns: Sequence[str], rows: Sequence[Row]
) -> Response | None:
    """The rows as the file that was asked for; None where the page itself was. `table` is its name in the access log:
    small letters and hyphens. The file has every row there is under the page's filters, and of each these columns;
    JSON whatever else a row has as well. The entry, with the count and the digest of the file, is durable before its
    first byte leaves. Raises RefusedError."""
    form = request.query_params.get(PARAMETER)
    if form is None:
        return None
    if form not in _TYPES:
        raise HTTPException(404)
    french = words_of(request).language is Language.FRENCH
    content = as_csv(columns, rows, delimiter=";" if french else ",") if form == "csv" else _as_json(rows)
    at = system_of(request).export_desk.exported(actor, table, form, content, count=len(rows))
    name = f"callwarden-{table}-{at:%Y%m%dT%H%M%SZ}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=_TYPES[form], headers=headers)


def _as_json(rows: Sequence[Row]) -> bytes:
    return "".join(("[", ",\n ".join(map(to_json, rows)), "]\n")).encode()
