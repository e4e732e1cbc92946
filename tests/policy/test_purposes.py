"""Calls are used for seven purposes and for nothing else (U1)."""

from pathlib import Path

import pytest

from callwarden.adapters.policy.file import load_policy
from callwarden.errors import ConfigurationError
from callwarden.model.purpose import OBJECTABLE, RECORDING, Purpose
from callwarden.wiring import shipped_config


def test_the_purposes_are_these_seven() -> None:
    """U1"""
    assert {purpose.value for purpose in Purpose} == {
        "training",
        "quality",
        "dispute",
        "staff_protection",
        "ai_experiment",
        "rights_request",
        "fraud_control",
    }


def test_every_purpose_can_be_objected_to_and_recording_itself() -> None:
    """R4"""
    assert {RECORDING, *(purpose.value for purpose in Purpose)} == OBJECTABLE


def test_a_policy_cannot_invent_a_purpose(tmp_path: Path) -> None:
    """U1"""
    text = (shipped_config() / "policy.yaml").read_text()
    invented = tmp_path / "policy.yaml"
    invented.write_text(text.replace("purposes: [training, quality]", "purposes: [training, marketing]", 1))
    assert invented.read_text() != text
    with pytest.raises(ConfigurationError, match=r"(?s)line \d+.*purposes"):
        load_policy(invented)
