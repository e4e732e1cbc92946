"""L2, L3, I6, I7 on real databases: numbering, checkpoints, proofs, months that end and expire."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from callwarden.accesslog.book.upgrade import upgrade_log
from callwarden.accesslog.places.directory import CheckpointDirectory
from callwarden.accesslog.proof.encoding import encode_entry
from callwarden.accesslog.proof.export import Kind
from callwarden.accesslog.proof.proofs import verify_inclusion
from callwarden.accesslog.proof.tree import Frontier, leaf_hash, root_of
from callwarden.errors import ConfigurationError, RetryableError
from callwarden.model.log_entry import EntryId, LogEntry, Operation
from callwarden.ports.log import EntryMissingError, LogDamagedError, SecondSequencerError
from tests.support.log_builder import an_entry, signer
from tests.support.sql_log import SqlLog, dying_at


def no_hold(subject: str | None, case: str | None) -> bool:
    return False


def test_staged_entries_become_the_tree_their_bytes_make(log: SqlLog) -> None:
    entries = log.stage(300) + log.stage(257) + log.stage(1)
    log.number_and_sign()
    report = log.verify()
    assert report.ok, report.faults
    assert report.root == root_of(leaf_hash(encode_entry(entry)) for entry in entries)
    assert (report.size, report.anchored, report.outside) == (558, 558, 1)


def test_portions_of_any_size_give_the_same_tree(log: SqlLog) -> None:
    entries = []
    for count, batch in ((1, 3), (254, 7), (2, 100), (255, 255), (513, 1000)):
        entries += log.stage(count)
        with log.sequencer(batch=batch) as sequencer:
            assert sequencer.sequence() == count
            sequencer.checkpoint()
    report = log.verify()
    assert report.ok, report.faults
    assert report.root == root_of(leaf_hash(encode_entry(entry)) for entry in entries)
    assert report.outside == 5


def test_every_entry_is_proven_under_the_newest_checkpoint(log: SqlLog) -> None:
    entries = log.stage(300)
    log.number_and_sign()
    for entry in (entries[0], entries[255], entries[256], entries[299]):
        [proof] = log.reader.prove(entry.entry_id)
        assert proof.entry == encode_entry(entry)
        assert verify_inclusion(
            leaf=leaf_hash(proof.entry), index=proof.index, size=300, proof=proof.path, root=proof.checkpoint.root
        )


def test_an_entry_that_cannot_be_proven_yet_or_at_all_says_why(log: SqlLog) -> None:
    [entry] = log.stage(1)
    with pytest.raises(EntryMissingError, match="waits for its number"):
        log.reader.prove(entry.entry_id)
    with log.sequencer() as sequencer:
        sequencer.sequence()
    with pytest.raises(EntryMissingError, match="no checkpoint covers"):
        log.reader.prove(entry.entry_id)
    with pytest.raises(EntryMissingError, match="there never was one"):
        log.reader.prove(EntryId("0" * 26))


def test_entries_are_read_newest_first_waiting_ones_before_all(log: SqlLog) -> None:
    old = log.stage(5, subject="rec-1", case="C-7") + log.stage(3, subject="rec-2", case="C-7")
    with log.sequencer() as sequencer:
        sequencer.sequence()
    new = log.stage(1, subject="rec-1")
    read = list(log.reader.entries())
    assert [one.entry for one in read] == [*new, *reversed(old)]
    assert [one.index for one in read] == [None, *range(7, -1, -1)]
    assert [one.entry for one in log.reader.entries(subjects=["rec-1"])] == [*new, *reversed(old[:5])]
    assert [one.entry for one in log.reader.entries(subjects=["rec-1"], limit=2)] == [*new, old[4]]
    assert [one.entry for one in log.reader.entries(case="C-7", limit=3)] == list(reversed(old[5:]))
    assert list(log.reader.entries(limit=0)) == []


def test_of_several_those_that_are_noted_are_told_also_those_noted_since_one_looked_in_vain(log: SqlLog) -> None:
    asked = ["rec-1", "rec-2", "rec-3"]

    def noted() -> tuple[set[str], set[str]]:
        among = log.reader.noted_among(asked, Operation.RECORDING_DISPOSED)
        one_by_one = {name for name in asked if log.reader.noted(name, Operation.RECORDING_DISPOSED, waiting=False)}
        return set(among), one_by_one

    expected: set[str] = set()
    for subject, operation in (
        ("rec-1", Operation.CONTENT_READ),
        ("rec-2", Operation.RECORDING_DISPOSED),
        ("rec-1", Operation.CONTENT_READ),
        ("rec-1", Operation.RECORDING_DISPOSED),
    ):
        log.stage(1, subject=subject, operation=operation)
        assert noted() == (expected, expected), "what waits for its number does not count"
        with log.sequencer() as sequencer:
            sequencer.sequence()
        expected |= {subject} if operation is Operation.RECORDING_DISPOSED else set()
        assert noted() == (expected, expected)
    assert log.reader.noted_among([], Operation.RECORDING_DISPOSED) == frozenset()


def test_the_age_of_the_unanchored_tail_is_that_of_its_oldest_entry(log: SqlLog) -> None:
    assert log.reader.status().unanchored_since is None
    log.stage(2)
    written = log.clock.now()
    log.clock.move(seconds=90)
    assert (log.reader.status().staged, log.reader.status().unanchored_since) == (2, written)
    with log.sequencer() as sequencer:
        sequencer.sequence()
        assert (log.reader.status().staged, log.reader.status().unanchored_since) == (0, written)
        sequencer.checkpoint()
    state = log.reader.status()
    assert (state.size, state.anchored, state.unanchored_since) == (2, 2, None)


def test_the_same_state_is_signed_once(log: SqlLog) -> None:
    log.stage(1)
    log.number_and_sign()
    log.clock.move(minutes=5)
    log.number_and_sign()
    [place] = log.places
    assert len(list(place.iterate())) == 1


class ClosedPlace(CheckpointDirectory):
    """A place that is out of reach while `closed`."""

    closed = True

    def publish(self, note: bytes, *, size: int):  # type: ignore[no-untyped-def]  # as its parent's
        if self.closed:
            raise RetryableError("out of reach")
        return super().publish(note, size=size)


def test_a_checkpoint_reaches_a_place_later_when_it_was_out_of_reach(log: SqlLog, tmp_path: Path) -> None:
    closed = ClosedPlace(tmp_path / "other")
    log.places = [closed, *log.places]
    log.stage(3)
    with log.sequencer() as sequencer:
        sequencer.sequence()
        with pytest.raises(RetryableError):
            sequencer.checkpoint()
        assert log.reader.status().anchored == 0
        assert len(list(log.places[1].iterate())) == 1
        closed.closed = False
        sequencer.checkpoint()
    assert log.reader.status().anchored == 3
    assert list(closed.iterate()) == list(log.places[1].iterate())


def test_an_emptied_place_that_takes_nothing_leaves_nothing_anchored(log: SqlLog, tmp_path: Path) -> None:
    """L2: what is known to have been brought there is not there any more."""
    other = ClosedPlace(tmp_path / "other")
    other.closed = False
    log.places = [other, *log.places]
    log.stage(3)
    log.number_and_sign()
    [kept] = (tmp_path / "other").iterdir()
    kept.unlink()
    other.closed = True
    with log.sequencer() as sequencer, pytest.raises(RetryableError):
        sequencer.checkpoint()
    assert log.reader.status().anchored == 0
    assert log.reader.status().unanchored == 3
    other.closed = False
    log.number_and_sign()
    assert (log.reader.status().anchored, kept.exists()) == (3, True)


def test_a_second_sequencer_is_refused_and_changes_nothing(log: SqlLog) -> None:
    log.stage(3)
    with log.sequencer() as first:
        with pytest.raises(SecondSequencerError, match="stop it"), log.sequencer():
            pass
        assert first.sequence() == 3
    with log.sequencer() as second:
        assert second.sequence() == 0


def test_many_writers_lose_nothing(log: SqlLog) -> None:
    """Many writers, one sequencer, no lock they share but the database's own (U3)."""
    writer = log.writer(timeout_s=20)
    written: list[EntryId] = []
    entries = [an_entry(number) for number in range(200)]

    def write(mine: list[LogEntry]) -> None:
        for entry in mine:
            written.append(writer.append(entry))

    threads = [threading.Thread(target=write, args=(entries[number::8],)) for number in range(8)]
    for thread in threads:
        thread.start()
    with log.sequencer(batch=20) as sequencer:
        while any(thread.is_alive() for thread in threads):
            sequencer.sequence()
        sequencer.sequence()
        sequencer.checkpoint()
    writer.close()
    assert log.verify().ok
    assert {one.entry.entry_id for one in log.reader.entries()} == set(written)
    assert len(written) == 200


