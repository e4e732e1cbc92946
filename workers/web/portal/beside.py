"""Beside a call: notes on its moments, its evaluation by the grid, and the courses it is in."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.review import CourseId, NoteId
from callwarden.rules.rights import Act
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.forms import Failed, TheForm, Typed, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.portal.purposes import chosen
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/calls/{rec}")

_NEW: Final = "new"


def beside(system: TheSystem, actor: Actor, purpose: Purpose, recording_id: RecordingId) -> dict[str, Any]:
    """What stands beside the conversation, for whoever learns from it; nothing for others."""
    if not may(actor, Act.NOTE_LIST):
        return {"learns": False}
    evaluations = system.evaluation_desk.listed(actor, recording_id=recording_id)
    own = next((one for one in evaluations if one.made_by == actor.account), None)
    shown = None if own is None else system.evaluation_desk.shown(actor, purpose, own.evaluation_id)
    courses = system.course_desk.listed(actor)
    return {
        "learns": True,
        "notes": system.note_desk.listed(actor, purpose, recording_id),
        "grid": system.evaluation_desk.grid,
        "own": shown,
        "others": [one for one in evaluations if one is not own],
        "courses": [one for one in courses if one.made_by == actor.account],
        "within": [one for one in courses if any(each.recording_id == recording_id for each in one.moments)],
    }


@router.get("/beside")
@does(Act.NOTE_LIST, Act.EVALUATION_LIST, Act.COURSE_LIST)
def show(request: Request, rec: str, actor: Asking, system: TheSystem) -> Response:
    """Notes, evaluation and courses of a call, by themselves."""
    if not may(actor, Act.NOTE_LIST):
        system.note_desk.listed(actor, chosen(request), RecordingId(rec))  # refused
    return _shown(request, rec, actor, system, None)


@router.post("/notes")
@does(Act.NOTE_ADD, Act.NOTE_LIST, Act.EVALUATION_LIST, Act.COURSE_LIST)
def add_note(request: Request, rec: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Write a note about a moment, or about all of the call."""

    def do() -> None:
        system.note_desk.add(
            actor,
            chosen(request),
            RecordingId(rec),
            typed.text("text") or "",
            from_s=_second(typed, "from_s"),
            shared=typed.is_on("shared"),
        )

    return _done(request, rec, actor, system, "note", typed, do)


@router.post("/notes/remove")
@does(Act.NOTE_REMOVE, Act.NOTE_LIST, Act.EVALUATION_LIST, Act.COURSE_LIST)
def remove_note(request: Request, rec: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Take back a note of one's own."""
    return _done(
        request,
        rec,
        actor,
        system,
        "note",
        typed,
        lambda: system.note_desk.remove(actor, NoteId(typed.text("note") or "")),
    )


@router.post("/evaluation")
@does(Act.EVALUATION_MAKE, Act.NOTE_LIST, Act.EVALUATION_LIST, Act.COURSE_LIST)
def evaluate(request: Request, rec: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Evaluate the call by the grid."""

    def do() -> None:
        questions = [one.question_id for one in system.evaluation_desk.grid.questions]
        scores = {one: typed.number(f"score-{one}") for one in questions if typed.text(f"score-{one}") is not None}
        system.evaluation_desk.make(actor, chosen(request), RecordingId(rec), scores, remark=typed.text("remark"))

    return _done(request, rec, actor, system, "evaluation", typed, do)


@router.post("/courses")
@does(Act.COURSE_MAKE, Act.COURSE_ADD, Act.NOTE_LIST, Act.EVALUATION_LIST, Act.COURSE_LIST)
def add_moment(request: Request, rec: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Put a moment of the call into a course of one's own, or into a new one."""

    def do() -> None:
        purpose, name, recording_id = chosen(request), typed.text("course") or _NEW, RecordingId(rec)
        from_s, to_s, text = _second(typed, "from_s") or 0.0, _second(typed, "to_s"), typed.text("text")
        desk = system.course_desk
        if name == _NEW:
            title = typed.text("title") or ""
            desk.begin(actor, purpose, title, recording_id, from_s=from_s, to_s=to_s, text=text)
        else:
            desk.add(actor, purpose, CourseId(name), recording_id, from_s=from_s, to_s=to_s, text=text)

    return _done(request, rec, actor, system, "course", typed, do)


def _done(
    request: Request, rec: str, actor: Actor, system: TheSystem, form: str, typed: Typed, do: Callable[[], None]
) -> Response:
    """Back to the page; where a script asked, the part beside alone. The sound plays on meanwhile."""

    if not may(actor, Act.NOTE_LIST):
        do()  # refused, and nothing to show it beside

    def done() -> str:
        do()
        return f"/calls/{rec}?{request.url.query}#{form}"

    answer = attempt(form, typed, done, lambda failed: _shown(request, rec, actor, system, failed))
    if answer.status_code == 303 and "hx-request" in request.headers:
        removed = request.url.path.endswith("/remove")
        return _shown(request, rec, actor, system, None, done=f"{form}-removed" if removed else form)
    return answer


def _shown(
    request: Request, rec: str, actor: Actor, system: TheSystem, failed: Failed | None, *, done: str | None = None
) -> Response:
    purpose = chosen(request)
    listing = [(name, value) for name, value in request.query_params.multi_items() if name != "purpose"]
    template = "beside.html" if "hx-request" in request.headers else "beside_page.html"
    return page(
        request,
        template,
        actor=actor,
        status=200 if failed is None or "hx-request" in request.headers else failed.status,
        rec=rec,
        purpose=purpose,
        listing=listing,
        failed=failed,
        done=done,
        **beside(system, actor, purpose, RecordingId(rec)),
    )


def _second(typed: Typed, name: str) -> float | None:
    """Seconds as typed, also with a comma. Raises UsageError."""
    text = typed.text(name)
    try:
        return None if text is None else float(text.replace(",", "."))
    except ValueError:
        raise UsageError("a moment is in seconds from the start of the call") from None
