"""Writes what a class of the model describes (`callwarden.model.form`) as a JSON object."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from callwarden.model.form import Labels, fields_of


def written(value: Any) -> dict[str, Any]:
    """The object that is read back to an equal value. What is absent or empty as it is by default is left out."""
    data: dict[str, Any] = {}
    described: type = type(value)
    for field in fields_of(described):
        found = getattr(value, field.name)
        if found in (None, "") and found == field.default:
            continue
        data[field.key] = dict(found) if isinstance(field.form, Labels) else _plain(found)
    return data


def as_json(value: object) -> bytes:
    """The same as bytes: keys in order, no white space."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case frozenset():
            return sorted(value)
        case tuple():
            return [_plain(item) for item in value]
        case None | str() | int() | float():
            return value
    return written(value)
