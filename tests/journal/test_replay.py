"""K4, I10: what the erasure journal says was destroyed is destroyed again, before a restored system serves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.accesslog.proof.values import JournalMark
from callwarden.adapters.journal.directory import DirectoryJournal
from callwarden.adapters.journal.old_record import write_old
from callwarden.errors import ConfigurationError, InvariantError
from callwarden.model.act import NotReplayed
from callwarden.model.ids import RecordingId
from callwarden.model.recording import RecordingState
from callwarden.ports.journal import ErasureRecord, Journal, JournalDamagedError, mark_of
from callwarden.rules.vault_layout import recording_prefix
from callwarden.steps.replay import Replayed
from tests.fakes.catalogue import FakeCatalogue
from tests.fakes.transaction import Rows
from tests.support.journal_keys import seal
from tests.support.workshop import Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Workshop(tmp_path / "site") as built:
        yield built


def coming_up(shop: Workshop, journal: Journal | None = None, *marks: JournalMark) -> Replayed:
    """What a system does before it serves."""
    return replace(shop.system.journal_replay, journal=journal or shop.parts["journal"], marks=lambda: marks).run()


def replay(shop: Workshop, journal: Journal | None = None) -> list[RecordingId]:
    return list(coming_up(shop, journal).destroyed)


def backup(shop: Workshop) -> tuple[Rows, dict[object, object]]:
    catalogue: FakeCatalogue = shop.parts["catalogue"]
    return catalogue.rows.snapshot(), dict(shop.parts["vault"]._objects)


def restore(shop: Workshop, copied: tuple[Rows, dict[object, object]]) -> None:
    shop.parts["catalogue"].rows = copied[0]
    shop.parts["vault"]._objects = dict(copied[1])


def state(shop: Workshop, one: RecordingId) -> RecordingState:
    with shop.system.catalogue.snapshot() as tx:
        return tx.recordings.get([one])[one].state


def versions(shop: Workshop, one: RecordingId) -> int:
    return len(list(shop.parts["vault"].versions(recording_prefix(one))))


def test_what_was_disposed_of_or_dropped_after_the_backup_goes_again_and_the_rest_stays(shop: Workshop) -> None:
    stays, runs_out, objected = (shop.stored(name) for name in ("stays", "runs-out", "objected"))
    row = shop.recording("runs-out")
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.save([replace(row, keep_until=shop.clock.now() + timedelta(hours=1))])
    copied = backup(shop)
    shop.clock.move(timedelta(hours=2))
    shop.publish(shop.say("objected", call_id="objected"))
    shop.drain()
    assert shop.drain("dispose") == 1
    restore(shop, copied)
    assert versions(shop, runs_out) == versions(shop, objected) == 1
    assert sorted(replay(shop)) == sorted([runs_out, objected])
    assert state(shop, runs_out) is RecordingState.DISPOSED
    assert state(shop, objected) is RecordingState.DROPPED
    assert state(shop, stays) is RecordingState.STORED
    assert (versions(shop, runs_out), versions(shop, objected), versions(shop, stays)) == (0, 0, 1)
    assert replay(shop) == []


def test_a_system_that_only_destroyed_in_the_ordinary_way_has_nothing_to_replay(shop: Workshop) -> None:
    one = shop.stored()
    shop.clock.move(timedelta(days=185))
    shop.drain("dispose")
    with shop.system.catalogue.snapshot() as tx:
        before = list(tx.certificates.get([one]))
    assert replay(shop) == []
    with shop.system.catalogue.snapshot() as tx:
        assert list(tx.certificates.get([one])) == before
        assert mark_of(tx.landmarks.journal_position()) == shop.parts["journal"].mark()


def test_a_hold_the_backup_still_shows_does_not_save_what_was_destroyed_after_it_ended(shop: Workshop) -> None:
    one = shop.stored()
    shop.hold(one)
    copied = backup(shop)
    shop.release()
    shop.clock.move(timedelta(days=200))
    assert shop.drain("dispose") == 1
    restore(shop, copied)
    for entry in shop.parts["vault"]._objects.values():
        entry.held = True
    assert replay(shop) == [one]
    assert (versions(shop, one), state(shop, one)) == (0, RecordingState.DISPOSED)
    with shop.system.catalogue.snapshot() as tx:
        assert list(tx.holds.find(recording_id=one)) == []
        assert tx.recordings.get([one])[one].holds == ()


def test_what_came_and_went_after_the_backup_leaves_a_tombstone_that_keeps_it_out(shop: Workshop) -> None:
    copied = backup(shop)
    event = shop.event("came-later")
    shop.publish(event)
    shop.drain()
    one = shop.recording("came-later").recording_id
    shop.clock.move(timedelta(days=185))
    shop.drain("dispose")
    restore(shop, copied)
    assert replay(shop) == []
    assert state(shop, one) is RecordingState.DISPOSED
    again = {**event, "id": "e-sent-again", "data": {**event["data"], "audio": {**event["data"]["audio"]}}}
    again["data"]["audio"]["uri"] = shop.land("again.wav", b"a call")
    shop.publish(again)
    shop.drain()
    assert shop.verdicts()[-1].startswith("refused")
    assert versions(shop, one) == 0


def test_a_replay_that_dies_in_the_middle_is_finished_by_the_next_one(shop: Workshop) -> None:
    """The journal's position is written last."""
    first, second = shop.stored("c-1"), shop.stored("c-2")
    copied = backup(shop)
    shop.clock.move(timedelta(days=185))
    assert shop.drain("dispose") == 2
    restore(shop, copied)
    vault = shop.parts["vault"]
    destroy, calls = vault.destroy, []

    class DyingError(Exception):
        pass

    def dies_at_the_second(versions: object) -> None:
        calls.append(versions)
        if len(calls) == 2:
            raise DyingError
        destroy(versions)

    vault.destroy = dies_at_the_second
    with pytest.raises(DyingError):
        replay(shop)
    vault.destroy = destroy
    assert len(replay(shop)) == 1
    assert (versions(shop, first), versions(shop, second)) == (0, 0)


