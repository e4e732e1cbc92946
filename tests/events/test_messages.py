"""Messages of ours: each topic once, its bytes read back to an equal value, and nothing of a wrong one told."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from callwarden.errors import InvalidMessageError
from callwarden.messages import MESSAGES, READERS, HoldsChanged, InternalMessage, RecordingStored, decode, encode
from callwarden.steps.holds import Holds
from callwarden.steps.objections import Objections
from callwarden.steps.redact.step import Redact
from callwarden.steps.transcribe import Transcribe
from callwarden.steps.webhooks import Webhooks
from tests.topic_schemas import FOLDER, schemas

EXAMPLES = FOLDER / "examples"


def example(kind: type[InternalMessage]) -> Path:
    """The one example that is of this kind."""
    [found] = [path for path in EXAMPLES.glob(f"{kind.topic}*.json") if is_one(kind, path)]
    return found


def is_one(kind: type[InternalMessage], path: Path) -> bool:
    try:
        return decode(kind, path.read_bytes()) is not None
    except InvalidMessageError:
        return False


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_every_message_has_an_example_that_is_read_and_written_again(kind: type[InternalMessage]) -> None:
    value = example(kind).read_bytes()
    message = decode(kind, value)
    assert decode(kind, encode(message)) == message
    assert json.loads(encode(message)) == json.loads(value)
    assert message.key


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_what_is_written_keeps_to_the_published_schema(kind: type[InternalMessage]) -> None:
    message = decode(kind, example(kind).read_bytes())
    schema = Draft202012Validator(schemas()[kind.topic], format_checker=FormatChecker())
    schema.validate(json.loads(encode(message)))


@pytest.mark.parametrize(
    "value",
    [b"", b"null", b"[]", b"\xff", b"{}", b'{"recording_id": 7}', b'{"recording_id": "SECRET-4711"}'],
)
def test_a_message_that_is_none_of_ours_is_refused_without_a_word_of_it(value: bytes) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        decode(HoldsChanged, value)
    assert caught.value.reason == "not_an_event"
    assert "SECRET" not in str(caught.value)


def test_a_message_of_a_newer_release_may_say_more() -> None:
    """While the members of a group are updated one by one, the older ones read what the newer ones write."""
    said = json.loads(example(RecordingStored).read_bytes())
    assert decode(RecordingStored, json.dumps({**said, "more": 1}).encode()) == decode(
        RecordingStored, json.dumps(said).encode()
    )


def test_the_groups_that_read_a_topic_are_the_steps_that_do() -> None:
    """Else `reconcile` watches for messages nobody reads, or does not see that some were deleted unread (I1)."""
    read = {(topic, step.group) for step in (Holds, Objections, Redact, Transcribe, Webhooks) for topic in step.topics}
    assert read - {("telephony.calls", "objections")} == {
        (topic, group) for topic, groups in READERS.items() for group in groups
    }
