"""``/api/v1/log``: the access log for those who check it. Reading it is an access like any other."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from callwarden.errors import RefusedError
from callwarden.model.log_entry import EntryId
from callwarden.model.purpose import Purpose
from callwarden.ports.log import EntryMissingError
from callwarden.rules.rights import Act, ActRefusal
from callwarden.workers.shapes.log import checkpoint_shape, entry_row, proof_shape
from callwarden.workers.web import packs, paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import OptionalName
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import COUNT, INSTANT, TEXT, answers, answers_with, many, maybe, page_of, thing

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
    limit: paging.Limit = 100,
) -> Response:
    """Entries, newest first. Looking is an entry too: the first one shown."""
    found = system.log_desk.entries(actor, purpose, subject=recording, case=case, limit=limit)
    return as_json(paging.page_shape([entry_row(each) for each in found]))


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
