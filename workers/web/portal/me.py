"""``/me``: my sessions, my password, what I have read (U2, U3)."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from callwarden.errors import RefusedError, TooOftenError, UsageError
from callwarden.model.access import Actor
from callwarden.model.person import SessionId
from callwarden.rules.rights import Act
from callwarden.workers.web.asking import Asking, TheSystem, signed_in
from callwarden.workers.web.browsers import SESSION, forget
from callwarden.workers.web.portal.export import exported_of, exports
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/me")

_SESSIONS: Final = ("began_at", "seen_at", "ends_at")
_ACCESSES: Final = ("at", "operation", "artefact", "outcome", "reasons", "purpose", "subject", "entry_id")


@router.get("")
@does(Act.ME_SESSIONS, Act.ME_ACCESSES, Act.TABLE_EXPORT)
def me(request: Request, actor: Asking, system: TheSystem) -> Response:
    """What is known of who asks."""
    return _page(request, actor, system)


@router.post("/sign-out")
@does(Act.ME_SIGN_OUT)
def sign_out(
    request: Request, actor: Asking, system: TheSystem, session: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """End one session of mine; without one, all of them, this one too."""
    system.session_desk.sign_out(actor, SessionId(session) if session else None)
    signed = signed_in(request)
    is_over = not session or (signed is not None and session == signed.session.session_id)
    answer = RedirectResponse("/login" if is_over else "/me", 303)
    if is_over:
        forget(request, answer, SESSION)
    return answer


@router.post("/password")
@does(Act.ME_PASSWORD)
def password(
    request: Request,
    actor: Asking,
    system: TheSystem,
    old: Annotated[str, Form(max_length=1000)] = "",
    new: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Change my password; then I log in with it."""
    if new != again:
        return _page(request, actor, system, status=422, again="different")
    try:
        system.session_desk.change_password(actor, old, new)
    except UsageError as error:
        return _page(request, actor, system, status=422, new=str(error))
    except TooOftenError:
        raise
    except RefusedError:
        return _page(request, actor, system, status=403, old="wrong")
    answer = RedirectResponse("/login", 303)
    forget(request, answer, SESSION)
    return answer


def _page(request: Request, actor: Actor, system: TheSystem, *, status: int = 200, **wrong: str) -> Response:
    signed, sessions = signed_in(request), system.session_desk.mine(actor)
    accesses = [one.entry for one in system.session_desk.accesses(actor)]
    tables = {
        "my-sessions": (_SESSIONS, [{name: getattr(one, name) for name in _SESSIONS} for one in sessions]),
        "my-accesses": (_ACCESSES, [{name: getattr(one, name) for name in _ACCESSES} for one in accesses]),
    }
    if file := exported_of(request, actor, tables):
        return file
    return page(
        request,
        "me.html",
        actor=actor,
        status=status,
        sessions=sessions,
        this=None if signed is None else signed.session.session_id,
        accesses=accesses,
        exports=partial(exports, request),
        by_password=signed is not None and system.provider is None,
        wrong=wrong,
    )
