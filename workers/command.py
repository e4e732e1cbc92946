"""The console script `callwarden`: what is asked every few seconds is answered before anything heavy is loaded."""

import atexit
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
    """End the process at once: what was asked for is done and closed. To take apart all that was loaded costs a quarter
    of a short command, and a thread still at something that was given back would hold up the end for nothing."""
    if threading.active_count() == 1:
        atexit._run_exitfuncs()  # noqa: SLF001 -- as the interpreter itself does first
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:  # a full disk, or a reader that went away: not all of it is written
            code = code or 1
    os._exit(code)


if __name__ == "__main__":
    main()
