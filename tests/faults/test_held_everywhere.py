"""What is held is held everywhere, whatever comes for it (K3, I4): on the embedded system, and on Kafka, S3 (Ceph) and
PostgreSQL."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role, service
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.purpose import RECORDING, Purpose
from callwarden.model.recording import RecordingState
from callwarden.model.request import RequestType
from callwarden.ports.vault import ObjectVersion
from callwarden.rules.vault_layout import HELD_TAG, recording_prefix
from tests.faults.real import SOCKETS_OF_THE_DEAD, RealSite
from tests.support.scenarios import DPO, LEGAL, SECOND_LEGAL
from tests.support.site import Site, sample

pytestmark = [pytest.mark.filterwarnings(SOCKETS_OF_THE_DEAD), pytest.mark.timeout(600)]
SECOND_DPO = Actor(role=Role.DPO, name="claire")


@pytest.fixture(params=["embedded", "servers"])
def site(request: pytest.FixtureRequest, quick_folder: Path, tmp_path: Path) -> Iterator[Site]:
    if request.param == "servers":
        yield request.getfixturevalue("real")
        return
    with Site(quick_folder / tmp_path.name) as built:
        yield built


def stored(site: Site, *calls: str) -> list[RecordingId]:
    """Calls of a customer of the name before the hyphen, taken in."""
    customer = calls[0].partition("-")[0]
    site.publish(*(site.event(call, caller={"customer_id": customer}) for call in calls))
    site.drain("ingest", "holds")
    found = {row.call_id: row.recording_id for row in site.system.catalogue.all_recordings()}
    return [found[call] for call in calls]  # type: ignore[index]  # a str is what a call id is


def place(site: Site, case: str, *recordings: RecordingId) -> None:
    site.system.case_desk.open(LEGAL, CaseId(case), reason="dispute")
    assert set(site.system.hold_desk.place(LEGAL, CaseId(case), recordings).held) == set(recordings)


def release(site: Site, case: str) -> None:
    for actor in (LEGAL, SECOND_LEGAL):
        site.system.hold_desk.release(actor, CaseId(case))


def state(site: Site, recording: RecordingId) -> RecordingState:
    with site.system.catalogue.snapshot() as tx:
        return tx.recordings.get([recording])[recording].state


def heard(site: Site, recording: RecordingId) -> bool:
    """Whether legal hears, for the dispute, what the telephone system sent."""
    read = site.system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
    return read.read_all() == sample("01.wav")


def versions(site: Site, recording: RecordingId) -> list[ObjectVersion]:
    return list(site.system.vault.versions(recording_prefix(recording)))


def breaches(site: Site) -> list[tuple[str, str]]:
    return sorted((one.code, one.subject) for one in site.report().breaches)


def test_a_hold_wins_over_the_sweep_an_objection_an_erasure_and_the_end_of_a_key_and_each_is_done_when_it_ends(
    site: Site,
) -> None:
    [held] = stored(site, "wins-1")
    place(site, "WINS-1", held)
    place(site, "WINS-2", held)
    site.clock.move(timedelta(days=400))
    site.drain("dispose")
    objected = site.system.objection_desk.add(
        DPO, ObjectionScope(customer_id="wins"), frozenset({RECORDING}), channel="letter"
    )
    assert (objected.dropped, objected.kept_for_case) == ((), (held,))
    request = site.system.request_desk.open(DPO, RequestType.ERASURE, customer_id="wins").request.request_id
    site.system.request_desk.verify(DPO, request, how="called back")
    assert [one.item.recording_id for one in site.system.request_item_desk.find(DPO, request).items] == [held]
    shown = site.system.request_erasure_desk.preview(DPO, request)
    assert (shown.erasable, dict(shown.held)) == ((), {held: "litigation"})
    site.system.request_erasure_desk.approve(SECOND_DPO, request)
    site.system.request_desk.answer(DPO, request)
    before = site.system.keys.current_master_key()
    site.system.key_desk.rotate(Actor(role=Role.OPERATOR, name="omar"))
    site.system.key_desk.retire(Actor(role=Role.OPERATOR, name="omar"), before)
    site.drain("holds", "dispose")
    assert (state(site, held), heard(site, held)) == (RecordingState.STORED, True)
    release(site, "WINS-1")
    site.clock.move(timedelta(days=30))
    site.drain("holds", "dispose")
    assert heard(site, held), "the other case holds it still"
    release(site, "WINS-2")
    with pytest.raises(RefusedError) as refused:
        heard(site, held)
    assert "past_retention" in refused.value.reasons
    site.drain("holds", "dispose")
    assert state(site, held) is RecordingState.STORED, "nothing goes before the delay is over"
    site.clock.move(timedelta(days=8))
    site.drain("dispose")
    assert (state(site, held), versions(site, held)) == (RecordingState.DISPOSED, [])
    [item] = site.system.request_desk.shown(DPO, request).items
    assert item.done_at is not None, "the erasure that waited went on by itself"
    assert breaches(site) == []


def test_of_a_hold_and_a_sweep_at_once_each_recording_is_held_or_gone_with_its_certificate(site: Site) -> None:
    calls = [f"race-{number}" for number in range(8)]
    recordings = stored(site, *calls)
    site.clock.move(timedelta(days=200))
    site.system.case_desk.open(LEGAL, CaseId("RACE"), reason="dispute")
    together = Barrier(2)

    def sweep() -> None:
        together.wait()
        list(site.system.sweep.rounds())

    with ThreadPoolExecutor(1) as pool:
        sweeping = pool.submit(sweep)
        together.wait()
        answers = [site.system.hold_desk.place(LEGAL, CaseId("RACE"), [one]) for one in reversed(recordings)]
        sweeping.result()
    held = {one for answer in answers for one in answer.held}
    gone = {one for answer in answers for one in answer.gone}
    assert (held | gone, held & gone) == (set(recordings), set())
    list(site.system.sweep.rounds())
    assert all(heard(site, one) for one in held)
    again = site.system.hold_desk.place(LEGAL, CaseId("RACE"), recordings)
    assert set(again.gone) == again.certificates.keys() == gone
    assert all(not versions(site, one) for one in gone)
    site.drain("holds")
    assert breaches(site) == []
    release(site, "RACE")


def refuse(site: Site, version: ObjectVersion) -> None:
    """The vault refuses to flag this version."""
    if isinstance(site, RealSite):
        bucket = site.system.settings.s3_bucket
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:PutObjectLegalHold"],
            "Resource": [f"arn:aws:s3:::{bucket}/{version.key}"],
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        site.system.s3_client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    else:
        flag(site, version).symlink_to("nowhere/at/all")


def allow(site: Site, version: ObjectVersion) -> None:
    if isinstance(site, RealSite):
        site.system.s3_client.delete_bucket_policy(Bucket=site.system.settings.s3_bucket)
    else:
        flag(site, version).unlink()


def flag(site: Site, version: ObjectVersion) -> Path:
    [path] = (site.home / "vault").rglob(f"@{version.version_id}")
    return path.with_name(f"{path.name}.held")


def test_an_object_the_vault_refuses_to_hold_is_named_with_its_error_and_held_once_it_allows(site: Site) -> None:
    stuck, free = stored(site, "refused-1", "refused-2")
    [version] = versions(site, stuck)
    refuse(site, version)
    place(site, "REFUSED", stuck, free)
    shown = site.system.case_desk.shown(LEGAL, CaseId("REFUSED"))
    assert {hold.recording_id for hold in shown.holds if hold.applied_at is not None} == {free}
    [refused] = shown.refused
    [fault] = refused.faults
    assert (refused.recording_id, fault.key, fault.version_id) == (stuck, version.key, version.version_id)
    assert "failed" in fault.error
    [told] = [one for one in site.report().breaches if one.code == "hold_not_fast"]
    assert (told.subject, fault.error in told.what_to_do) == (stuck, True)
    allow(site, version)
    site.clock.move(timedelta(hours=1))
    site.drain("holds")
    assert site.system.case_desk.shown(LEGAL, CaseId("REFUSED")).refused == []
    assert breaches(site) == []
    release(site, "REFUSED")


def test_what_somebody_does_to_the_vault_past_us_is_reported_and_repaired_where_it_may_be(site: Site) -> None:
    held, released, foreign = stored(site, "past-1", "past-2", "past-3")
    place(site, "PAST-1", held)
    place(site, "PAST-2", released)
    release(site, "PAST-2")
    vault = site.system.vault
    for recording, on in ((held, False), (released, True), (foreign, True)):
        [version] = versions(site, recording)
        vault.set_hold(version.key, version.version_id, held=on, tags={HELD_TAG: "yes"})
    expected = [("hold_not_fast", held), ("hold_unknown", released), ("hold_unknown", foreign)]
    [version] = versions(site, held)
    if isinstance(site, RealSite):
        site.system.s3_client.delete_object(Bucket=site.system.settings.s3_bucket, Key=version.key)
        expected.append(("stray_marker", held))
        assert heard(site, held), "a version is there under a marker"
    assert breaches(site) == sorted(expected)
    site.system.reconciler.repair(service("test"))
    assert breaches(site) == [("hold_unknown", foreign)], "who placed it is for legal to find out"
    assert [one.version_id for one in versions(site, held)] == [version.version_id]
    [theirs] = versions(site, foreign)
    vault.set_hold(theirs.key, theirs.version_id, held=False, tags=vault.tags(theirs.key, theirs.version_id) or {})
    release(site, "PAST-1")
