"""`python -m workers STEP`: one worker, as `callwarden work STEP`."""

import sys

from workers import logs
from workers.cli import run
from workers.command import leave

if __name__ == "__main__":
    logs.configure(logs.level_in_force())
    leave(run(["work", *sys.argv[1:]]))
