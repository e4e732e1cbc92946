"""``/api/v1/redactions``: what became of redactions, and what people do about them."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from callwarden.errors import UsageError
from callwarden.model.ids import RecordingId
from callwarden.model.transcript import TimeRange
from callwarden.rules.rights import Act
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.shapes.redactions import redaction_row
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Body, Flag, Id, Name, example
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import COUNT, INSTANT, TEXT, answers, many, page_of, thing

router = APIRouter(prefix="/redactions", tags=["redactions"])

_ROW = thing(recording_id=TEXT, status=TEXT, reasons=many(TEXT), version=TEXT, decided_at=INSTANT, reported=many(TEXT))
Second = Annotated[float, Field(ge=0, le=1_000_000, strict=False)]


@router.get("", responses=answers(page_of(_ROW)))
@does(Act.REDACTION_LIST)
def list_redactions(
    actor: Asking,
    system: TheSystem,
    *,
    reported: Annotated[
        bool, Query(description="Those in which reviewers have found something, released again or not.")
    ] = False,
    limit: paging.Limit = 100,
) -> Response:
    """Redactions that are withheld or withdrawn, and why; nothing of their content."""
    desk = system.redaction_desk
    found = desk.reported(actor, limit=limit) if reported else desk.not_released(actor, limit=limit)
    return as_json(paging.page_shape([redaction_row(record) for record in found]))


@router.get("/{rec}", responses=answers(_ROW))
@does(Act.REDACTION_SHOW)
def show_redaction(rec: Id, actor: Asking, system: TheSystem) -> Response:
    """The state of one recording's redaction."""
    return as_json(redaction_row(system.redaction_desk.status(actor, RecordingId(rec))))


class Place(Body):
    """Where, in seconds from the start."""

    start_s: Second
    end_s: Second


class Missed(Body):
    """Where something was missed; or that you cannot say where: the redaction stays withdrawn until a person has
    looked."""

    model_config = example(at=[{"start_s": 12.5, "end_s": 14.0}])

    at: Annotated[tuple[Place, ...], Field(max_length=100)] = ()
    place_unknown: Flag = False


@router.post("/{rec}/report", responses=answers(_ROW))
@does(Act.REDACTION_REPORT)
def report_missed(rec: Id, missed: Missed, actor: Asking, system: TheSystem) -> Response:
    """Report that something was missed: the redaction is withdrawn at once."""
    if missed.place_unknown == bool(missed.at):
        raise UsageError("at: say where something was missed, or place_unknown: true")
    if any(place.start_s > place.end_s for place in missed.at):
        raise UsageError("at: a place ends after it begins")
    places = [TimeRange(start_s=place.start_s, end_s=place.end_s) for place in missed.at]
    record = system.redaction_desk.report_missed(actor, RecordingId(rec), places=places)
    send_outbox(system)
    return as_json(redaction_row(record))


@router.post("/{rec}/rerun", responses=answers(_ROW))
@does(Act.REDACTION_RERUN)
def redo_redaction(rec: Id, actor: Asking, system: TheSystem) -> Response:
    """Have one redaction done again, which you have looked at, also if something was reported without a place."""
    record = system.redaction_desk.redo_one(actor, RecordingId(rec))
    send_outbox(system)
    return as_json(redaction_row(record))


class Older(Body):
    """Which: those that this version did not make, those that are withheld, or both."""

    model_config = example(withheld=True)

    since: Name | None = None
    withheld: Flag = False


@router.post("/rerun", responses=answers(thing(withheld={"type": "boolean"}, asked_for=COUNT)))
@does(Act.REDACTION_RERUN)
def redo_older(older: Older, actor: Asking, system: TheSystem) -> Response:
    """Redo older redactions with the current recognisers; what is released stays readable until then."""
    if older.since is None and not older.withheld:
        raise UsageError("say which: since, withheld, or both")
    asked = list(system.redaction_desk.redo(actor, version=older.since, withheld=older.withheld))
    send_outbox(system)
    return as_json({"since": older.since, "withheld": older.withheld, "asked_for": len(asked)})
