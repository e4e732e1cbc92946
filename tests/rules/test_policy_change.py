"""What a changed policy changes: every part of it shows, in codes and in words."""

import re
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from callwarden.model.log_entry import MAX_REASONS
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Policy
from callwarden.rules.policy_change import Change, changes, codes_of, statements
from callwarden.wiring import shipped_config
from tests.support.quick import policy_of

POLICY = policy_of(shipped_config() / "policy.yaml")
OTHER: dict[str, Any] = {
    "tenant": "somebody-else",
    "time_zone": policy_of(shipped_config() / "policy.yaml").time_zone.__class__("Europe/Madrid"),
    "region": "ES",
    "lines": {},
    "landing_areas": ("spool:",),
    "landing": {"spool:": timedelta(days=1), "s3://landing": timedelta(days=3)},
    "storage_regions": frozenset({"local"}),
    "quarantine": CalendarPeriod(days=1),
    "objection_within": timedelta(hours=1),
    "release_delay": timedelta(hours=1),
    "lifecycle_margin": CalendarPeriod(days=90),
    "log_retention": CalendarPeriod(months=6),
    "limits": replace(POLICY.limits, max_channels=1),
    "sweep": replace(POLICY.sweep, share=Decimal("0.5")),
    "figures": replace(POLICY.figures, callers=20),
    "unusual_reading": replace(POLICY.unusual_reading, at_least=5),
    "access": POLICY.access[1:],
    "read_timeout": timedelta(seconds=9),
    "break_glass_lasts": timedelta(hours=9),
    "case_review": CalendarPeriod(months=1),
}


@pytest.mark.parametrize("field", [one.name for one in fields(Policy) if one.name in OTHER])
def test_a_change_of_any_part_is_a_change_in_words(field: str) -> None:
    changed = changes(statements(POLICY), statements(replace(POLICY, **{field: OTHER[field]})))
    assert changed
    assert all(re.fullmatch(r"[a-z][a-z0-9_.-]{0,47}", one.code) for one in changed), "or no log entry takes it"


def test_the_same_policy_changes_nothing() -> None:
    assert changes(statements(POLICY), statements(POLICY)) == []


def test_a_change_says_what_was_and_what_is() -> None:
    shorter = replace(POLICY, log_retention=CalendarPeriod(months=6))
    [change] = changes(statements(POLICY), statements(shorter))
    assert change == Change(
        code="log_retention",
        was="a month of the access log is kept 1 year once it is over",
        now="a month of the access log is kept 6 months once it is over",
    )


def test_an_entry_takes_no_more_codes_than_it_has_room_for() -> None:
    many = [Change(code=f"c{number}", was=None, now="x") for number in range(40)]
    assert len(codes_of(many)) == MAX_REASONS
    assert codes_of(many)[-1] == "more"
    assert codes_of([]) == ("in_detail",)
