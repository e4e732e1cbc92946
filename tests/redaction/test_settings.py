"""The redaction policy file: read whole or refused with line and field."""

from pathlib import Path

import pytest

from callwarden.errors import ConfigurationError
from callwarden.model.redaction import RedactionPolicy, SpanType
from callwarden.redaction.policy_file import load_redaction_policy

SHIPPED = Path(__file__).parents[2] / "config" / "redaction.yaml"


def test_the_shipped_policy_redacts_all_but_plain_dates(policy: RedactionPolicy) -> None:
    assert policy.redact == frozenset(SpanType) - {SpanType.DATE}
    assert policy.threshold(SpanType.PERSON) == policy.default_threshold
    assert (policy.padding_s, policy.merge_gap_s, policy.doubtful_below) == (0.15, 0.5, 0.4)
    assert policy.sound == "tone"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("doubtful_below: 0.4", "doubtful_below: 4", r":\d+: audio.doubtful_below"),
        ("sound: tone", "sound: music", r":\d+: audio.sound"),
        ("padding_s: 0.15", "padding: 0.15", r":\d+: audio.padding: Extra inputs"),
        ("  - PERSON\n", "  - PERSONS\n", r":17: redact.0"),
        ("default_threshold: 0.5", "default_threshold: high", r":\d+: default_threshold"),
        ("time_budget_s: 30", "time_budget_s: 0", r":\d+: time_budget_s"),
        ("learned: true", "learned: perhaps", r":\d+: learned"),
        ("language: fr", "language: de", r"models names no model"),
        ('version: "5"', "version: [", r"not YAML"),
    ],
)
def test_a_wrong_value_is_refused_with_line_and_field(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "redaction.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=complaint):
        load_redaction_policy(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent.yaml: cannot be read"):
        load_redaction_policy(tmp_path / "absent.yaml")
