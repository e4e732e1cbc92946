"""Tests on real calls on Apache Kafka, Ceph and PostgreSQL: opened by two people, read through the gate, ended (U8)."""

from datetime import timedelta

import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import Readable
from callwarden.model.ids import LineId
from callwarden.model.log_entry import Operation
from callwarden.model.permission import Wanted
from callwarden.model.purpose import Purpose
from tests.faults.real import RealSite
from tests.support.experiments import ADA, redact
from tests.support.scenarios import DPO

TEXT = Readable.REDACTED_TRANSCRIPT


def test_some_calls_open_redacted_to_one_person_until_it_is_ended(real: RealSite) -> None:
    today = real.clock.now().date()
    ended = real.clock.now() - timedelta(days=41)
    times = {"started_at": (ended - timedelta(seconds=30)).isoformat(), "ended_at": ended.isoformat()}
    real.publish(*(real.event(name, **times) for name in ("tested-1", "tested-2", "tested-3")))
    real.drain("objections", "ingest")
    rows = {one.call_id: one for one in real.system.catalogue.all_recordings() if one.call_id.startswith("tested-")}
    assert len(rows) == 3
    for one in rows.values():
        redact(real, one.recording_id, "Bonjour.")
    wanted = Wanted(
        line=LineId("customer-service"),
        first=ended.date() - timedelta(days=1),
        last=ended.date() + timedelta(days=1),
        number=2,
        until=today + timedelta(days=7),
        reason="des mots coupés",
    )
    asked = real.system.testing_desk.ask(ADA, wanted)
    drawn = set(real.system.testing_desk.approve(DPO, asked.permission_id).recordings)
    assert len(drawn) == 2
    real.reopen()  # another process
    for one in rows.values():
        if one.recording_id in drawn:
            assert b"Bonjour" in real.system.gate.read(ADA, Purpose.QUALITY, one.recording_id, TEXT).read_all()
    real.system.testing_desk.end(DPO, asked.permission_id)
    for one in rows.values():
        with pytest.raises(RefusedError) as refused:
            real.system.gate.read(ADA, Purpose.QUALITY, one.recording_id, TEXT)
        assert refused.value.reasons == ("testing_not_open",)
    entries = [found.entry for found in real.system.log_reader.entries(operations={Operation.CONTENT_READ})]
    assert {one.subject for one in entries if one.correlation == asked.permission_id} == drawn
