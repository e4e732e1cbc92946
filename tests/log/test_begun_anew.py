"""A log over a database that was set back goes on under a new key, and what is lost is told for ever (L2)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from callwarden.accesslog.book.book import SqlLogBook
from callwarden.accesslog.book.tables import log_succession, metadata
from callwarden.accesslog.export import verify_directory
from callwarden.accesslog.key.file import LogKey
from callwarden.accesslog.key.signer import Ed25519Signer, trust
from callwarden.accesslog.places.directory import CheckpointDirectory
from callwarden.accesslog.proof.checkpoint import format_checkpoint, parse_checkpoint
from callwarden.accesslog.proof.export import Kind, Report
from callwarden.accesslog.proof.naming import checkpoint_name
from callwarden.accesslog.proof.note import NoteError, open_note, parse_note, sign_note
from callwarden.accesslog.proof.succession import Handover, beginnings
from callwarden.accesslog.proof.values import Checkpoint, Hash, JournalMark, LostState, PublishedCheckpoint, VerifierKey
from callwarden.adapters.sql.schema import log_staged
from callwarden.errors import ConfigurationError, RetryableError, UsageError
from callwarden.ports.log import LogDamagedError, SetBack
from tests.support.log_builder import ORIGIN, signer
from tests.support.sql_log import SqlLog

STRANGER = signer(seed=9)
TABLES = [*metadata.sorted_tables, log_staged]


class Lived:
    """A log with its key in files, whose database can be copied and put back."""

    def __init__(self, log: SqlLog, folder: Path) -> None:
        self.log = log
        self.key = LogKey(path=folder / "keys" / "log.pem", origin=ORIGIN)
        self.journal: JournalMark | None = None

    @property
    def book(self) -> SqlLogBook:
        """As a process that has just been started has it."""
        log = self.log
        return SqlLogBook(
            engine=log.engine, key=self.key, places=log.places, now=log.clock.now, journal=lambda: self.journal
        )

    @property
    def outside(self) -> Path:
        return Path(self.log.places[0].name.removeprefix("directory "))

    def anchor(self, entries: int) -> None:
        self.log.stage(entries)
        self.book.checkpoint(wait_s=0)

    def copy(self) -> dict[str, Any]:
        with self.log.engine.connect() as connection:
            return {one.name: connection.execute(select(one)).mappings().all() for one in TABLES}

    def put_back(self, copy: dict[str, Any]) -> None:
        with self.log.engine.begin() as connection:
            for table in TABLES:
                connection.execute(delete(table))
                if rows := copy[table.name]:
                    connection.execute(insert(table), [dict(row) for row in rows])

    def begin(self) -> VerifierKey:
        lost = self.book.set_back()
        assert lost is not None
        return self.book.begin_anew(lost, lambda _: None)

    def report(self) -> Report:
        return self.book.verify()


@pytest.fixture
def lived(log: SqlLog, tmp_path: Path) -> Lived:
    """Three entries are in the backup; eight were signed, and the database is back at three."""
    return set_back(Lived(log, tmp_path))


@pytest.fixture
def here(embedded_log: SqlLog, tmp_path: Path) -> Lived:
    """The same, on the embedded system's database alone."""
    return set_back(Lived(embedded_log, tmp_path))


def set_back(lived: Lived) -> Lived:
    lived.anchor(3)
    copy = lived.copy()
    lived.anchor(2)
    lived.anchor(3)
    lived.put_back(copy)
    return lived


def kinds(report: Report) -> set[Kind]:
    return {fault.kind for fault in report.faults}


