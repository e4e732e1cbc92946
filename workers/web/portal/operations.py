"""``/operations``: how everything stands, for whoever is called at night. Figures and codes, never content."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.model.webhook import DeliveryState
from callwarden.rules.operations import Wants
from callwarden.rules.rights import Act
from callwarden.workers.shapes import Row
from callwarden.workers.shapes.operations import operations_shape, workers_here
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.charts import stacked
from callwarden.workers.web.portal.export import exported, exported_of, exports
from callwarden.workers.web.portal.forms import may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/operations")

_TABLES: Final[Mapping[str, Sequence[str]]] = {
    "outcomes": ("outcome", "events"),
    "lag": ("group", "topic", "behind"),
    "waiting": ("waits_for", "events", "since", "why"),
    "steps": ("process", "step", "state", "heard_s_ago", "why"),
    "disks": ("holds", "free", "total"),
}
OVERDUE_SHOWN: Final = 500
_PLACES: Final[Mapping[Wants, str]] = {
    Wants.QUARANTINE: "aside",
    Wants.DEAD_LETTERS: "aside",
    Wants.DEAD_NOTICES: "aside",
    Wants.REVOCATIONS: "aside",
    Wants.SWEEP_STOPPED: "disposal",
    Wants.OVERDUE: "disposal",
    Wants.LOG_LATE: "log",
    Wants.DISK_FULL: "disks",
    Wants.STEP_STOPPED: "steps",
}


def place_of(want: Wants) -> str:
    """Where on the page one sees about it."""
    return f"/operations#{_PLACES.get(want, 'outcomes')}"


@router.get("")
@does(Act.OPERATIONS_SHOW, Act.TABLE_EXPORT)
def show(request: Request, actor: Asking, system: TheSystem) -> Response:
    """Everything on one page, what wants a person first."""
    found = system.operations_desk.shown(actor)
    here = workers_here(system.settings.home, embedded=system.settings.is_embedded)
    shape = operations_shape(found, here)
    tables = {**{name: shape[name] for name in _TABLES if name != "outcomes"}, "outcomes": _outcome_rows(shape)}
    if file := exported_of(request, actor, {name: (_TABLES[name], rows) for name, rows in tables.items()}):
        return file
    sums = found.sums
    bar = [] if sums is None else [(outcome.value, count) for outcome, count in sums.outcomes.items()]
    return page(
        request,
        "operations.html",
        actor=actor,
        found=found,
        shape=shape,
        bar=stacked([*bar, *([] if sums is None else [("in-flight", sums.in_flight)])]),
        place_of=place_of,
        exports=partial(exports, request),
        revocations=found.rows.revocations,
        notices={state.value: found.rows.notices.get(state, 0) for state in DeliveryState},
        sees={
            "quarantine": may(actor, Act.QUARANTINE_LIST),
            "dead_letters": may(actor, Act.DEADLETTERS_LIST),
            "overdue": may(actor, Act.DISPOSE_PREVIEW),
            "webhooks": may(actor, Act.WEBHOOK_LIST),
        },
    )


@router.get("/overdue")
@does(Act.DISPOSE_PREVIEW, Act.TABLE_EXPORT)
def overdue(request: Request, actor: Asking, system: TheSystem) -> Response:
    """What the next sweep destroys: by ids, lines and days."""
    rows: list[Row] = [
        {
            "recording_id": row.recording_id,
            "line": row.line,
            "state": row.state,
            "keep_until": row.keep_until,
            "audio_until": row.audio_until,
            "not_before": row.not_before,
        }
        for row in system.disposal_desk.previewed(actor)
    ]
    columns = ("recording_id", "line", "state", "keep_until", "audio_until", "not_before")
    file = exported(request, actor, table="overdue", columns=columns, rows=rows)
    return file or page(request, "overdue.html", actor=actor, rows=rows[:OVERDUE_SHOWN], there_are=len(rows))


def _outcome_rows(shape: dict[str, Any]) -> list[Row]:
    sums = shape["outcomes"] or {"outcomes": {}, "in_flight": None}
    rows = [{"outcome": outcome, "events": count} for outcome, count in sums["outcomes"].items()]
    return [*rows, {"outcome": "in-flight", "events": sums["in_flight"]}]
