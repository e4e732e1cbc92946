"""Who in a consumer group reads which partition. Pure: the same answer in every process."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

P = TypeVar("P", bound=Hashable)


def assign(
    partitions: Sequence[P],
    members: Mapping[str, frozenset[P]],
    current: Mapping[P, str],
) -> dict[P, str]:
    """One owner for each partition that some member may read, and loads as equal as that allows.

    `members` maps each member to the partitions it may read, in the order in which they joined. `current`
    is the assignment until now: as little as possible moves, because whatever moves is worked on twice.
    Partitions nobody may read are absent from the answer.
    """
    owner: dict[P, str] = {}
    load = dict.fromkeys(members, 0)
    for partition in partitions:
        holder = current.get(partition)
        if holder is not None and partition in members.get(holder, frozenset()):
            owner[partition] = holder
            load[holder] += 1
    for partition in partitions:
        if partition in owner:
            continue
        able = [member for member, readable in members.items() if partition in readable]
        if able:
            chosen = min(able, key=load.__getitem__)
            owner[partition] = chosen
            load[chosen] += 1
    while (move := _levelling_move(partitions, members, owner, load)) is not None:
        partition, to = move
        load[owner[partition]] -= 1
        load[to] += 1
        owner[partition] = to
    return owner


def _levelling_move(
    partitions: Sequence[P],
    members: Mapping[str, frozenset[P]],
    owner: Mapping[P, str],
    load: Mapping[str, int],
) -> tuple[P, str] | None:
    """A partition to take from a fuller member for one with at least two fewer; None when there is none."""
    for taker in sorted(members, key=load.__getitem__):
        givers = [m for m in sorted(members, key=load.__getitem__, reverse=True) if load[m] - load[taker] >= 2]
        for giver in givers:
            for partition in reversed(partitions):
                if owner.get(partition) == giver and partition in members[taker]:
                    return partition, taker
    return None
