"""No combination of metadata stands for fewer callers than an experiment asks for (U5)."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycanon import anonymity

from callwarden.rules.rare_metadata import NOT_TOLD, STEPS, Facts, Generalised, Told, generalise

COLUMNS = ["line", "period", "duration"]


@st.composite
def many_facts(draw: st.DrawFn) -> list[Facts]:
    callers, agents = st.sampled_from([None, *"abcdefgh"]), st.sampled_from([None, *"uvwxyz"])
    with_agents = draw(st.booleans())
    return [
        Facts(
            item=f"item-{number}",
            persons=(draw(callers), draw(agents)) if with_agents else (draw(callers),),
            line=draw(st.sampled_from(["customer-service", "monitoring-centre"])),
            day=draw(st.none() | st.dates(date(2025, 11, 1), date(2026, 4, 30))),
            duration_s=draw(st.floats(0, 4000)),
        )
        for number in range(draw(st.integers(0, 40)))
    ]


def groups(facts: list[Facts], made: Generalised) -> dict[Told, int]:
    """Of each group how many callers, or agents where those are told and fewer."""
    found: defaultdict[Told, list[tuple[str | None, ...]]] = defaultdict(list)
    for one in facts:
        found[made.told[one.item]].append(one.persons)
    return {told: fewest(those) for told, those in found.items()}


def fewest(persons: list[tuple[str | None, ...]]) -> int:
    return min(len({one[place] for one in persons}) for place in range(len(persons[0]))) if persons else 0


@given(many_facts(), st.integers(2, 6))
@settings(max_examples=60)
def test_every_group_has_k_callers_and_agents_or_nothing_is_told_of_anybody(facts: list[Facts], k: int) -> None:
    made = generalise(facts, k=k)
    assert set(made.told) == {one.item for one in facts}
    sizes = groups(facts, made)
    if fewest([one.persons for one in facts]) < k:
        assert set(sizes) <= {Told(line=NOT_TOLD, period=NOT_TOLD, duration=NOT_TOLD)}
    else:
        assert all(size >= k for size in sizes.values())
    assert made.smallest == min(sizes.values(), default=0)
    assert sum(made.steps.values()) == len(facts)


def test_an_independent_judge_finds_k() -> None:
    facts = [
        Facts(
            item=f"item-{number}",
            persons=(f"caller-{number}",),
            line="monitoring-centre" if number % 9 == 0 else "customer-service",
            day=date(2026, 1, 1) + timedelta(days=number % 100),
            duration_s=number * 37 % 1500,
        )
        for number in range(200)
    ]
    made = generalise(facts, k=5)
    frame = pd.DataFrame([[getattr(made.told[one.item], name) for name in COLUMNS] for one in facts])
    frame.columns = COLUMNS
    assert anonymity.k_anonymity(frame, COLUMNS) >= 5
    told_as_it_is = pd.DataFrame([[one.line, str(one.day), one.duration_s] for one in facts], columns=COLUMNS)
    assert anonymity.k_anonymity(told_as_it_is, COLUMNS) == 1


def test_only_what_is_rare_is_described_more_coarsely() -> None:
    usual = [
        Facts(item=f"item-{n}", persons=(f"p{n}",), line="customer-service", day=date(2026, 3, 4), duration_s=45)
        for n in range(5)
    ]
    rare = Facts(item="rare", persons=("r",), line="monitoring-centre", day=date(2025, 7, 1), duration_s=45)
    alone = Facts(item="alone", persons=("s",), line="customer-service", day=date(2026, 3, 20), duration_s=45)
    made = generalise([*usual, rare, alone], k=5)
    assert made.told["item-0"].line == NOT_TOLD, "the rare ones alone would still be two: others stand beside them"
    without = generalise(usual, k=5)
    assert without.told["item-0"] == Told(line="customer-service", period="2026-W10", duration="30 to 60 s")
    assert without.steps == Counter({STEPS[0]: 5})


def test_calls_of_one_caller_do_not_hide_them() -> None:
    facts = [
        Facts(item=f"item-{n}", persons=("one",), line="customer-service", day=date(2026, 3, 4), duration_s=45)
        for n in range(30)
    ]
    assert generalise(facts, k=2).told["item-3"].period == NOT_TOLD


def test_an_agent_who_alone_took_calls_of_a_week_is_not_told_by_that_week_where_agents_are_told() -> None:
    def facts(*, with_agents: bool) -> list[Facts]:
        return [
            Facts(
                item=f"item-{n}",
                persons=(f"p{n}", "alone" if n < 10 else f"a{n % 5}")[: 1 + with_agents],
                line="customer-service",
                day=date(2026, 3, 4 if n < 10 else 11),
                duration_s=45,
            )
            for n in range(20)
        ]

    assert generalise(facts(with_agents=False), k=5).told["item-3"].period == "2026-W10"
    assert generalise(facts(with_agents=True), k=5).told["item-3"].period == NOT_TOLD


@pytest.mark.parametrize("k", [1, 0, -3])
def test_a_group_of_one_protects_nobody(k: int) -> None:
    with pytest.raises(ValueError, match="2 or more"):
        generalise([], k=k)
