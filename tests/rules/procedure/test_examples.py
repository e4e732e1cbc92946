"""Periods of appeal against examples computed by hand from the articles, without sight of the code (K3).

`examples.jsonl`: one example a line, its input as ``callwarden hold procedure try`` takes it. Where the law leaves room
the example is ``debatable``: it says why, and the answer has to lie within what can be defended; never before it.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from callwarden.adapters.french_holidays import FrenchHolidays
from callwarden.adapters.policy.procedure_file import load_procedure
from callwarden.model.matter_reading import read_matter
from callwarden.model.procedure import Standing
from callwarden.rules.procedure import Procedure
from callwarden.shipped import shipped_config

LINES = (Path(__file__).parent / "examples.jsonl").read_text(encoding="utf-8").splitlines()
EXAMPLES: dict[str, dict[str, Any]] = {one["name"]: one for one in map(json.loads, LINES)}
SETTLED = [name for name, one in EXAMPLES.items() if not one.get("debatable")]
DEBATABLE = [name for name, one in EXAMPLES.items() if one.get("debatable")]
LAST = date.max


PROCEDURE = Procedure(rules=load_procedure(shipped_config() / "procedure.yaml"), holidays=FrenchHolidays())


def answer(name: str) -> Standing:
    return PROCEDURE.standing(read_matter(json.dumps(EXAMPLES[name]["input"])))


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def test_there_are_enough_examples_each_with_its_article_and_its_reason() -> None:
    assert len(EXAMPLES) == len(LINES) >= 60
    assert all(one["source"] and one["why"] for one in EXAMPLES.values())
    assert all(EXAMPLES[name]["reason"] for name in DEBATABLE)


@pytest.mark.parametrize("name", SETTLED)
def test_the_last_day_is_the_one_computed_by_hand(name: str) -> None:
    expected, found = EXAMPLES[name]["expected"], answer(name)
    assert found.exhausted_on == day(expected["exhausted_on"]), EXAMPLES[name]["why"]
    assert bool(found.waiting_for) is expected["waiting"]
    for way in expected.get("ways", ()):
        by_article = [one for one in found.ways if way.get("article", "\0") in one.article]
        by_party = [one for one in found.ways if (one.party, one.way) == (way.get("party"), way.get("way"))]
        assert day(way["last_day"]) in {one.last_day for one in by_article or by_party}, EXAMPLES[name]["why"]


@pytest.mark.parametrize("name", DEBATABLE)
def test_where_the_law_leaves_room_no_day_is_earlier_than_can_be_defended(name: str) -> None:
    expected, found = EXAMPLES[name]["expected"], answer(name)
    last = found.exhausted_on
    if "way" in expected:
        wanted = expected["way"]
        [last] = [one.last_day for one in found.ways if (one.party, one.way) == (wanted["party"], wanted["way"])]
    if last is None:
        assert expected.get("may_wait"), EXAMPLES[name]["reason"]
        assert found.waiting_for
    else:
        assert (day(expected.get("not_before")) or date.min) <= last <= (day(expected.get("at_latest")) or LAST)
