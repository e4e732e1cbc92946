"""The journal's contract, over every adapter: a file, a bucket of moto, a bucket of Ceph (K4, I10).

`Meddler` is somebody who may write where the journal lies and has no key.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest

from callwarden.accesslog.proof.values import JournalMark
from callwarden.adapters.aws import AwsSettings, s3_client
from callwarden.adapters.journal.directory import DirectoryJournal
from callwarden.adapters.journal.old_record import write_old
from callwarden.adapters.journal.s3 import S3Journal
from callwarden.errors import InvariantError, RetryableError
from callwarden.model.access import Readable, Role
from callwarden.model.act import CourseRemoved, EvaluationEnded, EvaluationMade, HoldReleased, NoteRemoved, Restriction
from callwarden.model.break_glass import BreakGlass, GlassId
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.objection import Objection, ScopeKind
from callwarden.model.purpose import Purpose
from callwarden.model.review import Course, CourseId, EvaluationId, Moment, Note, NoteId
from callwarden.ports.journal import (
    ActsRecord,
    ErasureRecord,
    Journal,
    JournalDamagedError,
    JournalState,
    mark_of,
)
from tests.support.journal_keys import seal

AT = datetime(2026, 11, 20, 9, 31, 7, 123456, tzinfo=UTC)

OpenJournal = Callable[[], Journal]
"""Opens the same journal again, as another process would."""


class Meddler(Protocol):
    def texts(self) -> list[str]:
        """Every record, as it stands there, in their order."""
        ...

    def write(self, texts: list[str]) -> None:
        """Let these be what stands there, and nothing else."""
        ...

    def write_old(self, texts: list[str]) -> None:
        """Lay these there in the format before."""
        ...


@dataclass(frozen=True)
class FileMeddler:
    folder: Path

    def texts(self) -> list[str]:
        return (self.folder / "journal.log").read_text().splitlines()

    def write(self, texts: list[str]) -> None:
        (self.folder / "journal.log").write_text("".join(f"{one}\n" for one in texts))

    def write_old(self, texts: list[str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "erasures.log").write_text("".join(f"{one}\n" for one in texts))


@dataclass(frozen=True)
class BucketMeddler:
    client: Any
    bucket: str

    def texts(self) -> list[str]:
        return [one["Key"] for one in self._versions()]

    def write(self, texts: list[str]) -> None:
        for one in self._versions():
            if one["Key"] not in texts:
                self.client.delete_object(Bucket=self.bucket, Key=one["Key"], VersionId=one["VersionId"])
        there = self.texts()
        for text in texts:
            if text not in there:
                self.client.put_object(Bucket=self.bucket, Key=text, Body=b"forged")

    def write_old(self, texts: list[str]) -> None:
        for text in texts:
            self.client.put_object(Bucket=self.bucket, Key=f"erasures/{text}", Body=text.encode())

    def _versions(self) -> list[Any]:
        return list(self.client.list_object_versions(Bucket=self.bucket, Prefix="journal/").get("Versions", []))


@dataclass(frozen=True)
class Place:
    open: OpenJournal
    meddler: Meddler


@pytest.fixture(params=["directory", "moto", "ceph"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "directory":
        return Place(lambda: DirectoryJournal(tmp_path / "erasures", seal()), FileMeddler(tmp_path / "erasures"))
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
    assert S3Journal(client, bucket, seal()).ensure_bucket()
    return Place(lambda: S3Journal(client, bucket, seal()), BucketMeddler(client, bucket))


@pytest.fixture
def open_journal(place: Place) -> OpenJournal:
    return place.open


@pytest.fixture
def meddler(place: Place) -> Meddler:
    return place.meddler


def recording(number: int) -> RecordingId:
    return RecordingId(f"rec-{number:032x}")


def erased(journal: Journal) -> list[RecordingId]:
    return [one.recording_id for one in journal.iterate() if isinstance(one, ErasureRecord)]


def filled(open_journal: OpenJournal, count: int = 5) -> Journal:
    journal = open_journal()
    for number in range(count):
        journal.append(recording(number), destroyed_at=AT + timedelta(seconds=number), reason="retention")
    return journal


OBJECTION = Objection(
    objection_id="obj-1",
    scope=ScopeKind.CALL,
    reference="call-of-madame-martin",
    purposes=frozenset({"recording"}),
    channel="phone",
    objected_at=AT,
    recorded_at=AT,
)
GLASS = BreakGlass(
    request_id=GlassId("glass-1"),
    recording_id=recording(1),
    what=Readable.ORIGINAL_AUDIO,
    purpose=Purpose.DISPUTE,
    role=Role.LEGAL,
    requested_by="bruno",
    requested_at=AT,
    lapses_at=AT,
    sealed_reason=b"\xff\x00sealed",
)


def test_an_appended_erasure_is_there_for_every_process(open_journal: OpenJournal) -> None:
    open_journal().append(recording(1), destroyed_at=AT, reason="retention")
    expected = ErasureRecord(recording_id=recording(1), destroyed_at=AT, reason="retention")
    assert list(open_journal().iterate()) == [expected]


def test_erasures_come_back_oldest_first(open_journal: OpenJournal) -> None:
    journal = open_journal()
    for number in range(12):
        journal.append(recording(20 - number), destroyed_at=AT + timedelta(seconds=number), reason="objection")
    assert erased(journal) == [recording(20 - number) for number in range(12)]
    assert journal.inspect() == JournalState(records=12, unfinished=0, damaged=0)


def test_an_empty_journal_says_so(open_journal: OpenJournal) -> None:
    journal = open_journal()
    assert list(journal.iterate()) == []
    assert journal.inspect() == JournalState(records=0, unfinished=0, damaged=0)


def test_the_same_erasure_again_changes_nothing_for_a_replay(open_journal: OpenJournal) -> None:
    journal = open_journal()
    for _ in range(3):
        journal.append(recording(1), destroyed_at=AT, reason="retention")
    assert set(erased(journal)) == {recording(1)}


def test_an_instant_keeps_its_meaning_whatever_its_offset(open_journal: OpenJournal) -> None:
    journal = open_journal()
    journal.append(recording(1), destroyed_at=AT.astimezone(timezone(timedelta(hours=2))), reason="retention")
    assert list(journal.iterate()) == [ErasureRecord(recording_id=recording(1), destroyed_at=AT, reason="retention")]


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
    assert set(erased(open_journal())) == {recording(number) for number in range(40)}


@pytest.mark.parametrize("kind", ["directory", "s3"])
def test_an_outage_never_looks_like_an_empty_journal(kind: str, tmp_path: Path) -> None:
    if kind == "directory":
        journal: Journal = DirectoryJournal(tmp_path / "erasures", seal())
        (tmp_path / "erasures").rename(tmp_path / "unmounted")
    else:
        nowhere = AwsSettings(
            endpoint_url="http://127.0.0.1:9", region="eu-west-3", access_key="none", secret_key="none"
        )
        journal = S3Journal(s3_client(nowhere), "journal", seal())
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
    assert open_journal().position() == between != before == ""
    journal.append(recording(2), destroyed_at=AT, reason="objection")
    since = [one for one in open_journal().iterate(since=between) if isinstance(one, ErasureRecord)]
    assert recording(2) in {one.recording_id for one in since}
    assert set(erased(journal)) == {recording(1), recording(2)}


REVIEWS = (
    Note(
        note_id=NoteId("note-1"),
        recording_id=recording(1),
        from_s=1.25,
        to_s=None,
        shared=True,
        about=None,
        made_by="trainer:martin",
        made_at=AT,
        sealed=b"\x00\xff of its recording",
    ),
    EvaluationMade(evaluation_id=EvaluationId("eval-1"), recording_id=recording(1), sealed=b"\x00\xff"),
    EvaluationEnded(evaluation_id=EvaluationId("eval-0")),
    Course(
        course_id=CourseId("course-1"),
        title="MARTIN",
        made_by="trainer:martin",
        made_at=AT,
        team=False,
        people=frozenset({"martin"}),
        moments=(Moment(recording_id=recording(1), from_s=1.25, to_s=None, note_id=NoteId("note-1")),),
    ),
    CourseRemoved(course_id=CourseId("course-0")),
    NoteRemoved(note_id=NoteId("note-0")),
)


def test_acts_come_back_as_they_were_and_nobody_without_the_key_can_read_them(
    open_journal: OpenJournal, meddler: Meddler, tmp_path: Path
) -> None:
    acts = (OBJECTION, GLASS, HoldReleased(case_id=CaseId("AFFAIRE MARTIN"), recording_id=recording(3)), *REVIEWS)
    journal = open_journal()
    journal.append_acts(acts, at=AT)
    journal.append_acts((), at=AT)
    assert list(open_journal().iterate()) == [ActsRecord(at=AT, acts=acts)]
    stored = "".join(meddler.texts()).encode()
    if isinstance(meddler, BucketMeddler):
        stored += b"".join(
            meddler.client.get_object(Bucket=meddler.bucket, Key=name)["Body"].read() for name in meddler.texts()
        )
    for secret in (b"martin", b"MARTIN", b"bruno", b"obj-1"):
        assert secret not in stored


def test_a_record_taken_out_anywhere_is_missed(open_journal: OpenJournal, meddler: Meddler) -> None:
    journal = filled(open_journal)
    mark = journal.mark()
    assert mark is not None
    whole = meddler.texts()
    for missing in range(len(whole)):
        meddler.write([text for number, text in enumerate(whole) if number != missing])
        with pytest.raises(JournalDamagedError):
            list(open_journal().iterate(marks=[mark]))
    meddler.write(whole)
    assert len(erased(open_journal())) == len(whole)


def test_a_journal_cut_or_emptied_is_not_the_one_a_position_or_a_mark_was_taken_of(
    open_journal: OpenJournal, meddler: Meddler
) -> None:
    """K4: a journal that lost records must not pass for one with nothing to replay."""
    journal = filled(open_journal)
    mark, position = journal.mark(), journal.position()
    assert mark is not None
    assert mark == mark_of(position)
    whole = meddler.texts()
    for kept in (whole[:3], []):
        meddler.write(kept)
        with pytest.raises(JournalDamagedError, match="put its newest copy back"):
            list(open_journal().iterate(since=position))
        with pytest.raises(JournalDamagedError, match="a checkpoint of the access log proves 5 records"):
            list(open_journal().iterate(marks=[mark]))
        with pytest.raises(JournalDamagedError):
            journal.mark()
        with pytest.raises(JournalDamagedError):
            journal.append(recording(9), destroyed_at=AT, reason="retention")


def test_a_record_written_without_the_key_is_seen_wherever_it_stands(
    open_journal: OpenJournal, meddler: Meddler, tmp_path: Path
) -> None:
    filled(open_journal, 3)
    whole = meddler.texts()
    prefix = "journal/" if whole[0].startswith("journal/") else ""
    others = DirectoryJournal(tmp_path / "forger", seal("another key"))
    for number in range(3):
        others.append(recording(66 + number), destroyed_at=AT, reason="retention")
    forged = [prefix + line for line in (tmp_path / "forger" / "journal.log").read_text().splitlines()]
    for text in (forged[0], whole[1].replace("retention", "objection"), prefix + "garbage"):
        meddler.write(sorted([*whole, text]))
        with pytest.raises(JournalDamagedError, match="no authentic record"):
            list(open_journal().iterate())
        assert open_journal().inspect().damaged >= 1
    meddler.write(forged)
    with pytest.raises(JournalDamagedError):
        list(open_journal().iterate())


def test_the_journal_of_another_system_is_not_this_ones(open_journal: OpenJournal, meddler: Meddler) -> None:
    """Also where it is whole in itself: a mark names one record, not a number."""
    mark = filled(open_journal, 3).mark()
    assert mark is not None
    stranger = JournalMark(count=mark.count, head=mark.head[::-1])
    with pytest.raises(JournalDamagedError):
        list(open_journal().iterate(marks=[stranger]))
    assert len(list(open_journal().iterate(marks=[mark]))) == 3


def test_writers_at_the_same_moment_are_joined_by_the_next_mark(open_journal: OpenJournal) -> None:
    journals = [open_journal() for _ in range(3)]

    def decide(number: int) -> None:
        journals[number % 3].append_acts([Restriction(recording_id=recording(number), restricted=True)], at=AT)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(decide, range(24)))
    mark = open_journal().mark()
    assert mark is not None
    found = [one for one in open_journal().iterate(marks=[mark]) if isinstance(one, ActsRecord)]
    assert {one.acts[0] for one in found} == {
        Restriction(recording_id=recording(number), restricted=True) for number in range(24)
    }
    assert open_journal().mark() == mark
    assert open_journal().inspect().damaged == 0


def test_a_journal_of_the_format_before_is_shown_until_it_is_taken_over(
    open_journal: OpenJournal, meddler: Meddler
) -> None:
    before = [ErasureRecord(recording_id=recording(n), destroyed_at=AT, reason="retention") for n in range(3)]
    meddler.write_old([write_old(one) for one in before])
    journal = open_journal()
    old = journal.old()
    assert old is not None
    assert (list(old.records), old.damaged) == (before, 0)
    assert list(journal.iterate()) == []
    journal.adopt(old)
    assert list(open_journal().iterate()) == before
    assert open_journal().old() is None
    journal.append(recording(7), destroyed_at=AT, reason="objection")
    assert erased(open_journal()) == [*(one.recording_id for one in before), recording(7)]