def test_dying_at_every_statement_loses_and_doubles_nothing(log: SqlLog) -> None:
    """I11: kill the sequencer anywhere; the next one goes on."""
    log.stage(30)
    log.number_and_sign()
    log.clock.move(days=40)
    log.stage(60)
    deaths = 0
    for statement in range(100):
        with dying_at(log.engine, statement) as seen:
            try:
                with log.sequencer(batch=25) as sequencer:
                    sequencer.sequence()
                    sequencer.checkpoint()
            except KeyboardInterrupt:
                deaths += 1
            else:
                break
        assert len(seen) == statement + 1
    assert deaths > 15
    assert log.months() == ["2026-09", "2026-10"]
    report = log.verify()
    assert report.ok, report.faults
    ids = [one.entry.entry_id for one in log.reader.entries()]
    assert len(ids) == len(set(ids)) == log.reader.status().size


def test_a_staged_row_that_is_no_entry_stops_the_sequencer_and_is_named(log: SqlLog) -> None:
    log.stage(2)
    with log.engine.begin() as connection:
        connection.execute(text("INSERT INTO log_staged VALUES ('0SMUGGLED', :data)"), {"data": b"a\nb"})
    with log.sequencer() as sequencer, pytest.raises(LogDamagedError, match="0SMUGGLED"):
        sequencer.sequence()
    assert log.reader.status().size == 0


