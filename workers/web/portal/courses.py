"""``/courses``: lists of moments to learn from. A course is a list of moments, not of files."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.model.access import Actor
from callwarden.model.review import CourseId
from callwarden.rules.rights import Act
from callwarden.workers.shapes.reviews import course_shape
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, attempt
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.portal.purposes import chosen_or_asked
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/courses")

COLUMNS = ("title", "made_by", "made_at", "team", "people", "moment_count")


@router.get("")
@does(Act.COURSE_LIST, Act.TABLE_EXPORT)
def listed(request: Request, actor: Asking, system: TheSystem) -> Response:
    """One's own courses, those one is named in, and the team's."""
    return _listed(request, actor, system, None)


@router.post("")
@does(Act.COURSE_MAKE, Act.COURSE_LIST, Act.TABLE_EXPORT)
def make(request: Request, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Begin a course."""

    def do() -> str:
        made = system.course_desk.make(
            actor, typed.text("title") or "", people=typed.names("people"), team=typed.is_on("team")
        )
        return f"/courses/{made.course_id}"

    return attempt("make", typed, do, lambda failed: _listed(request, actor, system, failed))


@router.get("/{course}")
@does(Act.COURSE_SHOW)
def show(request: Request, course: str, actor: Asking, system: TheSystem) -> Response:
    """A course, and which of its moments can be heard."""
    return _shown(request, course, actor, system, None)


@router.post("/{course}/sharing")
@does(Act.COURSE_SHARE, Act.COURSE_SHOW)
def share(request: Request, course: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Say anew who else sees it."""

    def do() -> str:
        system.course_desk.share(actor, CourseId(course), people=typed.names("people"), team=typed.is_on("team"))
        return f"/courses/{course}?{request.url.query}"

    return attempt("share", typed, do, lambda failed: _shown(request, course, actor, system, failed))


@router.post("/{course}/drop")
@does(Act.COURSE_DROP, Act.COURSE_SHOW)
def drop(request: Request, course: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Take a moment out."""

    def do() -> str:
        system.course_desk.drop(actor, CourseId(course), typed.number("number"))
        return f"/courses/{course}?{request.url.query}"

    return attempt("drop", typed, do, lambda failed: _shown(request, course, actor, system, failed))


@router.post("/{course}/remove")
@does(Act.COURSE_REMOVE, Act.COURSE_SHOW)
def remove(request: Request, course: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """End a course of one's own."""

    def do() -> str:
        typed.confirms(typed.text("title") or "")
        system.course_desk.remove(actor, CourseId(course))
        return "/courses"

    return attempt("remove", typed, do, lambda failed: _shown(request, course, actor, system, failed))


def _listed(request: Request, actor: Actor, system: TheSystem, failed: Failed | None) -> Response:
    courses = system.course_desk.listed(actor)
    rows = [course_shape(one) for one in courses]
    file = exported(request, actor, table="courses", columns=COLUMNS, rows=rows) if failed is None else None
    if file is not None:
        return file
    return page(
        request,
        "courses.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        courses=courses,
        failed=failed,
        exports=exports(request),
    )


def _shown(request: Request, course: str, actor: Actor, system: TheSystem, failed: Failed | None) -> Response:
    purpose = chosen_or_asked(request, actor, system)
    if isinstance(purpose, Response):
        return purpose
    return page(
        request,
        "course.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        purpose=purpose,
        shown=system.course_desk.shown(actor, purpose, CourseId(course)),
        failed=failed,
    )
