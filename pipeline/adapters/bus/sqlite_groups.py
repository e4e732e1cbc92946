"""Consumer groups of the embedded bus: members, their leases, and who holds which partition.

Every function runs inside a transaction the caller has opened with the write lock. A member lives while it
renews its lease; a partition that is to move is given up by its holder at the holder's next poll (so that
the work in hand can still be committed), or taken at once when the holder has left or its lease ran out.
The `owner` column is the fence: only the owner commits.
"""

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callwarden.adapters.bus.assignment import assign
from callwarden.errors import InvariantError, RetryableError
from callwarden.ports.bus import TopicPartition


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One subscription, as its group sees it. `timeout_s`: how long it may go without renewing its lease."""

    id: str
    group: str
    topics: tuple[str, ...]
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a member stands after a beat. `joined`: it was new, or its lease had run out, so that whatever
    it held before may have been read by others meanwhile."""

    joined: bool
    generation: int
    held: Mapping[int, TopicPartition]


def beat(db: sqlite3.Connection, member: Member) -> Standing:
    """Renew the lease (joining where there is none) and give up what others are to have."""
    now = time.monotonic()  # the same for every process of the machine, and read under the lock, so it is in order
    renewed = db.execute(
        "UPDATE members SET seen = ? WHERE id = ? AND grp = ?", (now, member.id, member.group)
    ).rowcount
    if not renewed:
        db.execute(
            "INSERT INTO members (id, grp, topics, timeout_s, seen) VALUES (?, ?, ?, ?, ?)",
            (member.id, member.group, json.dumps(member.topics), member.timeout_s, now),
        )
    given_up = db.execute(
        "UPDATE claims SET owner = wanted WHERE grp = ? AND owner = ? AND wanted <> owner",
        (member.group, member.id),
    ).rowcount
    generation_now = rebalance(db, member.group, changed=bool(given_up))
    rows = db.execute(
        "SELECT slot, topic, partition FROM claims JOIN slots USING (slot) WHERE grp = ? AND owner = ? ORDER BY slot",
        (member.group, member.id),
    )
    held = {slot: TopicPartition(topic=topic, partition=partition) for slot, topic, partition in rows}
    return Standing(joined=not renewed, generation=generation_now, held=held)


def renew(db: sqlite3.Connection, members: Sequence[str]) -> None:
    """Renew leases from beside the polling threads. One that has run out stays so, until its member polls."""
    now = time.monotonic()
    db.executemany("UPDATE members SET seen = ? WHERE id = ?", [(now, member) for member in members])


def leave(db: sqlite3.Connection, member: Member) -> None:
    """End the membership; what it held goes to the others at once."""
    db.execute("DELETE FROM members WHERE id = ?", (member.id,))
    rebalance(db, member.group)


def generation(db: sqlite3.Connection, group: str) -> int:
    """Changes whenever any claim of the group does; 0 before the first."""
    row = db.execute("SELECT generation FROM groups WHERE name = ?", (group,)).fetchone()
    return row[0] if row else 0


def rebalance(db: sqlite3.Connection, group: str, *, changed: bool = False) -> int:
    """Expire members, share the partitions among the living, and return the group's generation."""
    # A `seen` in the future is from before a restart of the machine: the monotonic clock starts again.
    db.execute("DELETE FROM members WHERE grp = ? AND abs(? - seen) > timeout_s", (group, time.monotonic()))
    topics_of = {
        member: frozenset(json.loads(topics))
        for member, topics in db.execute("SELECT id, topics FROM members WHERE grp = ? ORDER BY joined", (group,))
    }
    topic_of = dict(db.execute("SELECT slot, topic FROM slots ORDER BY topic, partition").fetchall())
    claims = {
        slot: (owner, wanted)
        for slot, owner, wanted in db.execute("SELECT slot, owner, wanted FROM claims WHERE grp = ?", (group,))
    }
    readable = {
        member: frozenset(slot for slot, topic in topic_of.items() if topic in topics)
        for member, topics in topics_of.items()
    }
    target = assign(list(topic_of), readable, {slot: owner for slot, (owner, _) in claims.items()})
    wanted_now = {
        slot: (claims[slot][0] if slot in claims and claims[slot][0] in topics_of else to, to)
        for slot, to in target.items()
    }
    if wanted_now != claims:
        changed = True
        gone = [(group, slot) for slot in claims.keys() - wanted_now.keys()]
        db.executemany("DELETE FROM claims WHERE grp = ? AND slot = ?", gone)
        db.executemany(
            "INSERT OR REPLACE INTO claims (grp, slot, owner, wanted) VALUES (?, ?, ?, ?)",
            [(group, slot, *pair) for slot, pair in wanted_now.items() if claims.get(slot) != pair],
        )
    if changed:
        db.execute(
            "INSERT INTO groups VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET generation = generation + 1",
            (group,),
        )
    return generation(db, group)


def committed(db: sqlite3.Connection, group: str, slots: Sequence[int]) -> dict[int, int]:
    """The group's next offset of each slot; 0 where it never committed."""
    known = dict(db.execute("SELECT slot, next_offset FROM offsets WHERE grp = ?", (group,)).fetchall())
    return {slot: known.get(slot, 0) for slot in slots}


def commit(db: sqlite3.Connection, member: Member, next_offsets: Mapping[TopicPartition, int]) -> None:
    """Write the offsets, or raise and write none."""
    for place, offset in next_offsets.items():
        row = db.execute(
            "SELECT slot, end_offset, owner, next_offset FROM slots"
            " LEFT JOIN claims USING (slot) LEFT JOIN offsets USING (slot, grp)"
            " WHERE topic = ? AND partition = ? AND grp = ?",
            (place.topic, place.partition, member.group),
        ).fetchone()
        where = f"{place.topic}[{place.partition}]"
        if row is None or row[2] != member.id:
            raise RetryableError(f"commit of {where}: the partition now belongs to another member of {member.group}")
        slot, end, _, before = row
        if offset > end:
            raise InvariantError(f"commit of {where}: offset {offset} lies beyond the end, {end}")
        if offset < (before or 0):
            raise RetryableError(f"commit of {where}: {member.group} is already at {before}, past {offset}")
        db.execute("INSERT OR REPLACE INTO offsets VALUES (?, ?, ?)", (member.group, slot, offset))
