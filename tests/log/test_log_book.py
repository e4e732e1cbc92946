"""The sequencer as a service, and a checkpoint on demand beside it (L2)."""

import threading
import time
from pathlib import Path

import pytest

from callwarden.accesslog.book.book import SqlLogBook
from callwarden.accesslog.places.directory import CheckpointDirectory
from callwarden.errors import RetryableError
from tests.support.sql_log import SqlLog


def test_a_running_sequencer_serves_a_checkpoint_on_demand(log: SqlLog) -> None:
    book, stop = log.book(), threading.Event()
    service = threading.Thread(
        target=book.run, args=(stop,), kwargs={"checkpoint_every_s": 3600, "sequence_every_s": 0.02}
    )
    service.start()
    try:
        _wait_until_it_runs(book)
        log.stage(10)
        state = book.checkpoint(wait_s=10)
        assert (state.anchored, state.unanchored_since) == (10, None)
    finally:
        stop.set()
        service.join()
    log.stage(5)
    assert book.checkpoint(wait_s=0).anchored == 15
    assert book.verify().ok


def _wait_until_it_runs(book: SqlLogBook) -> None:
    end = time.monotonic() + 10
    while not book.outside():  # the first thing it does is to sign the empty log
        if time.monotonic() > end:
            pytest.fail("the service signed nothing")
        time.sleep(0.01)


def test_what_was_written_before_the_stop_is_anchored_by_the_stop(log: SqlLog) -> None:
    book, stop = log.book(), threading.Event()
    log.stage(3)
    stop.set()
    book.run(stop, checkpoint_every_s=60)
    assert log.reader.status().anchored == 3


def test_an_outage_of_the_place_ends_neither_the_service_nor_the_numbering(
    embedded_log: SqlLog, tmp_path: Path
) -> None:
    log = embedded_log
    book, stop = log.book(), threading.Event()
    service = threading.Thread(
        target=book.run, args=(stop,), kwargs={"checkpoint_every_s": 0.05, "sequence_every_s": 0.02}
    )
    service.start()
    try:
        _wait_until_it_runs(book)
        outside = tmp_path / "outside"
        outside.rename(tmp_path / "away")
        outside.touch()  # a file where the directory was: nothing can be kept
        log.stage(4)
        with pytest.raises(RetryableError, match="has not anchored"):
            book.checkpoint(wait_s=0.4)
        assert log.reader.status().size == 4
        assert log.reader.status().unanchored_since is not None
        outside.unlink()
        assert book.checkpoint(wait_s=10).anchored == 4
    finally:
        stop.set()
        service.join()
    [newest] = [one for one in CheckpointDirectory(outside).iterate() if b"\n4\n" in one.note]
    assert newest
