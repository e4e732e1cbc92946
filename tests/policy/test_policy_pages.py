"""The pages people read are complete: every key of the policy, every reason code."""

import re
from enum import StrEnum
from pathlib import Path

import pytest
from pydantic import BaseModel

from callwarden.adapters.policy.shapes import GrantShape, LimitsShape, LineShape, PolicyShape
from callwarden.datasets.applying import ApplyRefusal
from callwarden.model.access import Readable, Role
from callwarden.model.outcome import Outcome, Reason
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Untranscribed
from callwarden.rules.disposal import KeptBecause
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.sessions import SignInRefusal

DOCS = Path(__file__).parents[2] / "docs"


def section(page: str, heading: str) -> str:
    """The text under a heading, up to the next one of the same rank."""
    text = (DOCS / page).read_text(encoding="utf-8")
    rank = heading.split()[0]
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"{page} has no heading {heading}"
    return re.split(rf"\n#{{1,{len(rank)}}} ", rest)[0]


def keys(text: str) -> set[str]:
    """The codes in the first column of the tables."""
    return set(re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "vocabulary"),
    [
        ("## Why a reading is refused", ReadRefusal),
        ("## Why a recording is not destroyed yet", KeptBecause),
        ("## Why a recording has no transcript", Untranscribed),
        ("## Why somebody is not let in", SignInRefusal),
        ("## Why revocations are not applied", ApplyRefusal),
    ],
)
def test_every_reason_of_a_decision_is_documented_and_no_other(heading: str, vocabulary: type[StrEnum]) -> None:
    assert keys(section("reasons.md", heading)) == {str(code) for code in vocabulary}


def test_every_outcome_and_every_reason_of_an_event_is_documented_and_no_other() -> None:
    outcomes = section("reasons.md", "## What became of an event")
    assert keys(outcomes) == {str(code) for code in (*Outcome, *Reason)}
    assert keys(outcomes.split("\n### ")[0]) == {str(code) for code in Outcome}


@pytest.mark.parametrize(
    ("heading", "shape"),
    [
        ("## General keys", PolicyShape),
        ("## A line (`lines`)", LineShape),
        ("## Limits (`limits`)", LimitsShape),
        ("## Access (`access`)", GrantShape),
    ],
)
def test_every_key_of_the_policy_file_is_explained_and_no_other(heading: str, shape: type[BaseModel]) -> None:
    assert keys(section("policy.md", heading)) == set(shape.model_fields)


def test_every_word_of_the_access_matrix_is_named() -> None:
    text = section("policy.md", "## Access (`access`)")
    for word in (*Role, *Purpose, *Readable):
        assert f"`{word}`" in text
