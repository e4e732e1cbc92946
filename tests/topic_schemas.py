"""The JSON Schemas in config/topics, made of what the model describes; `python -m tests.vocabularies` writes them.

The descriptions are the annotations of `callwarden.model.event` and `callwarden.messages` (`callwarden.model.form`). A
test says when a file is out of date.
"""

import json
from pathlib import Path
from typing import Any

from callwarden.messages import CALLS_TOPIC, MESSAGES, InternalMessage
from callwarden.model.event import EVENT_TYPES, ID, Objection
from callwarden.model.form import (
    Address,
    Bytes,
    Field,
    Form,
    Instant,
    Labels,
    Part,
    Seconds,
    Several,
    Sha256,
    Text,
    Whole,
    Word,
    YesNo,
    fields_of,
)
from callwarden.model.webhook import CallNotice, TrialNotice

FOLDER = Path(__file__).parents[1] / "config" / "topics"
NOTICE = FOLDER.parent / "webhooks" / "notice.schema.json"
CALLS = (
    "Events from the telephone system: CloudEvents 1.0, at most 1,000,000 bytes, key = call_id; structured JSON, or "
    "binary (attributes in ce_* headers, data as the value); data_base64 in the place of data. Fields not named here "
    "are let through and not looked at; a name may not occur twice in one object. null is the same as absence where "
    "null is allowed. This is the form to send. A recorded call in another form is taken all the same: what surely "
    "means something is taken for it (a number as digits, seconds since 1970), an optional field that is wrong is left "
    "out and noted, and one that is needed sets the call aside with its audio."
)
_CLEAN = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]*$"


def schemas() -> dict[str, dict[str, Any]]:
    """Every schema by its topic."""
    kinds: dict[str, list[type[InternalMessage]]] = {}
    for kind in MESSAGES:
        kinds.setdefault(kind.topic, []).append(kind)
    internal = {topic: _headed(topic, _doc(_common(found)), _either(found)) for topic, found in kinds.items()}
    return {CALLS_TOPIC: _headed(CALLS_TOPIC, CALLS, calls()), **internal}


def notice_schema() -> dict[str, Any]:
    """The bodies of webhooks."""
    says = "The body of a webhook: what became of a call, or a trial. See docs/webhooks.md."
    shapes = [of_class(kind, closed=True) for kind in (CallNotice, TrialNotice)]
    for shape in shapes:
        shape["properties"]["data"]["additionalProperties"] = False
    return _headed("callwarden webhooks", says, {"type": "object", "oneOf": shapes})


def _common(kinds: list[type[InternalMessage]]) -> type:
    """The class whose description is the topic's."""
    return kinds[0] if len(kinds) == 1 else kinds[0].__mro__[1]


def _either(kinds: list[type[InternalMessage]]) -> dict[str, Any]:
    shapes = [of_class(kind, closed=True) for kind in kinds]
    return shapes[0] if len(shapes) == 1 else {"type": "object", "oneOf": shapes}


def calls() -> dict[str, Any]:
    """The envelope, and the data of each type of event."""
    kinds: dict[type, list[str]] = {}
    for name, kind in EVENT_TYPES.items():
        kinds.setdefault(Objection if issubclass(kind, Objection) else kind, []).append(name)
    return {
        "type": "object",
        "required": ["specversion", "type", "source", "id", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "type": {"enum": list(EVENT_TYPES)},
            "source": {
                **of_form(ID),
                "description": "The telephone system. source and id together name an event once and for all.",
            },
            "id": of_form(ID),
            "time": {"description": "When the event was made; not used.", "type": "string"},
            "data": {"type": "object"},
        },
        "oneOf": [
            {"properties": {"type": {"enum": names}, "data": {"$ref": f"#/$defs/{kind.__name__}"}}}
            for kind, names in kinds.items()
        ],
        "$defs": {kind.__name__: {**of_class(kind), **_ALSO.get(kind, {})} for kind in kinds},
    }


def of_class(described: type, *, closed: bool = False) -> dict[str, Any]:
    """The object that a class describes. `closed`: with no room for anything more."""
    fields = fields_of(described)
    required = [field.key for field in fields if field.required]
    return {
        "description": _doc(described),
        "type": "object",
        **({"additionalProperties": False} if closed else {}),
        **({"required": required} if required else {}),
        "properties": {field.key: _of_field(field) for field in fields},
    }


def _doc(described: type) -> str:
    return " ".join((described.__doc__ or "").partition("\n\n")[0].split())


def _of_field(field: Field) -> dict[str, Any]:
    schema = of_form(field.form)
    if field.nullable and "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    elif field.nullable:
        schema["type"] = [schema["type"], "null"]
    if isinstance(field.default, str | int) and field.default != "":
        schema["default"] = field.default
    return {**schema, "description": field.says} if field.says else schema


def of_form(form: Form | type) -> dict[str, Any]:
    """The schema of one value."""
    match form:
        case Text(longest, shortest, pattern):
            least = {"minLength": shortest} if shortest else {}
            clean = {"allOf": [{"pattern": _CLEAN}]} if pattern and not pattern.startswith("^") else {}
            return {"type": "string", **least, "maxLength": longest, "pattern": pattern or _CLEAN, **clean}
        case Address():
            return {"type": "string"}
        case Sha256():
            return {"type": "string", "pattern": "^[0-9A-Fa-f]{64}$"}
        case Whole(below, first):
            return {"type": "integer", "minimum": first, "maximum": below - 1}
        case Seconds(longest):
            return {"type": "number", "minimum": 0, "maximum": longest}
        case YesNo():
            return {"type": "boolean"}
        case Instant():
            return {"type": "string", "format": "date-time"}
        case Word(words):
            return {"enum": [str(word) for word in words]}
        case Bytes():
            return {"type": "string", "contentEncoding": "base64"}
        case Several(of, most, least):
            bounds = {"minItems": least} if least else {}
            return {"type": "array", **bounds, "maxItems": most, "items": of_form(of)}
        case Labels(name, text, most):
            names = {"propertyNames": of_form(name), "additionalProperties": of_form(text)}
            return {"type": "object", "maxProperties": most, **names}
        case Part(of):
            return of_class(of)
        case type():
            return of_class(form)


def _present(name: str, *more: str) -> dict[str, Any]:
    inside = _present(*more) if more else {"type": "string"}
    return {"type": "object", "required": [name], "properties": {name: inside}}


_ALSO: dict[type, dict[str, Any]] = {
    Objection: {"oneOf": [_present("call_id"), _present("caller", "number"), _present("caller", "customer_id")]}
}
"""What the fields of a class do not say."""


def _headed(topic: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": topic, "description": description}
    return {**head, **{name: value for name, value in schema.items() if name != "description"}}


def text(schema: dict[str, Any]) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
