"""One finder for all tests of this folder: loading the language model takes seconds."""

from dataclasses import replace
from pathlib import Path

import pytest

from callwarden.model.redaction import RedactionPolicy
from callwarden.redaction import build_finder
from callwarden.redaction.finder import PresidioFinder
from callwarden.redaction.policy_file import load_redaction_policy

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def policy() -> RedactionPolicy:
    return load_redaction_policy(ROOT / "config" / "redaction.yaml")


@pytest.fixture(scope="session")
def finder(policy: RedactionPolicy) -> PresidioFinder:
    return build_finder(replace(policy, time_budget_s=600))  # a busy machine is slow, not wrong
