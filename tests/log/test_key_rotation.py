"""The log's key is replaced, and who holds the old one can still check everything (L2)."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from callwarden.accesslog.book.book import SqlLogBook
from callwarden.accesslog.key.file import LogKey
from callwarden.accesslog.key.signer import Ed25519Signer, trust
from callwarden.accesslog.places.directory import CheckpointDirectory
from callwarden.accesslog.proof.checkpoint import format_checkpoint, parse_checkpoint
from callwarden.accesslog.proof.export import Kind
from callwarden.accesslog.proof.note import NoteError, parse_note, sign_note
from callwarden.accesslog.proof.succession import handovers
from callwarden.accesslog.proof.values import Checkpoint, Hash, PublishedCheckpoint
from callwarden.errors import ConfigurationError, RetryableError
from callwarden.model.access import Actor, Role
from callwarden.ports.log import LogDamagedError, SecondSequencerError
from callwarden.wiring.system import trusted_keys
from tests.support.log_builder import ORIGIN, signer
from tests.support.site import Site
from tests.support.sql_log import SqlLog


def anchor(log: SqlLog, book: SqlLogBook, entries: int) -> None:
    log.stage(entries)
    book.checkpoint(wait_s=0)


def hand_over(book: SqlLogBook, successor: Ed25519Signer) -> None:
    with book.sequencer(successor=successor.key) as sequencer:
        sequencer.hand_over(successor)


OLD, NEW, THIRD = signer(seed=1), signer(seed=2), signer(seed=3)


@pytest.fixture
def rotated(log: SqlLog) -> SqlLog:
    """Four entries under the old key, handed over, three under the new one."""
    anchor(log, log.book(OLD), 3)
    log.stage(1)
    hand_over(log.book(OLD), NEW)
    anchor(log, log.book(NEW, OLD), 3)
    return log


def test_who_holds_the_old_key_follows_to_the_new_one(rotated: SqlLog) -> None:
    report = rotated.book(OLD).verify()
    assert report.ok, report.faults
    assert (report.size, report.anchored) == (7, 7)
    assert [(one.by, one.to, one.size) for one in report.handovers] == [(OLD.key, NEW.key, 4)]


def test_who_holds_both_keys_verifies_and_who_holds_only_the_new_one_is_told_what_is_missing(rotated: SqlLog) -> None:
    assert rotated.book(NEW).verify(trusted=[NEW.trusted, OLD.trusted]).ok
    alone = rotated.book(NEW).verify(trusted=[NEW.trusted])
    assert {fault.kind for fault in alone.faults} == {Kind.OTHER_KEY}
    assert alone.anchored == 7


def test_what_waited_is_covered_by_the_old_key_and_the_handover_covers_no_less(rotated: SqlLog) -> None:
    checkpoints = [parse_checkpoint(parse_note(one.note).text) for one in rotated.book(NEW).outside()]
    assert sorted((one.size, one.successor is not None) for one in checkpoints) == [
        (3, False),
        (4, False),
        (4, True),
        (7, False),
    ]


def test_keys_are_followed_over_several_rotations(rotated: SqlLog) -> None:
    hand_over(rotated.book(NEW, OLD), THIRD)
    anchor(rotated, rotated.book(THIRD, OLD, NEW), 1)
    report = rotated.book(THIRD).verify(trusted=[OLD.trusted])
    assert report.ok, report.faults
    assert [one.to for one in report.handovers] == [NEW.key, THIRD.key]


def test_a_replaced_key_that_goes_on_signing_is_a_fault(rotated: SqlLog) -> None:
    book = rotated.book(NEW, OLD)
    newest = parse_checkpoint(parse_note(book.outside()[-1].note).text)
    forged = sign_note(format_checkpoint(newest), OLD)
    place = CheckpointDirectory(Path(rotated.places[0].name.removeprefix("directory ")))
    kept = place.publish(forged, size=newest.size)
    [fault] = book.verify().faults
    assert (fault.kind, fault.checkpoint) == (Kind.RETIRED_KEY, kept.name)


def test_a_process_that_still_has_the_old_key_signs_nothing_more(log: SqlLog) -> None:
    anchor(log, log.book(OLD), 3)
    hand_over(log.book(OLD), NEW)
    with pytest.raises(ConfigurationError, match="has handed over"):
        anchor(log, log.book(OLD), 1)
    anchor(log, log.book(NEW, OLD), 1)
    with pytest.raises(LogDamagedError, match="not a trusted key"):
        anchor(log, log.book(OLD), 1)
    assert log.book(NEW, OLD).verify().ok


def test_a_handover_no_place_took_is_finished_later_to_the_same_key(embedded_log: SqlLog, tmp_path: Path) -> None:
    log = embedded_log
    anchor(log, log.book(OLD), 3)
    log.places = (*log.places, _Fickle(tmp_path / "fickle"))
    with pytest.raises(RetryableError):
        hand_over(log.book(OLD), NEW)
    log.places = (log.places[0], CheckpointDirectory(tmp_path / "fickle"))
    with pytest.raises(ConfigurationError, match="rotate-key"):
        anchor(log, log.book(OLD), 1)
    with pytest.raises(ConfigurationError, match="has handed over"):
        hand_over(log.book(OLD), THIRD)
    hand_over(log.book(OLD), NEW)
    anchor(log, log.book(NEW, OLD), 1)
    report = log.book(OLD).verify()
    assert report.ok, report.faults
    assert len(report.handovers) == 1


class _Fickle(CheckpointDirectory):
    """Takes checkpoints, and none that names a key."""

    def publish(self, note: bytes, *, size: int) -> PublishedCheckpoint:
        if b"next-key" in note:
            raise RetryableError("the share is away")
        return super().publish(note, size=size)


def test_while_a_sequencer_runs_no_key_is_handed_over(log: SqlLog) -> None:
    anchor(log, log.book(OLD), 1)
    with log.sequencer(), pytest.raises(SecondSequencerError):
        hand_over(log.book(OLD), NEW)
    anchor(log, log.book(OLD), 1)
    assert log.book(OLD).verify().handovers == ()


def note_naming(successor: Ed25519Signer, *signers: Ed25519Signer, **changes: object) -> bytes:
    checkpoint = Checkpoint(origin=ORIGIN, size=1, root=Hash(bytes(32)), successor=successor.key)
    text = format_checkpoint(replace(checkpoint, **changes))  # type: ignore[arg-type]  # tests name the fields
    return sign_note(text, *signers)


def followed(*notes: bytes) -> list[Ed25519Signer]:
    found = handovers(notes, trusted=[OLD.trusted], believe=trust)
    return [one for one in (NEW, THIRD) for each in found if each.to == one.key]


def test_only_a_believed_key_hands_over_and_only_to_one_that_agrees() -> None:
    assert followed(note_naming(NEW, NEW, OLD)) == [NEW]
    assert followed(note_naming(NEW, OLD)) == []
    assert followed(note_naming(NEW, NEW)) == []
    assert followed(note_naming(NEW, NEW, THIRD)) == []
    assert followed(note_naming(THIRD, THIRD, NEW), note_naming(NEW, NEW, OLD)) == [NEW, THIRD]
    assert followed(note_naming(NEW, NEW, OLD).replace(b"\n1\n", b"\n2\n")) == []
    other = signer(seed=2, name="another.log/x")
    assert handovers([note_naming(other, other, OLD)], trusted=[OLD.trusted], believe=trust) == ()


def test_a_key_cannot_hand_over_to_itself_and_a_ring_of_keys_ends() -> None:
    assert followed(note_naming(OLD, OLD)) == []
    found = handovers([note_naming(NEW, NEW, OLD), note_naming(OLD, OLD, NEW)], trusted=[OLD.trusted], believe=trust)
    assert len(found) == 2


@pytest.mark.parametrize("line", ["next-key nonsense", "next-key a+b+c\nnext-key a+b+c", "next-key "])
def test_a_checkpoint_that_names_no_key_where_it_should_is_malformed(line: str) -> None:
    text = f"{ORIGIN}\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n{line}\n"
    with pytest.raises(NoteError):
        parse_checkpoint(text)


def test_the_files_change_places_once_however_often_it_is_tried(tmp_path: Path) -> None:
    key = LogKey(path=tmp_path / "keys" / "log.pem", origin=ORIGIN)
    old = key.signer()
    assert key.earlier() == ()
    new = key.successor()
    assert key.successor().key == new.key
    key.install_successor(retired=old.key)
    assert [one.key for one in key.trusted()] == [new.key, old.key]
    assert sorted(one.name for one in key.path.parent.iterdir()) == ["log.earlier.txt", "log.pem"]
    third = key.successor()
    (key.path.parent / "log.earlier.txt").write_text(
        (key.path.parent / "log.earlier.txt").read_text() + new.public_text() + "\n"
    )
    key.install_successor(retired=new.key)  # as after an interruption: it is in the list already
    assert [one.key for one in key.trusted()] == [third.key, old.key, new.key]


def test_certificates_are_signed_with_the_key_of_the_log_whatever_its_name(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as first:
        before = first.system.signer.key
    with Site(tmp_path / "home", overrides={"log_name": "second"}) as site:
        site.system.log_book.checkpoint(wait_s=0)
        [kept] = site.system.log_book.outside()
        assert parse_note(kept.note).signatures[0].key_id == site.system.signer.key.key_id != before.key_id
        believed = [one.key for one in trusted_keys(None, site.system)]
        assert believed == [site.system.signer.key, before], "what the log before has signed stays genuine"


def test_certificates_signed_before_are_genuine_after_it(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        before = site.system.signer.key
        after = site.system.log_desk.rotate_key(Actor(role=Role.OPERATOR, name="olga"))
        site.reopen()
        assert site.system.signer.key == after
        assert [one.key for one in trusted_keys(None, site.system)] == [after, before]
        assert site.system.log_book.verify().ok


def _full(file: Path, data: bytes) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_rotation_that_broke_off_before_the_files_changed_places_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Site(tmp_path / "home") as site:
        operator = Actor(role=Role.OPERATOR, name="olga")
        before = site.system.signer.key
        with monkeypatch.context() as patched:
            patched.setattr("callwarden.accesslog.key.file.replace_file", _full)
            with pytest.raises(ConfigurationError, match="cannot be put there"):
                site.system.log_desk.rotate_key(operator)
        site.reopen()
        assert site.system.signer.key == before
        with pytest.raises(ConfigurationError, match="rotate-key"):
            site.system.log_book.checkpoint(wait_s=0)
        after = site.system.log_desk.rotate_key(operator)
        site.reopen()
        assert site.system.signer.key == after
        site.system.log_book.checkpoint(wait_s=0)
        report = site.system.log_book.verify(trusted=[trust(before)])
        assert report.ok, report.faults
        assert len(report.handovers) == 1