# What follows is about months: L3.


def all_months(sealed_at: datetime) -> bool:
    return True


def long_ago(log: SqlLog) -> Callable[[datetime], bool]:
    before = log.clock.now() - timedelta(days=20)
    return lambda sealed_at: sealed_at < before


def a_log_of_three_months(log: SqlLog) -> None:
    for month in range(3):
        log.stage(150, subject=f"rec-{month}")
        log.number_and_sign()
        log.clock.move(hours=2)
        log.stage(100, subject=f"rec-{month}0", case="C-1")
        log.number_and_sign()
        log.clock.move(days=31)


def test_a_month_that_is_over_is_sealed_and_says_so(log: SqlLog) -> None:
    a_log_of_three_months(log)
    assert log.months() == ["2026-09", "2026-10", "2026-11"]
    sealed = [one.entry for one in log.reader.entries() if one.entry.operation is Operation.LOG_SEGMENT_SEALED]
    assert [one.subject for one in sealed] == ["segment-2026-10", "segment-2026-09"]
    assert sealed[1].count == 250
    report = log.verify()
    assert report.ok, report.faults


def test_a_clock_that_goes_back_opens_no_second_month(log: SqlLog) -> None:
    a_log_of_three_months(log)
    log.clock.move(days=-80)
    log.stage(5)
    log.number_and_sign()
    assert log.months() == ["2026-09", "2026-10", "2026-11"]
    assert log.verify().ok


