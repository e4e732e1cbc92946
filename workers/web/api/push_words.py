"""How the API's description tells of pushed calls, with examples."""

import json
from typing import Any, Final

from callwarden.workers.web.schemas import EXAMPLE, INSTANT, TEXT, many, maybe, thing

_EVENT: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "type": "call.recorded",
    "source": "pbx/niort-1",
    "id": "17",
    "data": {
        "call_id": "c-20261120-000018",
        "line": "monitoring-centre",
        "started_at": "2026-11-20T09:40:00Z",
        "ended_at": "2026-11-20T09:41:12Z",
        "objections": [],
    },
}


_NOTED: Final = thing(field=TEXT, was=TEXT, why=TEXT)


def _answers(
    first: int, words: str, example: dict[str, Any], schema: dict[str, Any], refusals: dict[int, str]
) -> dict[int | str, Any]:
    content = {"application/json": {"schema": schema, EXAMPLE: json.dumps(example)}}
    return {
        first: {"description": words, "content": content},
        **{status: {"description": why} for status, why in refusals.items()},
    }


_REFUSALS: Final = {
    401: "No token, or none that is valid.",
    403: "This token may not.",
    413: "Longer than the policy, or an event, may be.",
    422: "A field is missing or wrong; each is named.",
    429: "Too often; Retry-After says when again.",
    503: "Something is out of reach; nothing was done.",
}

PUSH: Final[dict[str, Any]] = {
    "responses": _answers(
        202,
        "Event and audio are safe.",
        {
            "receipt": "rcp-ade678ec7fcc164d750880a77619b05c",
            "call_id": "c-20261120-000018",
            "expected_outcome": "stored",
            "reason": None,
            "field": None,
            "noted": [],
        },
        thing(
            receipt=TEXT,
            call_id=TEXT,
            expected_outcome=TEXT,
            reason=maybe(TEXT),
            field=maybe(TEXT),
            noted=many(_NOTED),
        ),
        {
            **_REFUSALS,
            408: "The body came too slowly.",
            409: "The event, or the Idempotency-Key, came before with something else.",
            415: "The body is no multipart form, or a part is of another media type.",
        },
    ),
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["event", "audio"],
                        "properties": {
                            "event": {"type": "object", "description": "A CloudEvent of the type call.recorded."},
                            "audio": {"type": "string", "contentMediaType": "application/octet-stream"},
                        },
                    },
                    "encoding": {
                        "event": {"contentType": "application/json"},
                        "audio": {"contentType": "audio/*, application/octet-stream"},
                    },
                    "example": {"event": _EVENT, "audio": "(the file)"},
                }
            },
        }
    },
}

DECISION: Final[dict[str, Any]] = {
    "responses": _answers(
        200,
        "What would become of it.",
        {
            "outcome": "stored",
            "reason": None,
            "field": None,
            "keep_until": "2027-11-20T09:41:12+00:00",
            "audio_until": None,
            "waits_until": None,
            "noted": [],
            "policy_version": "1",
        },
        thing(
            outcome=TEXT,
            reason=maybe(TEXT),
            field=maybe(TEXT),
            keep_until=maybe(INSTANT),
            audio_until=maybe(INSTANT),
            waits_until=maybe(INSTANT),
            noted=many(_NOTED),
            policy_version=TEXT,
        ),
        _REFUSALS | {408: "The body came too slowly."},
    ),
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "object"}, "example": _EVENT}
                for kind in ("application/json", "application/cloudevents+json")
            },
        }
    },
}
