"""A member of a consumer group in a process of its own, to be killed: `python -m tests.support.bus_member
BUS WHERE TOPIC GROUP JOURNAL`. Its journal has a line "done N" for each message it has worked on, and one
"committed N" once the commit has returned."""

import sys
import time
from pathlib import Path

from callwarden.adapters.bus.kafka import KafkaBus
from callwarden.adapters.bus.sqlite import SqliteBus
from callwarden.errors import RetryableError
from callwarden.ports.bus import EventBus
from tests.support.event_bus_backends import kafka_settings, sqlite_settings
from tests.support.event_buses import SystemClock, after


def bus_at(kind: str, where: str) -> EventBus:
    if kind == "sqlite":
        return SqliteBus(sqlite_settings(Path(where)), clock=SystemClock())
    return KafkaBus(kafka_settings(kind, where))


def main(kind: str, where: str, topic: str, group: str, journal: str) -> None:
    with (
        Path(journal).open("a", buffering=1) as lines,
        bus_at(kind, where).subscribe([topic], group=group) as member,
    ):
        while True:
            batch = member.poll(limit=3, timeout_s=0.1)
            time.sleep(0.02)  # the work: killed in it as often as not
            lines.writelines(f"done {delivery.value.decode()}\n" for delivery in batch)
            try:
                member.commit(after(batch))
            except RetryableError:
                continue
            lines.writelines(f"committed {delivery.value.decode()}\n" for delivery in batch)


if __name__ == "__main__":
    main(*sys.argv[1:])
