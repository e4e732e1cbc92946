"""Tests on real calls: asked for by one, approved by another; some calls, redacted, to one person, until a day (U8)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callwarden.desks.testing import ENDS
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.model.permission import Permission, PermissionId, PermissionState, Wanted
from callwarden.model.purpose import Purpose
from tests.support.experiments import ADA, redact
from tests.support.workshop import DPO, LINE, Workshop

ALAN = Actor(role=Role.ANALYST, name="alan")
AUDITOR = Actor(role=Role.AUDITOR, name="david")
TEXT = Readable.REDACTED_TRANSCRIPT


def wanted(shop: Workshop, **changes: object) -> Wanted:
    today = shop.clock.now().date()
    asked = Wanted(
        line=LineId(LINE),
        first=today - timedelta(days=2),
        last=today,
        number=2,
        until=today + timedelta(days=7),
        reason="the new system cuts words",
    )
    return replace(asked, **changes)  # type: ignore[arg-type]  # fields of it


def called(shop: Workshop, *calls: str, **changes: object) -> list[RecordingId]:
    found = [shop.stored(call, **changes) for call in calls]
    for one in found:
        redact(shop, one, "Bonjour.", sound=b"beeped")
    return found


def approved(shop: Workshop, **changes: object) -> Permission:
    asked = shop.system.testing_desk.ask(ADA, wanted(shop, **changes))
    return shop.system.testing_desk.approve(DPO, asked.permission_id)


def refused(shop: Workshop, one: RecordingId, *, who: Actor = ADA, what: Readable = TEXT) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as error:
        shop.system.gate.read(who, Purpose.QUALITY, one, what)
    return error.value.reasons


def reads(shop: Workshop, one: RecordingId, what: Readable = TEXT) -> bytes:
    return shop.system.gate.read(ADA, Purpose.QUALITY, one, what).read_all()


def entries(shop: Workshop, operation: Operation) -> list[LogEntry]:
    return [one for one in shop.parts["catalogue"].log if one.operation is operation]


CLOSED = ("testing_not_open",)


def test_it_opens_some_redacted_calls_to_one_person_and_each_reading_names_it(shop: Workshop) -> None:
    """U8, U3: between the approval and the end, and neither before nor after."""
    calls = called(shop, "c-1", "c-2", "c-3")
    other = called(shop, "c-4", line="monitoring-centre")
    desk = shop.system.testing_desk
    asked = desk.ask(ADA, wanted(shop))
    assert {refused(shop, one) for one in calls} == {CLOSED}
    permission = desk.approve(DPO, asked.permission_id)
    drawn = set(permission.recordings)
    assert len(drawn) == 2
    assert drawn < set(calls)
    for one in drawn:
        assert b"Bonjour" in reads(shop, one)
        assert reads(shop, one, Readable.BEEPED_AUDIO) == b"beeped"
        assert refused(shop, one, what=Readable.ORIGINAL_AUDIO) == ("not_permitted",)
        assert refused(shop, one, what=Readable.METADATA) == ("not_permitted",)
        assert refused(shop, one, who=ALAN) == CLOSED
    for one in (*(set(calls) - drawn), *other, RecordingId("rec-" + "0" * 32)):
        assert refused(shop, one) == CLOSED
    with pytest.raises(RefusedError):
        shop.system.gate.search(ADA, Purpose.QUALITY, "bonjour", limit=9)
    readings = entries(shop, Operation.CONTENT_READ)
    assert {one.correlation for one in readings} == {permission.permission_id}
    assert {one.subject for one in readings} == drawn
    [entry] = entries(shop, Operation.TESTING_APPROVED)
    assert (entry.subject, entry.count, entry.purpose) == (permission.permission_id, 2, "quality")
    assert "cuts" not in repr(shop.parts["catalogue"].log)
    shop.clock.move(permission.ends_at - shop.clock.now())
    assert {refused(shop, one) for one in calls} == {CLOSED}


def test_one_that_is_open_though_nobody_approved_it_is_told(shop: Workshop) -> None:
    """I7: a row whose seal is right, and of which the log knows nothing."""
    called(shop, "c-1")
    permission = approved(shop)
    assert shop.report().breaches == ()
    with shop.parts["catalogue"].transaction() as tx:
        tx.permissions.save(replace(permission, permission_id=PermissionId("testing-2")))
    assert [(one.code, one.subject) for one in shop.report().breaches] == [("approval_untold", "testing-2")]
    shop.clock.move(permission.ends_at - shop.clock.now())
    shop.drain("dispose")
    assert shop.report().breaches == ()


def test_ended_early_it_opens_nothing_whoever_puts_its_row_back(shop: Workshop) -> None:
    [one] = called(shop, "c-1")
    permission = approved(shop)
    assert reads(shop, one)
    desk = shop.system.testing_desk
    with pytest.raises(RefusedError) as unknown:
        desk.end(ALAN, permission.permission_id)
    assert unknown.value.reasons == ("unknown",)
    ended = desk.end(ADA, permission.permission_id)
    assert refused(shop, one) == CLOSED
    shop.clock.move(timedelta(minutes=1))
    with pytest.raises(UsageError, match="ended already, by whoever asked for it or a data protection officer, at 20"):
        desk.end(DPO, permission.permission_id)
    assert [one.permission for one in desk.listed(ADA)] == [ended]
    with shop.parts["catalogue"].transaction() as tx:
        tx.permissions.save(permission)
    assert refused(shop, one) == CLOSED, "the log knows better"


def test_an_altered_row_opens_nothing(shop: Workshop) -> None:
    [one] = called(shop, "c-1")
    permission = approved(shop)
    with shop.parts["catalogue"].transaction() as tx:
        tx.permissions.save(replace(permission, altered=True))
    assert refused(shop, one) == CLOSED


def test_what_closes_a_call_closes_it_here_too(shop: Workshop) -> None:
    """R4: an objection, before the approval or after it."""
    one, _ = called(shop, "c-1", "c-2")
    called(shop, "c-3", objections=["quality"])
    shop.stored("c-4")
    assert set(approved(shop, number=9).recordings) == {one, _}
    shop.publish(shop.say("objected", call_id="c-1", purposes=["quality"]))
    shop.drain()
    assert refused(shop, one) == ("objected",)


def test_a_slow_reader_is_cut_off_at_its_end(shop: Workshop) -> None:
    one = shop.stored("c-1")
    redact(shop, one, "Bonjour.", sound=b"beep" * 1_000_000)
    permission = approved(shop)
    content = shop.system.gate.read(ADA, Purpose.QUALITY, one, Readable.BEEPED_AUDIO)
    heard = next(content.pieces)
    assert len(heard) < content.size
    shop.clock.move(permission.ends_at - shop.clock.now())
    with pytest.raises(RefusedError) as cut:
        b"".join(content.pieces)
    assert cut.value.reasons == CLOSED


def test_it_takes_two_people_and_a_policy_that_allows_it(shop: Workshop) -> None:
    called(shop, "c-1")
    desk = shop.system.testing_desk
    asked = desk.ask(ADA, wanted(shop))
    with pytest.raises(RefusedError) as same:
        desk.approve(Actor(role=Role.DPO, name="ADA"), asked.permission_id)
    assert same.value.reasons == ("same_person",)
    for actor in (ALAN, AUDITOR):
        with pytest.raises(RefusedError) as other:
            desk.approve(actor, asked.permission_id)
        assert other.value.reasons == ("not_permitted",)
    with pytest.raises(RefusedError) as unknown:
        desk.approve(DPO, PermissionId("testing-1"))
    assert unknown.value.reasons == ("unknown",)
    for who in (Actor(role=Role.TRAINER, name="alice"), replace(ADA, lines=frozenset({LineId("monitoring-centre")}))):
        with pytest.raises(RefusedError) as nobody:
            desk.ask(who, wanted(shop))
        assert nobody.value.reasons == ("not_permitted",)
    none = replace(desk, policy=replace(shop.policy, testing=None))
    with pytest.raises(RefusedError, match="sample make"):
        none.ask(ADA, wanted(shop))
    desk.approve(DPO, asked.permission_id)
    with pytest.raises(UsageError, match="is open"):
        desk.approve(DPO, asked.permission_id)


def test_nothing_to_open_is_said_and_not_approved(shop: Workshop) -> None:
    shop.stored("c-1")
    with pytest.raises(UsageError, match="no recording"):
        approved(shop)
    assert [one.state for one in shop.system.testing_desk.listed(DPO)] == [PermissionState.WAITING]


def test_each_sees_their_own_and_who_answers_for_them_all(shop: Workshop) -> None:
    called(shop, "c-1")
    permission = approved(shop)
    desk = shop.system.testing_desk
    assert [one.permission for one in desk.listed(ADA)] == [permission]
    assert [one.permission for one in desk.listed(ALAN)] == []
    for actor in (DPO, AUDITOR):
        assert [one.permission.reason for one in desk.listed(actor)] == ["the new system cuts words"]


def test_the_sweep_writes_the_end_down_once(shop: Workshop) -> None:
    called(shop, "c-1")
    permission = approved(shop)
    shop.drain("dispose")
    assert entries(shop, Operation.TESTING_ENDED) == []
    shop.clock.move(permission.ends_at - shop.clock.now())
    shop.drain("dispose")
    shop.drain("dispose")
    [entry] = entries(shop, Operation.TESTING_ENDED)
    assert (entry.subject, entry.actor) == (permission.permission_id, f"service:{ENDS.name}")


def test_an_older_backup_opens_nothing_again(shop: Workshop) -> None:
    """I10: the journal says how each permission last stood."""
    [one] = called(shop, "c-1")
    asked = shop.system.testing_desk.ask(ADA, wanted(shop))
    shop.system.testing_desk.approve(DPO, asked.permission_id)
    ended = shop.system.testing_desk.end(DPO, asked.permission_id)
    for older in (asked, None):
        with shop.parts["catalogue"].transaction() as tx:
            tx.permissions._rows.permissions.clear()
            if older is not None:
                tx.permissions.save(older)
        shop.system.replay_from_start()
        with shop.system.catalogue.snapshot() as tx:
            assert tx.permissions.find() == [ended]
        assert refused(shop, one) == CLOSED
