"""I10, K6: notes, evaluations and courses made since a backup are there again; what ended since has ended."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwarden.adapters.crypto.cipher import AesGcmStreamCipher
from callwarden.adapters.journal.catalogue import journalled
from callwarden.adapters.journal.directory import DirectoryJournal
from callwarden.adapters.keys.file import FileKeyStore
from callwarden.adapters.policy.file import load_policy
from callwarden.adapters.sql.catalogue import SqlCatalogue, open_catalogue
from callwarden.custody.recording_texts import RecordingTexts
from callwarden.custody.scribe import Scribe
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.review import (
    Course,
    CourseId,
    Evaluation,
    EvaluationId,
    Moment,
    Note,
    NoteId,
    evaluation_of,
    evaluation_text,
)
from callwarden.ports.catalogue import WrappedKey
from callwarden.ports.journal import ActsRecord
from callwarden.shipped import shipped_config
from callwarden.steps.replay.acts import ActReplay
from tests.desks.test_reviews import ALICE, BOB, FOR, SECRET
from tests.journal.test_acts import journalled as journalled_by
from tests.journal.test_acts import names
from tests.journal.test_replay import backup, coming_up, restore
from tests.support.catalogue_rows import recording
from tests.support.journal_keys import seal
from tests.support.redactions import redacted
from tests.support.seals import SEALS
from tests.support.site import MovableClock
from tests.support.workshop import Workshop

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Workshop(tmp_path / "site") as built:
        yield built


def stored(shop: Workshop, call: str = "c-1") -> RecordingId:
    recording_id = shop.stored(call)
    redacted(shop, recording_id, "le tournesol est ouvert")
    return recording_id


def test_what_trainers_made_since_the_backup_is_there_again_and_what_they_took_back_is_not(shop: Workshop) -> None:
    call, system = stored(shop), shop.system
    taken_back = system.note_desk.add(ALICE, FOR, call, "à reprendre")
    ended = system.course_desk.make(ALICE, "Ancien", team=True)
    copied = backup(shop)
    kept = system.note_desk.add(ALICE, FOR, call, SECRET, from_s=1, shared=True)
    system.note_desk.remove(ALICE, taken_back.note.note_id)
    system.evaluation_desk.make(ALICE, FOR, call, {"greeting": 3})
    made = system.evaluation_desk.make(ALICE, FOR, call, {"greeting": 4}, remark="mieux").evaluation
    course = system.course_desk.begin(ALICE, FOR, "Accueil", call, from_s=1, text="écoutez")
    system.course_desk.remove(ALICE, ended.course_id)
    restore(shop, copied)
    assert coming_up(shop).not_replayed == ()
    assert [(one.note.note_id, one.text) for one in system.note_desk.listed(BOB, FOR, call)] == [
        (kept.note.note_id, SECRET)
    ]
    [again] = system.evaluation_desk.listed(ALICE)
    assert (again, again.scores) == (made, {"greeting": 4})
    assert system.evaluation_desk.shown(ALICE, FOR, made.evaluation_id).remark == "mieux"
    assert list(system.course_desk.listed(ALICE)) == [course]
    [moment] = system.course_desk.shown(ALICE, FOR, course.course_id).moments
    assert moment.text == "écoutez"
    assert coming_up(shop).acts == 0


def test_over_a_catalogue_that_was_not_restored_nothing_is_made_again(shop: Workshop) -> None:
    call = stored(shop)
    shop.system.evaluation_desk.make(ALICE, FOR, call, {"greeting": 3}, remark="bien")
    shop.system.course_desk.begin(ALICE, FOR, "Accueil", call, from_s=1, text="écoutez")
    assert coming_up(shop).acts == 0


def test_what_was_written_of_a_call_that_came_in_after_the_backup_is_gone_with_its_key(shop: Workshop) -> None:
    """And is no finding for ever: nothing could bring it back."""
    copied = backup(shop)
    call = stored(shop)
    shop.system.note_desk.add(ALICE, FOR, call, SECRET)
    shop.system.evaluation_desk.make(ALICE, FOR, call, {"greeting": 3})
    restore(shop, copied)
    done = coming_up(shop)
    assert (done.acts, done.not_replayed) == (0, ())
    assert shop.parts["catalogue"].rows.notes == {}


def test_an_evaluation_whose_year_is_over_does_not_come_back(shop: Workshop) -> None:
    """K6."""
    call = stored(shop)
    shop.system.evaluation_desk.make(ALICE, FOR, call, {"greeting": 3})
    copied = backup(shop)
    shop.clock.move(timedelta(days=367))
    shop.drain("dispose")
    assert shop.system.evaluation_desk.listed(ALICE) == []
    assert "evaluation.ended" in names(shop)
    restore(shop, copied)
    coming_up(shop)
    assert shop.system.evaluation_desk.listed(ALICE) == []


def test_the_journal_says_nothing_of_an_evaluation_and_of_no_note_once_the_recording_is_destroyed(
    shop: Workshop,
) -> None:
    """K1, K6: scores, agent and words lie in the journal under the recording's key alone."""
    call = stored(shop)
    copied = backup(shop)
    shop.system.evaluation_desk.make(ALICE, FOR, call, {"greeting": 3}, remark=SECRET)
    acts = journalled_by(shop)
    assert {type(act).__name__ for act in acts} == {"EvaluationMade", "Note"}
    assert not any(word in repr(acts) for word in ("greeting", "a-1", "Lilas"))
    shop.clock.move(timedelta(days=190))
    assert shop.drain("dispose") == 1
    assert len(shop.system.evaluation_desk.listed(ALICE)) == 1
    restore(shop, copied)
    assert coming_up(shop).not_replayed == ()
    assert shop.parts["catalogue"].rows.notes == {}


