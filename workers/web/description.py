"""The API in OpenAPI 3.1: what FastAPI knows of the routes, and what holds of all of them."""

import json
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from callwarden.workers.web.problems import MEDIA_TYPE
from callwarden.workers.web.repeats import REPLAYED
from callwarden.workers.web.routes import OPEN, table
from callwarden.workers.web.schemas import COUNT, EXAMPLE, TEXT, many, thing

Shape = dict[str, Any]

IDEMPOTENCY: Final = "Idempotency-Key"
_ABOUT: Final = (
    "Everything people do with callwarden, in the commands' names and fields. Each route is an act of the table of "
    "rights, or a reading that the policy decides; every use of it, and every refusal, is an entry of the access log. "
    "A list gives `next`, a cursor, while there is more. A POST with an `Idempotency-Key` may be sent again for "
    "24 hours: it is done once, and answered with the same status and the ids of what was done. "
    "What is under `/cases` is under `/holds`, too."
)
_PROBLEM: Final = thing(
    type=TEXT,
    title=TEXT,
    status=COUNT,
    detail=TEXT,
    code={"type": "string", "description": "Stable, for programs."},
    reasons=many({"type": "string", "description": "Of the closed list in docs/reasons.md."}),
) | {
    "description": "RFC 9457. Nothing that was sent is repeated.",
    "example": {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "calls.list is for auditor, dpo, …; you asked as trainer",
        "code": "refused",
        "reasons": ["not_permitted"],
    },
}
_PROBLEMS: Final = {
    "400": "What was sent is not JSON.",
    "401": "No token, or one that is not accepted.",
    "403": "Refused, for the reasons given.",
    "404": "No such thing, or none that you may know of.",
    "408": "The body came too slowly.",
    "409": "It cannot be done as things stand.",
    "413": "More bytes than are taken.",
    "415": "Not the type of content that is taken.",
    "422": "A field is wrong: `fields` names it.",
    "429": "Too much in too short a time: wait as `Retry-After` says.",
    "503": "Something it needs is out of reach: try again as `Retry-After` says.",
}
_OF_BODIES: Final = frozenset({"400", "408", "409", "413", "415"})
_REPLAYED: Final = {
    "description": "true where this was answered before: then the body has only ids and states of what was done, "
    "whatever else is required of it.",
    "schema": {"type": "string", "enum": ["true"]},
}
_RETRY: Final = {"Retry-After": {"description": "In seconds.", "schema": {"type": "integer", "minimum": 1}}}
_TAGS: Final = {
    "calls": "What became of each event and call.",
    "cases": "Litigation holds: a case keeps recordings from disposal.",
    "objections": "Objections: to being recorded, or to some uses only.",
    "requests": "What persons concerned ask of their own data.",
    "quarantine": "Recordings that were set aside.",
    "dead letters": "Messages that are not valid events.",
    "redactions": "What became of redactions.",
    "disposal": "What is due to be destroyed.",
    "access log": "Who did what, and the proof that nothing of it was changed.",
    "policy": "Who is recorded, how long it is kept, who may read what.",
    "people": "Who may log in.",
    "recordings": "What is stored of a recording, decided by the policy.",
    "search": "Redacted calls by what is said in them.",
    "telephony": "What telephone systems hand over.",
    "tokens": "How people and telephone systems sign in.",
    "keys": "Master keys.",
    "emergency access": "An original in an emergency, with a reason and a second person.",
    "operations": "How everything stands.",
    "webhooks": "Who is told over HTTP what becomes of calls.",
    "health": "For whoever watches.",
    "experiments": "Data sets of redacted calls, approved, signed, and taken back when they must.",
    "reports": "Figures of the calls, of groups alone.",
    "reviews": "Notes, evaluations and courses made of calls.",
    "tests on real calls": "Some calls, drawn by lot, that one person may hear to test what is new.",
}


def operation_name(route: APIRoute) -> str:
    """What programs made from the description call a route: the name of its function."""
    return route.name


def describe(app: FastAPI) -> None:
    """Let `app.openapi()` give the whole description."""
    bare = app.openapi

    def openapi() -> Shape:
        if app.openapi_schema is None or "x-callwarden" not in app.openapi_schema:
            app.openapi_schema = _whole(bare(), app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _whole(found: Shape, app: FastAPI) -> Shape:
    does = {(path, method.lower()): done for method, path, done in table(app)}
    found["info"]["description"] = _ABOUT
    found["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    found["servers"] = [{"url": "/", "description": "This system."}]
    parts = found.setdefault("components", {})
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token of `callwarden token issue`."},
        "session": {"type": "apiKey", "in": "cookie", "name": "callwarden-session", "description": "A log-in."},
    }
    schemas = parts.setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    parts["responses"] = {f"Problem{status}": _problem(status, says) for status, says in _PROBLEMS.items()}
    used: set[str] = set()
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            used.update(operation.get("tags", ()))
            _tell(operation, method, is_open=does[path, method] == frozenset({OPEN}))
    found["tags"] = [{"name": name, "description": _TAGS.get(name, name)} for name in sorted(used)]
    found["x-callwarden"] = {"acts": "each operation's x-acts: `callwarden policy show --acts`"}
    for (path, method), done in does.items():
        if path in found["paths"]:
            found["paths"][path][method]["x-acts"] = sorted(str(each) for each in done)
    return found


def _problem(status: str, says: str) -> Shape:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": says, "content": content} | ({"headers": _RETRY} if status in ("429", "503") else {})


def _tell(operation: Shape, method: str, *, is_open: bool) -> None:
    """What FastAPI does not know of one route."""
    said = str(operation.get("description", "")).strip()
    operation["summary"] = " ".join(said.partition(". ")[0].partition("\n\n")[0].split()).rstrip(".")
    operation["security"] = [] if is_open else [{"bearer": []}, {"session": []}]
    answers = operation["responses"]
    answers.pop("422", None)
    for content in (each for answer in answers.values() for each in answer.get("content", {}).values()):
        if EXAMPLE in content:
            content["example"] = json.loads(content.pop(EXAMPLE))
    takes_a_body = method in ("post", "patch", "put")
    for status in _PROBLEMS:
        if is_open and status not in ("429", "503"):
            continue
        if takes_a_body or status not in _OF_BODIES:
            answers.setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})
    if method == "post" and not is_open:
        for status, answer in answers.items():
            if status.startswith("2"):
                answer.setdefault("headers", {})[REPLAYED] = _REPLAYED
        others = [each for each in operation.get("parameters", ()) if each["name"].lower() != IDEMPOTENCY.lower()]
        operation["parameters"] = [
            *others,
            {
                "name": IDEMPOTENCY,
                "in": "header",
                "required": False,
                "description": "A word of yours for this one thing: sent again within 24 hours, it is done once.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
            },
        ]
