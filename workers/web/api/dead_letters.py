"""``/api/v1/deadletters``: messages that were no events, and what people do about them."""

from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from callwarden.model.outcome import Position
from callwarden.rules.dead_letter import dead_letter_place
from callwarden.rules.rights import Act
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.shapes.set_aside import act_row, dead_letter_row
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.api.quarantine import Reasoned
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Id
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import COUNT, FLAG, INSTANT, TEXT, answers, many, maybe, page_of, thing

router = APIRouter(prefix="/deadletters", tags=["dead letters"])

_ROW = {
    "place": TEXT,
    "reason": TEXT,
    "field": maybe(TEXT),
    "bytes": COUNT,
    "at": INSTANT,
    "state": TEXT,
    "keep_until": maybe(INSTANT),
}
_PLACE = "/{topic}/{partition}/{offset}"
Partition = Annotated[int, Path(ge=0, lt=2**31)]
Offset = Annotated[int, Path(ge=0, lt=2**63)]


@router.get("", responses=answers(page_of(thing(**_ROW))))
@does(Act.DEADLETTERS_LIST)
def list_dead_letters(
    actor: Asking, system: TheSystem, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> Response:
    """Every dead letter, newest first."""
    rows = [
        ((letter.at.isoformat(), dead_letter_place(letter.position)), dead_letter_row(letter))
        for letter in system.dead_letter_desk.listed(actor)
    ]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit, newest_first=True))


@router.get(_PLACE, responses=answers(thing(**_ROW, cut=FLAG, acts=many({"type": "object"}))))
@does(Act.DEADLETTERS_SHOW)
def show_dead_letter(topic: Id, partition: Partition, offset: Offset, actor: Asking, system: TheSystem) -> Response:
    """Why it is not a valid event, and what was done about it."""
    letter, acts = system.dead_letter_desk.shown(actor, Position(topic=topic, partition=partition, offset=offset))
    return as_json({**dead_letter_row(letter), "cut": letter.is_cut, "acts": [act_row(act) for act in acts]})


@router.get(
    f"{_PLACE}/message", responses=answers(thing(headers={"type": "object"}, value=TEXT, acts=many({"type": "object"})))
)
@does(Act.DEADLETTERS_OPEN)
def open_dead_letter(topic: Id, partition: Partition, offset: Offset, actor: Asking, system: TheSystem) -> Response:
    """The message as it came, its bytes in base64, and the reasons people gave: for legal and the data protection
    officer."""
    message, reasons = system.dead_letter_desk.opened(actor, Position(topic=topic, partition=partition, offset=offset))
    return as_json(
        {
            "headers": {name: value.decode(errors="replace") for name, value in message.headers},
            "value": b64encode(message.value).decode(),
            "acts": [act_row(reason, text) for reason, text in reasons],
        }
    )


@router.post(f"{_PLACE}/retry", responses=answers(thing(**_ROW)))
@does(Act.DEADLETTERS_RETRY)
def retry_dead_letter(topic: Id, partition: Partition, offset: Offset, actor: Asking, system: TheSystem) -> Response:
    """Put the message on its topic once more, as it came, to be decided again."""
    letter = system.dead_letter_desk.retried(actor, Position(topic=topic, partition=partition, offset=offset))
    send_outbox(system)
    return as_json(dead_letter_row(letter))


@router.post(f"{_PLACE}/discard", responses=answers(thing(**_ROW)))
@does(Act.DEADLETTERS_DISCARD)
def discard_dead_letter(
    topic: Id, partition: Partition, offset: Offset, reasoned: Reasoned, actor: Asking, system: TheSystem
) -> Response:
    """Destroy its key and its bytes; its copy on the bus cannot be read from then on."""
    letter = system.dead_letter_desk.discarded(
        actor, Position(topic=topic, partition=partition, offset=offset), reason=reasoned.reason
    )
    return as_json(dead_letter_row(letter))
