"""`python -m workers STEP`: one worker, as `callwarden work STEP`."""

import sys

from workers.cli import run

if __name__ == "__main__":
    sys.exit(run(["work", *sys.argv[1:]]))