def test_expired_months_are_gone_and_everything_else_is_still_proven(log: SqlLog) -> None:
    a_log_of_three_months(log)
    last = log.stage(1)[0]
    log.number_and_sign()
    size = log.reader.status().size
    with log.sequencer() as sequencer:
        assert sequencer.expire(due=long_ago(log), keep=no_hold) == 501
        assert sequencer.expire(due=long_ago(log), keep=no_hold) == 0
        sequencer.sequence()
        sequencer.checkpoint()
    assert log.months(expired=True) == ["2026-09", "2026-10"]
    report = log.verify()
    assert report.ok, report.faults
    assert (report.size, report.expired, report.uncheckable) == (size + 2, 501, ())
    assert report.outside == len(list(log.places[0].iterate()))
    assert log.reader.prove(last.entry_id)[0].index == size - 2  # the seal of November came after it
    assert not list(log.reader.entries(subjects=["rec-0"]))
    said = [one.entry for one in log.reader.entries() if one.entry.operation is Operation.LOG_SEGMENT_EXPIRED]
    assert {(one.subject, one.count) for one in said} == {("segment-2026-10", 251), ("segment-2026-09", 250)}


def test_what_a_hold_needs_outlives_its_month_until_the_hold_ends(log: SqlLog) -> None:
    """A hold covers log entries too."""
    a_log_of_three_months(log)
    kept = next(iter(log.reader.entries(subjects=["rec-0"]))).entry
    due = long_ago(log)
    with log.sequencer() as sequencer:
        gone = sequencer.expire(due=due, keep=lambda subject, case: subject == "rec-0")
        assert gone == 100 + 251
        sequencer.sequence()
        sequencer.checkpoint()
    assert len(list(log.reader.entries(subjects=["rec-0"]))) == 150
    assert log.reader.prove(kept.entry_id)[0].entry == encode_entry(kept)
    report = log.verify()
    assert report.ok, report.faults
    with log.sequencer() as sequencer:
        assert sequencer.expire(due=due, keep=no_hold) == 150
    assert log.verify().ok
    assert not list(log.reader.entries(subjects=["rec-0"]))


def test_a_month_that_was_tampered_with_does_not_vanish_with_the_evidence(log: SqlLog) -> None:
    a_log_of_three_months(log)
    tamper(log, "UPDATE log_leaf SET bytes = :data WHERE idx = 17", data=b"{}")
    with log.sequencer() as sequencer, pytest.raises(LogDamagedError, match="not deleted") as caught:
        sequencer.expire(due=all_months, keep=no_hold)
    assert caught.value.index == 17
    assert log.months(expired=True) == []


# What follows is about tampering past the system: L2.


def tamper(log: SqlLog, *statements: str, **values: object) -> None:
    with log.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})


@pytest.mark.parametrize(
    ("statements", "kind", "first"),
    [
        (["UPDATE log_leaf SET bytes = :data WHERE idx = 301"], Kind.EDITED, 301),
        (["DELETE FROM log_leaf WHERE idx = 301"], Kind.DELETED, 301),
        (["DELETE FROM log_leaf WHERE idx >= 390"], Kind.CUT_TAIL, 390),
        (
            [
                "UPDATE log_leaf SET idx = -1 WHERE idx = 20",
                "UPDATE log_leaf SET idx = 20 WHERE idx = 390",
                "UPDATE log_leaf SET idx = 390 WHERE idx = -1",
            ],
            Kind.SWAPPED,
            20,
        ),
        (["UPDATE log_tile SET hashes = :zeros WHERE level = 0 AND idx = 1"], Kind.HASHES_ALTERED, 256),
    ],
)
def test_tampering_with_rows_is_named(log: SqlLog, statements: list[str], kind: Kind, first: int) -> None:
    log.stage(400)
    log.number_and_sign()
    tamper(log, *statements, data=encode_entry(log.stage(1)[0]), zeros=bytes(32 * 144))
    report = log.verify()
    assert (report.faults[0].kind, report.faults[0].first) == (kind, first)


def test_an_altered_entry_is_never_handed_out_with_a_proof(log: SqlLog) -> None:
    entry = log.stage(10)[4]
    log.number_and_sign()
    tamper(log, "UPDATE log_leaf SET bytes = :data WHERE idx = 4", data=encode_entry(log.stage(1)[0]))
    with pytest.raises(LogDamagedError, match="entry 4"):
        log.reader.prove(entry.entry_id)


