"""The console script `callwarden`: what is asked every few seconds is answered before anything heavy is loaded."""

import os
import sys
import threading
from typing import NoReturn


def main() -> None:
    """Run the command line, and end."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["health"]:
        from callwarden.workers.processes import health

        sys.exit(health.main(arguments[1:]))
    from callwarden.workers import cli

    if cli.named(arguments):
        from callwarden.workers.processes import logs

        logs.configure(logs.level_in_force())
    leave(cli.run(arguments))


def leave(code: int) -> NoReturn:
    """End the process, also where a thread is still at something that was given back: it would hold up the end for as
    long as that takes, and whatever it did would be for nothing."""
    if threading.active_count() > 1:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
