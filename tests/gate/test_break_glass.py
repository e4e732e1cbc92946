"""Breaking glass: a reason, two people, a limited time, an alarm; and what it opens is one thing to one person (U4)."""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from callwarden.desks.break_glass import ENDS, BreakGlassDesk
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.break_glass import BreakGlass, GlassId, GlassState
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.purpose import Purpose
from callwarden.rules.free_text import LONGEST
from tests.support.workshop import Workshop

SONIA = Actor(role=Role.SUPERVISOR, name="sonia")
DENISE = Actor(role=Role.DPO, name="denise")
TRAINER = Actor(role=Role.TRAINER, name="alice")
REASON = "Monsieur Dupont a menacé l'agent"
AUDIO = Readable.ORIGINAL_AUDIO
STAFF = Purpose.STAFF_PROTECTION


@dataclass(slots=True)
class Siren:
    """`callwarden.ports.alarm.Alarm` that remembers."""

    heard: list[str] = field(default_factory=list)

    def sound(self, code: str, *, subject: str, correlation: str) -> None:
        assert subject.startswith("rec-")
        assert correlation.startswith("glass-")
        self.heard.append(code)


@pytest.fixture
def siren() -> Siren:
    return Siren()


@pytest.fixture
def desk(shop: Workshop, siren: Siren) -> BreakGlassDesk:
    system = shop.system
    return BreakGlassDesk(
        acts=system.acts,
        policy=system.policy,
        clock=shop.clock,
        keys=system.keys,
        cipher=system.cipher,
        alarm=siren,
    )


@pytest.fixture
def one(shop: Workshop) -> RecordingId:
    return shop.stored(audio=b"what was really said")


def reads(shop: Workshop, actor: Actor, one: RecordingId, purpose: Purpose = STAFF, what: Readable = AUDIO) -> bytes:
    return shop.system.gate.read(actor, purpose, one, what).read_all()


def is_refused(shop: Workshop, actor: Actor, one: RecordingId, **asked: object) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        reads(shop, actor, one, **asked)  # type: ignore[arg-type]  # purpose or artefact
    return refused.value.reasons


def asked(desk: BreakGlassDesk, one: RecordingId, reason: str = REASON) -> BreakGlass:
    return desk.request(SONIA, STAFF, one, AUDIO, reason=reason)


def operations(shop: Workshop) -> list[Operation]:
    return [entry.operation for entry in shop.parts["catalogue"].log]


def test_it_opens_after_a_second_person_has_approved_and_closes_when_its_time_is_over(
    shop: Workshop, desk: BreakGlassDesk, one: RecordingId, siren: Siren
) -> None:
    assert is_refused(shop, SONIA, one) == ("break_glass_needed",)
    request = asked(desk, one)
    assert is_refused(shop, SONIA, one) == ("break_glass_needed",)
    opened = desk.approve(DENISE, request.request_id)
    assert opened.open_until == shop.clock.now() + shop.policy.break_glass_lasts
    assert reads(shop, SONIA, one) == b"what was really said"
    shop.clock.move(shop.policy.break_glass_lasts - timedelta(microseconds=1))
    assert reads(shop, SONIA, one) == b"what was really said"
    shop.clock.move(timedelta(microseconds=1))
    assert is_refused(shop, SONIA, one) == ("break_glass_needed",)
    assert siren.heard == ["breakglass.requested", "breakglass.approved"]


def test_it_opens_one_artefact_to_one_person_for_one_purpose(
    shop: Workshop, desk: BreakGlassDesk, one: RecordingId
) -> None:
    other = shop.stored("c-2")
    desk.approve(DENISE, asked(desk, one).request_id)
    somebody = Actor(role=Role.SUPERVISOR, name="serge")
    assert is_refused(shop, somebody, one) == ("break_glass_needed",)
    assert is_refused(shop, SONIA, other) == ("break_glass_needed",)
    assert is_refused(shop, SONIA, one, purpose=Purpose.QUALITY) == ("not_permitted",)
    assert is_refused(shop, SONIA, one, what=Readable.ORIGINAL_TRANSCRIPT) == ("not_permitted",)


