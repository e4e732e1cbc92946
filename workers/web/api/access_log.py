"""``/api/v1/log``: the access log for those who check it. Reading it is an access like any other."""

from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from callwarden.errors import RefusedError
from callwarden.model.log_entry import EntryId, Operation
from callwarden.model.purpose import Purpose
from callwarden.ports.log import EntryMissingError
from callwarden.rules.log_search import LogSearch
from callwarden.rules.rights import Act, ActRefusal
from callwarden.rules.unusual_reading import Unusual
from callwarden.workers.shapes.log import checkpoint_shape, entry_row, finding_row, proof_shape, report_shape
from callwarden.workers.web import packs, paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Day, OptionalName
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import (
    COUNT,
    DAY,
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    answers,
    answers_with,
    many,
    maybe,
    one_of,
    page_of,
    thing,
)

router = APIRouter(prefix="/log", tags=["access log"])

Why = Annotated[Purpose, Query(description="What the log is read for.")]
Entry = Annotated[str, Path(pattern="^[0-9A-Z]{26}$", description="The id of an entry.")]
_ENTRY = thing(
    index=maybe(COUNT),
    entry_id=TEXT,
    at=INSTANT,
    actor=TEXT,
    operation=TEXT,
    outcome=TEXT,
    purpose=maybe(TEXT),
    subject=maybe(TEXT),
    reasons=many(TEXT),
)


@router.get("", responses=answers(page_of(_ENTRY)))
@does(Act.LOG_LIST)
def list_entries(
    actor: Asking,
    system: TheSystem,
    *,
    purpose: Why = Purpose.QUALITY,
    recording: OptionalName = None,
    case: OptionalName = None,
    who: Annotated[str | None, Query(max_length=200, description="ROLE:NAME, NAME, or as the log writes it.")] = None,
    operation: Annotated[list[Operation] | None, Query()] = None,
    first: Annotated[Day | None, Query(alias="from", description="Only of this day or later.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Only of this day or earlier.")] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> Response:
    """Entries, newest first. Looking is an entry too: the first one shown."""
    zone, place = system.policy.time_zone, paging.read(cursor, int)
    search = LogSearch(
        operations=frozenset(operation or ()),
        who=frozenset({who} if who else ()),
        since=None if first is None else datetime.combine(first, time(), zone),
        until=None if last is None else datetime.combine(last, time(), zone) + timedelta(days=1),
        before=None if place is None else place[0],
    )
    found = list(system.log_desk.entries(actor, purpose, subject=recording, case=case, limit=limit, search=search))
    goes_on = len(found) == limit and found[-1].index is not None
    following = paging.written([found[-1].index]) if goes_on else None
    return as_json(paging.page_shape([entry_row(each) for each in found], following=following))


@router.get(
    "/unusual",
    responses=answers(
        page_of(thing(day=DAY, actor=TEXT, what=one_of(*Unusual), count=COUNT, usual=maybe(NUMBER))),
    ),
)
@does(Act.LOG_UNUSUAL)
def list_unusual(
    actor: Asking,
    system: TheSystem,
    purpose: Why = Purpose.QUALITY,
    days: Annotated[int, Query(ge=1, le=366, description="Of so many days.")] = 7,
) -> Response:
    """Who reads otherwise than usual, by the policy's `unusual_reading`: questions to ask, and no proof of anything."""
    found = system.log_desk.unusual(actor, purpose, days=days)
    return as_json(paging.page_shape([finding_row(one) for one in found]))


@router.post(
    "/verify",
    responses=answers(
        thing(ok=FLAG, size=COUNT, anchored=COUNT, waiting=COUNT, faults=many(thing(kind=TEXT, message=TEXT)))
    ),
)
@does(Act.LOG_VERIFY)
def verify_log(actor: Asking, system: TheSystem, purpose: Why = Purpose.QUALITY) -> Response:
    """Go over every entry, held against the signed checkpoints, with this system's own keys. Who trusts nobody exports
    the log and verifies it elsewhere."""
    report = system.log_desk.verified(actor, purpose)
    return as_json(report_shape(report, waiting=system.log_reader.status().staged))


@router.get(
    "/entries/{entry}/proof",
    responses=answers(
        thing(
            index=COUNT,
            entry=TEXT,
            leaf=TEXT,
            path=many(TEXT),
            size=COUNT,
            root=TEXT,
            checkpoint=TEXT,
            public_key=TEXT,
        )
    ),
)
@does(Act.LOG_PROVE)
def prove_entry(entry: Entry, actor: Asking, system: TheSystem, purpose: Why = Purpose.QUALITY) -> Response:
    """Prove that an entry is in the log, under its newest signed checkpoint (RFC 9162)."""
    try:
        proof = system.log_desk.prove(actor, purpose, EntryId(entry))
    except EntryMissingError as error:
        raise RefusedError((ActRefusal.UNKNOWN.value,), str(error)) from error
    return as_json(proof_shape(proof, public_key=system.log_key.signer().public_text()))


@router.post(
    "/checkpoint",
    responses=answers(thing(origin=TEXT, size=COUNT, anchored=COUNT, places=many(TEXT), segments=many(TEXT))),
)
@does(Act.LOG_CHECKPOINT)
def make_checkpoint(actor: Asking, system: TheSystem) -> Response:
    """Number every entry, sign the state and bring the signature to its places."""
    status = system.log_desk.checkpoint(actor, wait_s=system.settings.checkpoint_every_s + 10)
    return as_json(checkpoint_shape(status, places=[place.name for place in system.log_places]))


@router.post("/export", responses=answers_with(packs.MEDIA_TYPE, says="The whole log, its proofs and public keys."))
@does(Act.LOG_EXPORT)
def export_log(actor: Asking, system: TheSystem, purpose: Why = Purpose.QUALITY) -> Response:
    """The whole log, anchored first, for whoever verifies it elsewhere: `callwarden log verify --export DIR`."""
    wait_s = system.settings.checkpoint_every_s + 10
    return packs.as_archive(
        lambda folder: system.log_desk.export(actor, purpose, folder, wait_s=wait_s), name="log", digest=lambda _: ""
    )
