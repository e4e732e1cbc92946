"""`python -m callwarden.workers STEP`: one worker, as `callwarden work STEP`."""

import sys

from callwarden.workers.cli import run
from callwarden.workers.command import leave
from callwarden.workers.processes import logs

if __name__ == "__main__":
    logs.configure(logs.level_in_force())
    leave(run(["work", *sys.argv[1:]]))