def test_the_second_person_is_another_one_whatever_role_they_come_in(
    shop: Workshop, desk: BreakGlassDesk, one: RecordingId
) -> None:
    request = asked(desk, one)
    for name in ("sonia", "Sonia", " SONIA ", "ｓｏｎｉａ", "sоnia", "sónia"):
        with pytest.raises(RefusedError) as refused:
            desk.approve(Actor(role=Role.DPO, name=name), request.request_id)
        assert refused.value.reasons == ("same_person",)
    with pytest.raises(RefusedError) as refused:
        desk.approve(TRAINER, request.request_id)
    assert refused.value.reasons == ("not_permitted",)
    with pytest.raises(RefusedError) as refused:
        desk.approve(DENISE, GlassId("glass-none"))
    assert refused.value.reasons == ("unknown",)
    assert is_refused(shop, SONIA, one) == ("break_glass_needed",)
    assert operations(shop).count(Operation.ACCESS_REFUSED) >= 5


def test_a_request_nobody_approves_in_time_lapses(shop: Workshop, desk: BreakGlassDesk, one: RecordingId) -> None:
    request = asked(desk, one)
    shop.clock.move(shop.policy.break_glass_lasts)
    with pytest.raises(UsageError, match="lapsed"):
        desk.approve(DENISE, request.request_id)
    assert [one.state for one in desk.listed(DENISE)] == [GlassState.LAPSED]


def test_an_approval_is_given_once(desk: BreakGlassDesk, one: RecordingId) -> None:
    request = asked(desk, one)
    desk.approve(DENISE, request.request_id)
    with pytest.raises(UsageError, match="open"):
        desk.approve(Actor(role=Role.LEGAL, name="bruno"), request.request_id)


def test_a_clock_set_back_opens_nothing(shop: Workshop, desk: BreakGlassDesk, one: RecordingId) -> None:
    desk.approve(DENISE, asked(desk, one).request_id)
    shop.clock.move(timedelta(minutes=-2))
    assert "break_glass_needed" in is_refused(shop, SONIA, one)


def test_glass_opens_nothing_else_that_closes_a_recording(
    shop: Workshop, desk: BreakGlassDesk, one: RecordingId
) -> None:
    """A restriction stands; so does the end of the period."""
    desk.approve(DENISE, asked(desk, one).request_id)
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.save([replace(tx.recordings.get([one], lock=True)[one], restricted=True)])
    assert is_refused(shop, SONIA, one) == ("restricted",)
    with pytest.raises(RefusedError) as refused:
        asked(desk, one)
    assert refused.value.reasons == ("restricted",)


def test_a_trainer_cannot_ask_and_who_may_read_anyway_need_not(
    shop: Workshop, desk: BreakGlassDesk, one: RecordingId
) -> None:
    with pytest.raises(RefusedError) as refused:
        desk.request(TRAINER, Purpose.TRAINING, one, AUDIO, reason=REASON)
    assert refused.value.reasons == ("not_permitted",)
    with pytest.raises(UsageError, match="without emergency access"):
        desk.request(Actor(role=Role.LEGAL, name="b"), Purpose.DISPUTE, one, AUDIO, reason=REASON)
    with pytest.raises(RefusedError) as refused:
        desk.request(SONIA, STAFF, RecordingId("rec-" + "0" * 32), AUDIO, reason=REASON)
    assert refused.value.reasons == ("unknown",)


def test_requests_are_listed_to_those_who_approve_and_to_who_asked_and_each_list_is_an_entry(
    shop: Workshop, desk: BreakGlassDesk, one: RecordingId
) -> None:
    """U3, U4: the log has it before anything is shown; a refusal is an entry, too."""
    other = shop.stored("c-2")
    mine = asked(desk, one)
    theirs = desk.request(Actor(role=Role.SUPERVISOR, name="serge"), STAFF, other, AUDIO, reason=REASON)
    assert {shown.request.request_id for shown in desk.listed(DENISE)} == {mine.request_id, theirs.request_id}
    for stranger in (TRAINER, Actor(role=Role.OPERATOR, name="sonia"), Actor(role=Role.AUDITOR, name="david")):
        with pytest.raises(RefusedError) as refused:
            desk.listed(stranger)
        assert refused.value.reasons == ("not_permitted",)
    told = shop.parts["catalogue"].log[-4:]
    assert [(entry.operation, entry.outcome, entry.count) for entry in told] == [
        (Operation.BREAKGLASS_LISTED, EntryOutcome.ALLOWED, 2),
        *[(Operation.ACCESS_REFUSED, EntryOutcome.REFUSED, None)] * 3,
    ]
    assert told[1].reasons == ("not_permitted", "breakglass.list")


