"""The bodies of webhooks are what config/webhooks says."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from callwarden.model.form_reading import Wrong, object_reader
from callwarden.model.form_writing import written
from callwarden.model.webhook import CallNotice, Told, TrialNotice
from tests.topic_schemas import NOTICE, notice_schema, text

EXAMPLES = sorted((NOTICE.parent / "examples").glob("*.json"))
SCHEMA = Draft202012Validator(json.loads(NOTICE.read_text(encoding="utf-8")), format_checker=FormatChecker())


def test_the_schema_is_up_to_date() -> None:
    """Renewed with `python -m tests.vocabularies`."""
    assert NOTICE.read_text(encoding="utf-8") == text(notice_schema())


def test_each_notice_has_an_example() -> None:
    assert {path.stem for path in EXAMPLES} == {f"call.{told}" for told in Told} | {"webhook.test"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_keeps_to_the_schema_and_is_read_and_written_again(path: Path) -> None:
    said = json.loads(path.read_text(encoding="utf-8"))
    SCHEMA.validate(said)
    kind = TrialNotice if said["type"] == "webhook.test" else CallNotice
    wrong: list[Wrong] = []
    fields = object_reader(kind).read(said, wrong)
    assert fields is not None
    assert wrong == []
    assert json.loads(json.dumps(written(kind(**fields)))) == said


@pytest.mark.parametrize("more", ["text", "caller", "number"])
def test_nothing_else_has_room_in_a_notice(more: str) -> None:
    said = json.loads((NOTICE.parent / "examples" / "call.stored.json").read_text(encoding="utf-8"))
    said["data"][more] = "+33639980001"
    assert not SCHEMA.is_valid(said)
