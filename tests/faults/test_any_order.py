"""Whatever comes, in any order, twice, with workers killed in between: the promises hold (I1-I5, I11).

The steps, the rules, the gate and the runtime are the real ones; the ports are in memory. The same sequences are tried
in every run; CALLWARDEN_EXPLORE=500 tries so many random ones instead.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from callwarden.errors import RefusedError, RetryableError
from callwarden.model.access import Readable
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId, CaseId, RecordingId
from callwarden.model.purpose import RECORDING, Purpose
from callwarden.model.recording import Recording, RecordingState
from callwarden.ports.catalogue import ObjectionReference
from callwarden.rules.vault_layout import recording_prefix
from callwarden.workers.processes.pace import Pace
from tests.support.dying import LASTING, Fate, KilledError, Moment, mortal
from tests.support.memory import digest
from tests.support.scenarios import DPO, LEGAL, SECOND_LEGAL, work
from tests.support.workshop import Workshop

PACE = Pace(threads=2, window=8, idle_poll_s=0, busy_wait_s=0.001, housekeeping_s=0, commit_every_s=0)
CALLS = st.integers(0, 5)
CALLERS = st.integers(0, 1)
STEP_NAMES = ("ingest", "objections", "holds", "dispose")
PURPOSES = st.sampled_from([["recording"], ["recording"], ["training"], ["recording", "quality"]])
MONITORED = frozenset({5})
"""The call on the line that offers no objection to recording."""


def _number(caller: int) -> str:
    return f"+3363998000{caller}"


class AnyOrder(RuleBasedStateMachine):
    """A telephone system, callers, a data protection officer, legal, workers that die, and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.shop = Workshop(self.folder)
        self.sent: list[dict[str, Any]] = []
        self.published = 0
        self.contents: dict[str, bytes] = {}
        self.held: dict[RecordingId, str] = {}
        self.cases = 0
        self.files = 0

    def teardown(self) -> None:
        try:
            self.all_is_well()
        finally:
            self.shop.__exit__(None, None, None)
            shutil.rmtree(self.folder)

    # what comes in
    def _publish(self, event: dict[str, Any] | bytes) -> None:
        self.shop.publish(event)
        self.published += 1

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
        self._publish(event)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def an_event_is_sent_twice(self, data: st.DataObject) -> None:
        self._publish(data.draw(st.sampled_from(self.sent)))

    @rule(value=st.sampled_from([b"no event", b"{}", b"\xff\x00", b'{"specversion":"1.0"}']))
    def something_that_is_no_event_comes(self, value: bytes) -> None:
        self._publish(value)

    @rule(call=CALLS, purposes=PURPOSES)
    def a_caller_objects_to_a_call(self, call: int, purposes: list[str]) -> None:
        event = self.shop.say("objected", call_id=f"c-{call}", purposes=purposes)
        self.sent.append(event)
        self._publish(event)

    @rule(caller=CALLERS, purposes=PURPOSES)
    def a_caller_objects_to_every_call(self, caller: int, purposes: list[str]) -> None:
        event = self.shop.say("objected", caller={"number": _number(caller)}, purposes=purposes)
        self.sent.append(event)
        self._publish(event)

    @rule(caller=CALLERS)
    def an_objection_is_withdrawn(self, caller: int) -> None:
        event = self.shop.say("objection_withdrawn", caller={"number": _number(caller)}, purposes=[])
        event["data"]["purposes"] = ["recording", "training", "quality"]
        self.sent.append(event)
        self._publish(event)

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

    # what people do
    @rule(call=CALLS)
    def a_hold_is_placed(self, call: int) -> None:
        wanted = [one for one in self._rows() if one.call_id == CallId(f"c-{call}")]
        self.cases += 1
        case = CaseId(f"DOSSIER-{self.cases}")
        self.shop.system.case_desk.open(LEGAL, case, reason="dispute")
        self.shop.system.hold_desk.place(LEGAL, case, [one.recording_id for one in wanted])
        for one in self._rows():
            if one.holds and one.source_sha256 is not None and one.recording_id not in self.held:
                self.held[one.recording_id] = one.source_sha256

    @precondition(lambda self: self.cases)
    @rule(data=st.data())
    def a_case_is_released(self, data: st.DataObject) -> None:
        case = CaseId(f"DOSSIER-{data.draw(st.integers(1, self.cases))}")
        with suppress(RefusedError):
            self.shop.system.hold_desk.release(LEGAL, case)
            self.shop.system.hold_desk.release(SECOND_LEGAL, case)
        still = {one.recording_id for one in self._rows() if one.holds}
        self.held = {recording: sha for recording, sha in self.held.items() if recording in still}

    @rule(hours=st.sampled_from([1, 5, 24 * 20, 24 * 100, 24 * 200]))
    def time_passes(self, hours: int) -> None:
        self.shop.clock.move(timedelta(hours=hours))

    # what workers do
    @rule(step=st.sampled_from(STEP_NAMES))
    def a_worker_works(self, step: str) -> None:
        work(self.shop, step, pace=PACE)

    @rule(
        step=st.sampled_from(STEP_NAMES),
        call=st.sampled_from(sorted(LASTING)),
        after=st.booleans(),
        nth=st.integers(1, 3),
    )
    def a_worker_is_killed(self, step: str, call: str, after: bool, nth: int) -> None:
        mortal(self.shop.reopen(), Fate(at=Moment(call, nth, after=after)))
        with suppress(KilledError, RetryableError):
            work(self.shop, step, pace=PACE)
        self.shop.reopen()

    @rule(group=st.sampled_from(["ingest", "objections", "holds"]))
    def everything_is_delivered_again(self, group: str) -> None:
        offsets = self.shop.parts["bus"]._offsets
        for place in [place for place in offsets if place[0] == group]:
            del offsets[place]

    # what is promised
    @invariant()
    def what_is_held_is_what_it_was(self) -> None:
        """I4, at every moment."""
        for recording, sha256 in self.held.items():
            row = self._row(recording)
            assert row.source_sha256 == sha256
            if row.state is RecordingState.STORED:
                read = self.shop.system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
                assert read.read_all() == self.contents[sha256]

    @invariant()
    def nothing_is_readable_past_its_period(self) -> None:
        """I5, at every moment."""
        for row in self._rows():
            if row.keep_until is None or row.keep_until > self.shop.clock.now() or row.holds:
                continue
            with pytest.raises(RefusedError):
                self.shop.system.gate.read(LEGAL, Purpose.DISPUTE, row.recording_id, Readable.ORIGINAL_AUDIO)

    @rule()
    def all_is_well(self) -> None:
        """I1, I2, I3, once everything that was sent has been dealt with."""
        work(self.shop, *STEP_NAMES, pace=PACE)
        report = self.shop.report()
        assert report.breaches == ()
        assert report.due == 0
        assert report.balance.balanced
        assert report.balance.in_flight == 0
        assert sum(report.balance.outcomes.values()) == self.published
        for row in self._rows():
            if self._is_objected(row):
                assert not list(self.shop.system.vault.versions(recording_prefix(row.recording_id)))
                assert row.sealed_event is None
        self._nothing_lies_about()

    def _is_objected(self, row: Recording) -> bool:
        """Whether an objection to recording covers this row, on a line that honours it, outside any case."""
        if row.line == "monitoring-centre" or row.holds or row.not_before is not None:
            return False
        by_call = ObjectionReference(scope="call", reference=row.call_id)  # type: ignore[arg-type]  # a StrEnum's value
        with self.shop.system.catalogue.transaction() as tx:
            on_file = tx.objections.all()
        references = {by_call.reference, row.caller, row.customer}
        return any(
            RECORDING in one.purposes and one.reference in references and one.covers(row.ended_at) for one in on_file
        )

    def _nothing_lies_about(self) -> None:
        """The landing area holds nothing that was taken, refused or dropped."""
        waiting = {one["data"]["audio"]["uri"] for one in self.sent if "audio" in one["data"]}
        assert set(self.shop.landed()) & waiting == set()

    def _rows(self) -> list[Recording]:
        return list(self.shop.system.catalogue.all_recordings())

    def _row(self, recording: RecordingId) -> Recording:
        with self.shop.system.catalogue.transaction() as tx:
            return tx.recordings.get([recording])[recording]


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
