"""A member that is killed: its session runs out, the others take over, and nothing is lost (I1).

On the embedded bus and on Apache Kafka; tansu shows nothing further here and needs half a session per join.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callwarden.errors import RetryableError
from callwarden.ports.bus import Subscription
from tests.support.event_bus_backends import backend_named
from tests.support.event_buses import Backend, closing, numbered, values
from tests.support.event_buses import after as next_offsets


@pytest.fixture(params=["sqlite", "kafka"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    yield from closing(backend_named(request.param, request, tmp_path))


def test_what_a_killed_member_had_not_committed_goes_to_the_others_and_nothing_else(
    backend: Backend, tmp_path: Path
) -> None:
    bus = backend.open()
    topic = backend.topic(bus, partitions=4)
    bus.publish(numbered(topic, 2000, keys=40))
    journal = tmp_path / "journal"
    journal.touch()
    # kafka-python reads its schemas by a function Python 3.11 deprecates.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "tests.support.bus_member"]
    child = subprocess.Popen([*command, backend.name, backend.address, topic, backend.group, str(journal)])
    mine: list[int] = []
    try:
        wait_until(lambda: len(entries(journal, "committed")) >= 20)
        assert child.poll() is None
        with bus.subscribe([topic], group=backend.group) as survivor:
            while len(survivor.assigned()) != 2:
                mine += work(survivor)
            child.kill()
            child.wait()
            killed_at = time.monotonic()
            while len(survivor.assigned()) != 4:
                assert time.monotonic() - killed_at < 4 * backend.session_s + 3
                mine += work(survivor)
            while bus.committed(topic, group=backend.group) != bus.end_offsets(topic):
                assert time.monotonic() - killed_at < 30
                mine += work(survivor)
    finally:
        child.kill()
        child.wait()
    assert entries(journal, "done") | set(mine) == set(range(2000))
    assert not entries(journal, "committed") & set(mine)


def work(member: Subscription) -> list[int]:
    """Poll once and commit; what was committed. What was lost to a rebalance comes again, to one or the other."""
    batch = member.poll(limit=50, timeout_s=0.1)
    try:
        member.commit(next_offsets(batch))
    except RetryableError:
        for position in reversed([delivery.position for delivery in batch]):
            member.seek(position)
        return []
    return values(batch)


def entries(journal: Path, kind: str) -> set[int]:
    words = [line.split() for line in journal.read_text().splitlines()]
    return {int(entry[1]) for entry in words if len(entry) == 2 and entry[0] == kind}


def wait_until(condition: Callable[[], bool], *, within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
