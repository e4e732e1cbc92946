"""The journal's file: cut lines, damaged lines, killed writers (K4)."""

import os
import resource
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.journal import record
from pipeline.adapters.journal.directory import DirectoryJournal
from pipeline.errors import RetryableError
from pipeline.model.ids import RecordingId
from pipeline.ports.journal import ErasureRecord, JournalDamagedError, JournalState

AT = datetime(2026, 11, 20, 9, 31, 7, tzinfo=UTC)
REPOSITORY = Path(__file__).parents[2]


def recording(number: int) -> RecordingId:
    return RecordingId(f"rec-{number:032x}")


def filled(folder: Path, count: int) -> tuple[DirectoryJournal, Path]:
    journal = DirectoryJournal(folder)
    for number in range(count):
        journal.append(recording(number), destroyed_at=AT, reason="retention")
    return journal, folder / "erasures.log"


def ids(journal: DirectoryJournal) -> list[RecordingId]:
    return [found.recording_id for found in journal.iterate()]


def test_a_line_cut_at_any_byte_is_told_from_damage_and_the_next_append_is_clean(tmp_path: Path) -> None:
    journal, file = filled(tmp_path, 2)
    whole = file.read_bytes()
    line = len(whole) // 2
    for kept in range(line, len(whole)):
        file.write_bytes(whole[:kept])
        assert ids(journal) == [recording(0)]
        assert journal.inspect() == JournalState(records=1, unfinished=int(kept > line), damaged=0)
    journal.append(recording(7), destroyed_at=AT, reason="objection")
    assert ids(journal) == [recording(0), recording(7)]
    assert journal.inspect() == JournalState(records=2, unfinished=0, damaged=0)


def test_a_damaged_line_is_reported_after_all_that_can_be_read(tmp_path: Path) -> None:
    journal, file = filled(tmp_path, 3)
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle] = ord("f") if content[middle] != ord("f") else ord("e")
    file.write_bytes(content)
    found = []
    records = journal.iterate()
    found.append(next(records).recording_id)
    found.append(next(records).recording_id)
    with pytest.raises(JournalDamagedError, match="1 damaged"):
        next(records)
    assert found == [recording(0), recording(2)]
    assert journal.inspect() == JournalState(records=2, unfinished=0, damaged=1)


@given(
    number=st.integers(0, 2**128 - 1),
    at=st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- hypothesis adds the zone
    position=st.integers(0, 10_000),
    change=st.integers(1, 127),
)
def test_a_record_reads_back_and_shows_every_change(number: int, at: datetime, position: int, change: int) -> None:
    text = record.write(recording(number), destroyed_at=at, reason="retention")
    assert record.read(text) == ErasureRecord(recording_id=recording(number), destroyed_at=at, reason="retention")
    position %= len(text)
    changed = text[:position] + chr(ord(text[position]) ^ change) + text[position + 1 :]
    assert record.read(changed) is None


def test_a_writer_killed_at_any_moment_loses_nothing_it_was_told_is_durable(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, datetime\n"
        "from pipeline.adapters.journal.directory import DirectoryJournal\n"
        "journal = DirectoryJournal(pathlib.Path(sys.argv[1]))\n"
        "for number in range(100000):\n"
        "    now = datetime.datetime.now(datetime.UTC)\n"
        "    journal.append(f'rec-{number:032x}', destroyed_at=now, reason='retention')\n"
        "    print(number, flush=True)\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(20)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in writer.stdout.read().splitlines()]
    writer.stdout.close()
    writer.wait()
    assert set(ids(DirectoryJournal(tmp_path))) >= {recording(number) for number in acknowledged}


def test_a_full_disk_is_an_outage_and_leaves_the_journal_readable(tmp_path: Path) -> None:
    """A limit on file sizes stands in for a disk without space: the write comes back short or fails."""
    journal, file = filled(tmp_path, 3)
    line = file.stat().st_size // 3
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + line // 2, hard))
    try:
        with pytest.raises(RetryableError):
            journal.append(recording(9), destroyed_at=AT, reason="retention")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert ids(journal) == [recording(number) for number in range(3)]
    journal.append(recording(9), destroyed_at=AT, reason="retention")
    assert ids(journal)[-1] == recording(9)
