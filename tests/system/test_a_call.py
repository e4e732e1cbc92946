"""A call comes in, is kept exactly as long as it may be, and goes: the whole embedded system, real audio."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import CaseId
from callwarden.model.purpose import Purpose
from tests.support.site import Site, sample

LEGAL = Actor(role=Role.LEGAL, name="bruno")
SECOND_LEGAL = Actor(role=Role.LEGAL, name="brigitte")
TRAINER = Actor(role=Role.TRAINER, name="alice")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path / "home") as built:
        yield built


def test_a_call_is_stored_encrypted_and_its_landing_copy_goes(site: Site) -> None:
    site.publish(site.event("c-1"))
    site.drain()
    assert site.verdicts() == ["stored"]
    assert site.landed() == []
    stored = [path.read_bytes() for path in (site.home / "vault").rglob("*") if path.is_file()]
    assert not any(sample("01.wav")[1000:1100] in content for content in stored)
    report = site.report()
    assert report.breaches == ()
    assert report.balance.balanced
    assert report.versions == 1


def test_what_legal_reads_is_what_the_telephone_system_sent(site: Site) -> None:
    site.publish(site.event("c-1"))
    site.drain()
    recording = site.outcomes()[0].recording_id
    assert recording is not None
    content = site.system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
    assert content.read_all() == sample("01.wav")


def test_a_trainer_never_hears_an_original(site: Site) -> None:
    """U4"""
    site.publish(site.event("c-1"))
    site.drain()
    recording = site.outcomes()[0].recording_id
    assert recording is not None
    with pytest.raises(RefusedError) as refused:
        site.system.gate.read(TRAINER, Purpose.TRAINING, recording, Readable.ORIGINAL_AUDIO)
    assert refused.value.reasons == ("not_permitted",)


def test_nothing_is_readable_from_the_instant_its_period_ends_and_nothing_is_left_after_the_sweep(site: Site) -> None:
    """K1, I5"""
    site.publish(site.event("c-1"))
    site.drain()
    recording = site.outcomes()[0].recording_id
    assert recording is not None
    site.clock.move(timedelta(days=185))
    with pytest.raises(RefusedError) as refused:
        site.system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
    assert refused.value.reasons == ("past_retention",)
    assert site.drain("dispose") == 1
    report = site.report()
    assert (report.versions, report.breaches) == (0, ())
    site.publish(site.event("c-1"))
    site.drain()
    assert site.verdicts()[1:] == ["refused:already_disposed"]


def test_a_hold_outranks_any_expiry_until_two_people_release_it_and_the_delay_is_over(site: Site) -> None:
    """K3, U9, I4"""
    site.publish(site.event("c-1"))
    site.drain()
    recording = site.outcomes()[0].recording_id
    assert recording is not None
    desk = site.system.hold_desk
    site.system.case_desk.open(LEGAL, CaseId("DOSSIER-1"), reason="dispute")
    desk.place(LEGAL, CaseId("DOSSIER-1"), [recording])
    site.clock.move(timedelta(days=400))
    assert site.drain("holds", "dispose") == 0 or site.report().versions == 1
    assert site.report().breaches == ()
    read = site.system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
    assert read.read_all() == sample("01.wav")
    assert desk.release(LEGAL, CaseId("DOSSIER-1")).waiting_for_second
    with pytest.raises(RefusedError):
        desk.release(LEGAL, CaseId("DOSSIER-1"))
    desk.release(SECOND_LEGAL, CaseId("DOSSIER-1"))
    assert site.drain("dispose") == 0
    site.clock.move(timedelta(days=30))
    assert site.drain("dispose") == 1
    assert site.report().versions == 0


def test_nothing_of_an_objecting_caller_is_kept_anywhere(site: Site) -> None:
    """R3, I3"""
    site.publish(site.event("c-1", objections=["recording"]))
    site.drain()
    assert site.verdicts() == ["refused:objection"]
    assert site.landed() == []
    assert site.report().versions == 0


def test_what_only_a_case_kept_from_an_objecting_caller_goes_when_the_case_ends(site: Site) -> None:
    """R3, K3: kept for the case and closed to everything else; after the release its delay, and then nothing."""
    site.publish(site.event("c-1"))
    site.drain()
    recording = site.outcomes()[0].recording_id
    assert recording is not None
    desk = site.system.hold_desk
    site.system.case_desk.open(LEGAL, CaseId("DOSSIER-1"), reason="dispute")
    desk.place(LEGAL, CaseId("DOSSIER-1"), [recording])
    objection = {"call_id": "c-1", "purposes": ["recording"], "channel": "phone", "at": site.clock.now().isoformat()}
    site.publish(site.envelope("call.objected", objection))
    site.drain()
    read = site.system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
    assert read.read_all() == sample("01.wav")
    desk.release(LEGAL, CaseId("DOSSIER-1"))
    desk.release(SECOND_LEGAL, CaseId("DOSSIER-1"))
    with pytest.raises(RefusedError) as refused:
        site.system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
    assert refused.value.reasons == ("past_retention",)
    assert site.drain("dispose") == 0
    site.clock.move(timedelta(days=8))
    assert site.drain("dispose") == 1
    assert site.report().versions == 0