def test_a_damaged_journal_destroys_nothing_and_stops_the_system_every_time(shop: Workshop, tmp_path: Path) -> None:
    """Nothing is served meanwhile, so nothing that ought to be gone is read; and nobody can have anything destroyed."""
    one = shop.stored()
    journal = DirectoryJournal(tmp_path / "journal", seal())
    journal.append(one, destroyed_at=shop.clock.now(), reason="retention")
    journal.append(RecordingId("rec-" + "9" * 32), destroyed_at=shop.clock.now(), reason="retention")
    file = tmp_path / "journal" / "journal.log"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1].replace(b"9", b"8"))
    for _ in range(2):
        with pytest.raises(JournalDamagedError):
            replay(shop, journal)
    assert versions(shop, one) == 1
    file.write_bytes(b"".join(lines))
    assert replay(shop, DirectoryJournal(tmp_path / "journal", seal())) == [one]


def test_a_line_without_the_key_destroys_nothing_held_or_not(shop: Workshop, tmp_path: Path) -> None:
    held, free = shop.stored("held"), shop.stored("free")
    shop.hold(held)
    forger = DirectoryJournal(tmp_path / "journal", seal("somebody else"))
    for one in (held, free):
        forger.append(one, destroyed_at=shop.clock.now(), reason="retention")
    with pytest.raises(JournalDamagedError):
        replay(shop, DirectoryJournal(tmp_path / "journal", seal()))
    assert (versions(shop, held), versions(shop, free)) == (1, 1)
    with shop.system.catalogue.snapshot() as tx:
        assert len(tx.holds.find(recording_id=held)) == 1


def test_a_true_record_lifts_no_hold_that_nothing_says_has_ended(shop: Workshop) -> None:
    """I4: even a record of ours. It is told until two people have released the case, and then it is done."""
    one = shop.stored()
    journal = shop.parts["journal"]
    journal.append(one, destroyed_at=shop.clock.now(), reason="retention")
    shop.hold(one)
    for _ in range(2):
        done = coming_up(shop)
        assert done.destroyed == ()
        assert done.not_replayed == (NotReplayed(act="recording.disposed", subject=one, why="held"),)
    assert versions(shop, one) == 1
    shop.release()
    assert replay(shop) == [one]
    assert versions(shop, one) == 0


