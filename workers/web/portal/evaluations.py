"""``/evaluations``: scores by the house's grid, on a clock of their own (K6)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.model.review import Evaluation, EvaluationId
from callwarden.rules.rights import Act
from callwarden.workers.shapes import Row
from callwarden.workers.shapes.reviews import evaluation_shape
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.portal.purposes import chosen_or_asked
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/evaluations")

_BEFORE = ("made_at", "line", "agent", "made_by")


@router.get("")
@does(Act.EVALUATION_LIST, Act.TABLE_EXPORT)
def listed(request: Request, actor: Asking, system: TheSystem, agent: str = "") -> Response:
    """One's own evaluations; a supervisor's, those of their lines and agents."""
    found = system.evaluation_desk.listed(actor, agent=agent or None)
    grid = system.evaluation_desk.grid
    questions = [one.question_id for one in grid.questions]
    rows = [_row(one) for one in found]
    columns = (*_BEFORE, *questions, "keep_until")
    file = exported(request, actor, table="evaluations", columns=columns, rows=rows)
    if file is not None:
        return file
    agents = sorted({one.agent_id for one in found})
    return page(
        request,
        "evaluations.html",
        actor=actor,
        found=found,
        grid=grid,
        agent=agent,
        agents=agents,
        exports=exports(request),
    )


@router.get("/{evaluation}")
@does(Act.EVALUATION_SHOW)
def show(request: Request, evaluation: str, actor: Asking, system: TheSystem) -> Response:
    """One evaluation, its remark as long as the call may be read."""
    purpose = chosen_or_asked(request, actor, system)
    if isinstance(purpose, Response):
        return purpose
    shown = system.evaluation_desk.shown(actor, purpose, EvaluationId(evaluation))
    grid = system.evaluation_desk.grid
    return page(request, "evaluation.html", actor=actor, purpose=purpose, shown=shown, grid=grid)


def _row(one: Evaluation) -> Row:
    return {**evaluation_shape(one), **one.scores}