def test_a_log_set_back_goes_on_and_tells_what_is_lost_until_somebody_accepts_it(lived: Lived, tmp_path: Path) -> None:
    old = lived.key.signer().trusted
    lived.log.stage(2)
    with pytest.raises(LogDamagedError, match="begin-anew"):
        lived.book.checkpoint(wait_s=0)
    with pytest.raises(LogDamagedError, match="set back"):
        list(lived.book.reader.entries())
    told: list[VerifierKey] = []
    lost = lived.book.set_back()
    assert lost is not None
    assert (lost.there, lost.proven, lost.lost.size) == (3, 3, 8)
    assert [lived.book.begin_anew(lost, told.append)] == told == [lived.key.signer().key]
    lived.anchor(1)
    assert len(list(lived.book.reader.entries())) == 6
    assert lived.book.reader.status(outside=True).set_back is None
    lived.book.export(tmp_path / "export")
    for report in (
        lived.report(),
        verify_directory(tmp_path / "export", trusted=[old], checkpoints=lived.outside),
        verify_directory(tmp_path / "export", trusted=[old]),
    ):
        [fault] = report.faults
        assert (fault.kind, fault.first, fault.end, report.size, report.anchored) == (Kind.ENTRIES_LOST, 3, 8, 6, 6)
        if report.given:
            assert (report.given, report.outside, report.of_lost) == (5, 3, 2)
        [loss] = report.losses
        assert loss.name == f"3-8-{told[0].key_id.hex()}"
        assert loss.name in fault.message
        assert (report.only_lost, report.accepting(loss.name).ok) == (True, True)
        with pytest.raises(UsageError, match="no loss"):
            report.accepting("3-8-00000000")


def test_it_grows_past_what_is_lost_and_the_loss_is_told_as_before(here: Lived) -> None:
    here.begin()
    for _ in range(4):
        here.anchor(2)
        assert kinds(here.report()) == {Kind.ENTRIES_LOST}
    assert here.report().anchored == 11
    assert len(list(here.book.reader.entries())) == 11


def test_entries_that_were_numbered_and_unsigned_in_the_backup_are_vouched_for_by_the_new_key_alone(
    embedded_log: SqlLog, tmp_path: Path
) -> None:
    lived = Lived(embedded_log, tmp_path)
    lived.anchor(3)
    lived.log.stage(1)
    with lived.book.sequencer() as sequencer:
        sequencer.sequence()
    copy = lived.copy()
    lived.anchor(4)
    lived.put_back(copy)
    lived.begin()
    [loss] = lived.report().losses
    assert (loss.proven, loss.there, loss.end) == (3, 4, 8)
    assert "the last 1 of them unsigned until then" in loss.message
    assert [fault.first for fault in lived.report().faults] == [3]


def test_of_a_log_that_is_whole_nothing_is_begun_anew(embedded_log: SqlLog, tmp_path: Path) -> None:
    lived = Lived(embedded_log, tmp_path)
    lived.anchor(3)
    assert lived.book.set_back() is None
    made_up = SetBack(there=3, proven=3, lost=LostState(size=9, root=Hash(bytes(32))), place="x", checkpoint="y")
    with pytest.raises(LogDamagedError, match="not, or no longer, set back"):
        lived.book.begin_anew(made_up, lambda _: None)
    assert lived.report().ok


def test_a_database_that_is_more_than_set_back_is_not_begun_anew(here: Lived) -> None:
    with here.log.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE log_state SET size = 2, peaks = peaks")
    with pytest.raises(LogDamagedError):
        here.book.set_back()


def test_entries_altered_below_a_checkpoint_are_no_earlier_state(embedded_log: SqlLog, tmp_path: Path) -> None:
    """Somebody puts other entries in the place of the lost ones, to have two people sign them."""
    lived = Lived(embedded_log, tmp_path)
    lived.anchor(3)
    early = lived.copy()
    lived.anchor(2)
    lived.anchor(3)
    lived.put_back(early)
    lived.log.stage(3, purpose="quality")
    hidden = [path.rename(path.with_suffix(".aside")) for path in sorted(lived.outside.iterdir())[1:]]
    with lived.book.sequencer() as sequencer:
        sequencer.sequence()
    for path in hidden:
        path.rename(path.with_suffix(".checkpoint"))
    with pytest.raises(LogDamagedError, match="are not the ones that were signed"):
        lived.book.set_back()


