"""A process whose ingest takes ten minutes a call: `python -m tests.workers.slow_worker HOME`."""

import sys
import time
from pathlib import Path

from callwarden.settings import Settings
from callwarden.wiring import open_system
from callwarden.workers.command import leave
from callwarden.workers.processes import logs
from callwarden.workers.processes.service import serve
from tests.workers.echo import Echo


def main() -> None:
    home = Path(sys.argv[1])

    def listening(phase: str, _value: str) -> None:
        if phase == "carry_out":
            (home / "listening").touch()
            time.sleep(600)

    logs.configure()
    with open_system(Settings(home=home, session_timeout_s=1, partitions=2)) as system:
        system.stand_in(ingest=Echo(wrong=listening, topics=("telephony.calls",), group="ingest"))
        serve(system, ["ingest"])
    leave(0)


if __name__ == "__main__":
    main()
