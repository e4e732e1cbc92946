"""What a worker holds: of those that share a key or a name one is under way at a time, in the order they came."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery
from callwarden.workers.processes.hands import Hands

NAMES = st.lists(st.tuples(st.sampled_from([None, b"a", b"b"]), st.frozensets(st.sampled_from("xyz"))), max_size=12)
TURNS = st.lists(st.tuples(st.sampled_from(["take", "begin", "finish", "leave"]), st.integers(0, 11)), max_size=60)


def delivery(number: int, key: bytes | None) -> Delivery:
    return Delivery(position=Position(topic="calls", partition=0, offset=number), key=key, value=b"")


@given(names=NAMES, turns=TURNS)
def test_what_shares_a_name_is_begun_one_after_another_and_everything_is_begun_once(
    names: Sequence[tuple[bytes | None, frozenset[str]]], turns: Sequence[tuple[str, int]]
) -> None:
    hands = Hands(lambda one: names[one.position.offset][1])
    coming = [delivery(number, key) for number, (key, _) in enumerate(names)]
    under_way, begun, left = list[Delivery](), list[int](), set[int]()

    def share(one: Delivery, other: Delivery) -> bool:
        same_key = one.key is not None and one.key == other.key
        return same_key or bool(names[one.position.offset][1] & names[other.position.offset][1])

    def begin() -> None:
        for one in hands.begin():
            assert not any(share(one, other) for other in under_way)
            earlier = [other for other in taken if other.position.offset < one.position.offset and share(one, other)]
            assert all(other.position.offset in {*begun, *left} for other in earlier)
            under_way.append(one)
            begun.append(one.position.offset)

    def end(what: str, number: int) -> None:
        one = under_way.pop(number % len(under_way))
        if what == "finish":
            hands.finish(one.position)
        else:
            gone = hands.leave(one)
            assert gone[0] is one
            assert all(other.key == one.key is not None for other in gone[1:])
            left.update(other.position.offset for other in gone[1:])

    taken = list[Delivery]()
    for what, number in turns:
        if what == "take" and coming:
            taken.append(coming.pop(0))
            hands.take(taken[-1])
        elif what == "begin":
            begin()
        elif under_way and what != "take":
            end(what, number)
    while hands.ready or under_way:
        begin()
        if under_way:
            end("finish", 0)
    assert len(hands) == 0
    assert sorted([*begun, *left]) == [one.position.offset for one in taken]
