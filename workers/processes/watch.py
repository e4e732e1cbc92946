"""What whoever watches asks over HTTP: the figures for Prometheus, the workers' health, and the log's
figures at ``/log``, whose page is in the portal.

No account is asked for and nothing personal is answered: counts, ages, hashes. It listens on the machine itself unless
`CALLWARDEN_METRICS_ADDRESS` says otherwise.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from socketserver import ThreadingMixIn
from typing import Any, Final, Protocol
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import make_wsgi_app

from callwarden.diagnostics import log
from callwarden.errors import CallwardenError, ConfigurationError
from callwarden.workers.processes.log_figures import LogFigures

_LONGEST_QUERY: Final = 200
_FORMS: Final = ("json", "html")
_POINTER: Final = "The page of the access log is in the portal, at /log. Its figures for programs: /log?format=json\n"
_IDLE_S: Final = 10
"""A connection that says nothing for so long is closed."""


class ReadFigures(Protocol):
    def __call__(self) -> LogFigures:
        """How the log stands now. Raises CallwardenError."""
        ...


class ReadHealth(Protocol):
    def __call__(self) -> Mapping[str, Any]:
        """What the steps of this process are at, with ``alive`` and ``ready``. Asks nobody, so it answers at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A server that runs. ``port`` is the one it got."""

    port: int
    close: Callable[[], None]


def serve(port: int, *, address: str, figures: ReadFigures, health: ReadHealth) -> Watch:
    """Answer on `port` (0: any that is free) from now on, until closed. Raises ConfigurationError where it is taken."""
    try:
        server = make_server(address, port, _app(figures, health), _Server, _Handler)
    except OSError as error:
        raise ConfigurationError(
            f"CALLWARDEN_METRICS_PORT: {address}:{port} is taken or not allowed ({error.strerror}): choose another"
        ) from error
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="watch", daemon=True)
    thread.start()

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return Watch(port=server.server_port, close=close)


def _app(figures: ReadFigures, health: ReadHealth) -> WSGIApplication:
    metrics = make_wsgi_app()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        match environ.get("PATH_INFO", "").rstrip("/"):
            case "/log":
                return _log(environ, start_response, figures)
            case "/healthz":
                return _health(start_response, health(), asked="alive")
            case "/readyz":
                return _health(start_response, health(), asked="ready")
            case "/metrics":
                answer: Iterable[bytes] = metrics(environ, start_response)
                return answer
            case _:
                return _wrong(start_response, "404 Not Found", "there are /metrics, /healthz, /readyz and /log here")

    return app


def _health(start_response: StartResponse, found: Mapping[str, Any], *, asked: str) -> Iterable[bytes]:
    data = f"{json.dumps(found)}\n".encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(data))), ("Cache-Control", "no-store")]
    start_response("200 OK" if found[asked] else "503 Service Unavailable", headers)
    return [data]


def _log(environ: WSGIEnvironment, start_response: StartResponse, figures: ReadFigures) -> Iterable[bytes]:
    method = environ["REQUEST_METHOD"]
    if method not in {"GET", "HEAD"}:
        start_response("405 Method Not Allowed", [("Allow", "GET, HEAD"), ("Content-Length", "0")])
        return [b""]
    if not _is_short(environ):
        return _wrong(start_response, "400 Bad Request", f"a query has {_LONGEST_QUERY} characters at most")
    form = parse_qs(environ.get("QUERY_STRING", "")).get("format", [""])[-1]
    if form and form not in _FORMS:
        return _wrong(start_response, "400 Bad Request", f"format is one of {', '.join(_FORMS)}")
    status, kind, body = "200 OK", "text/plain; charset=utf-8", _POINTER
    if wants_json(form, environ.get("HTTP_ACCEPT", "")):
        try:
            found = figures()
            kind, body = "application/json", json.dumps(found.as_row(), default=_plain, indent=1) + "\n"
        except CallwardenError as error:
            log.warning("log_page_unreadable", error=type(error).__name__)
            status, kind, body = "503 Service Unavailable", "application/problem+json", _problem(str(error))
    data = body.encode()
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(data))),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept"),
    ]
    start_response(status, headers)
    return [b"" if method == "HEAD" else data]


def wants_json(asked: str, accepted: str) -> bool:
    """Asked for by name, or preferred over a page by whoever asks."""
    if asked in _FORMS:
        return asked == "json"
    for content_type in by_preference(accepted):
        if content_type in {"text/html", "*/*", "text/*"}:
            return False
        if content_type in {"application/json", "application/*"}:
            return True
    return False


def by_preference(header: str) -> list[str]:
    """What an Accept header lists, best first; what it refuses (``q=0``) or spells wrongly left out."""
    found = []
    for part in header[:1000].split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        if name and quality > 0:
            found.append((quality, name))
    return [name for _, name in sorted(found, key=lambda one: -one[0])]


def _is_short(environ: WSGIEnvironment) -> bool:
    return len(environ.get("QUERY_STRING", "")) <= _LONGEST_QUERY


def _wrong(start_response: StartResponse, status: str, why: str) -> Iterable[bytes]:
    """What was asked for is not there, or makes no sense. Nothing that was asked is repeated."""
    data = f"{why}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(data)))]
    start_response(status, [*headers, ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store")])
    return [data]


def _problem(why: str) -> str:
    """RFC 9457."""
    return json.dumps({"type": "about:blank", "title": "The log cannot be read", "status": 503, "detail": why}) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = _IDLE_S

    def log_message(self, *_what: Any) -> None:
        """Whoever watches asks every few seconds; there is nothing to say about it."""