@pytest.mark.parametrize("back_to", ["after", "before"])
def test_a_second_log_begun_anew_over_the_first_hides_neither_loss(here: Lived, back_to: str) -> None:
    before = here.copy()
    here.begin()
    here.anchor(2)
    after = here.copy()
    here.anchor(9)
    here.put_back({"before": before, "after": after}[back_to])
    here.begin()
    here.anchor(1)
    report = here.report()
    assert kinds(report) == {Kind.ENTRIES_LOST}
    assert [(one.there, one.end) for one in report.losses] == [(3, 8), ({"before": 3, "after": 5}[back_to], 14)]
    first, second = (one.name for one in report.losses)
    assert not report.accepting(first).ok
    assert not report.accepting(second).ok
    assert report.accepting(first, second).ok
    here.anchor(20)
    assert here.report().accepting(first, second).ok


def test_the_same_backup_restored_twice_is_two_losses_of_two_names(here: Lived) -> None:
    copy = here.copy()
    for _ in range(2):
        here.begin()
        here.anchor(5)
        here.put_back(copy)
    here.begin()
    assert len({one.name for one in here.report().losses}) == len(here.report().losses) == 3


def test_keys_that_were_replaced_in_what_is_lost_are_followed(embedded_log: SqlLog, tmp_path: Path) -> None:
    lived = Lived(embedded_log, tmp_path)
    first = lived.key.signer()
    lived.anchor(3)
    copy = lived.copy()
    lived.anchor(1)
    lived.book.rotate_key(lambda _: None)
    lived.anchor(2)
    lived.put_back(copy)
    lived.begin()
    lived.anchor(1)
    for trusted in ([first.trusted], lived.key.trusted()):
        report = lived.book.verify(trusted=trusted)
        assert kinds(report) == {Kind.ENTRIES_LOST}
        assert [(one.there, one.end) for one in report.losses] == [(3, 6)]


def test_older_keys_that_were_put_back_too_sign_nothing(embedded_log: SqlLog, tmp_path: Path) -> None:
    lived = Lived(embedded_log, tmp_path)
    lived.anchor(3)
    copy, old = lived.copy(), lived.key.path.read_bytes()
    lived.book.rotate_key(lambda _: None)
    lived.anchor(2)
    lived.put_back(copy)
    (lived.key.path.parent / "log.earlier.txt").unlink()
    lived.key.path.write_bytes(old)
    with pytest.raises(LogDamagedError, match="signed by a key that is not here"):
        lived.book.set_back()


def test_the_key_of_a_rotation_that_is_lost_is_not_the_new_log_s(embedded_log: SqlLog, tmp_path: Path) -> None:
    lived = Lived(embedded_log, tmp_path)
    lived.anchor(3)
    copy = lived.copy()
    lived.anchor(2)
    with lived.book.sequencer(successor=lived.key.successor().key) as sequencer:
        sequencer.hand_over(lived.key.successor())  # and the process dies: the files do not change places
    named = lived.key.successor().key
    lived.put_back(copy)
    assert lived.begin() != named
    lived.anchor(9)
    assert kinds(lived.report()) == {Kind.ENTRIES_LOST}


def test_what_was_interrupted_is_finished_by_the_next(here: Lived, tmp_path: Path) -> None:
    places, fickle = here.log.places, _Fickle(tmp_path / "fickle")
    for one in places[0].iterate():
        fickle.publish(one.note, size=parse_checkpoint(parse_note(one.note).text).size)
    here.log.places = (*places, fickle)
    lost = here.book.set_back()
    assert lost is not None
    with pytest.raises(RetryableError, match="away"):
        here.book.begin_anew(lost, lambda _: None)
    with pytest.raises(ConfigurationError, match="has handed over"):
        here.book.checkpoint(wait_s=0)
    fickle.away = False
    again = here.book.set_back()
    assert again is not None
    assert (again.there, again.lost) == (lost.there, lost.lost)
    here.book.begin_anew(again, lambda _: None)
    here.anchor(1)
    assert len(here.report().losses) == 1
    assert kinds(here.report()) == {Kind.ENTRIES_LOST}


