"""The erasure journal's contract, over every adapter: a file, a bucket of moto, a bucket of Ceph (K4)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest

from pipeline.adapters.aws import AwsSettings, s3_client
from pipeline.adapters.journal.directory import DirectoryJournal
from pipeline.adapters.journal.s3 import S3Journal
from pipeline.errors import InvariantError, RetryableError
from pipeline.model.ids import RecordingId
from pipeline.ports.journal import ErasureJournal, ErasureRecord, JournalState

AT = datetime(2026, 11, 20, 9, 31, 7, 123456, tzinfo=UTC)

OpenJournal = Callable[[], ErasureJournal]
"""Opens the same journal again, as another process would."""


@pytest.fixture(params=["directory", "moto", "ceph"])
def open_journal(request: pytest.FixtureRequest, tmp_path: Path) -> OpenJournal:
    if request.param == "directory":
        return lambda: DirectoryJournal(tmp_path / "erasures")
    server = request.getfixturevalue(f"{request.param}_server")
    client = s3_client(
        AwsSettings(
            endpoint_url=server.endpoint_url,
            region=server.region,
            access_key=server.access_key,
            secret_key=server.secret_key,
        )
    )
    bucket = f"journal-{uuid4().hex}"
    assert S3Journal(client, bucket).ensure_bucket()
    return lambda: S3Journal(client, bucket)


def recording(number: int) -> RecordingId:
    return RecordingId(f"rec-{number:032x}")


def test_an_appended_erasure_is_there_for_every_process(open_journal: OpenJournal) -> None:
    open_journal().append(recording(1), destroyed_at=AT, reason="retention")
    expected = ErasureRecord(recording_id=recording(1), destroyed_at=AT, reason="retention")
    assert list(open_journal().iterate()) == [expected]


def test_erasures_come_back_oldest_first(open_journal: OpenJournal) -> None:
    journal = open_journal()
    for number in range(12):
        journal.append(recording(20 - number), destroyed_at=AT + timedelta(seconds=number), reason="objection")
    assert [record.recording_id for record in journal.iterate()] == [recording(20 - number) for number in range(12)]
    assert journal.inspect() == JournalState(records=12, unfinished=0, damaged=0)


def test_an_empty_journal_says_so(open_journal: OpenJournal) -> None:
    journal = open_journal()
    assert list(journal.iterate()) == []
    assert journal.inspect() == JournalState(records=0, unfinished=0, damaged=0)


def test_the_same_erasure_again_changes_nothing_for_a_replay(open_journal: OpenJournal) -> None:
    journal = open_journal()
    for _ in range(3):
        journal.append(recording(1), destroyed_at=AT, reason="retention")
    assert {record.recording_id for record in journal.iterate()} == {recording(1)}


def test_an_instant_keeps_its_meaning_whatever_its_offset(open_journal: OpenJournal) -> None:
    journal = open_journal()
    journal.append(recording(1), destroyed_at=AT.astimezone(timezone(timedelta(hours=2))), reason="retention")
    assert next(iter(journal.iterate())).destroyed_at == AT


def test_what_the_journal_could_not_read_back_it_does_not_take(open_journal: OpenJournal) -> None:
    journal = open_journal()
    for recording_id, at, reason in (
        ("rec/../1", AT, "retention"),
        ("", AT, "retention"),
        (recording(1), AT.replace(tzinfo=None), "retention"),
        (recording(1), AT, "free text\n"),
    ):
        with pytest.raises(InvariantError):
            journal.append(RecordingId(recording_id), destroyed_at=at, reason=reason)
    assert list(journal.iterate()) == []


def test_many_writers_lose_no_erasure(open_journal: OpenJournal) -> None:
    journals = [open_journal() for _ in range(4)]

    def append(number: int) -> None:
        journals[number % 4].append(recording(number), destroyed_at=AT, reason="retention")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(40)))
    assert {record.recording_id for record in open_journal().iterate()} == {recording(number) for number in range(40)}


@pytest.mark.parametrize("kind", ["directory", "s3"])
def test_an_outage_never_looks_like_an_empty_journal(kind: str, tmp_path: Path) -> None:
    if kind == "directory":
        journal: ErasureJournal = DirectoryJournal(tmp_path / "erasures")
        (tmp_path / "erasures").rename(tmp_path / "unmounted")
    else:
        nowhere = AwsSettings(
            endpoint_url="http://127.0.0.1:9", region="eu-west-3", access_key="none", secret_key="none"
        )
        journal = S3Journal(s3_client(nowhere), "journal")
    with pytest.raises(RetryableError):
        list(journal.iterate())
    with pytest.raises(RetryableError):
        journal.append(recording(1), destroyed_at=AT, reason="retention")
    with pytest.raises(RetryableError):
        journal.inspect()


def test_a_position_moves_with_every_record_and_with_nothing_else(open_journal: OpenJournal) -> None:
    journal = open_journal()
    before = journal.position()
    journal.append(recording(1), destroyed_at=AT, reason="retention")
    between = journal.position()
    assert open_journal().position() == between != before
    journal.append(recording(2), destroyed_at=AT, reason="objection")
    assert recording(2) in {one.recording_id for one in open_journal().iterate(since=between)}
    assert {one.recording_id for one in journal.iterate(since=before)} == {recording(1), recording(2)}


def test_a_position_beyond_the_end_is_not_this_journals(open_journal: OpenJournal) -> None:
    """K4: a journal that lost records must not pass for one with nothing to replay."""
    journal = open_journal()
    journal.append(recording(1), destroyed_at=AT, reason="retention")
    with pytest.raises(InvariantError, match="put its newest copy back"):
        list(journal.iterate(since="100000"))
