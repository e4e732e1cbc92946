"""K4, I10: what the erasure journal says was destroyed is destroyed again, before a restored system serves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.journal.directory import DirectoryJournal
from pipeline.errors import InvariantError
from pipeline.model.ids import RecordingId
from pipeline.model.recording import RecordingState
from pipeline.ports.journal import ErasureJournal, JournalDamagedError
from pipeline.rules.vault_layout import recording_prefix
from pipeline.steps.replay_erasures import ErasureReplay
from tests.fakes.catalogue import FakeCatalogue, Rows
from tests.steps.workshop import Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Workshop(tmp_path / "site") as built:
        yield built


def replay(shop: Workshop, journal: ErasureJournal | None = None) -> list[RecordingId]:
    system = shop.system
    return list(
        ErasureReplay(
            journal=journal or shop.parts["journal"],
            catalogue=system.catalogue,
            eraser=lambda: system.eraser,
            certifier=lambda: system.certifier,
        ).run()
    )


def backup(shop: Workshop) -> tuple[Rows, dict[object, object]]:
    catalogue: FakeCatalogue = shop.parts["catalogue"]
    return catalogue.rows.snapshot(), dict(shop.parts["vault"]._objects)


def restore(shop: Workshop, copied: tuple[Rows, dict[object, object]]) -> None:
    shop.parts["catalogue"].rows = copied[0]
    shop.parts["vault"]._objects = dict(copied[1])


def state(shop: Workshop, one: RecordingId) -> RecordingState:
    with shop.system.catalogue.snapshot() as tx:
        return tx.recordings([one])[one].state


def versions(shop: Workshop, one: RecordingId) -> int:
    return len(list(shop.parts["vault"].versions(recording_prefix(one))))


def test_what_was_disposed_of_or_dropped_after_the_backup_goes_again_and_the_rest_stays(shop: Workshop) -> None:
    stays, runs_out, objected = (shop.stored(name) for name in ("stays", "runs-out", "objected"))
    row = shop.recording("runs-out")
    with shop.system.catalogue.transaction() as tx:
        tx.save_recordings([replace(row, keep_until=shop.clock.now() + timedelta(hours=1))])
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
        before = list(tx.certificates([one]))
    assert replay(shop) == []
    with shop.system.catalogue.snapshot() as tx:
        assert list(tx.certificates([one])) == before
        assert tx.journal_position() == "1"


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
        assert list(tx.holds(recording_id=one)) == []
        assert tx.recordings([one])[one].holds == ()


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


def test_a_damaged_journal_destroys_what_it_can_and_then_stops_the_system_every_time(
    shop: Workshop, tmp_path: Path
) -> None:
    one = shop.stored()
    journal = DirectoryJournal(tmp_path / "journal")
    journal.append(one, destroyed_at=shop.clock.now(), reason="retention")
    journal.append(RecordingId("rec-" + "9" * 32), destroyed_at=shop.clock.now(), reason="retention")
    file = tmp_path / "journal" / "erasures.log"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1].replace(b"9", b"8"))
    for _ in range(2):
        with pytest.raises(JournalDamagedError):
            replay(shop, journal)
    assert versions(shop, one) == 0


def test_a_journal_shorter_than_it_was_is_not_served_over(shop: Workshop, tmp_path: Path) -> None:
    journal = DirectoryJournal(tmp_path / "journal")
    journal.append(shop.stored(), destroyed_at=shop.clock.now(), reason="retention")
    replay(shop, journal)
    (tmp_path / "journal" / "erasures.log").write_bytes(b"")
    with pytest.raises(InvariantError, match="put its newest copy back"):
        replay(shop, journal)
