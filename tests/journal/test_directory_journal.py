"""The journal's file: cut lines, damaged lines, killed writers (K4)."""

import base64
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

from callwarden.adapters.journal import record
from callwarden.adapters.journal.directory import DirectoryJournal
from callwarden.errors import RetryableError
from callwarden.model.act import HoldReleased
from callwarden.model.ids import CaseId, RecordingId
from callwarden.ports.journal import ErasureRecord, JournalDamagedError, JournalState
from tests.support.journal_keys import seal

AT = datetime(2026, 11, 20, 9, 31, 7, tzinfo=UTC)
SEAL = seal()
REPOSITORY = Path(__file__).parents[2]


def recording(number: int) -> RecordingId:
    return RecordingId(f"rec-{number:032x}")


def filled(folder: Path, count: int) -> tuple[DirectoryJournal, Path]:
    journal = DirectoryJournal(folder, seal())
    for number in range(count):
        journal.append(recording(number), destroyed_at=AT, reason="retention")
    return journal, folder / "journal.log"


def ids(journal: DirectoryJournal) -> list[RecordingId]:
    return [found.recording_id for found in journal.iterate() if isinstance(found, ErasureRecord)]


def test_a_line_cut_at_any_byte_is_told_from_damage_and_the_next_append_is_clean(tmp_path: Path) -> None:
    journal, file = filled(tmp_path, 2)
    whole = file.read_bytes()
    line = len(whole.splitlines(keepends=True)[0])
    for kept in range(line, len(whole)):
        file.write_bytes(whole[:kept])
        other = DirectoryJournal(tmp_path, seal())
        assert ids(other) == [recording(0)]
        assert other.inspect() == JournalState(records=1, unfinished=int(kept > line), damaged=0)
    other.append(recording(7), destroyed_at=AT, reason="objection")
    assert ids(other) == [recording(0), recording(7)]
    assert other.inspect() == JournalState(records=2, unfinished=0, damaged=0)
    file.write_bytes(whole[:-1])
    with pytest.raises(JournalDamagedError, match="it held 2 records and holds 1"):
        journal.position()  # this one has told somebody that the second was durable


def test_any_change_of_any_byte_is_reported_after_all_that_can_be_read(tmp_path: Path) -> None:
    journal, file = filled(tmp_path, 3)
    journal.append_acts([HoldReleased(case_id=CaseId("CASE-1"), recording_id=recording(5))], at=AT)
    whole, mark = file.read_bytes(), journal.mark()
    assert mark is not None
    for place in range(len(whole) - 1):
        if place % 7 and whole[place] not in b"\n /":
            continue
        changed = bytearray(whole)
        changed[place] = ord("x") if changed[place] != ord("x") else ord("y")
        file.write_bytes(changed)
        records = DirectoryJournal(tmp_path, seal()).iterate(marks=[mark])
        found = [next(records), next(records)]
        with pytest.raises(JournalDamagedError):
            found += records


def test_content_that_is_written_in_another_way_is_no_content_of_ours(tmp_path: Path) -> None:
    """Base64 leaves bits of its last letter unused: another letter there would mean the same."""
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    journal, file = filled(tmp_path, 1)
    for number in range(3):  # one of three lengths needs no padding, and leaves no bit unused
        case = CaseId("CASE-" + "1" * (number + 1))
        journal.append_acts([HoldReleased(case_id=case, recording_id=recording(5))], at=AT)
    mark, lines = journal.mark(), file.read_bytes().splitlines(keepends=True)
    assert mark is not None
    [line, *_] = [one for one in lines if one.rstrip().endswith(b"=")]
    last = line.rstrip(b"=\n")[-1:]
    other = letters[letters.index(last) ^ 1 : (letters.index(last) ^ 1) + 1]
    at = len(line.rstrip(b"=\n")) - 1
    changed = line[:at] + other + line[at + 1 :]
    assert base64.b64decode(changed.split(b" ")[1]) == base64.b64decode(line.split(b" ")[1])
    file.write_bytes(b"".join(changed if one == line else one for one in lines))
    with pytest.raises(JournalDamagedError):
        list(DirectoryJournal(tmp_path, seal()).iterate(marks=[mark]))


def test_lines_in_another_order_or_twice_are_seen(tmp_path: Path) -> None:
    _, file = filled(tmp_path, 4)
    first, second, third, fourth = file.read_bytes().splitlines(keepends=True)
    for lines in (
        (first, third, second, fourth),
        (second, first, third, fourth),
        (first, second, second, third, fourth),
        (first, second, third, fourth, first),
        (second, third, fourth),
    ):
        file.write_bytes(b"".join(lines))
        with pytest.raises(JournalDamagedError):
            ids(DirectoryJournal(tmp_path, seal()))


def test_what_was_replayed_once_is_not_read_again(tmp_path: Path) -> None:
    journal, file = filled(tmp_path, 50)
    position = journal.position()
    journal.append(recording(99), destroyed_at=AT, reason="retention")
    since = [one for one in journal.iterate(since=position) if isinstance(one, ErasureRecord)]
    assert [one.recording_id for one in since] == [recording(99)]
    changed = file.read_bytes().replace(b"/retention/", b"/objection/", 1)
    file.write_bytes(changed)
    assert len(list(journal.iterate(since=position))) == 1
    assert journal.inspect().damaged == 1


@given(
    number=st.integers(0, 2**128 - 1),
    at=st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- hypothesis adds the zone
    place=st.integers(1, 10**12 - 1),
    position=st.integers(0, 10_000),
    change=st.integers(1, 127),
)
def test_a_record_reads_back_and_shows_every_change(
    number: int, at: datetime, place: int, position: int, change: int
) -> None:
    entry = record.erased(recording(number), destroyed_at=at, reason="retention")
    text = record.write(entry, number=place, after=("a" * 52,), seal=SEAL)
    found = record.read(text, seal=SEAL)
    assert found is not None
    assert (found.number, found.at, found.subject, found.reason) == (place, at, recording(number), "retention")
    position %= len(text)
    changed = text[:position] + chr(ord(text[position]) ^ change) + text[position + 1 :]
    assert record.read(changed, seal=SEAL) is None
    assert record.read(text, seal=seal("another key")) is None


def test_a_writer_killed_at_any_moment_loses_nothing_it_was_told_is_durable(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, datetime\n"
        "from callwarden.adapters.journal.directory import DirectoryJournal\n"
        "from tests.support.journal_keys import seal\n"
        "journal = DirectoryJournal(pathlib.Path(sys.argv[1]), seal())\n"
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
    assert set(ids(DirectoryJournal(tmp_path, seal()))) >= {recording(number) for number in acknowledged}


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
