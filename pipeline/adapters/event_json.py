"""What is JSON, and what was wrong with an event that could not be taken."""

import json
from typing import Final, NoReturn

from pydantic import ValidationError

from pipeline.adapters.event_shapes import KNOWN_TYPES, SPEC_VERSION
from pipeline.errors import InvalidMessageError
from pipeline.model.outcome import Reason


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        # "objections" given twice: which of the two did the caller say?
        raise ValueError("a name occurs twice in one object")
    return fields


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def parse(value: bytes) -> dict[str, object] | None:
    """The JSON object in these bytes, each name once in its object; None when they are anything else."""
    try:
        fields = _DECODER.decode(value.decode())
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def explained(value: bytes, fault: ValidationError | None) -> InvalidMessageError:
    """Why `value` is no event we can take, without any of its content."""
    fields = parse(value)
    first = fault.errors(include_url=False, include_context=False, include_input=False)[0] if fault else None
    if fields is None or first is None or first["type"] == "json_invalid" or "specversion" not in fields:
        return InvalidMessageError(Reason.NOT_AN_EVENT)
    for name in ("specversion", "type"):
        if not isinstance(fields.get(name), str):
            return InvalidMessageError(Reason.INVALID_FIELD, field=name, detail="must be a string")
    if fields["specversion"] != SPEC_VERSION or fields["type"] not in KNOWN_TYPES:
        return InvalidMessageError(Reason.UNSUPPORTED_VERSION)
    # The first part of the location is the type; below `labels` the names are the sender's own and stay out of it.
    path = [str(part) for part in first["loc"][1:]]
    path = path[: path.index("labels") + 1] if "labels" in path else path
    return InvalidMessageError(Reason.INVALID_FIELD, field=".".join(path), detail=first["msg"])
