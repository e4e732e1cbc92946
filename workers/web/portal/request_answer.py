"""``/requests/{req}``: its letters, its answer, calls somebody is named in, and who had copies (D5, D7)."""

import re
import shutil
from functools import partial
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.desks.request_enclosures import HowToAnswer
from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.model.letter import Language, LetterKind
from callwarden.model.request import RequestId
from callwarden.rules.rights import Act
from callwarden.workers.shapes.requests import answered_shape, recipient_row
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.errands import Errand, TheErrands
from callwarden.workers.web.portal.export import exported_of, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, Typed, attempt
from callwarden.workers.web.portal.handing import archive_of, errand_of, errand_page
from callwarden.workers.web.portal.letter_text import text_of
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.portal.request import request_page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/requests/{req}")

_RECIPIENTS: Final = ("disclosure", "recipient", "basis", "handed_at", "told_at", "acknowledged_at")
_MASK = re.compile(r"[A-Z_]+_[0-9]+")
BY_HAND = "by-hand:"
"""What the names of fields begin with that hold a copy masked by hand."""


@router.post("/letter")
@does(Act.REQUEST_LETTER, Act.REQUEST_SHOW)
def letter(request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Look at a letter as text; or write it: then it is a file, and the request has a step more."""
    drafted, written = "", ""

    def do() -> str:
        nonlocal drafted, written
        kind = typed.code("kind", LetterKind)
        if kind is None:
            raise UsageError("say which letter")
        language, why, to = typed.code("language", Language) or Language.FR, typed.text("reason"), typed.texts("to")
        desk = system.letter_desk
        if typed.text("do") == "write":
            written = desk.write(actor, RequestId(req), kind, language=language, reason=why, to=to).page
        else:
            drafted = desk.draft(actor, RequestId(req), kind, language=language, reason=why, to=to)
        return ""

    answer = attempt(
        "letter", typed, do, lambda failed: request_page(request, system, actor, RequestId(req), failed=failed)
    )
    if written:
        told = f'attachment; filename="{req}-{typed.text("kind")}.html"'
        return Response(written, media_type="text/html; charset=utf-8", headers={"Content-Disposition": told})
    if drafted:
        kept = Failed(form="letter", message="", status=200, typed=typed)
        return request_page(request, system, actor, RequestId(req), failed=kept, letter=text_of(drafted))
    return answer


@router.post("/answer")
@does(Act.REQUEST_ANSWER)
def answer(
    request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm, errands: TheErrands
) -> Response:
    """Have letter and pack made, and the request noted as answered."""

    def do() -> str:
        system.request_desk.ready(actor, RequestId(req))
        masks = _masks(typed)
        errand = errands.prepare(actor, "answer", req, now=system.clock.now())
        how = HowToAnswer(
            language=typed.code("language", Language) or Language.FR,
            own=typed.texts("own"),
            unmask=masks,
            by_hand=_by_hand(typed, errand.folder.parent / "by-hand"),
            to=typed.texts("to"),
            sound=not typed.is_on("no_sound"),
        )

        def work(errand: Errand) -> dict[str, object]:
            done = system.answer_desk.answer(actor, RequestId(req), errand.folder, how)
            return answered_shape(done, errand.folder)

        errands.start(errand, work)
        return f"/requests/{req}/made/{errand.errand_id}"

    return attempt(
        "answer", typed, do, lambda failed: request_page(request, system, actor, RequestId(req), failed=failed)
    )


@router.post("/named")
@does(Act.REQUEST_FIND_NAMED, Act.REQUEST_FIND)
def named(
    request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm, errands: TheErrands
) -> Response:
    """Look for calls of others somebody is named in: every transcript is read, each reading an entry."""

    def do() -> str:
        names = typed.texts("named")
        system.request_search_desk.acts.admit(Act.REQUEST_FIND_NAMED, actor)
        if not names:
            raise UsageError("say who is looked for")
        errand = errands.prepare(actor, "search", req, now=system.clock.now())

        def work(errand: Errand) -> dict[str, object]:
            read = system.request_search_desk.find_named(actor, RequestId(req), names, read=errand.told)
            return {"found": len(read.found), "searched": read.searched, "unread": read.unread}

        errands.start(errand, work)
        return f"/requests/{req}/made/{errand.errand_id}"

    return attempt(
        "named", typed, do, lambda failed: request_page(request, system, actor, RequestId(req), failed=failed)
    )


@router.get("/made/{errand}")
@does(Act.REQUEST_SHOW)
def making(request: Request, req: str, errand: str, actor: Asking, system: TheSystem, errands: TheErrands) -> Response:
    """How far it has come."""
    look = partial(system.request_desk.shown, actor, RequestId(req))
    found = errand_of(errands, actor, errand, about=req, look=look)
    return errand_page(request, actor, found, back=f"/requests/{req}", address=f"/requests/{req}/made/{errand}")


@router.get("/made/{errand}/file")
@does(Act.REQUEST_SHOW)
def file(req: str, errand: str, actor: Asking, system: TheSystem, errands: TheErrands) -> Response:
    """What was made, as an archive."""
    system.request_desk.shown(actor, RequestId(req))
    found = errands.of(actor, errand, about=req)
    return archive_of(found, f"{req}-{found.kind}")


@router.get("/recipients")
@does(Act.REQUEST_RECIPIENTS, Act.TABLE_EXPORT)
def recipients(request: Request, req: str, actor: Asking, system: TheSystem) -> Response:
    """Who was given copies of what it changed, and who of them was told."""
    return _recipients(request, system, actor, req)


@router.post("/tell")
@does(Act.REQUEST_TELL)
def tell(request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm, errands: TheErrands) -> Response:
    """A letter to each who was not told yet."""

    def do() -> str:
        errand = errands.prepare(actor, "letters", req, now=system.clock.now())
        language = typed.code("language", Language) or Language.FR
        found = system.recipient_desk.tell(actor, RequestId(req), errand.folder, language=language)
        errands.start(errand, lambda _: {"recipients": len(found)})
        return f"/requests/{req}/made/{errand.errand_id}"

    return attempt("tell", typed, do, lambda failed: _recipients(request, system, actor, req, failed))


@router.post("/acknowledge")
@does(Act.REQUEST_ACKNOWLEDGE)
def acknowledge(request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Note that a recipient has said that they know."""

    def do() -> str:
        system.recipient_desk.acknowledge(actor, RequestId(req), typed.text("disclosure") or "")
        return f"/requests/{req}/recipients"

    return attempt("acknowledge", typed, do, lambda failed: _recipients(request, system, actor, req, failed))


def _recipients(request: Request, system: TheSystem, actor: Actor, req: str, failed: Failed | None = None) -> Response:
    rows = [recipient_row(one) for one in system.recipient_desk.listed(actor, RequestId(req))]
    if file := exported_of(request, actor, {"recipients": (_RECIPIENTS, rows)}):
        return file
    return page(
        request,
        "recipients.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        recipients=rows,
        exports=exports(request, "recipients"),
        languages=list(Language),
        failed=failed,
        req=req,
        address=f"/requests/{req}",
    )


def _masks(typed: Typed) -> dict[RecordingId, frozenset[str]]:
    found: dict[RecordingId, frozenset[str]] = {}
    for line in typed.texts("unmask"):
        recording, colon, mask = line.partition(":")
        if not colon or not _MASK.fullmatch(mask.strip()):
            raise UsageError("a placeholder is written as the recording's id, a colon and the word: rec-…:LOCATION_1")
        name = RecordingId(recording.strip())
        found[name] = found.get(name, frozenset()) | {mask.strip()}
    return found


def _by_hand(typed: Typed, folder: Path) -> dict[RecordingId, Path]:
    """The copies that were masked by hand, laid where the answer finds them."""
    found: dict[RecordingId, Path] = {}
    for name, upload in typed.files.items():
        if not name.startswith(BY_HAND):
            continue
        folder.mkdir(mode=0o700, exist_ok=True)
        target = folder / f"{len(found)}{Path(upload.filename or '').suffix[:8]}"
        with target.open("xb") as file:
            shutil.copyfileobj(upload.file, file)
        found[RecordingId(name.removeprefix(BY_HAND))] = target
    return found
