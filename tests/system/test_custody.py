"""The chain of custody of what is held, and what the person concerned is told (K3, D7, U3, R2)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.desks.consultations import Consulted
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import CaseId, LineId, RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.purpose import Purpose
from callwarden.ports.cipher import DecryptionError
from tests.support.site import Site

LEGAL = Actor(role=Role.LEGAL, name="bruno")
DPO = Actor(role=Role.DPO, name="denise")
TRAINER = Actor(role=Role.TRAINER, name="alice")
INVESTIGATOR = Actor(role=Role.INVESTIGATOR, name="irene")
NUMBER = "+33639980001"
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path / "home") as built:
        yield built


def stored(site: Site, call_id: str = "c-1", **changes: object) -> RecordingId:
    site.publish(site.event(call_id, **changes))
    site.drain("ingest", "objections")
    [outcome] = site.system.catalogue.list_outcomes(call_id=call_id)  # type: ignore[arg-type]  # a call id
    assert outcome.recording_id is not None
    return outcome.recording_id


def held(site: Site) -> RecordingId:
    one = stored(site)
    site.clock.move(A_SECOND)
    site.system.case_desk.open(LEGAL, CaseId("DOSSIER-1"), reason="dispute")
    site.system.hold_desk.place(LEGAL, CaseId("DOSSIER-1"), [one])
    return one


def read(site: Site, actor: Actor, purpose: Purpose, one: RecordingId) -> bytes:
    return site.system.gate.read(actor, purpose, one, Readable.ORIGINAL_AUDIO).read_all()


def test_the_chain_reaches_from_the_telephone_systems_digest_to_todays_bytes(site: Site) -> None:
    one = held(site)
    site.clock.move(A_SECOND)
    read(site, LEGAL, Purpose.DISPUTE, one)
    site.clock.move(timedelta(days=400))
    record = site.system.custody_desk.record(LEGAL, one)
    [audio] = record.artefacts
    assert record.unbroken
    assert record.source_sha256 == audio.artefact.sha256 == audio.sha256_today
    assert record.master_key_id == site.system.keys.current_master_key()
    assert [hold.case_id for hold in record.holds] == ["DOSSIER-1"]
    before, during = record.accesses[:3], record.accesses[3:]
    assert [one.entry.operation for one in before] == [
        Operation.RECORDING_STORED,
        Operation.HOLD_PLACED,
        Operation.CONTENT_READ,
    ]
    # The record is an access, too: the metadata, the audio, the log; of one instant by this clock.
    artefacts = {(one.entry.operation, one.entry.artefact) for one in during}
    assert artefacts == {
        (Operation.CONTENT_READ, "metadata"),
        (Operation.CONTENT_READ, "original-audio"),
        (Operation.LOG_READ, "metadata"),
    }


def test_a_new_master_key_leaves_the_chain_unbroken(site: Site) -> None:
    one = held(site)
    done = site.system.key_desk.rotate(Actor(role=Role.OPERATOR, name="olga"))
    record = site.system.custody_desk.record(LEGAL, one)
    assert record.unbroken
    assert record.master_key_id == done.master_key_id


def test_an_altered_object_breaks_the_chain_aloud(site: Site) -> None:
    one = held(site)
    [file] = [path for path in (site.home / "vault").rglob("@*") if path.suffix != ".held" and path.is_file()]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    with pytest.raises(DecryptionError):
        site.system.custody_desk.record(LEGAL, one)


def test_a_custody_record_is_legals_and_of_what_is_held(site: Site) -> None:
    """Both ways nothing is read: the person concerned is told of none, and the log has the refusals alone (U3)."""
    one = stored(site)
    with pytest.raises(RefusedError, match="no case holds"):
        site.system.custody_desk.record(LEGAL, one)
    for role in (Role.TRAINER, Role.OPERATOR, Role.INVESTIGATOR, Role.SUPERVISOR):
        with pytest.raises(RefusedError) as refused:
            site.system.custody_desk.record(Actor(role=role, name="b"), one)
        assert refused.value.reasons == ("not_permitted",)
    entries = [logged.entry for logged in site.system.log_reader.entries()]
    told = [entry.reasons for entry in entries if entry.operation is not Operation.RECORDING_STORED]
    assert sorted(told) == [("not_held", "hold.custody"), *[("not_permitted", "hold.custody")] * 4]
    assert site.system.consultations.of(DPO, number=NUMBER).consultations == []


def test_a_custody_record_of_another_lines_call_is_refused_as_of_one_that_does_not_exist(site: Site) -> None:
    narrowed = Actor(role=Role.LEGAL, name="bruno", lines=frozenset({LineId("monitoring-centre")}))
    for one in (held(site), RecordingId("rec-none")):
        with pytest.raises(RefusedError) as refused:
            site.system.custody_desk.record(narrowed, one)
        assert refused.value.reasons == ("unknown",)


def test_a_person_is_told_days_and_purposes_and_no_name(site: Site) -> None:
    """D7: live double-listening counts; another person's calls do not; refused wishes did not happen."""
    one = stored(site)
    other = stored(site, "c-2", caller={"number": "+33639980002", "customer_id": "C-2"})
    read(site, INVESTIGATOR, Purpose.FRAUD_CONTROL, one)
    read(site, LEGAL, Purpose.DISPUTE, other)
    with pytest.raises(RefusedError):
        read(site, TRAINER, Purpose.TRAINING, one)
    monitored = {
        "call_id": "c-1",
        "listener": {"id": "sonia", "role": "supervisor"},
        "purpose": "quality",
        "from": site.clock.now().isoformat(),
        "to": (site.clock.now() + timedelta(minutes=1)).isoformat(),
    }
    site.publish(site.envelope("call.monitored", monitored))
    site.drain("ingest", "objections")
    site.clock.move(timedelta(days=1))
    read(site, LEGAL, Purpose.DISPUTE, one)
    read(site, LEGAL, Purpose.DISPUTE, one)

    told = site.system.consultations.of(DPO, number="06 39 98 00 01").consultations
    assert [(str(row.day), row.purpose, row.operation, row.times) for row in told] == [
        ("2026-11-21", "dispute", "content.read", 2),
        ("2026-11-20", "quality", "call.monitored", 1),
        ("2026-11-20", "fraud_control", "content.read", 1),
    ]
    assert {row.recording_id for row in told} == {one}
    assert not any(name in repr(told) for name in ("bruno", "sonia", "irene", "k1-"))
    assert site.system.consultations.of(DPO, customer_id="C-1").consultations == told
    assert site.system.consultations.of(DPO, customer_id="C-1").calls == 1
    assert site.system.consultations.of(DPO, number="+33639989999") == Consulted(calls=0, consultations=[])


def test_telling_a_person_is_itself_written_down_and_only_for_those_who_may_read_the_log(site: Site) -> None:
    one = stored(site)
    site.clock.move(A_SECOND)
    site.system.consultations.of(DPO, number=NUMBER)
    entries = [found.entry for found in site.system.log_reader.entries(subjects=[one])]
    assert entries[0].operation is Operation.LOG_READ
    assert entries[0].purpose == "rights_request"
    with pytest.raises(RefusedError) as refused:
        site.system.consultations.of(LEGAL, number=NUMBER)
    assert refused.value.reasons == ("not_permitted",)
    for wrong in ({}, {"number": NUMBER, "customer_id": "C-1"}):
        with pytest.raises(UsageError, match="exactly one"):
            site.system.consultations.of(DPO, **wrong)
