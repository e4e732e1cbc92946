"""The schemas in config/topics say what the codec does, and every topic has one, with examples."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from callwarden.adapters.events.codec import CloudEventCodec
from callwarden.adapters.events.notes import explained
from callwarden.errors import InvalidMessageError
from callwarden.model.event import CallRecorded
from callwarden.model.form_writing import written
from callwarden.model.note import NoteWhy
from callwarden.wiring import topics
from tests.topic_schemas import schemas, text

FOLDER = Path(__file__).parents[2] / "config" / "topics"
EXAMPLES = sorted((FOLDER / "examples").glob("*.json"))
CALLS = [path for path in EXAMPLES if path.name.startswith("telephony.calls.")]
CODEC = CloudEventCodec()


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def schema_of(topic: str) -> Draft202012Validator:
    return Draft202012Validator(read(FOLDER / f"{topic}.schema.json"), format_checker=FormatChecker())


CALLS_SCHEMA = schema_of("telephony.calls")


def topic_of(example: Path) -> str:
    return next(topic for topic in schemas() if example.name.startswith(f"{topic}."))


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
    schema = CALLS_SCHEMA
    valid = schema.is_valid(event)
    try:
        value = CODEC.decode(json.dumps(event).encode())
    except InvalidMessageError as error:
        return "refused" if valid and error.detail not in NOT_IN_A_SCHEMA else None
    notes = value.notes if isinstance(value, CallRecorded) else ()
    if valid and any(note.why not in NOT_IN_A_SCHEMA for note in notes):
        return "noted"
    if not valid and not notes:
        meant = {"specversion": "1.0", "type": value.TYPE, "source": "any", "id": "any", "data": written(value)}
        return None if schema.is_valid(meant) else "taken"
    return None


NOT_IN_A_SCHEMA = {NoteWhy.OUT_OF_RANGE, NoteWhy.NOT_A_TIME, "lies before data.from", explained(NoteWhy.NOT_A_TIME)}
"""What only the codec sees: an end before its beginning, and a time that RFC 3339 has and no calendar in UTC (a leap
second, an hour of the year 10000)."""


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


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=70)  # half a character is no JSON that others read
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
times = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
words = st.sampled_from(["recording", "training", "inbound", "call.objected", "1.0", "spool:a.wav", "ab" * 32])
values = st.recursive(
    leaves | times | words | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["number", "customer_id", "from_s", "to_s", "reason", "id"]) | texts, inner)
    ),
    max_leaves=6,
)


@st.composite
def mutations(draw: st.DrawFn) -> dict[str, Any]:
    """An example with up to three of its fields replaced, or taken out."""
    event = draw(st.sampled_from([read(path) for path in CALLS]))
    for _ in range(draw(st.integers(1, 3))):
        *parents, last = draw(st.sampled_from([path for path in fields(event) if path != ("time",)]))
        event = copy.deepcopy(event)
        part = event
        for name in parents:
            part = part[name]
        if draw(st.booleans()):
            part[last] = draw(values)
        else:
            del part[last]
    return event


@settings(max_examples=400)
@given(event=mutations())
def test_schema_and_codec_agree_on_whatever_is_sent(event: dict[str, Any]) -> None:
    assert disagreement(event) is None


@pytest.mark.parametrize("topic", sorted(schemas()))
def test_the_published_schema_is_what_the_model_describes(topic: str) -> None:
    """Renewed with `python -m tests.vocabularies`."""
    assert (FOLDER / f"{topic}.schema.json").read_text(encoding="utf-8") == text(schemas()[topic])
