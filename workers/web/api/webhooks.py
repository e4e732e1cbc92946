"""``/api/v1/webhooks``: who is told over HTTP what becomes of calls."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from callwarden.model.ids import LineId
from callwarden.model.webhook import DeliveryId, DeliveryState, Told, Webhook, WebhookId
from callwarden.rules.rights import Act
from callwarden.workers.shapes.webhooks import delivery_row, webhook_row
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Body, Id, Name, OptionalName, example
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import COUNT, INSTANT, TEXT, answers, many, maybe, one_of, page_of, thing
from callwarden.workers.web.sent_again import show_once

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

_ROW = {
    "webhook": TEXT,
    "url": TEXT,
    "events": many(one_of(*Told)),
    "line": maybe(TEXT),
    "added_at": INSTANT,
    "ended": maybe(TEXT),
}
_NOTICE = {
    "delivery": TEXT,
    "webhook": TEXT,
    "type": TEXT,
    "recording_id": maybe(TEXT),
    "state": one_of(*DeliveryState),
    "tries": COUNT,
    "status": maybe(COUNT),
    "fault": maybe(TEXT),
    "again_at": maybe(INSTANT),
}


class NewWebhook(Body):
    """Whom to tell, and what."""

    model_config = example(url="https://hooks.company-a.fr/callwarden", events=["refused", "quarantined"])

    url: Annotated[str, Field(min_length=1, max_length=2000, description="https; redirections are not followed.")]
    events: Annotated[frozenset[Told], Field(min_length=1)] = frozenset(Told)
    line: Name | None = Field(default=None, description="Only of this line.")


@router.post(
    "",
    status_code=201,
    responses=answers(thing(**_ROW, secret=TEXT), status=201, says="Shown this once."),
    dependencies=[Depends(show_once)],
)
@does(Act.WEBHOOK_ADD)
def add_webhook(new: NewWebhook, actor: Asking, system: TheSystem) -> Response:
    """Tell somebody. The secret that its receiver checks by is in this answer alone."""
    line = None if new.line is None else LineId(new.line)
    return _with_secret(*system.webhook_desk.add(actor, new.url, new.events, line=line), status=201)


@router.get(
    "", responses=answers(page_of(thing(**_ROW, waiting=COUNT, delivered=COUNT, dead=COUNT)), says="Without secrets.")
)
@does(Act.WEBHOOK_LIST)
def list_webhooks(
    actor: Asking, system: TheSystem, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> Response:
    """Every webhook there ever was, newest first, and how many of its notices stand how."""
    rows = [
        (
            (one.webhook.added_at.isoformat(), one.webhook.webhook_id),
            {**webhook_row(one.webhook), "waiting": one.waiting, "delivered": one.delivered, "dead": one.dead},
        )
        for one in system.webhook_desk.listed(actor)
    ]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit, newest_first=True))


@router.get("/deliveries", responses=answers(page_of(thing(**_NOTICE))))
@does(Act.WEBHOOK_DELIVERIES)
def list_deliveries(
    actor: Asking,
    system: TheSystem,
    *,
    webhook: OptionalName = None,
    state: Annotated[DeliveryState | None, Query()] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> Response:
    """Notices, newest first: those that wait, those delivered within a week, those given up within a month."""
    found = system.webhook_desk.deliveries(
        actor, webhook_id=None if webhook is None else WebhookId(webhook), state=state
    )
    rows = [((one.due_since.isoformat(), one.delivery_id), delivery_row(one)) for one in found]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit, newest_first=True))


@router.post("/deliveries/{delivery}/retry", responses=answers(thing(**_NOTICE)))
@does(Act.WEBHOOK_RETRY)
def retry_delivery(delivery: Id, actor: Asking, system: TheSystem) -> Response:
    """Send a dead notice again, under its id, from the beginning."""
    return as_json(delivery_row(system.webhook_desk.retry(actor, DeliveryId(delivery))))


@router.post(
    "/{webhook}/rotate",
    responses=answers(thing(**_ROW, secret=TEXT), says="Shown this once."),
    dependencies=[Depends(show_once)],
)
@does(Act.WEBHOOK_ROTATE)
def rotate_secret(webhook: Id, actor: Asking, system: TheSystem) -> Response:
    """A new secret; for a day the former one signs as well."""
    return _with_secret(*system.webhook_desk.rotate(actor, WebhookId(webhook)))


@router.post("/{webhook}/test", responses=answers(thing(**_NOTICE)))
@does(Act.WEBHOOK_TEST)
def send_test(webhook: Id, actor: Asking, system: TheSystem) -> Response:
    """Send a notice that nothing has happened, now, and how it went."""
    return as_json(delivery_row(system.webhook_desk.test(actor, WebhookId(webhook))))


@router.post("/{webhook}/retry", responses=answers(thing(webhook=TEXT, sent_again=COUNT)))
@does(Act.WEBHOOK_RETRY)
def retry_all(webhook: Id, actor: Asking, system: TheSystem) -> Response:
    """Send every dead notice of it again."""
    count = system.webhook_desk.retry_all(actor, WebhookId(webhook))
    return as_json({"webhook": webhook, "sent_again": count})


@router.post("/{webhook}/remove", responses=answers(thing(**_ROW)))
@does(Act.WEBHOOK_REMOVE)
def remove_webhook(webhook: Id, actor: Asking, system: TheSystem) -> Response:
    """Tell them nothing more."""
    return as_json(webhook_row(system.webhook_desk.remove(actor, WebhookId(webhook))))


def _with_secret(webhook: Webhook, secret: str, *, status: int = 200) -> Response:
    return as_json({**webhook_row(webhook), "secret": secret}, status=status)
