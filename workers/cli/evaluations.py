"""`callwarden evaluation`: how well a call was taken, by the house's grid."""

import re
from typing import Annotated

import typer

from callwarden.desks.evaluations import MOST
from callwarden.errors import UsageError
from callwarden.model.ids import RecordingId
from callwarden.model.review import EvaluationId
from callwarden.workers.cli.actor import ActorOption, PurposeOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.shapes.reviews import evaluation_shape, grid_shape, shown_evaluation_shape

app = typer.Typer(help="Evaluations of calls: kept a year at most, with nothing of the call.", no_args_is_help=True)

_SCORE = re.compile(r"([a-z][a-z0-9_]*)=([0-9]{1,3})")


@app.command()
def grid(actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """The questions, and the scores there are."""
    with signed_in(actor, reading=True) as (system, _):
        shape = grid_shape(system.evaluation_desk.grid)
    print_thing(shape, as_json=as_json)


@app.command()
def make(
    recording: Annotated[str, typer.Argument(metavar="REC", help="A recording id.")],
    score: Annotated[list[str], typer.Option(metavar="QUESTION=N", help="An answer; may be repeated.")],
    purpose: PurposeOption,
    actor: ActorOption,
    remark: Annotated[str | None, typer.Option(help="A remark; it goes with the call.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Evaluate a call you may read; done again, it takes the place of your first, whose year goes on."""
    scores = dict(_score(one) for one in score)
    with signed_in(actor) as (system, asking):
        made = system.evaluation_desk.make(asking, purpose, RecordingId(recording), scores, remark=remark)
    print_thing(shown_evaluation_shape(made), as_json=as_json)


@app.command()
def show(
    evaluation: Annotated[str, typer.Argument(metavar="EVALUATION")],
    purpose: PurposeOption,
    actor: ActorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """One evaluation, its remark as long as the call may be read."""
    with signed_in(actor) as (system, asking):
        found = system.evaluation_desk.shown(asking, purpose, EvaluationId(evaluation))
    print_thing(shown_evaluation_shape(found), as_json=as_json)


@app.command("list")
def list_(
    actor: ActorOption,
    recording: Annotated[str | None, typer.Option(metavar="REC", help="Only of this recording.")] = None,
    agent: Annotated[str | None, typer.Option(help="Only this agent's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many.")] = 100,
    *,
    as_json: JsonOption = False,
) -> None:
    """Evaluations, the newest first: your own, or as a supervisor those of your lines and agents."""
    with signed_in(actor) as (system, asking):
        found = system.evaluation_desk.listed(
            asking, recording_id=None if recording is None else RecordingId(recording), agent=agent, limit=limit
        )
    columns = ("evaluation", "recording_id", "line", "agent", "scores", "made_by", "made_at", "keep_until")
    print_list([evaluation_shape(each) for each in found], columns=columns, as_json=as_json, title="Evaluations")


def _score(text: str) -> tuple[str, int]:
    found = _SCORE.fullmatch(text)
    if found is None:
        raise UsageError(f"--score {text!r}: write QUESTION=N, such as greeting=4")
    return found[1], int(found[2])
