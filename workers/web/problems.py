"""Errors over HTTP: problem+json (RFC 9457) at the API, a page that says what to do in the portal.

``code`` and ``reasons`` are the closed lists of docs/reasons.md; nothing that was sent is repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import compile_path

from callwarden.custody.repeats import CONFLICTS as REPEATED
from callwarden.desks.calls import NOTHING_TO_RETRY
from callwarden.desks.pushes import ANOTHER_CALL
from callwarden.diagnostics import log
from callwarden.errors import (
    CallwardenError,
    InvalidFieldsError,
    InvalidMessageError,
    RefusedError,
    RetryableError,
    TooOftenError,
    UsageError,
)
from callwarden.ports.landing import LandingOversizedError
from callwarden.rules.rights import ActRefusal
from callwarden.workers.cli.faults import fault_of
from callwarden.workers.web.asking import NotSignedInError
from callwarden.workers.web.browsers import is_encrypted
from callwarden.workers.web.headers import safe_headers
from callwarden.workers.web.routes import table

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 5
UNKNOWN: Final = "unknown"
CONFLICTS: Final = REPEATED | {
    *(ANOTHER_CALL, NOTHING_TO_RETRY, ActRefusal.CHANGED_SINCE.value),
    *("not_quarantined", "nothing_kept", "same_recording"),
}
"""Reasons that something else stands in the way of: 409."""
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong. ``fields`` are ``{"field": dotted path, "message": words}``."""

    status: int
    code: str
    detail: str
    reasons: Sequence[str] = ()
    fields: Sequence[dict[str, str]] = ()
    retry_after_s: int | None = None
    since: datetime | None = None
    """Since when it is so; pages say it."""
    allowed: Sequence[str] = ()
    """The methods there are at this address (RFC 9110, 15.5.6)."""

    def body(self) -> dict[str, Any]:
        """The members of the problem object."""
        found: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "reasons": list(self.reasons),
        }
        return {**found, "fields": list(self.fields)} if self.fields else found

    def headers(self) -> dict[str, str]:
        """Those that go with it."""
        found = {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
        if self.allowed:
            found["Allow"] = ", ".join(self.allowed)
        return {**found, "WWW-Authenticate": 'Bearer realm="callwarden"'} if self.status == 401 else found

    def response(self) -> Response:
        """As problem+json."""
        return JSONResponse(self.body(), status_code=self.status, headers=self.headers(), media_type=MEDIA_TYPE)


class ProblemError(CallwardenError):
    """What is wrong with a request as such, its headers or its body: answered as `problem` says."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.detail)


def problem_of(error: Exception) -> Problem:
    """Any error a route may end with."""
    match error:
        case RequestValidationError():
            return _wrong_fields(error)
        case HTTPException():
            code = {404: UNKNOWN}.get(error.status_code, "usage" if error.status_code < 500 else "failed")
            return Problem(status=error.status_code, code=code, detail=str(error.detail))
        case ProblemError():
            return error.problem
        case CallwardenError():
            fault = fault_of(error)
            status, again = _status_of(error)
            return Problem(
                status=status,
                code=fault.code,
                detail=fault.message,
                reasons=fault.reasons,
                fields=_fields_of(error),
                retry_after_s=again,
                since=error.since if isinstance(error, RefusedError) else None,
            )
    return Problem(status=500, code="failed", detail="something failed here; whoever runs this system sees what")


def _status_of(error: CallwardenError) -> tuple[int, int | None]:
    match error:
        case NotSignedInError():
            return 401, None
        case TooOftenError():
            return 429, error.retry_after_s
        case RefusedError() if not CONFLICTS.isdisjoint(error.reasons):
            return 409, None
        case LandingOversizedError():
            return 413, None
        case RefusedError():
            unknown = UNKNOWN in error.reasons
            away = "log_unavailable" in error.reasons
            return (404, None) if unknown else (503, RETRY_AFTER_S) if away else (403, None)
        case UsageError() | InvalidMessageError() | InvalidFieldsError():
            return 422, None
        case RetryableError():
            return 503, RETRY_AFTER_S
    return 500, None


def _fields_of(error: CallwardenError) -> list[dict[str, str]]:
    if not isinstance(error, InvalidFieldsError):
        return []
    return [{"field": path, "message": words or code, "reason": code} for path, code, words in error.fields]


def _wrong_fields(error: RequestValidationError) -> Problem:
    fields = [
        {"field": _printable(".".join(map(str, one["loc"][1:])) or str(one["loc"][0])), "message": str(one["msg"])}
        for one in error.errors()
    ]
    return Problem(
        status=422, code="usage", detail=f"wrong: {', '.join(one['field'] for one in fields)}", fields=fields
    )


def _of_another_method(request: Request, error: Exception) -> Problem | None:
    """Where this address is one of other methods. What an address in general takes for wrong may be one in particular:
    `GET …/REC/transcribe` is no reading, but there is a POST."""
    wrong = isinstance(error, RequestValidationError) and any(
        one["loc"][0] == "path" and one["type"] in ("enum", "literal_error") for one in error.errors()
    )
    if not wrong and not (isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED):
        return None
    there = {method for method, path, _ in table(request.app) if compile_path(path)[0].match(request.url.path)}
    methods = sorted(there - {request.method})
    words = f"this address takes {' and '.join(methods)}"
    return Problem(status=405, code="usage", detail=words, allowed=methods) if methods else None


def _printable(name: str) -> str:
    """A field's name as it was sent, which may be anything."""
    return "".join(each if each.isprintable() else "�" for each in name[:_LONGEST_NAME])


def install(app: FastAPI, page: Any) -> None:
    """Answer every error so: by `page` (request, problem → response) where a browser asks outside the API."""

    async def answer(request: Request, error: Exception) -> Response:
        problem = _of_another_method(request, error) or problem_of(error)
        if problem.status >= 500:
            log.error("request_failed", error=type(error).__name__, status=problem.status)
        if request.url.path.startswith("/api/"):
            return problem.response()
        found: Response = page(request, problem)
        found.headers.update(problem.headers() if problem.allowed else {})
        return found

    async def failed(request: Request, error: Exception) -> Response:
        """What nobody foresaw is answered outside of the middleware: its headers are put here."""
        found = await answer(request, error)
        for name, value in safe_headers(encrypted=is_encrypted(request.app.state.system.settings)).items():
            found.headers.setdefault(name, value)
        return found

    for kind in (CallwardenError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer)
    app.add_exception_handler(Exception, failed)
