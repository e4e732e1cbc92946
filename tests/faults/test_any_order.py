"""Whatever comes, in any order, twice, with workers and people killed in between, and over restored backups: the
promises hold (I1-I5, I10, I11, K3, R3, R4, D1, D4).

The steps, the desks, the rules, the gate and the runtime are the real ones; the ports are in memory. The same sequences
are tried in every run; CALLWARDEN_EXPLORE=500 tries so many random ones instead.
"""

import os
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable
from callwarden.model.criteria import Asked
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.purpose import RECORDING, Purpose
from callwarden.model.recording import GONE, AudioState, RecordingState
from callwarden.model.request import RefusalGround, RequestId, RequestType
from callwarden.rules.audio_period import audio_disposal, readable_until
from callwarden.rules.disposal import Dispose
from callwarden.rules.sweeping import LONGEST_JUMP
from tests.faults.world import KEPT, PACE, STEP_NAMES, TRAINER, KnownCase, World
from tests.support.dying import LASTING, Moment
from tests.support.memory import digest
from tests.support.scenarios import DPO, LEGAL, SECOND_LEGAL, work

CALLS = st.integers(0, 3)
CALLERS = st.integers(0, 1)
CASES = st.sampled_from(["DOSSIER-1", "DOSSIER-2"])
PURPOSES = st.sampled_from([["recording"], ["recording"], ["training"], ["recording", "quality"]])
SECOND_DPO = Actor(role=DPO.role, name="claire")
MONITORED = frozenset({3})
"""The call on the line that offers no objection to recording."""
MOMENTS = st.builds(Moment, st.sampled_from(sorted(LASTING)), st.integers(1, 3), after=st.booleans())


def _number(caller: int) -> str:
    return f"+3363998000{caller}"


