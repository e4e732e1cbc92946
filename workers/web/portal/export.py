"""Any table of the portal as a file: ``?format=csv`` or ``json`` on the page's own address, an act of whoever asks.

A page asks `exported` with the rows it would show::

    file = exported(request, actor, table="quarantine", columns=COLUMNS, rows=rows)
    if file is not None:
        return file

and shows the addresses with ``{{ parts.exports(*exports(request)) }}``. Its route names ``Act.TABLE_EXPORT`` as well.
"""

from collections.abc import Sequence
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
_TYPES: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def exports(request: Request) -> tuple[str, str]:
    """The addresses of this page as CSV and as JSON, filters and all."""
    csv_, json_ = (f"?{request.url.include_query_params(**{PARAMETER: form}).query}" for form in _TYPES)
    return csv_, json_


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
