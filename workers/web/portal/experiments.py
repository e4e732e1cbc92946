"""``/experiments``: what AI experiments may take, who has approved them, and what became of what they took (U5)."""

from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.errors import Faults, UsageError
from callwarden.model.access import Actor
from callwarden.model.experiment import OVER, Carried, ExportId, Wish
from callwarden.model.ids import LineId
from callwarden.rules.experiments import LARGEST_SEED, LEAST_K, MOST_K, MOST_SAMPLED, carries_of, is_in_charge
from callwarden.rules.revoking import answers_for
from callwarden.rules.rights import Act
from callwarden.workers.shapes.experiments import listed_experiment_shape, preview_shape, shown_experiment_shape
from callwarden.workers.web.answers import as_file
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exported_of, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, Typed, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/experiments")

_COLUMNS: Final = (
    "experiment",
    "state",
    "owner",
    "line",
    "from",
    "to",
    "sample",
    "until",
    "generation",
    "exports_to_clear",
    "unacknowledged",
)
_EXPORTS: Final = ("export", "generation", "made_by", "made_at", "items", "to_take_out", "taken_out", "acknowledged_at")


@router.get("")
@does(Act.EXPERIMENT_LIST, Act.TABLE_EXPORT)
def listed(request: Request, actor: Asking, system: TheSystem, show: str = "") -> Response:
    """Experiments of one's lines: those under way, or with ``?show=over`` those that are over."""
    every = [listed_experiment_shape(one) for one in system.experiment_desk.listed(actor)]
    rows = [row for row in every if (row["state"] in OVER) is (show == "over")]
    if file := exported(request, actor, table="experiments", columns=_COLUMNS, rows=rows):
        return file
    return page(
        request,
        "experiments.html",
        actor=actor,
        experiments=rows,
        over=show == "over",
        there_are=bool(every),
        may_open=may(actor, Act.EXPERIMENT_OPEN),
        exports=exports(request),
    )


@router.get("/-/new")
@does(Act.EXPERIMENT_OPEN)
def new(request: Request, actor: Asking, system: TheSystem) -> Response:
    """The form that asks for one."""
    system.experiment_desk.acts.admit(Act.EXPERIMENT_OPEN, actor)
    return _form(request, actor, system)