class _Fickle(CheckpointDirectory):
    """Takes no checkpoint that names a key, for a while."""

    away = True

    def publish(self, note: bytes, *, size: int) -> PublishedCheckpoint:
        if self.away and b"next-key" in note:
            raise RetryableError("the share is away")
        return super().publish(note, size=size)


def test_a_process_with_the_old_key_signs_nothing_more(here: Lived) -> None:
    old = here.key.signer()
    here.begin()
    with pytest.raises(ConfigurationError, match="has handed over"):
        here.log.book(old).checkpoint(wait_s=0)


def test_with_a_place_out_of_reach_nobody_can_say_what_is_lost(here: Lived, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    here.log.places = (*here.log.places, CheckpointDirectory(tmp_path / "file" / "checkpoints"))
    with pytest.raises((RetryableError, ConfigurationError)):
        here.book.set_back()


def test_a_journal_that_was_set_back_as_well_is_put_back_first(embedded_log: SqlLog, tmp_path: Path) -> None:
    lived = Lived(embedded_log, tmp_path)
    lived.journal = JournalMark(count=7, head="a" * 52)
    set_back(lived)
    lived.journal = JournalMark(count=6, head="b" * 52)
    with pytest.raises(LogDamagedError, match="journal was set back"):
        lived.begin()
    lived.journal = JournalMark(count=7, head="a" * 52)
    lived.begin()


# What somebody may try who holds no key


def test_a_database_without_what_explains_the_loss_is_set_back_again(here: Lived) -> None:
    here.begin()
    here.anchor(1)
    with here.log.engine.begin() as connection:
        connection.execute(delete(log_succession))
    with pytest.raises(LogDamagedError, match="set back"):
        here.anchor(1)
    assert kinds(here.report()) == {Kind.ENTRIES_LOST}
    here.begin()  # by two people, once more
    here.anchor(9)
    assert kinds(here.report()) == {Kind.ENTRIES_LOST}


@pytest.mark.parametrize("signers", ["the stranger", "the old key alone", "the new key alone"])
def test_a_handover_that_not_both_keys_have_signed_explains_nothing(here: Lived, signers: str) -> None:
    """The old key alone stands for a process that signs what it is given; its key would have to agree to itself."""
    old = here.key.signer()
    by = {"the stranger": (STRANGER,), "the old key alone": (old,), "the new key alone": (STRANGER,)}[signers]
    forged = handover_of(here, *by)
    here.log.places[0].publish(forged, size=3)
    with here.log.engine.begin() as connection:
        connection.execute(insert(log_succession), {"name": checkpoint_name(forged, size=3), "note": forged})
    with pytest.raises(LogDamagedError, match="set back"):
        here.book.checkpoint(wait_s=0)
    assert Kind.ROLLED_BACK in kinds(here.report())
    assert here.report().losses == ()


def handover_of(lived: Lived, *signers: Ed25519Signer, root: Hash | None = None) -> bytes:
    """The handover to a stranger's key that would explain the loss."""
    kept = [parse_checkpoint(parse_note(one.note).text) for one in lived.log.places[0].iterate()]
    [there], [most] = ([one for one in kept if one.size == size] for size in (3, 8))
    lost = LostState(size=8, root=most.root if root is None else root)
    return sign_note(format_checkpoint(replace(there, successor=STRANGER.key, lost=lost)), *signers)


def test_whoever_holds_the_old_key_can_begin_anew_and_not_unseen(here: Lived) -> None:
    forged = handover_of(here, STRANGER, here.key.signer())
    here.log.places[0].publish(forged, size=3)
    assert Kind.ENTRIES_LOST in kinds(here.report())


def test_a_lost_state_other_than_the_signed_one_explains_nothing_of_that_size(here: Lived) -> None:
    forged = handover_of(here, STRANGER, here.key.signer(), root=Hash(bytes(32)))
    here.log.places[0].publish(forged, size=3)
    assert kinds(here.report()) >= {Kind.ROLLED_BACK, Kind.RETIRED_KEY}


def test_what_the_old_key_signs_beyond_the_loss_is_a_fault(here: Lived) -> None:
    old = here.key.signer()
    here.begin()
    here.log.places[0].publish(sign_note(f"{ORIGIN}\n9\n{'A' * 43}=\n", old), size=9)
    assert kinds(here.report()) == {Kind.ENTRIES_LOST, Kind.RETIRED_KEY, Kind.ROLLED_BACK}
    with pytest.raises(LogDamagedError):
        here.anchor(1)


def test_the_loss_is_told_with_the_lost_checkpoints_gone(here: Lived) -> None:
    here.begin()
    here.anchor(1)
    for one in list(here.log.places[0].iterate()):
        if parse_checkpoint(parse_note(one.note).text).size > 4:
            (here.outside / one.name).unlink()
    assert kinds(here.report()) == {Kind.ENTRIES_LOST}


def test_without_the_handover_the_lost_checkpoints_prove_a_log_set_back(here: Lived) -> None:
    here.begin()
    here.anchor(1)
    [handover] = [one for one in here.log.places[0].iterate() if b"\nlost " in one.note]
    (here.outside / handover.name).unlink()
    assert Kind.ROLLED_BACK in kinds(here.report())


# The form of it


@pytest.mark.parametrize(
    "line",
    ["lost 9", f"lost 1 {'A' * 43}=", f"lost 09 {'A' * 43}=", "lost 9 AAAA", f"lost 9 {'A' * 43}=\nlost 9 {'A' * 43}="],
)
def test_a_lost_state_that_is_none_is_malformed(line: str) -> None:
    text = f"{ORIGIN}\n1\n{'A' * 43}=\nnext-key {STRANGER.public_text().strip()}\n{line}\n"
    with pytest.raises(NoteError):
        parse_checkpoint(text)


def test_a_lost_state_without_a_successor_is_malformed() -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(f"{ORIGIN}\n1\n{'A' * 43}=\nlost 9 {'A' * 43}=\n")


def test_a_lost_state_is_read_as_it_was_written() -> None:
    written = Checkpoint(
        origin=ORIGIN,
        size=1,
        root=Hash(bytes(32)),
        successor=STRANGER.key,
        lost=LostState(size=2, root=Hash(b"\x01" * 32)),
    )
    note = sign_note(format_checkpoint(written), STRANGER)
    assert parse_checkpoint(open_note(note, trusted=[trust(STRANGER.key)])[0]) == written


_KEYS = [signer(seed=seed).key for seed in range(1, 6)]
_ROOTS = [Hash(bytes([byte]) * 32) for byte in range(2)]


@given(
    there=st.integers(0, 6),
    more=st.integers(1, 4),
    size=st.integers(0, 12),
    root=st.sampled_from(_ROOTS),
    signed=st.sets(st.integers(0, 4), min_size=1),
    named=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=5),
)
def test_only_what_earlier_keys_signed_of_the_stretch_that_is_lost_is_explained(
    there: int, more: int, size: int, root: Hash, signed: set[int], named: list[tuple[int, int]]
) -> None:
    """Keys hand over upwards or in a ring; key 1 hands over to key 2, which begins anew."""
    lost = LostState(size=there + more, root=_ROOTS[0])
    begun = Handover(by=_KEYS[1], to=_KEYS[2], size=there, lost=lost)
    others = [Handover(by=_KEYS[by], to=_KEYS[to], size=there) for by, to in named]
    [beginning] = beginnings([begun, *others])
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=root)
    if beginning.explains(checkpoint, [_KEYS[one] for one in signed]):
        assert there < size <= lost.size
        assert size < lost.size or root == lost.root
        assert 2 not in signed
        assert not {to for by, to in named if by == 2} & signed
