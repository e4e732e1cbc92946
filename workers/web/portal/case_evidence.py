"""``/cases/{case}/pack`` and ``/custody/{rec}``: what leaves for a court or the police, and what proves it."""

from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.errors import UsageError
from callwarden.model.ids import RecordingId
from callwarden.rules.rights import Act
from callwarden.workers.shapes.evidence import custody_shape, left_out_rows, packed_shape
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.errands import Errand, TheErrands
from callwarden.workers.web.portal.case import case_page
from callwarden.workers.web.portal.cases import case_address, case_of
from callwarden.workers.web.portal.export import exported_of, exports
from callwarden.workers.web.portal.forms import TheForm, attempt
from callwarden.workers.web.portal.handing import archive_of, errand_of, errand_page
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/cases/{case}")

PACK = "pack"
_BESIDE_WORKERS_S = 10
_CUSTODY: Final = {
    "objects": ("kind", "generation", "version", "stored_at", "sha256_stored", "sha256_today", "unchanged"),
    "holds": ("case", "placed_at", "fast_in_vault_at"),
    "accesses": ("index", "at", "actor", "operation", "outcome", "artefact", "purpose", "entry"),
}
"""The tables of a custody record."""


@router.post("/pack")
@does(Act.HOLD_PACK, Act.HOLD_DISCLOSE)
def ask(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm, errands: TheErrands) -> Response:
    """Have the pack made. With a recipient it is a disclosure, in the access log before anything is read."""
    case_id = case_of(case)
    recipient, basis = typed.text("recipient"), typed.text("basis")

    def work(errand: Errand) -> dict[str, object]:
        packed = system.evidence_desk.pack(
            actor,
            case_id,
            errand.folder,
            recipient=recipient,
            basis=basis,
            wait_s=system.settings.checkpoint_every_s + _BESIDE_WORKERS_S,
            told=errand.told,
        )
        return {**packed_shape(packed), "left_out_calls": left_out_rows(packed)}

    def do() -> str:
        if (recipient is None) != (basis is None):
            raise UsageError("a disclosure names both: who gets it, and by which right")
        shown = system.case_desk.shown(actor, case_id)
        errand = errands.prepare(actor, PACK, shown.case.case_id, now=system.clock.now(), total=len(shown.holds))
        errands.start(errand, work)
        return case_address(shown.case.case_id, "pack", errand.errand_id)

    return attempt(PACK, typed, do, lambda failed: case_page(request, system, actor, case_id, failed=failed))


@router.get("/pack/{errand}")
@does(Act.HOLD_PACK, Act.HOLD_DISCLOSE)
def packing(
    request: Request, case: str, errand: str, actor: Asking, system: TheSystem, errands: TheErrands
) -> Response:
    """How far the pack has come."""
    case_id = case_of(case)
    found = errand_of(
        errands, actor, errand, about=case_id, look=lambda: system.evidence_desk.disclosures(actor, case_id)
    )
    return errand_page(request, actor, found, back=case_address(case_id), address=case_address(case_id, "pack", errand))


@router.get("/pack/{errand}/file")
@does(Act.HOLD_PACK, Act.HOLD_DISCLOSE)
def file(case: str, errand: str, actor: Asking, system: TheSystem, errands: TheErrands) -> Response:
    """The pack as an archive, for whoever had it made, while the case is theirs."""
    case_id = case_of(case)
    system.evidence_desk.disclosures(actor, case_id)
    found = errands.of(actor, errand, about=case_id)
    return archive_of(found, case_id.replace("/", "-"))


@router.get("/custody/{rec}")
@does(Act.HOLD_CUSTODY, Act.TABLE_EXPORT)
def custody(request: Request, case: str, rec: str, actor: Asking, system: TheSystem) -> Response:
    """The chain of custody of a held recording: every object is read again for it, each reading an entry."""
    record: dict[str, Any] = custody_shape(system.custody_desk.record(actor, RecordingId(rec)))
    if file := exported_of(request, actor, {f"custody-{name}": (_CUSTODY[name], record[name]) for name in _CUSTODY}):
        return file
    back = case_address(case_of(case))
    return page(request, "custody.html", actor=actor, record=record, back=back, exports=partial(exports, request))
