"""``/log``: the access log for those who check it, and for those who trust nobody. Reading it is an access like any
other: an entry, with its purpose."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable
from callwarden.model.log_entry import EntryId, EntryOutcome, Operation
from callwarden.model.purpose import Purpose
from callwarden.ports.log import EntryMissingError, InclusionProof, LoggedEntry
from callwarden.rules.log_search import LogSearch
from callwarden.rules.rights import Act, ActRefusal
from callwarden.workers.processes.log_figures import LogFigures
from callwarden.workers.shapes import to_json
from callwarden.workers.shapes.log import entry_row, finding_row, proof_shape, report_shape
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_file
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.forms import may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.portal.verifying import begin, newest
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/log")

SHOWN: Final = 100
_MOST: Final = 100_000
"""Entries of an export."""
_COLUMNS: Final = ("index", "at", "actor", "operation", "outcome", "purpose", "subject", "case", "reasons", "entry_id")
_FINDINGS: Final = ("day", "actor", "what", "count", "usual")
Entry = Annotated[str, Path(pattern="^[0-9A-Z]{26}$")]
Short = Annotated[str, Query(max_length=200)]


@router.get("")
@does(Act.LOG_LIST, Act.TABLE_EXPORT)
def overview(
    request: Request,
    actor: Asking,
    system: TheSystem,
    *,
    search: str = "",
    recording: Short = "",
    case: Short = "",
    who: Short = "",
    operation: Short = "",
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    cursor: paging.Cursor = None,
) -> Response:
    """How the log stands, and the entries that are looked for. Figures alone are no access."""
    purpose = _purpose(request, actor, system)
    entries: Sequence[LoggedEntry] | None = None
    following = None
    if search or any((recording, case, who, operation, first, last)):
        place, zone = paging.read(cursor, int), system.policy.time_zone
        begins, ends = _day(first), _day(last)
        wanted = LogSearch(
            operations=frozenset({Operation(operation)} if operation in set(Operation) else ()),
            who=frozenset({who} if who else ()),
            since=None if begins is None else datetime.combine(begins, time(), zone),
            until=None if ends is None else datetime.combine(ends, time(), zone) + timedelta(days=1),
            before=None if place is None else place[0],
        )
        limit = _MOST if "format" in request.query_params else SHOWN
        entries = list(
            system.log_desk.entries(
                actor, purpose, subject=recording or None, case=case or None, limit=limit, search=wanted
            )
        )
        rows = [entry_row(one) for one in entries]
        if (file := exported(request, actor, table="access-log", columns=_COLUMNS, rows=rows)) is not None:
            return file
        if len(entries) == SHOWN and entries[-1].index is not None:
            query = request.url.include_query_params(cursor=paging.written([entries[-1].index])).query
            following = f"?{query}"
    figures = _figures(system)
    return page(
        request,
        "log.html",
        actor=actor,
        purpose=purpose,
        figures=figures,
        root=figures.as_row()["root"],
        places=[place.name for place in system.log_places],
        logged=entries,
        seen_by=_seen_by(entries) if entries and recording else (),
        following=following,
        asked={"recording": recording, "case": case, "who": who, "operation": operation, "from": first, "to": last},
        operations=sorted(Operation),
        files=exports(request),
        may_verify=may(actor, Act.LOG_VERIFY),
    )


@router.get("/entries/{entry}")
@does(Act.LOG_PROVE)
def show_entry(request: Request, entry: Entry, actor: Asking, system: TheSystem) -> Response:
    """One entry, and the proof that it is in the log."""
    purpose = _purpose(request, actor, system)
    proof = _proof(system, actor, purpose, entry)
    shape = proof_shape(proof, public_key=system.log_key.signer().public_text())
    return page(request, "log_entry.html", actor=actor, purpose=purpose, entry=entry, proof=shape)


@router.get("/entries/{entry}/proof.json")
@does(Act.LOG_PROVE)
def download_proof(request: Request, entry: Entry, actor: Asking, system: TheSystem) -> Response:
    """The proof as a file, for `callwarden log verify-proof`."""
    proof = _proof(system, actor, _purpose(request, actor, system), entry)
    shape = proof_shape(proof, public_key=system.log_key.signer().public_text())
    return as_file(f"{to_json(shape)}\n".encode(), name=f"proof-{entry}.json", media_type="application/json")


@router.get("/unusual")
@does(Act.LOG_UNUSUAL, Act.TABLE_EXPORT)
def unusual(
    request: Request, actor: Asking, system: TheSystem, days: Annotated[int, Query(ge=1, le=366)] = 7
) -> Response:
    """Who reads otherwise than usual: questions, and no proof of anything."""
    purpose = _purpose(request, actor, system)
    rows = [finding_row(one) for one in system.log_desk.unusual(actor, purpose, days=days)]
    if (file := exported(request, actor, table="unusual-reading", columns=_FINDINGS, rows=rows)) is not None:
        return file
    return page(
        request,
        "log_unusual.html",
        actor=actor,
        purpose=purpose,
        rows=rows,
        days=days,
        limits=system.policy.unusual_reading,
        files=exports(request),
    )


@router.get("/verification")
@does(Act.LOG_VERIFY)
def verification(request: Request, actor: Asking) -> Response:
    """How far the verification has come, and what it found. What it finds are no entries."""
    run = newest(request.app)
    report = None if run is None or run.report is None else report_shape(run.report, waiting=0)
    return page(request, "log_verification.html", actor=actor, run=run, report=report)


@router.post("/verification")
@does(Act.LOG_VERIFY)
def begin_verification(request: Request, actor: Asking, system: TheSystem) -> Response:
    """Begin to go over every entry."""
    system.log_desk.admit(Act.LOG_VERIFY, actor, _purpose(request, actor, system))
    book = system.log_book
    begin(
        request.app,
        lambda told: book.verify(told=told),
        total=system.log_reader.status().size,
        clock=system.clock,
    )
    return RedirectResponse("/log/verification", status_code=303)


def _purpose(request: Request, actor: Actor, system: TheSystem) -> Purpose:
    """The one in the address; else the first for which the policy lets this role read the log. For whom there is none,
    one that is refused, which is an entry."""
    asked = request.query_params.get("purpose")
    if asked in set(Purpose):
        return Purpose(asked)
    return next(iter(system.gate.purposes(actor, Readable.LOG)), Purpose.QUALITY)


def _proof(system: TheSystem, actor: Actor, purpose: Purpose, entry: str) -> InclusionProof:
    try:
        return system.log_desk.prove(actor, purpose, EntryId(entry))
    except EntryMissingError as error:
        raise RefusedError((ActRefusal.UNKNOWN.value,), str(error)) from error


def _figures(system: TheSystem) -> LogFigures:
    return LogFigures(
        status=system.log_reader.status(outside=True),
        now=system.clock.now(),
        checkpoint_every=timedelta(seconds=system.settings.checkpoint_every_s),
    )


def _seen_by(entries: Sequence[LoggedEntry]) -> Sequence[tuple[str, str, int]]:
    """Of one recording: who had what of it, and how often."""
    seen = Counter(
        (one.entry.actor, one.entry.artefact)
        for one in entries
        if one.entry.outcome is not EntryOutcome.REFUSED
        and one.entry.operation in {Operation.CONTENT_READ, Operation.CONTENT_RANGE}
        and one.entry.artefact is not None
    )
    return [(actor, artefact or "", count) for (actor, artefact), count in seen.most_common()]


def _day(text: str) -> date | None:
    """None where it is no day: a form that was filled in wrongly narrows nothing."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
