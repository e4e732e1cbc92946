"""Objections that are decided, a notice that was not heard, and audio with a period of its own, on Apache Kafka, Ceph
and PostgreSQL (R3, R4, K1, K4, I3)."""

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import Readable
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId, LineId, RecordingId
from callwarden.model.objection import Ground
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import WhenUntold
from callwarden.model.purpose import RECORDING, Purpose
from callwarden.model.recording import ArtefactKind, RecordingState
from callwarden.rules.vault_layout import read_key, recording_prefix
from callwarden.steps.redact.said import REDACTOR
from tests.faults.real import RealSite
from tests.support.redactions import redacted
from tests.support.scenarios import DPO, LEGAL, work

WEEK = CalendarPeriod(days=7)


CALLS = ("told", "alarm", "after")


def under_another_policy(real: RealSite) -> None:
    """Customer service keeps sound a week, and no call whose caller was not told."""
    policy = real.system.policy
    line = replace(policy.lines[LineId("customer-service")], audio_retention=WEEK, notice=WhenUntold.REFUSE)
    real.reopen()
    real.system.stand_in(policy=replace(policy, lines={**policy.lines, line.line: line}))


def recording_of(real: RealSite, call_id: str) -> RecordingId:
    [found] = [one for one in real.system.catalogue.all_recordings() if one.call_id == call_id]
    return found.recording_id


def kinds(real: RealSite, recording: RecordingId) -> set[ArtefactKind]:
    listed = (read_key(one.key) for one in real.system.vault.versions(recording_prefix(recording)))
    return {known[1] for known in listed if known is not None}


def test_what_a_line_promises_its_callers_holds_on_real_servers(real: RealSite) -> None:
    under_another_policy(real)
    system, told = real.system, {"version": "2026-01", "played": True, "completed": True}
    caller, other = {"number": "+33639980042"}, {"number": "+33639980043"}
    real.publish(
        real.event("told", notice=told, caller=other),
        real.event("untold", notice={**told, "completed": False}, caller=other),
        real.event("alarm", line="monitoring-centre", caller=caller),
    )
    real.drain("ingest", "objections", "holds")
    by_call = {one.call_id: one.reason for one in real.outcomes() if one.call_id in ("told", "untold", "alarm")}
    assert by_call == {"told": None, "untold": "notice_unfinished", "alarm": None}

    # an objection where the line offers none: refused with its ground, then granted by the data protection officer
    scope = ObjectionScope(number=caller["number"])
    applied = system.objection_desk.add(DPO, scope, frozenset({RECORDING}), channel="letter")
    assert [one.ground for one in applied.decisions()] == [Ground.LINE_OFFERS_NONE]
    system.objection_desk.decide(DPO, applied.objection.objection_id, granted=True)
    alarm = recording_of(real, "alarm")
    assert kinds(real, alarm) == set()

    # the sound goes after a week, with its key; the redacted transcript stays
    recording = recording_of(real, "told")
    redacted(real, recording, '{"turns": []}')
    with system.catalogue.snapshot() as tx:
        row, attempt = tx.recordings.get([recording])[recording], tx.recordings.attempts([recording])[recording]
    beeped = system.store.derived(
        row,
        ArtefactKind.BEEPED_AUDIO,
        1,
        io.BytesIO(b"beeped"),
        attempt=attempt,
        media_type="audio/flac",
        actor=REDACTOR,
    )
    with system.catalogue.transaction() as tx:
        tx.artefacts.add([beeped])
    assert system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.BEEPED_AUDIO).read_all() == b"beeped"
    real.clock.move(timedelta(days=8))
    work(real, "dispose")
    assert kinds(real, recording) == {ArtefactKind.REDACTED_TRANSCRIPT}
    assert system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.REDACTED_TRANSCRIPT).read_all()
    with pytest.raises(RefusedError) as refused:
        system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
    assert refused.value.reasons == ("disposed",)
    with system.catalogue.snapshot() as tx:
        [certificate] = tx.certificates.get([recording])
        states = {name: one.state for name, one in tx.recordings.get([recording, alarm]).items()}
    assert json.loads(certificate.document)["statement"]["part"] == "audio"
    assert states == {recording: RecordingState.STORED, alarm: RecordingState.DROPPED}

    # a withdrawal that comes by another partition before its objection
    late = {"purposes": ["recording"], "channel": "phone", "at": real.clock.now().isoformat(), "caller": other}
    real.clock.move(timedelta(minutes=1))
    back = {**late, "at": real.clock.now().isoformat()}
    real.publish(real.envelope("call.objection_withdrawn", back))
    real.drain("objections")
    real.publish(real.envelope("call.objected", late))
    real.drain("objections")
    real.clock.move(timedelta(minutes=5))
    real.publish(real.event("after", notice=told, caller=other))
    real.drain("ingest", "objections", "holds")
    assert [one.outcome for one in real.outcomes() if one.call_id == CallId("after")] == ["stored"]
    mine = {row.recording_id for row in real.system.catalogue.all_recordings() if row.call_id in CALLS}
    assert len(mine) == len(CALLS)
    # Calls of others on these servers were taken in under another policy.
    assert [one for one in real.report().breaches if one.subject in mine] == []
    real.reopen()  # for whoever comes next, under the policy there was
