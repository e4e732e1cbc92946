"""The schemas in config/topics say what the codec does, and every topic has one, with examples."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from pipeline.adapters.events import CloudEventCodec
from pipeline.errors import InvalidMessageError
from pipeline.wiring import topics

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


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_schema_and_codec_agree_on_every_field(path: Path) -> None:
    """Each field of each example with each odd value, and without the field: both take it or both refuse it."""
    event, schema = read(path), schema_of("telephony.calls")
    disagreements = []
    for field in fields(event):
        if field == ("time",):
            continue  # the schema describes it for readers; the codec does not look at it
        for value in ODD:
            changed = put(event, field, value)
            try:
                CODEC.decode(json.dumps(changed).encode())
                taken = True
            except InvalidMessageError:
                taken = False
            if taken != schema.is_valid(changed):
                disagreements.append((".".join(field), value, taken))
    assert disagreements == []


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_schema_and_codec_agree_on_what_may_be_left_out(path: Path) -> None:
    event, schema = read(path), schema_of("telephony.calls")
    for field in fields(event):
        changed = put(event, field, None)
        part = changed
        for name in field[:-1]:
            part = part[name]
        del part[field[-1]]
        try:
            CODEC.decode(json.dumps(changed).encode())
            taken = True
        except InvalidMessageError:
            taken = False
        assert taken == schema.is_valid(changed), field
