"""The schemas in config/topics say what the codec does, and every topic has one, with examples."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from callwarden.adapters.events.codec import CloudEventCodec
from callwarden.errors import InvalidMessageError
from callwarden.model.event import CallRecorded
from callwarden.wiring import topics

FOLDER = Path(__file__).parents[2] / "config" / "topics"
EXAMPLES = sorted((FOLDER / "examples").glob("*.json"))
CALLS = [path for path in EXAMPLES if path.name.startswith("telephony.calls.")]
CODEC = CloudEventCodec()


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def schema_of(topic: str) -> Draft202012Validator:
    return Draft202012Validator(read(FOLDER / f"{topic}.schema.json"), format_checker=FormatChecker())


def topic_of(example: Path) -> str:
    return "telephony.calls" if example in CALLS else example.stem


def test_every_topic_has_a_schema_and_an_example_and_there_are_no_others() -> None:
    names = {topic.name for topic in topics(1)}
    assert {path.name.removesuffix(".schema.json") for path in FOLDER.glob("*.schema.json")} == names
    assert {topic_of(path) for path in EXAMPLES} == names
    types = {read(path)["type"] for path in CALLS}
    assert types == {"call.recorded", "call.objected", "call.objection_withdrawn", "call.monitored"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.schema.json")), ids=lambda path: path.name)
def test_every_schema_is_one(path: Path) -> None:
    Draft202012Validator.check_schema(read(path))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_keeps_to_its_schema(path: Path) -> None:
    schema_of(topic_of(path)).validate(read(path))


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_every_example_of_a_call_event_is_read_by_the_codec(path: Path) -> None:
    CODEC.decode(path.read_bytes())


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path not in CALLS], ids=lambda path: path.stem)
def test_an_internal_topic_has_no_room_for_anything_more(path: Path) -> None:
    """Topics of ours carry references and digests: a name or a number is refused by the schema itself."""
    assert not schema_of(topic_of(path)).is_valid({**read(path), "caller": "+33612345678"})


ODD: list[object] = [None, 0, 1.5, -1, True, "", "x", "\0", "x" * 65, "x" * 257, [], ["x"], ["training"], {}, {"id": 7}]
"""Values of every kind to put in a field."""


def fields(part: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, value in part.items():
        found.append((*path, name))
        if isinstance(value, dict):
            found += fields(value, (*path, name))
    return found


def put(event: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    event = copy.deepcopy(event)
    part = event
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return event


def disagreement(event: dict[str, Any]) -> str | None:
    """Where the codec does not do what the schema says of an event. What the schema allows is taken as it is; what it
    does not is refused, or noted, or surely means something that it allows."""
    schema = schema_of("telephony.calls")
    valid = schema.is_valid(event)
    try:
        value = CODEC.decode(json.dumps(event).encode())
    except InvalidMessageError:
        return "refused" if valid else None
    if not isinstance(value, CallRecorded):
        return None if valid or surely_means(event) else "taken"
    if valid and value.notes:
        return "noted"
    if not valid and not value.notes and not schema.is_valid(json.loads(CODEC.encode(value))):
        return "taken"
    return None


def surely_means(event: dict[str, Any]) -> bool:
    """Whether what is wrong with the form of an event that is no recording is only that a text is a number, or a list
    of one its only item."""

    def in_form(value: object) -> object:
        if isinstance(value, dict):
            return {name: in_form(one) for name, one in value.items()}
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    event = in_form({**event, "data": dict(event["data"])})  # type: ignore[assignment]  # an object stays one
    data = event["data"]
    if isinstance(data.get("purposes"), str):
        data["purposes"] = [data["purposes"]]
    for name in ("at", "from", "to"):
        if str(data.get(name)).lstrip("-").replace(".", "", 1).isdigit():
            data[name] = "2026-11-20T10:00:00Z"
    return schema_of("telephony.calls").is_valid({name: one for name, one in event.items() if one is not None})


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_schema_and_codec_agree_on_every_field(path: Path) -> None:
    """Each field of each example with each odd value."""
    event, found = read(path), []
    for field in fields(event):
        if field == ("time",):
            continue  # the schema describes it for readers; the codec does not look at it
        for value in ODD:
            if wrong := disagreement(put(event, field, value)):
                found.append((".".join(field), value, wrong))
    assert found == []


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_schema_and_codec_agree_on_what_may_be_left_out(path: Path) -> None:
    event = read(path)
    for field in fields(event):
        changed = put(event, field, None)
        part = changed
        for name in field[:-1]:
            part = part[name]
        del part[field[-1]]
        assert disagreement(changed) is None, field