def test_altered_hashes_stop_the_sequencer_before_it_signs_them(log: SqlLog) -> None:
    log.stage(400)
    log.number_and_sign()
    tamper(log, "UPDATE log_tile SET hashes = :zeros WHERE level = 0 AND idx = 1", zeros=bytes(32 * 144))
    with pytest.raises(LogDamagedError), log.sequencer():
        pass


def test_a_database_set_back_is_refused_by_the_sequencer_and_named_by_the_verifier(log: SqlLog) -> None:
    leaves = [leaf_hash(encode_entry(one)) for one in log.stage(10)]
    log.number_and_sign()
    log.stage(10)
    log.number_and_sign()
    tamper(
        log,
        "DELETE FROM log_leaf WHERE idx >= 10",
        "DELETE FROM log_checkpoint WHERE size > 10",
        "UPDATE log_tile SET hashes = substr(hashes, 1, 320)",
    )
    peaks = b"".join(Frontier().extended(leaves).peaks)
    tamper(log, "UPDATE log_state SET size = 10, peaks = :peaks", peaks=peaks)
    report = log.verify()
    newest = list(log.places[0].iterate())[-1].name
    assert (report.faults[0].kind, report.faults[0].checkpoint) == (Kind.ROLLED_BACK, newest)
    with pytest.raises(LogDamagedError, match=newest), log.sequencer():
        pass


def test_a_sequencer_with_a_fresh_key_is_refused_by_the_old_checkpoints(log: SqlLog) -> None:
    log.stage(3)
    log.number_and_sign()
    log.key = signer(9)
    with pytest.raises(LogDamagedError, match="not a trusted key"), log.sequencer():
        pass


def test_a_damaged_checkpoint_outside_is_a_clear_fault(log: SqlLog, tmp_path: Path) -> None:
    log.stage(3)
    log.number_and_sign()
    [kept] = (tmp_path / "outside").iterdir()
    kept.chmod(0o644)
    kept.write_bytes(b"damaged")
    assert log.verify().faults[0].kind is Kind.DAMAGED_CHECKPOINT
    with pytest.raises(LogDamagedError, match=kept.name), log.sequencer():
        pass


def test_a_database_that_holds_another_log_is_refused(log: SqlLog) -> None:
    log.stage(1)
    log.number_and_sign()
    log.key = signer(1, name="other.example/log")
    with pytest.raises(ConfigurationError, match="holds the log"), log.sequencer():
        pass


def test_tables_of_a_newer_version_are_refused(log: SqlLog) -> None:
    upgrade_log(log.engine)
    tamper(log, "UPDATE log_version SET version_num = 'log-9999'")
    with pytest.raises(ConfigurationError, match="another version"):
        upgrade_log(log.engine)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_leaf SET subject = 'rec-9' WHERE subject = 'rec-1'",
        "UPDATE log_leaf SET subject = NULL, case_ref = NULL",
        "UPDATE log_leaf SET case_ref = 'C-9' WHERE idx = 3",
    ],
)
def test_no_column_beside_an_entry_hides_it_from_who_asks_for_it(log: SqlLog, statement: str) -> None:
    """U3, I7: what is shown is told from the signed bytes, and the verifier names the column."""
    about = log.stage(5, subject="rec-1", case="C-7")
    log.stage(3, subject="rec-2")
    log.number_and_sign()
    tamper(log, statement)
    assert [one.entry for one in log.reader.entries(subjects=["rec-1"])] == about[::-1]
    assert [one.entry for one in log.reader.entries(case="C-7")] == about[::-1]
    report = log.verify()
    assert {fault.kind for fault in report.faults} == {Kind.COPY_ALTERED}
    assert report.entries_stand
    assert report.anchored == 8


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM log_leaf WHERE idx = 303"],
        ["UPDATE log_leaf SET bytes = :data WHERE idx = 303"],
        ["UPDATE log_leaf SET idx = 9000 WHERE idx = 303"],
        ["DELETE FROM log_leaf WHERE idx >= 990"],
        ["UPDATE log_state SET size = 900"],
        ["UPDATE log_tile SET hashes = :wrong WHERE level = 8"],
        ["UPDATE log_checkpoint SET note = :data"],
        ["UPDATE log_segment SET expired_at = (SELECT max(made_at) FROM log_checkpoint), end_idx = 1000"],
    ],
)
def test_entries_of_a_log_that_is_not_as_it_was_signed_are_not_shown_as_if_they_were_all(
    log: SqlLog, statements: list[str]
) -> None:
    """U3: nothing is silently missing from a list, a custody record or what a person is told."""
    log.stage(1000, subject="rec-1")
    log.number_and_sign()
    assert len(list(log.reader.entries(subjects=["rec-1"]))) == 1000
    tamper(log, *statements, data=b"{}", wrong=b"x" * 96)
    with pytest.raises(LogDamagedError):
        list(log.reader.entries(subjects=["rec-2"]))


