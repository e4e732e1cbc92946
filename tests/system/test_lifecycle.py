"""The bucket's own expiry as a backstop, really executed by Ceph, whose day lasts two seconds here (K1, K3, I4)."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import CaseId
from callwarden.model.purpose import Purpose
from callwarden.rules.lifecycle import lifecycle_rules
from tests.servers.s3 import RunningS3
from tests.support.policies import write_policy
from tests.support.site import MovableClock, Site, sample

LEGAL = Actor(role=Role.LEGAL, name="bruno")
CASE = CaseId("DOSSIER-7")


@pytest.mark.tier("ceph")
@pytest.mark.timeout(200)
def test_lifecycle_expires_what_the_sweep_never_saw_and_a_held_object_stays_readable_by_version(
    ceph_lifecycle_server: RunningS3, s3_bucket_name: str, tmp_path: Path
) -> None:
    policy = write_policy(
        tmp_path / "policy.yaml",
        ("retention: P6M", "retention: P1D"),
        ("lifecycle_margin: P7D", "lifecycle_margin: P1D"),
        ("release_delay: P7D", "release_delay: P1D"),
        region=ceph_lifecycle_server.region,
    )
    overrides = {
        "policy": policy,
        "vault": "s3",
        "s3_endpoint": ceph_lifecycle_server.endpoint_url,
        "s3_region": ceph_lifecycle_server.region,
        "s3_access_key": ceph_lifecycle_server.access_key,
        "s3_secret_key": ceph_lifecycle_server.secret_key,
        "s3_bucket": s3_bucket_name,
    }
    with Site(tmp_path / "home", MovableClock(datetime.now(UTC)), overrides) as site:
        site.publish(site.event("c-held"), site.event("c-forgotten"))
        site.drain("ingest")
        held, forgotten = (
            next(one.recording_id for one in site.outcomes() if one.call_id == call)
            for call in ("c-held", "c-forgotten")
        )
        assert held is not None
        assert forgotten is not None
        site.system.case_desk.open(LEGAL, CASE, reason="dispute")
        site.system.hold_desk.place(LEGAL, CASE, [held])
        site.system.vault.apply_lifecycle(lifecycle_rules(site.system.policy))
        until = time.monotonic() + 100
        while _bytes_of(site, forgotten) and time.monotonic() < until:
            time.sleep(0.5)
        assert _bytes_of(site, forgotten) == 0
        read = site.system.gate.read(LEGAL, Purpose.DISPUTE, held, Readable.ORIGINAL_AUDIO)
        assert read.read_all() == sample("01.wav")


def _bytes_of(site: Site, recording: str) -> int:
    """Bytes of versions that still lie in the vault, markers apart."""
    return sum(one.size for one in site.system.vault.versions("") if recording in one.key and not one.is_marker)
