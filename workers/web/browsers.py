"""What a browser brings and is given: its cookies, where its forms come from, and where it may be sent afterwards."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from callwarden.settings import EVERYWHERE, LOOPBACK, Settings

SESSION: Final = "callwarden-session"
LOGGING_IN: Final = "callwarden-login"
"""Of a log-in that is under way: what its form, or the identity provider's answer, has to fit."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_FIELDS: Final = 2000
MOST_FILES: Final = 100
"""Of one form: whoever reads it first sets the limits."""

_WRITTEN: Final = ("text", "remark", "reason", "note")
"""Fields that are long to write anew."""


def is_encrypted(settings: Settings) -> bool:
    """Whether browsers reach the portal by https: its cookies are theirs alone then."""
    return settings.portal_origin.startswith("https://")


def known_hosts(settings: Settings) -> frozenset[str] | None:
    """Names a request may be addressed to; None for any, where it listens everywhere and nobody has said under which
    name. Another site's name that leads here (DNS rebinding) is none of them."""
    if settings.public_url is None and settings.portal_address in EVERYWHERE:
        return None
    return LOOPBACK | {settings.portal_address, urlsplit(settings.portal_origin).hostname or ""}


def kept(request: Request, name: str) -> str | None:
    """The value of one of our cookies."""
    return request.cookies.get(_named(request, name))


def keep(request: Request, answer: Response, name: str, value: str, *, lasts_s: int | None = None) -> None:
    """Give the browser a cookie: for this portal alone, out of reach of scripts, never sent along by other sites' forms
    or frames."""
    answer.set_cookie(
        _named(request, name),
        value,
        max_age=lasts_s,
        secure=is_encrypted(_settings(request)),
        httponly=True,
        samesite="lax",  # a link in a letter leads into the portal, and the provider back into it
    )


def forget(request: Request, answer: Response, name: str) -> None:
    """Take a cookie back."""
    encrypted = is_encrypted(_settings(request))
    answer.delete_cookie(_named(request, name), secure=encrypted, httponly=True, samesite="lax")


def address_of(request: Request) -> str:
    """Whoever asks, as far as the connection tells: behind a proxy that is trusted, whom it names."""
    return "" if request.client is None else request.client.host


def came_from_here(request: Request) -> bool:
    """Whether a page of ours sent this, as far as the browser says; older ones do not."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin", "null")  # "null" where our own policy has referrers left out
    here = {_settings(request).portal_origin, f"{request.url.scheme}://{request.url.netloc}"}
    return origin == "null" or origin in here


def safe_next(text: str | None) -> str:
    """Where to go after logging in: a path of this portal; else the beginning."""
    if not text or not text.startswith("/") or not text.isprintable() or "\\" in text:
        return "/"
    parts = urlsplit(text)
    elsewhere = parts.scheme or parts.netloc or text.startswith("//")
    return "/" if elsewhere or parts.path.startswith(("/login", "/logout", "/api/", "/static/")) else text


async def sent_token(request: Request) -> str | None:
    """What a form carries to prove that it was ours, in its field ``csrf`` or the header ``X-CSRF-Token``."""
    if request.method in SAFE or kept(request, SESSION) is None:
        return None
    if (header := request.headers.get("x-csrf-token")) is not None:
        return header
    if not request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        return None
    form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
    request.state.written = [form[name] for name in _WRITTEN if isinstance(form.get(name), str)]
    found = form.get("csrf")
    return found if isinstance(found, str) else None


def written(request: Request) -> str:
    """What somebody has written into a form of ours, to be given back to them where nothing was done with it."""
    texts: list[str] = getattr(request.state, "written", [])
    return "\n\n".join(each.strip() for each in texts if each.strip()) if came_from_here(request) else ""


SentToken = Annotated[str | None, Depends(sent_token)]


def _named(request: Request, name: str) -> str:
    return f"__Host-{name}" if is_encrypted(_settings(request)) else name


def _settings(request: Request) -> Settings:
    found: Settings = request.app.state.system.settings
    return found