class AnyOrder(World, RuleBasedStateMachine):
    """A telephone system, callers, a data protection officer, legal, workers that die, backups and a clock."""

    def teardown(self) -> None:
        try:
            self.all_is_well()
        finally:
            self.close()

    # what comes in
    @initialize(calls=st.sets(CALLS, min_size=1))
    def some_calls_are_there(self, calls: set[int]) -> None:
        for call in sorted(calls):
            self.a_call_is_recorded(call, [], "a call", missing=False)
        work(self.shop, *STEP_NAMES, pace=PACE)

    @rule(
        call=CALLS,
        objections=st.sampled_from([[], [], None, ["recording"], ["training"]]),
        audio=st.sampled_from(["a call", "a call", "other audio", "silent", "noise"]),
        missing=st.sampled_from([False, False, False, True]),
    )
    def a_call_is_recorded(self, call: int, objections: list[str] | None, audio: str, missing: bool) -> None:
        content = f"{audio} of call {call}".encode()
        self.contents[digest(content)] = content
        event = self.shop.event(
            f"c-{call}",
            audio=content,
            line="monitoring-centre" if call in MONITORED else "customer-service",
            caller={"number": _number(call % 2), "customer_id": f"C-{call % 2}"},
            objections=... if objections is None else objections,
        )
        if missing:
            self.shop.parts["landing"].files.pop(event["data"]["audio"]["uri"])
        self.sent.append(event)
        self.publish(event)

    @rule(value=st.sampled_from([b"no event", b"{}", b"\xff\x00", b'{"specversion":"1.0"}']), data=st.data())
    def something_comes_twice_or_is_no_event(self, value: bytes, data: st.DataObject) -> None:
        self.publish(data.draw(st.sampled_from([value, *self.sent])))

    @rule(call=CALLS, every=st.booleans(), purposes=PURPOSES)
    def a_caller_objects(self, call: int, every: bool, purposes: list[str]) -> None:
        whose: dict[str, Any] = {"caller": {"number": _number(call % 2)}} if every else {"call_id": f"c-{call}"}
        self._say("objected", **whose, purposes=purposes)

    @rule(caller=CALLERS)
    def an_objection_is_withdrawn(self, caller: int) -> None:
        purposes = ["recording", "training", "quality"]
        self._say("objection_withdrawn", caller={"number": _number(caller)}, purposes=purposes)

    def _say(self, kind: str, **data: Any) -> None:
        event = self.shop.say(kind, **data)
        self.sent.append(event)
        self.publish(event)

    # what people do
    @rule(caller=CALLERS)
    def an_objection_is_entered_at_the_desk(self, caller: int) -> None:
        self.shop.system.objection_desk.add(
            DPO,
            ObjectionScope(customer_id=f"C-{caller}"),
            frozenset({RECORDING}),
            channel="letter",
            at=self.shop.clock.now(),
            source=f"letter {self.shop.clock.now()} of {caller}",
        )

    @rule(name=CASES, calls=st.sets(CALLS, min_size=1), cut_off=st.none() | MOMENTS)
    def a_hold_is_placed(self, name: str, calls: set[int], cut_off: Moment | None) -> None:
        """Whoever is cut off does it again."""
        wanted = self.recordings_of(calls)
        if cut_off is not None:
            with self.dying(cut_off), suppress(RefusedError):
                self.shop.system.case_desk.open(LEGAL, CaseId(name), reason="dispute")
                self.shop.system.hold_desk.place(LEGAL, CaseId(name), wanted)
        self._place(name, wanted)

    @rule(name=CASES, caller=CALLERS)
    def whatever_comes_of_a_customer_is_held(self, name: str, caller: int) -> None:
        known = self.cases.setdefault(name, KnownCase())
        self.asks(lambda: self.shop.system.case_desk.open(LEGAL, CaseId(name), reason="dispute"))
        asked = Asked(customer=f"C-{caller}")
        placed = self.asks(lambda: self.shop.system.placement_desk.place(LEGAL, CaseId(name), asked))
        if known.released:
            assert placed == ("name_taken",)
            return
        assert not isinstance(placed, tuple)
        known.customers.add(caller)
        known.recordings |= set(placed.held)
        self.silent |= set(placed.audio_gone)

    def _place(self, name: str, wanted: list[RecordingId]) -> None:
        known = self.cases.setdefault(name, KnownCase())
        opened = self.asks(lambda: self.shop.system.case_desk.open(LEGAL, CaseId(name), reason="dispute"))
        placed = self.asks(lambda: self.shop.system.hold_desk.place(LEGAL, CaseId(name), wanted))
        if known.released:
            assert opened == placed == ("name_taken",)
            return
        assert not isinstance(placed, tuple)
        assert {*placed.held, *placed.gone} == set(wanted), "item by item: held, or what was gone already"
        for recording in placed.gone:
            row = self.row(recording)
            assert row is not None
            assert row.state not in KEPT
            if row.state is RecordingState.DISPOSED:
                assert placed.certificates[recording]
        known.recordings |= set(placed.held)
        self.silent |= set(placed.audio_gone)

    @rule(name=CASES, actor=st.sampled_from([LEGAL, SECOND_LEGAL]), cut_off=st.none() | MOMENTS)
    def a_release_is_asked_for_or_confirmed(self, name: str, actor: Actor, cut_off: Moment | None) -> None:
        """Whoever is cut off does it again."""
        if cut_off is not None and self.cases.get(name, KnownCase()).asked_by not in (None, actor.name):
            with self.dying(cut_off):
                self.shop.system.hold_desk.release(actor, CaseId(name))
        self._release(name, actor)

    def _release(self, name: str, actor: Actor) -> None:
        known = self.cases.get(name)
        answer = self.asks(lambda: self.shop.system.hold_desk.release(actor, CaseId(name)))
        if known is None:
            assert answer == ("unknown",)
        elif known.released:
            assert not isinstance(answer, tuple)
        elif known.asked_by is None:
            known.asked_by = actor.name
        elif known.asked_by == actor.name:
            assert answer == ("same_person",)
        else:
            assert not isinstance(answer, tuple)
            known.released = True

    @rule(caller=CALLERS)
    def a_restriction_is_asked_for_and_granted(self, caller: int) -> None:
        request = self._found(RequestType.RESTRICTION, caller)
        if request is None:
            return
        _, items = self.shop.system.request_item_desk.decide(DPO, request)
        self.shop.system.request_desk.answer(DPO, request)
        self.restricted |= {item.recording_id for item in items if item.done_at is not None}

    @rule(caller=CALLERS)
    def an_erasure_is_asked_for_and_approved(self, caller: int) -> None:
        request, system = self._found(RequestType.ERASURE, caller), self.shop.system
        if request is None:
            return
        shown = system.request_erasure_desk.preview(DPO, request)
        assert self.asks(lambda: system.request_erasure_desk.approve(DPO, request)) == ("same_person",)
        assert not set(shown.erasable) & self.held().keys()
        assert all(shown.held[one] == "litigation" for one in self.held() if one in shown.held)
        system.request_erasure_desk.approve(SECOND_DPO, request)
        self.restricted -= set(shown.erasable)  # who has asked for it changed their mind: theirs is not in their way
        for recording in shown.erasable:
            row = self.row(recording)
            assert row is not None
            assert row.state in (*GONE, RecordingState.DISPOSING), "destroyed, unless the vault itself holds it still"
        system.request_desk.answer(DPO, request)
        self.to_erase |= shown.held.keys()

    def _found(self, kind: RequestType, caller: int) -> RequestId | None:
        """A request whose items are found; None, once it is answered, where there are none."""
        system = self.shop.system
        request = system.request_desk.open(DPO, kind, customer_id=f"C-{caller}").request.request_id
        assert self.asks(lambda: system.request_item_desk.find(DPO, request)) == ("identity_unverified",)
        system.request_desk.verify(DPO, request, how="called back")
        if system.request_item_desk.find(DPO, request).items:
            return request
        system.request_item_desk.decide(DPO, request, refusal=RefusalGround.ALREADY_GONE)
        system.request_desk.answer(DPO, request)
        return None

    @rule(hours=st.sampled_from([1, 24 * 40, 24 * 40, 24 * 200]))
    def time_passes(self, hours: int) -> None:
        """A clock that jumped further than the policy allows would not be believed: somebody looks in between."""
        until = self.shop.clock.now() + timedelta(hours=hours)
        while self.shop.clock.now() < until:
            self.shop.clock.instant = min(until, self.shop.clock.now() + self.shop.policy.sweep.clock_within)
            self.shop.system.sweep.stopped()

    @rule(ahead=st.booleans())
    def a_sweep_comes_while_the_clock_is_wrong(self, ahead: bool) -> None:
        """I5: by such a clock nothing is destroyed."""
        right = self.shop.clock.now()
        list(self.shop.system.sweep.rounds())  # so that it was believed once
        there = self.stored()
        self.shop.clock.move((LONGEST_JUMP + timedelta(days=1)) * (1 if ahead else -1))
        list(self.shop.system.sweep.rounds())
        self.shop.clock.instant = right
        assert self.stored() == there

    # what befalls the machines
    @rule(steps=st.sampled_from([*((name,) for name in STEP_NAMES), STEP_NAMES]), killed=st.none() | MOMENTS)
    def workers_work(self, steps: tuple[str, ...], killed: Moment | None) -> None:
        if killed is None:
            work(self.shop, *steps, pace=PACE)
        else:
            with self.dying(killed):
                work(self.shop, *steps, pace=PACE)

    @rule(group=st.sampled_from(["ingest", "objections", "holds"]))
    def everything_is_delivered_again(self, group: str) -> None:
        offsets = self.shop.parts["bus"]._offsets
        for place in [place for place in offsets if place[0] == group]:
            del offsets[place]

    @rule(call=CALLS)
    def the_vault_refuses_to_flag_what_is_stored_of_a_call(self, call: int) -> None:
        wanted = {recording[4:] for recording in self.recordings_of({call})}
        objects = self.shop.system.vault.versions("")
        self.shop.parts["vault"].refused |= {one.key for one in objects if one.key.split("/")[2][4:] in wanted}

    @rule()
    def a_backup_is_taken(self) -> None:
        self.backups.append(self.back_up())

    @precondition(lambda self: self.backups)
    @rule(data=st.data())
    def a_backup_is_restored(self, data: st.DataObject) -> None:
        self.look()
        self.restore(self.backups[data.draw(st.integers(0, len(self.backups) - 1))])
        with self.shop.system.catalogue.snapshot() as tx:
            again = {one.objection_id: one for one in tx.objections.all()}
        assert again.keys() >= self.on_file.keys(), "an objection that was known is known"
        assert all(again[name].withdrawn_at for name, one in self.on_file.items() if one.withdrawn_at)

    # what is promised
    @invariant()
    def what_is_held_is_there_and_is_what_it_was(self) -> None:
        """I4, at every moment."""
        for recording, cases in self.held().items():
            row = self.row(recording)
            if row is None or row.state is RecordingState.PENDING:
                continue  # it was stored after the backup, and comes again from the bus
            assert row.state in KEPT, "held is never gone"
            if not cases <= set(row.holds):
                assert self.backups, "nothing but an older backup, which lacked the recording, forgets for a while"
                continue
            assert all(int(row.call_id[2:]) % 2 in self.cases[name].customers for name in set(row.holds) - cases)
            if row.source_sha256 is not None:
                assert self.digests.setdefault(recording, row.source_sha256) == row.source_sha256
            if row.state is RecordingState.STORED and not row.restricted and recording not in self.silent:
                read = self.shop.system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
                assert read.read_all() == self.contents[self.digests[recording]]

    @invariant()
    def nothing_is_readable_past_its_period(self) -> None:
        """I5, at every moment."""
        for row in self.rows():
            until = readable_until(row, Readable.ORIGINAL_AUDIO)
            if until is None or until > self.shop.clock.now() or row.holds:
                continue
            reasons = self.refusal(LEGAL, Purpose.DISPUTE, row, Readable.ORIGINAL_AUDIO)
            assert {"past_retention", "disposed", "unknown"} & set(reasons)

    @invariant()
    def what_is_restricted_is_neither_used_nor_gone(self) -> None:
        """D4, at every moment."""
        for recording in self.restricted:
            row = self.row(recording)
            if row is None or row.state in (RecordingState.PENDING, RecordingState.DROPPING, RecordingState.DROPPED):
                continue  # stored after the backup; or the person has objected to it besides
            if not row.restricted or row.state not in KEPT:
                assert self.backups, "nothing but an older backup, which lacked the recording, forgets for a while"
            elif row.state is RecordingState.STORED:
                silent = row.audio is not AudioState.KEPT
                what = Readable.METADATA if silent else Readable.ORIGINAL_AUDIO
                assert "restricted" in self.refusal(LEGAL, Purpose.DISPUTE, row, what)

    @invariant()
    def audio_that_has_ended_does_not_return(self) -> None:
        """I10, at every moment, once a restored system serves."""
        for recording in self.silent:
            row = self.row(recording)
            assert row is None or row.state not in KEPT or row.audio is not AudioState.KEPT

    @invariant()
    def what_was_erased_does_not_return(self) -> None:
        """I10, at every moment, once a restored system serves."""
        for recording in self.gone:
            row = self.row(recording)
            assert row is None or row.state in (*GONE, RecordingState.DISPOSING, RecordingState.DROPPING)

    @rule()
    def all_is_well(self) -> None:
        """I1, I2, I3, once everything that was sent has been dealt with."""
        self.settle()
        _ = self.shop.reopen().replayed  # what came again from the bus is held again
        self.settle()
        self.look()
        report = self.shop.report()
        assert [one for one in report.breaches if not self._is_lost(one.code, one.subject)] == []
        assert report.due == 0
        assert report.balance.balanced
        assert report.balance.in_flight == 0
        assert sum(report.balance.outcomes.values()) == self.published
        assert all(one.reason is not None for one in self.shop.outcomes() if one.outcome in ("refused", "quarantined"))
        for recording in self.gone:
            assert self.versions(recording) == 0
        for row in self.rows():
            if row.audio is not AudioState.KEPT and row.state is RecordingState.STORED:
                assert (row.audio, self.versions(row.recording_id)) == (AudioState.ENDED, 0)
            elif row.state is RecordingState.STORED:
                due = audio_disposal(row, now=self.shop.clock.now())
                assert not isinstance(due, Dispose), "what is over is gone"
            if self.is_objected(row, RECORDING):
                assert self.versions(row.recording_id) == 0
                assert row.sealed_event is None
            if row.state is RecordingState.STORED and self.is_objected(row, "training"):
                refused = self.refusal(TRAINER, Purpose.TRAINING, row, Readable.REDACTED_TRANSCRIPT)
                assert {"objected", "past_retention", "held_for_dispute_only"} & set(refused)
        self._what_waited_is_done()
        self.nothing_lies_about()

    def _what_waited_is_done(self) -> None:
        held = self.held()
        for row in self.rows():
            if row.state not in KEPT:
                continue
            assert held.get(row.recording_id, set()) <= set(row.holds), "held again after a restore"
            for name, case in self.cases.items():
                if not case.released and int(row.call_id[2:]) % 2 in case.customers:
                    assert name in row.holds, "it came after the case's criteria"
                    case.recordings.add(row.recording_id)
            waits = row.holds or row.restricted or (row.not_before and row.not_before > self.shop.clock.now())
            assert waits or row.recording_id not in self.to_erase, "an erasure resumes by itself"

    def _is_lost(self, code: str, subject: str) -> bool:
        """Decided after a backup, about a recording that the backup did not have and that never came again."""
        if code != "act_not_restored":
            return False
        row = self.row(RecordingId(subject.split()[-1]))
        return row is None or row.state not in KEPT


@pytest.mark.timeout(600)  # so many random ones take longer
def test_in_any_order_the_promises_hold() -> None:
    explore = int(os.environ.get("CALLWARDEN_EXPLORE", "0"))
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=explore or 40,
            stateful_step_count=30,
            derandomize=not explore,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