def test_a_journal_cut_below_what_a_checkpoint_signed_is_seen_beside_an_older_catalogue(
    shop: Workshop, tmp_path: Path
) -> None:
    journal = DirectoryJournal(tmp_path / "journal", seal())
    copied = backup(shop)
    for number in range(3):
        journal.append(RecordingId(f"rec-{number:032x}"), destroyed_at=shop.clock.now(), reason="retention")
    mark = journal.mark()
    assert mark is not None
    file = tmp_path / "journal" / "journal.log"
    lines = file.read_bytes().splitlines(keepends=True)
    restore(shop, copied)
    for kept in (lines[:2], [], lines[1:], [lines[0], lines[2]]):
        file.write_bytes(b"".join(kept))
        with pytest.raises(JournalDamagedError, match="put its newest copy back"):
            coming_up(shop, DirectoryJournal(tmp_path / "journal", seal()), mark)
    file.unlink()
    with pytest.raises(JournalDamagedError):
        coming_up(shop, DirectoryJournal(tmp_path / "journal", seal()), mark)
    file.write_bytes(b"".join(lines))
    coming_up(shop, DirectoryJournal(tmp_path / "journal", seal()), mark)


def test_a_journal_shorter_than_it_was_is_not_served_over(shop: Workshop, tmp_path: Path) -> None:
    journal = DirectoryJournal(tmp_path / "journal", seal())
    journal.append(shop.stored(), destroyed_at=shop.clock.now(), reason="retention")
    replay(shop, journal)
    (tmp_path / "journal" / "journal.log").write_bytes(b"")
    with pytest.raises(InvariantError, match="put its newest copy back"):
        replay(shop, DirectoryJournal(tmp_path / "journal", seal()))


# A journal of the format before, which anybody could write.
def laid_there(shop: Workshop, folder: Path, *recordings: RecordingId) -> DirectoryJournal:
    folder.mkdir()
    at = shop.clock.now()
    records = [ErasureRecord(recording_id=one, destroyed_at=at, reason="retention") for one in recordings]
    (folder / "erasures.log").write_text("".join(write_old(one) + "\n" for one in records))
    return DirectoryJournal(folder, seal())


def test_a_journal_of_the_format_before_is_taken_over_where_it_changes_nothing(shop: Workshop, tmp_path: Path) -> None:
    one = shop.stored()
    shop.clock.move(timedelta(days=185))
    shop.drain("dispose")
    journal = laid_there(shop, tmp_path / "journal", one)
    with shop.system.catalogue.transaction() as tx:
        tx.landmarks.save_journal_position("50")  # as the version before remembered it
    assert coming_up(shop, journal) == Replayed()
    assert [one.recording_id for one in journal.iterate() if isinstance(one, ErasureRecord)] == [one]
    assert sorted(path.name for path in (tmp_path / "journal").iterdir()) == ["erasures.log.adopted", "journal.log"]


def test_a_journal_of_the_format_before_that_would_destroy_something_is_refused_until_somebody_answers_for_it(
    shop: Workshop, tmp_path: Path
) -> None:
    one = shop.stored()
    journal = laid_there(shop, tmp_path / "journal", one)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="callwarden journal adopt"):
            coming_up(shop, journal)
    assert versions(shop, one) == 1
    done = replace(shop.system.journal_replay, journal=journal, marks=lambda: ()).run(adopt_unproven=True)
    assert done.destroyed == (one,)


def test_a_journal_of_the_format_before_is_refused_once_there_was_one_of_this(shop: Workshop, tmp_path: Path) -> None:
    """Otherwise whoever empties the journal could lay one there that nothing proves."""
    one = shop.stored()
    written = DirectoryJournal(tmp_path / "true", seal())
    written.append(RecordingId("rec-" + "9" * 32), destroyed_at=shop.clock.now(), reason="retention")
    mark = written.mark()
    assert mark is not None
    journal = laid_there(shop, tmp_path / "journal", one)
    with pytest.raises(JournalDamagedError):
        coming_up(shop, journal, mark)
    with shop.system.catalogue.transaction() as tx:
        tx.landmarks.save_journal_position(written.position())
    with pytest.raises(JournalDamagedError):
        coming_up(shop, journal)
    assert versions(shop, one) == 1


def test_a_journal_of_the_format_before_that_is_missing_or_short_is_seen(shop: Workshop, tmp_path: Path) -> None:
    with shop.system.catalogue.transaction() as tx:
        tx.landmarks.save_journal_position("5000")
    with pytest.raises(JournalDamagedError):
        coming_up(shop, DirectoryJournal(tmp_path / "none", seal()))
    with pytest.raises(JournalDamagedError):
        coming_up(shop, laid_there(shop, tmp_path / "journal", RecordingId("rec-" + "9" * 32)))
