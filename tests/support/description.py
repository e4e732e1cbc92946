"""What a test can send by the API's own description: an address for each path, a body for each schema."""

import re
from collections.abc import Mapping
from typing import Any

_IDS = {"partition": "7", "offset": "7", "number": "7", "entry": "01M7" + "0" * 22}
_EXAMPLES = {"date": "2026-11-20", "date-time": "2026-11-20T10:25:01+01:00"}


def filled(path: str) -> str:
    """The path with an id of nothing in each place."""
    return re.sub(r"\{([^}]*)\}", lambda place: _IDS.get(place[1].partition(":")[0], "none-such"), path)


def bodies_of(api: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    """The smallest JSON body that each operation takes, by method and path."""
    found = {}
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                found[method.upper(), path] = sample(content["application/json"]["schema"], api)
    return found


def sample(schema: Mapping[str, Any], api: Mapping[str, Any]) -> Any:
    """The smallest value of a schema."""
    if "$ref" in schema:
        return sample(api["components"]["schemas"][schema["$ref"].rpartition("/")[2]], api)
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return sample(schema["anyOf"][0], api)
    match schema.get("type"):
        case "object":
            return {name: sample(schema["properties"][name], api) for name in schema.get("required", ())}
        case "array":
            return [sample(schema["items"], api)] * schema.get("minItems", 0)
        case "string":
            return _EXAMPLES.get(schema.get("format", ""), "something")
        case "boolean":
            return True
        case _:
            return 1
