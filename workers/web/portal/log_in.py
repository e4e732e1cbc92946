"""``/login`` and ``/logout``: by password, or at the company's identity provider (U2)."""

import secrets
from hmac import compare_digest
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from callwarden.errors import RefusedError, TooOftenError
from callwarden.rules.sessions import SignInRefusal, form_token
from callwarden.workers.web.asking import Asking, TheSystem, system_of
from callwarden.workers.web.browsers import (
    LOGGING_IN,
    SAFE,
    SESSION,
    address_of,
    came_from_here,
    forget,
    keep,
    kept,
    safe_next,
    written,
)
from callwarden.workers.web.portal.pages import page, problem_page
from callwarden.workers.web.problems import Problem
from callwarden.workers.web.routes import is_open, own

router = APIRouter()
_LASTS_S: Final = 3600
"""A log-in that was begun is finished within this."""


@router.get("/login")
@is_open
def ask(request: Request, system: TheSystem, next: str = "/") -> Response:  # noqa: A002 -- the name of the parameter
    """The log-in page."""
    return _log_in_page(request, system, next=next)


@router.post("/login")
@is_open
def log_in(
    request: Request,
    system: TheSystem,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    csrf: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002 -- the name of the field
) -> Response:
    """Begin a session, or say that it did not work."""
    begun = kept(request, LOGGING_IN)
    if system.provider is not None or begun is None or not _is_ours(request, begun, csrf):
        return _log_in_page(request, system, next=next, status=403, reason=SignInRefusal.FORM_FORGED)
    try:
        session = system.sign_in.by_password(
            name, password, address=address_of(request), replacing=kept(request, SESSION)
        )
    except TooOftenError as error:
        return _log_in_page(
            request, system, next=next, status=429, reason=SignInRefusal.TOO_OFTEN, name=name, wait=error.retry_after_s
        )
    except RefusedError:
        return _log_in_page(request, system, next=next, status=401, reason=SignInRefusal.FAILED, name=name)
    return _let_in(request, session, next)


@router.get("/login/provider")
@is_open
def to_provider(request: Request, system: TheSystem, next: str = "/") -> Response:  # noqa: A002 -- the parameter
    """On to the company's identity provider."""
    if system.provider is None:
        return RedirectResponse("/login", 303)
    secret = secrets.token_urlsafe(32)
    answer = RedirectResponse(system.provider.begin(secret, back=_back(system)), 303)
    keep(request, answer, LOGGING_IN, f"{secret} {safe_next(next)}", lasts_s=_LASTS_S)
    return answer


@router.get("/login/callback")
@is_open
def from_provider(request: Request, system: TheSystem) -> Response:
    """Back from the identity provider: begin a session, or say why not."""
    if system.provider is None:
        return RedirectResponse("/login", 303)
    secret, _, address = (kept(request, LOGGING_IN) or "").partition(" ")
    try:
        session = system.provider.finish(
            secret,
            dict(request.query_params),
            back=_back(system),
            address=address_of(request),
            replacing=kept(request, SESSION),
        )
    except RefusedError as error:
        answer = _log_in_page(request, system, next=address, status=403, reason=SignInRefusal(error.reasons[0]))
        forget(request, answer, LOGGING_IN)
        return answer
    return _let_in(request, session, address)


@router.post("/logout")
@own
def log_out(request: Request, system: TheSystem, _actor: Asking) -> Response:
    """End this session; at the identity provider, too, where it has a way to."""
    ended = system.sessions.end(kept(request, SESSION) or "")
    token = None if ended is None else ended.provider_token
    elsewhere = None
    if system.provider is not None:
        elsewhere = system.provider.log_out_address(token, back=f"{system.settings.portal_origin}/login")
    # A redirect of a form to another site is against our own content policy; this is the browser's own step.
    headers = {"Clear-Site-Data": '"cache", "storage"', **({"Refresh": f"0; url={elsewhere}"} if elsewhere else {})}
    answer = page(request, "logged_out.html", headers=headers, elsewhere=elsewhere)
    forget(request, answer, SESSION)
    return answer


def problem_or_log_in(request: Request, problem: Problem) -> Response:
    """A fault as a page; whoever is not known is asked to log in, at the page they wanted, or whose form they sent:
    of that nothing was done, and what they wrote is given back. Where a script sent it, it stays in the form."""
    sent = request.method not in SAFE
    forged = SignInRefusal.FORM_FORGED.value in problem.reasons
    by_script = sent and "hx-request" in request.headers
    if problem.status != 401 and not (by_script and forged):
        return problem_page(request, problem)
    wanted = _page_of_form(request) if sent else request.url.path
    wanted += f"?{request.url.query}" if request.url.query and wanted != "/" else ""
    if by_script:
        place = "#beside" if wanted.startswith("/calls/") else "#content"
        headers = {**problem.headers(), "HX-Retarget": place, "HX-Reswap": "afterbegin"}
        here = safe_next(wanted)
        answer = page(request, "form_lost.html", status=problem.status, headers=headers, here=here, forged=forged)
    else:
        reason = next((one for one in problem.reasons if one in set(SignInRefusal)), None)
        answer = _log_in_page(
            request,
            system_of(request),
            next=wanted,
            status=401,
            reason=None if reason is None else SignInRefusal(reason),
            headers=problem.headers(),
            lost=sent,
        )
    if problem.status == 401 and kept(request, SESSION) is not None:
        forget(request, answer, SESSION)
    return answer


def _page_of_form(request: Request) -> str:
    """The page on which a form stands: the nearest above the address it is sent to, else of that address."""
    path = request.url.path
    above = [path.rsplit("/", count)[0] for count in range(1, path.count("/"))]
    pages = [each for each in (*above, path) if _has_page(request, each)]
    return pages[0] if pages else "/"


def _has_page(request: Request, path: str) -> bool:
    asked = {**request.scope, "method": "GET", "path": path}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)


def _log_in_page(
    request: Request,
    system: TheSystem,
    *,
    next: str,  # noqa: A002 -- the name of the parameter
    status: int = 200,
    reason: SignInRefusal | None = None,
    name: str = "",
    wait: int | None = None,
    headers: dict[str, str] | None = None,
    lost: bool = False,
) -> Response:
    begun = kept(request, LOGGING_IN) or ""
    fresh = begun if begun and " " not in begun else secrets.token_urlsafe(32)
    wanted = safe_next(next)
    more: dict[str, Any] = {"headers": {**(headers or {}), **({} if wait is None else {"Retry-After": str(wait)})}}
    if "hx-request" in request.headers:
        more["headers"]["HX-Redirect"] = f"/login?{urlencode({'next': wanted})}"
    answer = page(
        request,
        "login.html",
        status=status,
        csrf=form_token(fresh),
        next=wanted,
        name=name,
        reason=reason,
        wait=wait,
        provider=None if system.provider is None else f"/login/provider?{urlencode({'next': wanted})}",
        lost=lost,
        written=written(request) if lost else "",
        nobody=system.provider is None and not system.sign_in.has_anybody(),
        **more,
    )
    keep(request, answer, LOGGING_IN, fresh, lasts_s=_LASTS_S)
    return answer


def _let_in(request: Request, session: str, wanted: str) -> Response:
    answer = RedirectResponse(safe_next(wanted), 303)
    keep(request, answer, SESSION, session)
    forget(request, answer, LOGGING_IN)
    return answer


def _is_ours(request: Request, begun: str, sent: str) -> bool:
    return came_from_here(request) and compare_digest(form_token(begun), sent.encode("ascii", "replace").decode())


def _back(system: TheSystem) -> str:
    return f"{system.settings.portal_origin}/login/callback"