def test_who_asked_without_being_one_who_approves_sees_their_own(
    shop: Workshop, desk: BreakGlassDesk, one: RecordingId
) -> None:
    mine = replace(asked(desk, one), request_id=GlassId("glass-1"), role=Role.AUDITOR, requested_by="david")
    with shop.system.catalogue.transaction() as tx:
        tx.break_glass.save(mine)
    listed = desk.listed(Actor(role=Role.AUDITOR, name="david"))
    assert [shown.request.request_id for shown in listed] == [mine.request_id]
    with pytest.raises(RefusedError):
        desk.listed(Actor(role=Role.ANALYST, name="david"))


def test_who_is_narrowed_to_other_lines_neither_sees_nor_approves_a_request(
    desk: BreakGlassDesk, one: RecordingId
) -> None:
    request = asked(desk, one)
    elsewhere = Actor(role=Role.LEGAL, name="bruno", lines=frozenset({LineId("elsewhere")}))
    assert desk.listed(elsewhere) == []
    with pytest.raises(RefusedError) as refused:
        desk.approve(elsewhere, request.request_id)
    assert refused.value.reasons == ("unknown",)


@pytest.mark.parametrize("reason", ["", "   ", "x" * (LONGEST + 1)])
def test_a_reason_is_some_words(desk: BreakGlassDesk, one: RecordingId, reason: str) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        asked(desk, one, reason)


def test_the_reason_is_sealed_and_goes_with_the_recording_and_nothing_else_holds_it(
    shop: Workshop, desk: BreakGlassDesk, one: RecordingId
) -> None:
    """L1: neither the log nor the bus nor the row holds a word of it."""
    request = asked(desk, one)
    assert [shown.reason for shown in desk.listed(DENISE)] == [REASON]
    rows = shop.parts["catalogue"].rows
    messages = [message.value.decode() for _, message in rows.outbox.values()]
    written = repr(rows.log) + repr(rows.glasses) + repr(messages) + repr(request.sealed_reason)
    assert "Dupont" not in written
    assert "sonia" not in repr(rows.log) + repr(messages)
    with shop.system.catalogue.transaction() as tx:
        tx.keys.destroy([one])
    assert [shown.reason for shown in desk.listed(DENISE)] == [None]


def test_every_act_is_in_the_log_under_the_requests_id_and_the_alert_waits_in_the_outbox(
    shop: Workshop, desk: BreakGlassDesk, one: RecordingId
) -> None:
    request = asked(desk, one)
    desk.approve(DENISE, request.request_id)
    shop.clock.move(shop.policy.break_glass_lasts)
    assert desk.end_expired(ENDS) == 1
    assert desk.end_expired(ENDS) == 0
    entries = [entry for entry in shop.parts["catalogue"].log if entry.correlation == request.request_id]
    assert [entry.operation for entry in entries] == [
        Operation.BREAKGLASS_REQUESTED,
        Operation.BREAKGLASS_APPROVED,
        Operation.BREAKGLASS_ENDED,
    ]
    assert {entry.subject for entry in entries} == {one}
    assert entries[-1].actor == "service:break-glass", "time has ended it, not a person"
    sent = [message for _, message in shop.parts["catalogue"].rows.outbox.values() if message.topic == "alerts"]
    assert [json.loads(message.value)["code"] for message in sent] == ["breakglass.requested", "breakglass.approved"]


def test_a_reading_through_broken_glass_names_the_request_in_the_log(
    shop: Workshop, desk: BreakGlassDesk, one: RecordingId
) -> None:
    request = asked(desk, one)
    desk.approve(DENISE, request.request_id)
    reads(shop, SONIA, one)
    [entry] = [one for one in shop.system.log_writer.entries if one.operation is Operation.CONTENT_READ][-1:]  # type: ignore[attr-defined]  # the noting log
    assert entry.correlation == request.request_id
