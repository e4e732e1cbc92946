"""A process of its own for the tests of the log's writer: it works until it is killed, or until its disk is full."""

import resource
import signal
import sys
import threading
from itertools import count
from pathlib import Path

from callwarden.accesslog.book.staging import open_log_writer
from callwarden.adapters.sql.catalogue import open_catalogue
from callwarden.ports.log import LogUnavailableError
from tests.support.log_builder import an_entry
from tests.support.seals import SEALS
from tests.support.sql_log import opened_log


def work(database: str, outside: str) -> None:
    """Four writers that print what was acknowledged, and a sequencer that signs all the time."""
    with opened_log(f"sqlite:///{database}", Path(outside)) as log:
        writer, numbers = log.writer(timeout_s=30), count()

        def write() -> None:
            for number in numbers:
                sys.stdout.write(writer.append(an_entry(number)) + "\n")
                sys.stdout.flush()

        for _ in range(4):
            threading.Thread(target=write, daemon=True).start()
        with log.sequencer(batch=20) as sequencer:
            while True:
                sequencer.sequence()
                sequencer.checkpoint()


def full(database: str) -> None:
    """Write until no byte more may be written; then get room again. Prints: written, what came, the last id."""
    catalogue = open_catalogue(f"sqlite:///{database}", seals=SEALS)
    writer = open_log_writer(catalogue.engine)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = max(Path(f"{database}{end}").stat().st_size for end in ("", "-wal"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 200_000, hard))
    written = 0
    try:
        for number in range(100_000):
            writer.append(an_entry(number))
            written += 1
        print(written, "never", "refused")
    except LogUnavailableError:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        print(written, "refused", writer.append(an_entry(100_000)))
    writer.close()
    catalogue.close()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["work", database, outside]:
            work(database, outside)
        case ["full", database]:
            full(database)
