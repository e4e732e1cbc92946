"""Members of the embedded bus that wait cost next to nothing, and what is published reaches each of them at once."""

import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from callwarden.adapters.bus.settings import SqliteBusSettings
from callwarden.adapters.bus.sqlite import SqliteBus
from callwarden.ports.bus import Delivery, Message, TopicSettings
from callwarden.wiring import SystemClock

MEMBERS = 8
TOPIC = "calls"

WAITING = """
import resource, sys, threading, time
from pathlib import Path
from tests.bus.test_waiting import MEMBERS, TOPIC, opened

bus = opened(Path(sys.argv[1]))
members = [bus.subscribe([TOPIC], group=f"group-{number}") for number in range(MEMBERS)]

def wait(seconds):
    threads = [threading.Thread(target=member.poll, kwargs={"limit": 1, "timeout_s": seconds}) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

wait(0.5)  # they join, and hear of one another
before = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
wait(2.0)
print((resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - before) / 2.0)
"""


def opened(path: Path) -> SqliteBus:
    bus = SqliteBus(SqliteBusSettings(path=path), clock=SystemClock())
    bus.ensure_topics([TopicSettings(name=TOPIC, partitions=1, retention=timedelta(days=1))])
    return bus


def test_members_that_wait_look_together_twenty_times_a_second(tmp_path: Path) -> None:
    asked = [sys.executable, "-c", WAITING, str(tmp_path / "bus.db")]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=100, check=True).stdout
    assert float(said) < MEMBERS * 20 / 2, "as often as each for itself"


def test_every_member_that_waits_gets_what_another_process_publishes(tmp_path: Path) -> None:
    mine, theirs = opened(tmp_path / "bus.db"), opened(tmp_path / "bus.db")
    members = [mine.subscribe([TOPIC], group=f"group-{number}") for number in range(MEMBERS)]
    for member in members:
        assert member.poll(limit=1, timeout_s=0.1) == ()
    got: list[tuple[float, Delivery]] = []

    def wait(number: int) -> None:
        [delivery] = members[number].poll(limit=1, timeout_s=60)
        got.append((time.monotonic(), delivery))

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(MEMBERS)]
    for thread in threads:
        thread.start()
    published = time.monotonic()
    theirs.publish([Message(topic=TOPIC, key="k", value=b"v")])
    for thread in threads:
        thread.join()
    assert [one.value for _, one in got] == [b"v"] * MEMBERS
    assert max(at for at, _ in got) - published < 20, "long before it would have looked of itself"
    for member in members:
        member.close()
    mine.close()
    theirs.close()
