"""``/experiments/{experiment}/export``: a copy of what it has taken, made here and saved by whoever asked (U5)."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.model.experiment import ExportId, ItemState
from callwarden.rules.rights import Act
from callwarden.workers.shapes import Row
from callwarden.workers.shapes.experiments import exported_shape
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.errands import Errand, TheErrands
from callwarden.workers.web.portal.experiments import shown_page
from callwarden.workers.web.portal.forms import TheForm, attempt
from callwarden.workers.web.portal.handing import archive_of, errand_of, errand_page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/experiments/{experiment}/export")

KIND: Final = "data-set"


@router.post("")
@does(Act.EXPERIMENT_EXPORT, Act.EXPERIMENT_SHOW)
def ask(
    request: Request, experiment: str, actor: Asking, system: TheSystem, typed: TheForm, errands: TheErrands
) -> Response:
    """Have the copy made, as `callwarden experiment export` does: every item is read at the gate, each an entry."""

    def work(errand: Errand) -> Row:
        return exported_shape(system.experiment_export_desk.export(actor, experiment, errand.folder, told=errand.told))

    def do() -> str:
        system.experiment_export_desk.acts.admit(Act.EXPERIMENT_EXPORT, actor)
        shown = system.experiment_desk.shown(actor, experiment)
        total = sum(count for (state, _), count in shown.items.items() if state is ItemState.INCLUDED)
        errand = errands.prepare(actor, KIND, experiment, now=system.clock.now(), total=total)
        errands.start(errand, work)
        return f"/experiments/{experiment}/export/{errand.errand_id}"

    return attempt("export", typed, do, lambda failed: shown_page(request, experiment, actor, system, failed))


@router.get("/{errand}")
@does(Act.EXPERIMENT_SHOW)
def making(
    request: Request, experiment: str, errand: str, actor: Asking, system: TheSystem, errands: TheErrands
) -> Response:
    """How far the copy has come."""
    made = errand_of(
        errands, actor, errand, about=experiment, look=lambda: system.experiment_desk.shown(actor, experiment)
    )
    back = f"/experiments/{experiment}"
    return errand_page(request, actor, made, back=back, address=f"{back}/export/{errand}")


@router.get("/{errand}/file")
@does(Act.EXPERIMENT_SHOW)
def file(experiment: str, errand: str, actor: Asking, system: TheSystem, errands: TheErrands) -> Response:
    """The copy as an archive, for whoever had it made, while all of it may be used."""
    made = errands.of(actor, errand, about=experiment)
    if "export" in made.made:
        system.experiment_export_desk.check(actor, experiment, ExportId(str(made.made["export"])))
    return archive_of(made, experiment)
