"""`python -m callwarden.workers.web`: as `callwarden work web`, until standard input ends; so it ends with whatever
started it, however that ended."""

import os
import sys
from threading import Event, Thread

from callwarden.errors import CallwardenError
from callwarden.settings import load_settings
from callwarden.wiring import open_system
from callwarden.workers.cli.faults import fault_of, print_fault
from callwarden.workers.command import leave
from callwarden.workers.processes import logs
from callwarden.workers.processes.service import serve


def _main() -> int:
    stop = Event()

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 64):
            pass
        stop.set()

    Thread(target=wait, name="parent", daemon=True).start()
    try:
        with open_system(load_settings()) as system:
            serve(system, ("web",), stop=stop, watched=False)  # the workers it runs beside answer there
    except CallwardenError as error:
        fault = fault_of(error)
        print_fault(fault, as_json=False)
        return fault.exit_code
    return 0


if __name__ == "__main__":
    logs.configure(logs.level_in_force())
    leave(_main())
