"""Whoever makes an evidence pack is killed at a port call: there is no pack that looks complete, and it is made again
(K3, U10). On the embedded system, and on Kafka, S3 (Ceph) and PostgreSQL."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from callwarden.errors import RetryableError
from callwarden.evidence.verify import verify_pack
from callwarden.model.access import Actor, Role
from callwarden.model.ids import CaseId
from callwarden.model.log_entry import Operation
from callwarden.wiring import trusted_keys
from tests.faults.real import SOCKETS_OF_THE_DEAD
from tests.support.dying import LASTING, Fate, KilledError, Moment, moments, mortal
from tests.support.site import Site

pytestmark = [pytest.mark.filterwarnings(SOCKETS_OF_THE_DEAD), pytest.mark.timeout(600)]
LEGAL = Actor(role=Role.LEGAL, name="bruno")
CASE = CaseId("DOSSIER-2026-021")
COURT = {"recipient": "Tribunal judiciaire de Niort", "basis": "réquisition 2026/114"}


@pytest.fixture(params=["embedded", "servers"])
def site(request: pytest.FixtureRequest, quick_folder: Path) -> Iterator[Site]:
    if request.param == "servers":
        yield request.getfixturevalue("real")
        return
    with Site(quick_folder / "evidence") as built:
        yield built


def pack(site: Site, directory: Path) -> None:
    site.system.evidence_desk.pack(LEGAL, CASE, directory, **COURT, wait_s=10)


def readings(site: Site) -> int:
    return sum(one.entry.artefact == "original-audio" for one in site.system.log_reader.entries())


def test_a_pack_whose_maker_is_killed_is_none_and_is_made_again(site: Site, tmp_path: Path) -> None:
    site.publish(site.event("evidence-1"))
    site.drain("ingest", "objections")
    [held] = [row.recording_id for row in site.system.catalogue.all_recordings() if row.call_id == "evidence-1"]
    site.system.case_desk.open(LEGAL, CASE, reason="dispute")
    site.system.hold_desk.place(LEGAL, CASE, [held])
    unharmed = Fate()
    mortal(site.reopen(), unharmed)
    pack(site, tmp_path / "unharmed")
    chosen: list[Moment] = [one for one in moments(unharmed.calls, every=False) if one.call in LASTING or not one.after]
    deaths = 6 if type(site) is Site else 2  # evenly spread
    for number, moment in enumerate(chosen[:: -(-len(chosen) // deaths)]):
        fate = Fate(at=moment)
        mortal(site.reopen(), fate)
        before = readings(site)
        with suppress(KilledError, RetryableError):
            pack(site, tmp_path / f"killed-{number}")
        assert fate.dead, moment
        assert not (tmp_path / f"killed-{number}").exists(), moment
        site.reopen()
        pack(site, tmp_path / f"killed-{number}")
        assert verify_pack(tmp_path / f"killed-{number}", trusted=trusted_keys(None, site.system)).ok, moment
        assert readings(site) > before
    told = site.system.evidence_desk.disclosures(LEGAL, CASE)
    packed = {one.entry.digest for one in site.system.log_reader.entries(operations=[Operation.EVIDENCE_PACKED])}
    assert {one.manifest for one in told} - {None} == packed
