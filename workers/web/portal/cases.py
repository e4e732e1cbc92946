"""``/cases``: the cases one may know of, what is due of them, and opening one (K3)."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.court import OVERSEAS, CourtKind, Party, Residence
from callwarden.model.hold import CaseState
from callwarden.model.ids import CaseId
from callwarden.rules.case_procedure import DueKind
from callwarden.rules.cases import CaseDetails
from callwarden.rules.people import same_person
from callwarden.rules.rights import Act
from callwarden.workers.shapes.cases import listed_case
from callwarden.workers.shapes.procedure import due_row
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, Typed, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/cases")

AHEAD: Final = timedelta(days=30)
"""How far ahead the list looks for what is due."""
_COLUMNS: Final = ("case", "state", "responsible", "opened_at", "held", "fast_in_vault", "waiting")
_CALENDAR: Final = "text/calendar; charset=utf-8"


def case_address(case: str, *more: str) -> str:
    """Where a case is shown. What has a meaning in addresses, such as the slash of a docket number, stands in it as
    ``~2F``: however often it is decoded on its way, it stays a part of the name."""
    return "/".join(("/cases", *(quote(_SPECIAL.sub(_coded, one), safe="") for one in (case, *more))))


def case_of(part: str) -> CaseId:
    """The case that this part of an address names."""
    return CaseId(_CODED.sub(lambda found: chr(int(found[1], 16)), part))


_SPECIAL: Final = re.compile(r"[/%~?#\\]|^\.+$")
_CODED: Final = re.compile(r"~([0-9A-F]{2})")


def _coded(found: re.Match[str]) -> str:
    return "".join(f"~{ord(character):02X}" for character in found[0])


@router.get("")
@does(Act.HOLD_LIST, Act.HOLD_DUE, Act.TABLE_EXPORT)
def listed(request: Request, actor: Asking, system: TheSystem, show: str = "open") -> Response:
    """Every case one may know of: open ones, one's own, those something is due of, those nobody has reviewed."""
    cases = [listed_case(*each) for each in system.case_desk.listed(actor)]
    due = [due_row(each) for each in _due(system, actor)]
    wanted = {
        "mine": lambda row: _is_mine(row, actor),
        "due": lambda row: any(each["case"] == row["case"] for each in due),
        "unreviewed": lambda row: any(each["case"] == row["case"] and each["due"] is DueKind.REVIEW for each in due),
        "released": lambda row: row["state"] is CaseState.RELEASED,
        "open": lambda row: row["state"] is CaseState.OPEN,
    }
    show = show if show in wanted else "open"
    rows = [row for row in cases if wanted[show](row)]
    if file := exported(request, actor, table="cases", columns=_COLUMNS, rows=rows):
        return file
    return page(
        request,
        "cases.html",
        actor=actor,
        cases=rows,
        due=due,
        show=show,
        exports=exports(request),
        there_are=bool(cases),
        may_open=may(actor, Act.HOLD_OPEN),
        may_export=may(actor, Act.HOLD_CALENDAR),
        case_address=case_address,
    )


@router.get("/-/new")
@does(Act.HOLD_OPEN)
def new(request: Request, actor: Asking, system: TheSystem) -> Response:
    """The form that opens a case."""
    system.case_desk.acts.admit(Act.HOLD_OPEN, actor)
    return _form(request, actor)


@router.post("/-/new")
@does(Act.HOLD_OPEN)
def open_(request: Request, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Open a case."""

    def do() -> str:
        name = typed.text("case") or ""
        system.case_desk.open(actor, CaseId(name), reason=typed.text("reason") or "", details=details_of(typed))
        return case_address(name)

    return attempt("open", typed, do, lambda failed: _form(request, actor, failed))


@router.get("/-/calendar.ics")
@does(Act.HOLD_CALENDAR)
def calendar(actor: Asking, system: TheSystem) -> Response:
    """The days of the open cases, for a calendar: the case's name and what is due."""
    content = system.procedure_desk.calendar(actor)
    headers = {"Content-Disposition": 'attachment; filename="callwarden.ics"'}
    return Response(content, media_type=_CALENDAR, headers=headers)


def details_of(typed: Typed, *, edits: bool = False) -> CaseDetails:
    """What a form says of a case. Left blank when a case is edited, a field is taken back; people stay as they are.
    Raises UsageError."""
    nothing: Any = "" if edits else None
    parties = tuple(_party(typed, number) for number in range(1, PARTIES + 1) if typed.text(f"party-{number}"))
    return CaseDetails(
        reason=typed.text("reason") if edits else None,
        court=typed.code("court", CourtKind),
        seat=nothing if typed.text("seat") is None else (typed.text("seat") or "").upper(),
        parties=parties if parties or edits else None,
        people=typed.names("people") or None,
        responsible=typed.text("responsible") or nothing,
    )


PARTIES: Final = 6
"""How many parties a form has room for."""


def _party(typed: Typed, number: int) -> Party:
    where = typed.text(f"residence-{number}") or Residence.METROPOLE.value
    place = (typed.text(f"place-{number}") or "").strip()
    if place and place not in OVERSEAS:
        raise UsageError(f"{place} is no collectivity overseas: write its number, such as 974")
    return Party(
        party_id=(typed.text(f"party-{number}") or "").lower(),
        residence=Residence.OVERSEAS if place else Residence(where) if where in set(Residence) else Residence.METROPOLE,
        collectivity=place or None,
        appeared=not typed.is_on(f"absent-{number}"),
    )


def _form(request: Request, actor: Actor, failed: Failed | None = None) -> Response:
    return page(
        request,
        "case_new.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        failed=failed,
        courts=list(CourtKind),
        residences=list(Residence),
        places=PARTIES,
    )


def _due(system: TheSystem, actor: Actor) -> Any:
    return system.procedure_desk.due(actor, within=AHEAD) if may(actor, Act.HOLD_DUE) else ()


def _is_mine(row: Mapping[str, Any], actor: Actor) -> bool:
    return any(same_person(actor.name, name) for name in (row["opened_by"], row["responsible"], *row["people"]))