EVALUATION = Evaluation(
    evaluation_id=EvaluationId("eval-1"),
    recording_id=RecordingId(f"rec-{1:032x}"),
    line=LineId("customer-service"),
    agent_id="a-104",
    grid="sha256:1",
    scores={"greeting": 4, "identity": 1},
    made_by="trainer:alice",
    made_at=NOW,
    changed_at=NOW + timedelta(hours=1),
    keep_until=NOW + timedelta(days=365),
)


def test_all_an_evaluation_says_is_read_again() -> None:
    for one in (EVALUATION, replace(EVALUATION, changed_at=None, scores={})):
        assert evaluation_of(one.evaluation_id, one.recording_id, evaluation_text(one)) == one


def test_an_older_database_file_is_brought_to_know_what_the_journal_on_disk_holds(tmp_path: Path) -> None:
    keys, cipher = FileKeyStore(tmp_path / "keys" / "keys.json"), AesGcmStreamCipher()
    texts, clock = RecordingTexts(keys=keys, cipher=cipher), MovableClock(NOW)
    journal, file = DirectoryJournal(tmp_path / "erasures", seal()), tmp_path / "catalogue.db"
    name = EVALUATION.recording_id
    made = keys.new_data_key({"recording": name})
    key = WrappedKey(recording_id=name, wrapped=made.wrapped, master_key_id=made.master_key_id)

    def opened() -> SqlCatalogue:
        return open_catalogue(f"sqlite:///{file}", seals=SEALS)

    note = Note(
        note_id=NoteId("note-1"),
        recording_id=name,
        from_s=1.25,
        to_s=None,
        shared=True,
        about=None,
        made_by="trainer:alice",
        made_at=NOW,
        sealed=texts.seal(SECRET, key, of="note:note-1"),
    )
    course = Course(
        course_id=CourseId("course-1"),
        title="Accueil",
        made_by="trainer:alice",
        made_at=NOW,
        team=False,
        people=frozenset({"bob"}),
        moments=(Moment(recording_id=name, from_s=1.25, to_s=None, note_id=note.note_id),),
    )
    old = replace(course, course_id=CourseId("course-0"), moments=())
    catalogue = opened()
    with catalogue.transaction() as tx:
        tx.recordings.insert([recording(1, recording_id=name)])
        tx.keys.add([key])
        tx.courses.save(old)
    catalogue.close()
    shutil.copy(file, tmp_path / "backup.db")
    catalogue = opened()
    sealed = texts.seal(evaluation_text(EVALUATION), key, of="evaluation:eval-1")
    with journalled(catalogue, journal, clock).transaction() as tx:
        tx.notes.save(note)
        tx.evaluations.save(replace(EVALUATION, sealed=sealed))
        tx.courses.save(course)
        tx.courses.remove(old.course_id)
    catalogue.close()
    for left in tmp_path.glob("catalogue.db*"):
        left.unlink()
    shutil.copy(tmp_path / "backup.db", file)

    catalogue = opened()
    policy = load_policy(shipped_config() / "policy.yaml")
    replay = ActReplay(
        policy=policy,
        catalogue=catalogue,
        scribe=lambda: Scribe(keys=keys, clock=clock, policy_version=policy.version),
        apply=lambda objection: None,
        texts=lambda: texts,
    )
    records = [one for one in DirectoryJournal(tmp_path / "erasures", seal()).iterate() if isinstance(one, ActsRecord)]
    assert [(done.changed, done.not_replayed) for done in (replay.run(records), replay.run(records))] == [
        (4, ()),
        (0, ()),
    ]
    with catalogue.transaction() as tx:
        assert list(tx.notes.of(name)) == [note]
        assert tx.evaluations.get(EVALUATION.evaluation_id) == EVALUATION
        assert list(tx.courses.all()) == [course]
    catalogue.close()
