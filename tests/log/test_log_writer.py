"""I6: durable when `append` returns; refused within the stated time, whatever the store does; kill -9 loses nothing."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, text

from callwarden.accesslog.book.group_writer import GroupLogWriter
from callwarden.accesslog.book.staging import Stager
from callwarden.errors import InvariantError
from callwarden.model.log_entry import LogEntry
from callwarden.ports.log import LogUnavailableError
from tests.support.log_builder import an_entry
from tests.support.sql_log import SqlLog, opened_log

CHILD = Path(__file__).with_name("writing_child.py")
SOURCE_TREE = Path(__file__).resolve().parents[2]


def staged(log: SqlLog) -> set[str]:
    return {one.entry.entry_id for one in log.reader.entries()}


def test_an_appended_entry_is_in_the_log_when_append_returns(log: SqlLog) -> None:
    writer = log.writer()
    entry_id = writer.append(an_entry(1))
    assert staged(log) == {entry_id}
    writer.close()


def test_concurrent_appends_share_commits(embedded_log: SqlLog) -> None:
    commits: list[int] = []
    stager = Stager(embedded_log.engine)

    def stage(entries: Sequence[LogEntry]) -> None:
        stager.stage(entries)
        commits.append(len(entries))

    writer = GroupLogWriter(stage, on_close=stager.close, timeout_s=20)
    started = threading.Barrier(32)

    def write(number: int) -> None:
        started.wait()
        for offset in range(5):
            writer.append(an_entry(number * 5 + offset))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert len(staged(embedded_log)) == 160
    assert sum(commits) == 160
    assert len(commits) < 80


def test_an_entry_the_store_refuses_does_not_take_the_others_with_it(embedded_log: SqlLog) -> None:
    writer = embedded_log.writer()
    writer.append(an_entry(1))
    answers: dict[int, object] = {}

    def write(number: int) -> None:
        try:
            answers[number] = writer.append(an_entry(number))
        except LogUnavailableError as error:
            answers[number] = error.__cause__

    with hung(embedded_log):
        threads = [threading.Thread(target=write, args=(number,)) for number in (1, 2, 3)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
    for thread in threads:
        thread.join()
    writer.close()
    assert isinstance(answers[1], InvariantError)
    assert {answers[2], answers[3]} <= staged(embedded_log)


@contextmanager
def hung(log: SqlLog) -> Iterator[None]:
    """Somebody else holds the database and does not let go."""
    with log.engine.connect() as connection, connection.begin():
        if log.engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE log_staged IN ACCESS EXCLUSIVE MODE"))
        yield


def appended(writer: GroupLogWriter, number: int, *, within_s: float = 60) -> str:
    """The entry, as soon as the store that hung answers again."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return writer.append(an_entry(number))
        except LogUnavailableError:
            assert time.monotonic() < deadline


def test_a_log_that_hangs_is_a_refusal_in_time_and_works_again_afterwards(log: SqlLog) -> None:
    writer = log.writer(timeout_s=1)
    appended(writer, 0)
    with hung(log):
        for number in (1, 2, 3):
            began = time.monotonic()
            with pytest.raises(LogUnavailableError, match="within"):
                writer.append(an_entry(number))
            assert time.monotonic() - began < 10  # it hangs until the block ends
    entry_id = appended(writer, 4)
    writer.close()
    assert entry_id in staged(log)


def test_a_full_queue_refuses_at_once() -> None:
    never = threading.Event()

    def hanging(entries: Sequence[LogEntry]) -> None:
        never.wait()

    writer = GroupLogWriter(hanging, timeout_s=0.0, queue_size=3)
    said = []
    for number in range(6):
        with pytest.raises(LogUnavailableError) as caught:
            writer.append(an_entry(number))
        said.append(str(caught.value))
    assert "too many" in said[-1]
    never.set()
    writer.close()


def test_a_database_that_may_only_be_read_is_a_refusal(embedded_log: SqlLog) -> None:
    with embedded_log.engine.connect():
        pass
    embedded_log.engine.dispose()

    def read_only(connection: object, record: object) -> None:
        connection.execute("PRAGMA query_only=ON")  # type: ignore[attr-defined]  # the driver's connection

    event.listen(embedded_log.engine, "connect", read_only)
    writer = embedded_log.writer()
    with pytest.raises(LogUnavailableError, match="READONLY"):
        writer.append(an_entry(1))
    event.remove(embedded_log.engine, "connect", read_only)
    embedded_log.engine.dispose()
    writer.append(an_entry(2))
    writer.close()


def test_entries_appended_together_are_all_there_or_none(log: SqlLog) -> None:
    writer = log.writer()
    writer.append_all([an_entry(1), an_entry(2)])
    with pytest.raises(LogUnavailableError, match="refused"):
        writer.append_all([an_entry(3), an_entry(1)])
    writer.append(an_entry(4))
    writer.close()
    assert staged(log) == {an_entry(number).entry_id for number in (1, 2, 4)}


def test_a_closed_writer_refuses(embedded_log: SqlLog) -> None:
    writer = embedded_log.writer()
    writer.close()
    with pytest.raises(LogUnavailableError, match="closed"):
        writer.append(an_entry(1))


def run_child(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE_TREE)},
    )


def test_a_full_disk_is_a_refusal_in_time_and_room_makes_it_work_again(embedded_log: SqlLog) -> None:
    """The child may write files of so many bytes and no more, which a file system without room answers alike."""
    assert embedded_log.engine.url.database
    child = run_child("full", embedded_log.engine.url.database)
    said, _ = child.communicate(timeout=60)
    assert child.returncode == 0, said
    written, refused, after = said.split()
    assert int(written) > 0
    assert refused == "refused"
    assert after in staged(embedded_log)
    assert len(staged(embedded_log)) == int(written) + 1


@pytest.mark.parametrize("after_s", [0.02, 0.15, 0.4])
def test_no_acknowledged_entry_is_missing_after_kill_9(tmp_path: Path, after_s: float) -> None:
    """The child has writers and a sequencer; every id it prints was acknowledged before."""
    database = tmp_path / "catalogue.db"
    with opened_log(f"sqlite:///{database}", tmp_path / "outside"):
        pass
    with run_child("work", str(database), str(tmp_path / "outside")) as child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline().strip()]
        time.sleep(after_s)
        child.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in child.stdout if line.endswith("\n")]
    with opened_log(f"sqlite:///{database}", tmp_path / "outside") as log:
        assert set(acknowledged) <= staged(log)
        log.number_and_sign()
        report = log.verify()
        assert report.ok, report.faults
        ids = [one.entry.entry_id for one in log.reader.entries()]
        assert len(ids) == len(set(ids)) == report.size
