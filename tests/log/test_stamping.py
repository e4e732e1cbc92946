"""Checkpoints are time-stamped by a third party, which never stands in their way (L2)."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from callwarden.accesslog.book.book import SqlLogBook
from callwarden.accesslog.book.stamping import Stamper
from callwarden.accesslog.export import verify_directory
from callwarden.accesslog.places.directory import CheckpointDirectory
from callwarden.accesslog.proof.export import Kind, Report
from callwarden.accesslog.proof.values import KeptTimestamp
from callwarden.errors import RetryableError
from callwarden.ports.timestamps import NotStampedError
from tests.log.stamped import Stamped, a_stamped
from tests.servers.tsa import hang, make_identity, missing, send, serving
from tests.support.sql_log import SqlLog

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


@pytest.fixture
def stamped(tmp_path: Path) -> Iterator[Stamped]:
    made = a_stamped(tmp_path / "tsa")
    with serving(made.tsa):
        yield made


def book_of(log: SqlLog, stamped: Stamped, *, every: timedelta = HOUR, timeout_s: float = 10.0) -> SqlLogBook:
    stamper = Stamper(
        engine=log.engine,
        authority=stamped.authority(timeout_s=timeout_s),
        places=log.places,
        now=log.clock.now,
        every=every,
    )
    return log.book(stamper=stamper, check_stamp=stamped.trust.check)


def anchor(log: SqlLog, book: SqlLogBook, entries: int) -> None:
    log.stage(entries)
    book.checkpoint(wait_s=0)


def count(outcome: str) -> float:
    found = REGISTRY.get_sample_value("callwarden_log_timestamps_total", {"outcome": outcome})
    assert found is not None, "it is there before it counts, so that the first is seen to have risen"
    return found


def test_a_checkpoint_is_stamped_and_verified_online_and_from_an_export(
    log: SqlLog, stamped: Stamped, tmp_path: Path
) -> None:
    book = book_of(log, stamped)
    anchor(log, book, 5)
    report = book.verify()
    assert report.ok
    latest = report.timestamps.latest
    assert latest is not None
    assert (latest.size, latest.signed_at) == (5, log.clock.now())
    [kept] = book.stamps()
    assert (kept.checkpoint, latest.at) == (latest.checkpoint, stamped.trust.check(kept.token, book.outside()[0].note))
    written = book.export(tmp_path / "export")
    assert (written.checkpoints, written.timestamps) == (1, 1)
    offline = verify_directory(tmp_path / "export", trusted=[log.key.trusted], check_stamp=stamped.trust.check)
    assert (offline.ok, offline.timestamps) == (True, report.timestamps)


def test_without_an_authority_to_believe_time_stamps_are_counted_and_not_believed(
    embedded_log: SqlLog, stamped: Stamped, tmp_path: Path
) -> None:
    book = book_of(embedded_log, stamped)
    anchor(embedded_log, book, 1)
    book.export(tmp_path / "export")
    found = verify_directory(tmp_path / "export", trusted=[embedded_log.key.trusted]).timestamps
    assert (found.kept, found.checked, found.holding, found.latest) == (1, False, 0, None)


def test_time_stamps_keep_their_distance_also_over_a_restart(log: SqlLog, stamped: Stamped) -> None:
    anchor(log, book_of(log, stamped), 1)
    log.clock.move(minutes=59)
    anchor(log, book_of(log, stamped), 1)
    assert len(stamped.tsa.asked) == 1
    log.clock.move(minutes=1)
    book = book_of(log, stamped)
    anchor(log, book, 1)
    assert len(stamped.tsa.asked) == 2
    latest = book.verify().timestamps.latest
    assert latest is not None
    assert latest.size == 3


def test_a_state_that_is_stamped_is_not_stamped_again(embedded_log: SqlLog, stamped: Stamped) -> None:
    book = book_of(embedded_log, stamped)
    anchor(embedded_log, book, 1)
    embedded_log.clock.move(hours=9)
    anchor(embedded_log, book, 0)
    assert len(stamped.tsa.asked) == 1


def test_an_empty_log_is_not_stamped_and_its_first_entry_is(embedded_log: SqlLog, stamped: Stamped) -> None:
    book = book_of(embedded_log, stamped)
    anchor(embedded_log, book, 0)
    assert stamped.tsa.asked == []
    anchor(embedded_log, book, 1)
    assert len(book.stamps()) == 1


def test_a_clock_that_ran_ahead_does_not_put_off_the_next_time_stamp(embedded_log: SqlLog, stamped: Stamped) -> None:
    embedded_log.clock.move(days=300)
    book = book_of(embedded_log, stamped)
    anchor(embedded_log, book, 1)
    embedded_log.clock.move(days=-300)
    anchor(embedded_log, book, 1)
    assert len(book.stamps()) == 2


def test_a_fault_of_the_authority_costs_no_checkpoint_is_counted_and_made_good(
    embedded_log: SqlLog, stamped: Stamped
) -> None:
    log, book, before = embedded_log, book_of(embedded_log, stamped), (count("away"), count("wrong"))
    stamped.tsa.behave = lambda handler, _query: send(handler, b"no", status=503)
    anchor(log, book, 3)
    stamped.tsa.behave = lambda handler, _query: send(handler, b"garbage")
    anchor(log, book, 3)
    assert log.reader.status().anchored == 6
    assert (count("away"), count("wrong")) == (before[0] + 1, before[1] + 1)
    assert book.stamps() == ()
    stamped.tsa.behave = None
    anchor(log, book, 0)  # nothing new to sign; what is signed is stamped at last
    latest = book.verify().timestamps.latest
    assert latest is not None
    assert latest.size == 6


def test_while_the_authority_hangs_the_service_numbers_signs_and_stops(log: SqlLog, stamped: Stamped) -> None:
    """The time-out is longer than the test waits: it is the thread that keeps the authority out of the way."""
    hang(stamped.tsa)
    book, stop = book_of(log, stamped, timeout_s=20), threading.Event()
    service = threading.Thread(
        target=book.run, args=(stop,), kwargs={"checkpoint_every_s": 0.05, "sequence_every_s": 0.02}
    )
    log.stage(1)
    service.start()
    try:
        until(lambda: len(stamped.tsa.asked) == 1)
        log.stage(3)
        until(lambda: log.reader.status().anchored == 4)
        log.stage(4)
        until(lambda: log.reader.status().anchored == 8)
        assert book.verify().ok
    finally:
        stop.set()
        stamped.tsa.released.set()
        service.join(10)
    assert not service.is_alive()


def test_the_running_service_stamps(log: SqlLog, stamped: Stamped) -> None:
    book, stop = book_of(log, stamped), threading.Event()
    log.stage(4)
    service = threading.Thread(
        target=book.run, args=(stop,), kwargs={"checkpoint_every_s": 0.05, "sequence_every_s": 0.02}
    )
    service.start()
    try:
        until(lambda: len(book.stamps()) == 1)
    finally:
        stop.set()
        service.join(10)
    assert book.verify().timestamps.holding == 1


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not done():
        if time.monotonic() > end:
            pytest.fail("it did not happen")
        time.sleep(0.02)


class AwayPlace(CheckpointDirectory):
    """Takes checkpoints, and time-stamps only when it is told to."""

    takes = False

    def keep_timestamp(self, token: bytes, *, checkpoint: str) -> KeptTimestamp:
        if not self.takes:
            raise RetryableError("the disk is full")
        return super().keep_timestamp(token, checkpoint=checkpoint)


def test_a_time_stamp_no_place_took_is_brought_there_later_and_not_asked_for_again(
    log: SqlLog, stamped: Stamped, tmp_path: Path
) -> None:
    second = AwayPlace(tmp_path / "second")
    log.places = (*log.places, second)
    book, before = book_of(log, stamped), count("unkept")
    anchor(log, book, 2)
    assert (len(book.stamps()), count("unkept")) == (1, before + 1)
    second.takes = True
    anchor(log, book, 2)
    assert len(stamped.tsa.asked) == 1
    assert len(list(second.timestamps())) == 1
    report = book.verify()
    assert (report.ok, report.timestamps.kept) == (True, 1)


@pytest.fixture
def two(embedded_log: SqlLog, stamped: Stamped, tmp_path: Path) -> Path:
    """The checkpoints of a log that was stamped at two sizes, 3 and 6."""
    book = book_of(embedded_log, stamped)
    anchor(embedded_log, book, 3)
    embedded_log.clock.move(hours=1)
    anchor(embedded_log, book, 3)
    book.export(tmp_path / "export")
    return tmp_path / "export" / "checkpoints"


def check(two: Path, stamped: Stamped, log: SqlLog) -> Report:
    return verify_directory(two.parent, trusted=[log.key.trusted], check_stamp=stamped.trust.check)


def test_tokens_swapped_between_two_checkpoints_are_both_named(
    two: Path, stamped: Stamped, embedded_log: SqlLog
) -> None:
    first, second = sorted(two.glob("*.tsr"))
    tokens = first.read_bytes(), second.read_bytes()
    first.write_bytes(tokens[1])
    second.write_bytes(tokens[0])
    report = check(two, stamped, embedded_log)
    assert [fault.kind for fault in report.faults] == [Kind.TIMESTAMP_MISMATCH] * 2
    assert first.name in report.faults[0].message
    assert report.timestamps.latest is None


def test_a_damaged_token_and_one_of_a_stranger_are_named_and_the_others_still_prove(
    two: Path, stamped: Stamped, embedded_log: SqlLog
) -> None:
    first, second = sorted(two.glob("*.tsr"))
    whole = second.read_bytes()
    second.write_bytes(whole[:200])
    report = check(two, stamped, embedded_log)
    assert [(fault.kind, fault.checkpoint) for fault in report.faults] == [
        (Kind.TIMESTAMP_MALFORMED, second.name.partition(".")[0] + ".checkpoint")
    ]
    latest = report.timestamps.latest
    assert latest is not None
    assert (latest.size, report.timestamps.holding) == (3, 1)
    stranger = a_stamped(two.parent.parent / "stranger")
    with serving(stranger.tsa):
        note = (two / report.faults[0].checkpoint).read_bytes() if report.faults[0].checkpoint else b""
        second.write_bytes(stranger.authority().stamp(note).token)
    assert [fault.kind for fault in check(two, stamped, embedded_log).faults] == [Kind.TIMESTAMP_UNTRUSTED]
    assert first.exists()


def test_a_checkpoint_taken_away_is_betrayed_by_its_time_stamp(
    two: Path, stamped: Stamped, embedded_log: SqlLog
) -> None:
    gone = min(two.glob("*.checkpoint"))
    gone.unlink()
    [fault] = check(two, stamped, embedded_log).faults
    assert (fault.kind, fault.checkpoint) == (Kind.TIMESTAMP_ORPHAN, gone.name)


def test_a_stamped_checkpoint_that_contradicts_the_log_proves_no_time_of_it(
    two: Path, stamped: Stamped, embedded_log: SqlLog
) -> None:
    """Entries edited together with their hashes: the stamped checkpoints say so, and none proves this log's age."""
    entries = next((two.parent / "segments").glob("*.entries"))
    entries.write_bytes(entries.read_bytes().replace(b'"training"', b'"quality"', 1))
    next((two.parent / "segments").glob("*.leaves")).unlink()
    report = check(two, stamped, embedded_log)
    assert Kind.REWRITTEN in {fault.kind for fault in report.faults}
    assert (report.timestamps.holding, report.timestamps.latest) == (2, None)


def test_a_certificate_that_may_not_stamp_does_not(embedded_log: SqlLog, stamped: Stamped) -> None:
    stamped.tsa.signer = make_identity("code signer", by=stamped.root, stamps=False)
    book = book_of(embedded_log, stamped)
    anchor(embedded_log, book, 1)
    assert book.stamps() == ()
    assert book.stamper is not None
    with pytest.raises((NotStampedError, RetryableError)):
        book.stamper.stamp()


def test_what_a_place_has_lost_is_missed_in_the_count_only(two: Path, stamped: Stamped, embedded_log: SqlLog) -> None:
    """A lost token weakens the proof of time, not of the log; `docs/log.md` says so."""
    for token in two.glob("*.tsr"):
        token.unlink()
    report = check(two, stamped, embedded_log)
    assert (report.ok, report.timestamps.kept) == (True, 0)
    shutil.rmtree(two)
    assert not check(two, stamped, embedded_log).timestamps.kept