def test_the_newest_entries_are_shown_without_a_pass_over_the_log(log: SqlLog) -> None:
    log.stage(2000)
    log.number_and_sign()
    tamper(log, "DELETE FROM log_leaf WHERE idx = 3")
    assert [one.index for one in log.reader.entries(limit=3)] == [1999, 1998, 1997]


def test_an_entry_kept_under_another_name_is_not_said_to_be_none(log: SqlLog) -> None:
    entry, other = log.stage(2)
    log.number_and_sign()
    tamper(log, "UPDATE log_leaf SET entry_id = :other WHERE idx = 0", other="0" * 26)
    with pytest.raises(LogDamagedError, match="under another"):
        log.reader.prove(entry.entry_id)
    with pytest.raises(LogDamagedError, match="under another"):
        log.reader.prove(EntryId("0" * 26))
    assert log.reader.prove(other.entry_id)[0].index == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_checkpoint SET size = size + 1 WHERE size = 5",
        "UPDATE log_segment SET first_idx = 1 WHERE first_idx = 0",
    ],
)
def test_a_checkpoint_or_month_kept_with_other_figures_than_were_signed_is_seen(log: SqlLog, statement: str) -> None:
    for _ in range(2):
        log.stage(5)
        log.number_and_sign()
        log.clock.move(days=40)
    log.stage(1)
    log.number_and_sign()
    assert log.verify().ok
    tamper(log, statement)
    assert not log.verify().ok


def test_a_month_sealed_earlier_by_its_column_only_does_not_expire_earlier(log: SqlLog) -> None:
    """L3: when a month is over is signed."""
    a_log_of_three_months(log)
    tamper(log, f"UPDATE log_segment SET sealed_at = {_long_ago_in_sql(log)} WHERE sealed_at IS NOT NULL")
    assert Kind.COPY_ALTERED in {fault.kind for fault in log.verify().faults}
    with log.sequencer() as sequencer:
        assert sequencer.expire(due=lambda sealed_at: sealed_at.year < 2026, keep=no_hold) == 0


def _long_ago_in_sql(log: SqlLog) -> str:
    return "'2001-01-01T00:00:00Z'" if log.engine.dialect.name == "postgresql" else "978307200000000"


def test_a_columns_word_does_not_let_an_entry_go_that_a_hold_needs(log: SqlLog) -> None:
    """I4: and an entry that was kept and is taken away later is missed."""
    a_log_of_three_months(log)
    due = long_ago(log)
    tamper(log, "UPDATE log_leaf SET subject = 'rec-9' WHERE subject = 'rec-0'")
    with log.sequencer() as sequencer:
        sequencer.expire(due=due, keep=lambda subject, case: subject == "rec-0")
        sequencer.sequence()
        sequencer.checkpoint()
    assert len(list(log.reader.entries(subjects=["rec-0"]))) == 150
    tamper(log, "UPDATE log_leaf SET subject = 'rec-0' WHERE subject = 'rec-9'")
    assert log.verify().ok
    tamper(log, "DELETE FROM log_leaf WHERE idx IN (SELECT min(idx) FROM log_leaf WHERE subject = 'rec-0')")
    assert Kind.DELETED in {fault.kind for fault in log.verify().faults}
