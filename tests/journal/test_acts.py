"""I10: what is decided is in the journal before it is acknowledged, and holds again where it was forgotten."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from callwarden.errors import RetryableError
from callwarden.model.act import Act, NotReplayed, QuarantineCleared, Restriction, name_of
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId, CaseId, RecordingId
from callwarden.model.log_entry import LogEntry
from callwarden.model.objection import Ground
from callwarden.model.purpose import RECORDING, Purpose
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.recording import RecordingState
from callwarden.model.rectification import Correction
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.set_aside import DeadLetter
from callwarden.ports.journal import ActsRecord
from tests.desks.test_rectifications import granted
from tests.journal.test_replay import backup, coming_up, restore
from tests.support.catalogue_rows import disclosure
from tests.support.memory import MemoryJournal
from tests.support.workshop import DPO, LEGAL, Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Workshop(tmp_path / "site") as built:
        yield built


def journalled(shop: Workshop) -> list[Act]:
    return [act for one in shop.parts["journal"].records if isinstance(one, ActsRecord) for act in one.acts]


def names(shop: Workshop) -> list[str]:
    return [name_of(one) for one in journalled(shop)]


def restricted(shop: Workshop, one: RecordingId, *, to: bool) -> None:
    with shop.system.catalogue.transaction() as tx:
        row = tx.recordings.get([one], lock=True)[one]
        tx.recordings.save([replace(row, restricted=to)])


def test_the_flow_of_calls_writes_nothing_into_the_journal(shop: Workshop) -> None:
    shop.stored("c-1")
    shop.stored("c-2", audio=b"noise")
    assert shop.parts["journal"].records == []


def test_an_objection_that_comes_with_a_call_is_journalled_like_any_other(shop: Workshop) -> None:
    shop.publish(shop.event("c-1", objections=["ai_experiment"]))
    shop.drain()
    assert names(shop) == ["objection.recorded"]


def test_whatever_is_decided_in_one_transaction_is_one_record(shop: Workshop) -> None:
    one, other = shop.stored("c-1"), shop.stored("c-2")
    shop.hold(one, other)
    shop.release()
    records = [record for record in shop.parts["journal"].records if isinstance(record, ActsRecord)]
    assert [sorted({name_of(act) for act in record.acts}) for record in records] == [
        ["hold.opened"],
        ["hold.placed"],
        ["hold.release_requested"],
        ["hold.released"],
    ]


def test_an_act_the_journal_does_not_take_is_not_done(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDiskError(RetryableError):
        pass

    def refuses(journal: MemoryJournal, acts: Sequence[Act], *, at: datetime) -> None:
        raise FullDiskError("no space")

    one = shop.stored()
    shop.system.case_desk.open(LEGAL, CaseId("CASE-1"), reason="dispute")
    monkeypatch.setattr(MemoryJournal, "append_acts", refuses)
    with pytest.raises(FullDiskError):
        shop.system.hold_desk.place(LEGAL, CaseId("CASE-1"), [one])
    with shop.system.catalogue.snapshot() as tx:
        assert tx.holds.find(recording_id=one) == []


def test_a_process_that_dies_between_the_journal_and_the_commit_has_placed_the_hold_at_the_next_start(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    one = shop.stored()
    shop.system.case_desk.open(LEGAL, CaseId("CASE-1"), reason="dispute")
    append = MemoryJournal.append_acts

    def dies_after(journal: MemoryJournal, acts: Sequence[Act], *, at: datetime) -> None:
        append(journal, acts, at=at)
        raise KilledError

    monkeypatch.setattr(MemoryJournal, "append_acts", dies_after)
    with pytest.raises(KilledError):
        shop.system.hold_desk.place(LEGAL, CaseId("CASE-1"), [one])
    with shop.system.catalogue.snapshot() as tx:
        assert tx.holds.find(recording_id=one) == []
    monkeypatch.undo()
    assert coming_up(shop).acts == 1
    with shop.system.catalogue.snapshot() as tx:
        assert [hold.case_id for hold in tx.holds.find(recording_id=one)] == ["CASE-1"]
    shop.drain("holds")
    assert shop.clean()


def test_over_a_catalogue_that_was_not_restored_a_replay_changes_nothing(shop: Workshop) -> None:
    """Also in the middle of things: a case released is not held again for a moment by its first record."""
    one = shop.stored()
    shop.hold(one)
    shop.release()
    restricted(shop, one, to=True)
    restricted(shop, one, to=False)
    shop.publish(shop.say("objected", call_id="c-1", purposes=["training"]))
    shop.drain()
    rows = shop.parts["catalogue"].rows.snapshot()
    done = coming_up(shop)
    assert (done.acts, done.destroyed, done.not_replayed) == (0, (), ())
    with shop.system.catalogue.transaction() as tx:
        tx.landmarks.save_journal_position("")
    shop.parts["catalogue"].rows.journal_position = rows.journal_position
    assert shop.parts["catalogue"].rows.recordings == rows.recordings
    assert shop.parts["catalogue"].rows.log == rows.log


def test_a_restriction_and_its_end_hold_again(shop: Workshop) -> None:
    one, other = shop.stored("c-1"), shop.stored("c-2")
    restricted(shop, other, to=True)
    copied = backup(shop)
    restricted(shop, one, to=True)
    restricted(shop, other, to=False)
    restore(shop, copied)
    assert coming_up(shop).acts == 2
    with shop.system.catalogue.snapshot() as tx:
        assert [tx.recordings.get([each])[each].restricted for each in (one, other)] == [True, False]


def test_what_was_disclosed_since_the_backup_is_known_again(shop: Workshop) -> None:
    one = shop.stored()
    copied = backup(shop)
    shop.hold(one)
    told = disclosure(case_id=CaseId("DOSSIER-1"), recordings=frozenset({one}), manifest=None)
    for state in (told, replace(told, manifest="ab" * 32)):
        with shop.system.catalogue.transaction() as tx:
            tx.disclosures.save(state)
    restore(shop, copied)
    assert coming_up(shop).acts == 3
    with shop.system.catalogue.snapshot() as tx:
        assert tx.disclosures.all() == [replace(told, manifest="ab" * 32)]


def test_a_quarantine_that_was_lifted_stays_lifted(shop: Workshop) -> None:
    shop.publish(shop.event("c-1", audio=b"noise"))
    shop.drain()
    row = shop.recording("c-1")
    copied = backup(shop)
    until = shop.clock.now() + timedelta(days=90)
    with shop.system.catalogue.transaction() as tx:
        locked = tx.recordings.get([row.recording_id], lock=True)[row.recording_id]
        tx.recordings.save([replace(locked, state=RecordingState.STORED, quarantine_reason=None, keep_until=until)])
    assert [one.recording.keep_until for one in journalled(shop) if isinstance(one, QuarantineCleared)] == [until]
    restore(shop, copied)
    assert coming_up(shop).acts == 1
    again = shop.recording("c-1")
    assert (again.state, again.quarantine_reason, again.keep_until) == (RecordingState.STORED, None, until)


def test_a_redaction_a_reviewer_had_withdrawn_is_not_shown_again(shop: Workshop) -> None:
    one = shop.stored()
    released = RedactionRecord(
        recording_id=one,
        generation=1,
        version="1",
        status=RedactionStatus.RELEASED,
        reasons=(),
        decided_at=shop.clock.now(),
    )
    with shop.system.catalogue.transaction() as tx:
        tx.redactions.save([released])
    copied = backup(shop)
    later = shop.clock.now() + timedelta(hours=1)
    with shop.system.catalogue.transaction() as tx:
        tx.redactions.save(
            [replace(released, status=RedactionStatus.WITHDRAWN, reasons=("reported_missed",), decided_at=later)]
        )
    restore(shop, copied)
    assert coming_up(shop).acts == 1
    with shop.system.catalogue.snapshot() as tx:
        assert tx.redactions.get([one])[one].status is RedactionStatus.WITHDRAWN


def test_an_objection_forgotten_by_the_backup_drops_what_it_concerns_and_is_in_the_log(shop: Workshop) -> None:
    copied = backup(shop)
    shop.publish(shop.say("objected", call_id="c-1"))
    shop.drain()
    restore(shop, copied)
    shop.stored("c-1")  # taken in before anybody had replayed the journal: as by a crash in the middle of the replay
    one = shop.recording("c-1").recording_id
    coming_up(shop)
    with shop.system.catalogue.snapshot() as tx:
        assert tx.recordings.get([one])[one].state is RecordingState.DROPPED
    entries: list[LogEntry] = list(shop.parts["catalogue"].rows.log.values())
    said = [(entry.operation.value, entry.actor) for entry in entries if "restored_backup" in entry.reasons]
    assert said == [("objection.recorded", "service:restore")]


def test_a_withdrawal_and_a_decision_forgotten_by_the_backup_hold_again(shop: Workshop) -> None:
    """A withdrawal that came before its objection, too: the objection, taken in later, is ended by it."""
    desk, number = shop.system.objection_desk, {"number": "+33639980009"}
    shop.stored("c-1", line="monitoring-centre")
    filed = desk.add(DPO, ObjectionScope(call_id=CallId("c-1")), frozenset({RECORDING}), channel="letter").objection
    early = shop.say("objected", caller=number)
    shop.clock.move(timedelta(hours=1))
    copied = backup(shop)
    shop.publish(shop.say("objection_withdrawn", caller=number))
    shop.drain()
    desk.decide(DPO, filed.objection_id, granted=False, ground=Ground.LEGAL_DUTY)
    restore(shop, copied)
    assert coming_up(shop).acts == 2
    assert [(one.granted, one.ground) for one in desk.listed(DPO)] == [(False, Ground.LEGAL_DUTY)]
    shop.publish(early)
    shop.drain()
    assert [one.withdrawn_at for one in desk.listed(DPO) if one.decided_at is None] == [shop.clock.now()]
    copied = backup(shop)
    desk.decide(DPO, filed.objection_id, granted=True)
    restore(shop, copied)
    coming_up(shop)
    assert shop.recording("c-1").state is RecordingState.DROPPED
    assert coming_up(shop).acts == 0


def test_what_cannot_be_replayed_is_told_by_name_until_it_can_be(shop: Workshop) -> None:
    copied = backup(shop)
    event = shop.event("c-1")
    shop.publish(event)
    shop.drain()
    one = shop.recording("c-1").recording_id
    shop.hold(one)
    restricted(shop, one, to=True)
    vault = dict(shop.parts["vault"]._objects)
    restore(shop, copied)
    expected = {
        NotReplayed(act="hold.placed", subject=one, why="recording_unknown"),
        NotReplayed(act="recording.restricted", subject=one, why="recording_unknown"),
    }
    for _ in range(2):
        assert set(coming_up(shop).not_replayed) == expected
    shop.parts["vault"]._objects = vault
    for entry in vault.values():
        entry.held = False
    shop.parts["vault"]._objects.clear()
    event["data"]["audio"]["uri"] = shop.land("again.wav", b"a call")
    shop.publish({**event, "id": "sent-again"})
    shop.drain()
    assert coming_up(shop).not_replayed == ()
    with shop.system.catalogue.snapshot() as tx:
        row = tx.recordings.get([one])[one]
    assert (row.holds, row.restricted) == (("DOSSIER-1",), True)


def test_kinds_of_acts_of_another_version_are_told_and_stop_nothing(shop: Workshop) -> None:
    journal = shop.parts["journal"]
    at = shop.clock.now()
    one = shop.stored()
    journal.records.append(
        ActsRecord(at=at, acts=(Restriction(recording_id=one, restricted=True),), unreadable=("teleported",))
    )
    done = coming_up(shop)
    assert done.acts == 1
    assert done.not_replayed == (NotReplayed(act="teleported", subject=at.isoformat(), why="unreadable"),)


def test_nothing_is_sealed_anew_upon_a_row_somebody_has_altered(shop: Workshop) -> None:
    one = shop.stored()
    copied = backup(shop)
    restricted(shop, one, to=True)
    restore(shop, copied)
    rows = shop.parts["catalogue"].rows.recordings
    rows[one] = replace(rows[one], altered=True)
    assert coming_up(shop).not_replayed == (NotReplayed(act="recording.restricted", subject=one, why="row_altered"),)


def test_a_dead_letter_that_was_discarded_opens_nothing_again(shop: Workshop) -> None:
    shop.publish(b"no event")
    shop.drain()
    [letter] = dead_letters(shop)
    copied = backup(shop)
    with shop.system.catalogue.transaction() as tx:
        locked = tx.dead_letters.get(letter.position, lock=True)
        assert locked is not None
        at = shop.clock.now()
        tx.dead_letters.save(replace(locked, wrapped_key=None, sealed=None, discarded_at=at))
    restore(shop, copied)
    assert coming_up(shop).acts == 1
    with shop.system.catalogue.snapshot() as tx:
        again = tx.dead_letters.get(letter.position)
    assert again is not None
    assert (again.wrapped_key, again.discarded_at) == (None, at)


def dead_letters(shop: Workshop) -> Sequence[DeadLetter]:
    with shop.system.catalogue.snapshot() as tx:
        return tx.dead_letters.all()


def test_what_was_put_right_and_who_was_told_holds_again(shop: Workshop) -> None:
    """Twice put right, and the second counts; an objection under the corrected number counts for it again."""
    recording, other = shop.stored("c-1"), shop.stored("c-2")
    request = granted(shop)
    before = backup(shop)
    desk = shop.system.rectification_desk
    desk.rectify(DPO, request, recording, Correction(number="+33639980041"))
    desk.rectify(DPO, request, recording, Correction(number="+33639980042", name="Odile Ferrand"))
    desk.rectify(DPO, request, other, Correction(customer="C-9", labels=(("alarm", "A-2"),)))
    with shop.system.catalogue.snapshot() as tx:
        labelled = tx.labels.of([other])
    notice = RecipientNotice(
        request_id=request, disclosure_id="disclosure-1", told_at=shop.clock.now(), told_by="chloe"
    )
    with shop.system.catalogue.transaction() as tx:
        tx.notices.save(notice)
    now = shop.recording("c-1")
    restore(shop, before)
    assert shop.recording("c-1") != now
    assert coming_up(shop).not_replayed == ()
    assert shop.recording("c-1") == now
    event = shop.system.gate.details(DPO, Purpose.RIGHTS_REQUEST, recording)
    assert (event.caller.number, event.caller.name) == ("+33639980042", "Odile Ferrand")
    assert shop.recording("c-2").customer == shop.system.concerned.customer("C-9")
    assert len(desk.history(DPO, request)) == 3
    with shop.system.catalogue.snapshot() as tx:
        assert tx.notices.of(request) == [notice]
        assert tx.labels.of([other]) == labelled
    assert coming_up(shop).acts == 0
