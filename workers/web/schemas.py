"""How answers are described in OpenAPI: the fields that callers can rely on; an answer may have more."""

import json
from typing import Any, Final

Schema = dict[str, Any]

EXAMPLE: Final = "x-example"
"""Stands for ``example``, as text: FastAPI would leave out what is null."""

TEXT: Final[Schema] = {"type": "string"}
COUNT: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
FLAG: Final[Schema] = {"type": "boolean"}
INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
DAY: Final[Schema] = {"type": "string", "format": "date"}
ANYTHING: Final[Schema] = {}


def maybe(schema: Schema) -> Schema:
    """Or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": schema}


def one_of(*words: str) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": sorted(words)}


def thing(**fields: Schema) -> Schema:
    """An object that has at least these fields."""
    return {"type": "object", "required": list(fields), "properties": fields}


def page_of(schema: Schema) -> Schema:
    """A page of a list: ``next`` is the cursor of the following one, or null."""
    return thing(items=many(schema), next=maybe(TEXT))


def answers(
    schema: Schema, *, status: int = 200, says: str = "What was asked for.", example: object = None
) -> dict[int | str, Schema]:
    """The ``responses`` of a route."""
    content: Schema = {"schema": schema}
    if example is not None:
        content[EXAMPLE] = json.dumps(example)
    return {status: {"description": says, "content": {"application/json": content}}}


def answers_with(media_type: str, *, says: str) -> dict[int | str, Schema]:
    """The ``responses`` of a route that answers with a file."""
    return {200: {"description": says, "content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}