@router.post("/-/new")
@does(Act.EXPERIMENT_OPEN)
def open_(request: Request, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Ask for one."""

    def do() -> str:
        return f"/experiments/{system.experiment_desk.open(actor, _wish(typed)).name}"

    return attempt("open", typed, do, lambda failed: _form(request, actor, system, failed))


@router.get("/{experiment}")
@does(Act.EXPERIMENT_SHOW, Act.EXPERIMENT_PREVIEW, Act.TABLE_EXPORT)
def show(request: Request, experiment: str, actor: Asking, system: TheSystem) -> Response:
    """One experiment; with ``?preview=now`` what it would take at this instant."""
    return shown_page(request, experiment, actor, system)


@router.post("/{experiment}/approve")
@does(Act.EXPERIMENT_APPROVE, Act.EXPERIMENT_SHOW)
def approve(request: Request, experiment: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Let it be built."""

    def do() -> str:
        return f"/experiments/{system.experiment_desk.approve(actor, experiment).name}?done=approved"

    return attempt("approve", typed, do, lambda failed: shown_page(request, experiment, actor, system, failed))


@router.post("/{experiment}/build")
@does(Act.EXPERIMENT_BUILD, Act.EXPERIMENT_SHOW)
def build(request: Request, experiment: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Take what may be taken now, and let go of what may not be used any more."""

    def do() -> str:
        return f"/experiments/{system.experiment_build_desk.build(actor, experiment).experiment.name}?done=built"

    return attempt("build", typed, do, lambda failed: shown_page(request, experiment, actor, system, failed))


@router.post("/{experiment}/close")
@does(Act.EXPERIMENT_CLOSE, Act.EXPERIMENT_SHOW)
def close(request: Request, experiment: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """End it now."""

    def do() -> str:
        typed.confirms(experiment)
        return f"/experiments/{system.experiment_desk.close(actor, experiment).name}?done=closed"

    return attempt("close", typed, do, lambda failed: shown_page(request, experiment, actor, system, failed))


@router.get("/{experiment}/revocations.json")
@does(Act.EXPERIMENT_REVOCATIONS)
def revocations(experiment: str, actor: Asking, system: TheSystem) -> Response:
    """The signed list as a file, for `callwarden experiment apply-revocations`."""
    made = system.revocation_desk.signed(actor, experiment)
    name = f"revocations-{made.experiment.experiment_id}.json"
    return as_file(made.document, name=name, media_type="application/json")


@router.post("/{experiment}/copies/{export}")
@does(Act.EXPERIMENT_ACKNOWLEDGE, Act.EXPERIMENT_SHOW)
def acknowledge(
    request: Request, experiment: str, export: str, actor: Asking, system: TheSystem, typed: TheForm
) -> Response:
    """Say what has become of a copy: by its certificate, or that nothing of it is left."""

    def do() -> str:
        certificate = typed.files.get("certificate")
        if certificate is not None:
            with certificate.file as file:
                system.revocation_desk.acknowledge(actor, experiment, file.read())
        elif typed.is_on("deleted"):
            system.revocation_desk.deleted(actor, experiment, ExportId(export))
        else:
            raise UsageError("say one of both: the certificate, or that no copy is left")
        return f"/experiments/{experiment}?done=acknowledged#copies"

    return attempt(export, typed, do, lambda failed: shown_page(request, experiment, actor, system, failed))


def _wish(typed: Typed) -> Wish:
    """What the form asks for; what is not there is left to the desk to say. Raises UsageError."""
    wrong = Faults()
    with wrong:
        first = typed.needed_day("from")
    with wrong:
        last = typed.needed_day("to")
    with wrong:
        sample = typed.number("sample") if typed.is_on("sample") else None
    with wrong:
        seed = typed.number("seed", digits=len(str(LARGEST_SEED))) if typed.is_on("seed") else None
    with wrong:
        carries = carries_of(typed.texts("carries"))
    with wrong:
        k = typed.number("k")
    with wrong:
        until = typed.needed_day("until")
    wrong.check()
    return Wish(
        name=typed.text("name") or "",
        purpose=typed.text("purpose") or "",
        owner=typed.text("owner") or "",
        line=LineId(typed.text("line") or ""),
        first=first,
        last=last,
        until=until,
        carries=carries,
        hypothesis=typed.text("hypothesis"),
        dpia=typed.text("dpia"),
        labels=frozenset(typed.texts("labels")),
        sample=sample,
        seed=seed,
        k=k,
        with_agents=typed.is_on("with_agents"),
    )


def _form(request: Request, actor: Actor, system: TheSystem, failed: Failed | None = None) -> Response:
    return page(
        request,
        "experiment_new.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        failed=failed,
        lines=sorted(actor.lines or system.policy.lines),
        carried=list(Carried),
        least_k=LEAST_K,
        most_k=MOST_K,
        most_sampled=MOST_SAMPLED,
    )


def shown_page(request: Request, name: str, actor: Actor, system: TheSystem, failed: Failed | None = None) -> Response:
    """The page of one experiment."""
    desk = system.experiment_desk
    shown = desk.shown(actor, name)
    told: dict[str, Any] = dict(shown_experiment_shape(shown))
    left_out = [{"reason": reason, "count": count} for reason, count in (told["left_out"] or {}).items()]
    tables = {
        "experiment-items": (("state", "reason", "count"), told["items"]),
        "experiment-left-out": (("reason", "count"), left_out),
        "experiment-exports": (_EXPORTS, told["exports"]),
    }
    if file := exported_of(request, actor, tables):
        return file
    theirs = [one.export.export_id for one in shown.exports if answers_for(actor, shown.experiment, one.export)]
    preview = preview_shape(desk.preview(actor, name)) if request.query_params.get("preview") == "now" else None
    return page(
        request,
        "experiment.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        experiment=told,
        exports=partial(exports, request),
        preview=preview,
        is_over=shown.experiment.state in OVER,
        may_preview=may(actor, Act.EXPERIMENT_PREVIEW),
        may_approve=may(actor, Act.EXPERIMENT_APPROVE) and desk.waits_for(actor, shown.experiment),
        may_build=may(actor, Act.EXPERIMENT_BUILD) and shown.experiment.approved_at is not None,
        may_export=may(actor, Act.EXPERIMENT_EXPORT) and shown.experiment.generation > 0,
        may_sign=may(actor, Act.EXPERIMENT_REVOCATIONS),
        theirs=theirs if may(actor, Act.EXPERIMENT_ACKNOWLEDGE) else [],
        may_close=may(actor, Act.EXPERIMENT_CLOSE) and is_in_charge(shown.experiment, actor),
        failed=failed,
        done=request.query_params.get("done", ""),
    )
