"""`python -m workers STEP`: one worker, as `callwarden work STEP`."""

import sys

from workers import logs
from workers.cli import run

if __name__ == "__main__":
    logs.configure()
    sys.exit(run(["work", *sys.argv[1:]]))
