"""Sharing partitions among the members of a group."""

from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.bus.assignment import assign

partitions = st.lists(st.integers(0, 30), unique=True, max_size=16)
members = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)


@given(partitions, members, st.dictionaries(st.integers(0, 40), st.sampled_from("abcdefxyz")))
def test_every_partition_has_one_living_owner_and_loads_differ_by_one_at_most(
    every: list[int], living: list[str], current: dict[int, str]
) -> None:
    owners = assign(every, dict.fromkeys(living, frozenset(every)), current)
    assert owners.keys() == (set(every) if living else set())
    loads = [list(owners.values()).count(member) for member in living]
    assert not loads or max(loads) - min(loads) <= 1


@given(partitions, members)
def test_what_is_shared_already_stays_where_it_is(every: list[int], living: list[str]) -> None:
    readable = dict.fromkeys(living, frozenset(every))
    once = assign(every, readable, {})
    assert assign(every, readable, once) == once


@given(partitions, st.lists(st.sampled_from("abcde"), unique=True, min_size=1))
def test_a_newcomer_moves_no_more_than_its_share(every: list[int], living: list[str]) -> None:
    before = assign(every, dict.fromkeys(living, frozenset(every)), {})
    after = assign(every, dict.fromkeys([*living, "new"], frozenset(every)), before)
    moved = {partition for partition in every if before[partition] != after[partition]}
    assert moved == {partition for partition, owner in after.items() if owner == "new"}
    assert len(moved) <= -(-len(every) // (len(living) + 1))


@given(partitions, st.dictionaries(st.sampled_from("abc"), st.frozensets(st.integers(0, 30)), min_size=1))
def test_nobody_gets_what_it_does_not_subscribe_to(every: list[int], readable: dict[str, frozenset[int]]) -> None:
    owners = assign(every, readable, {})
    assert all(partition in readable[owner] for partition, owner in owners.items())
    assert owners.keys() == {p for p in every if any(p in readers for readers in readable.values())}
