"""An experiment by API, from its beginning to the folder of its owner (U5, U7)."""

import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path

from callwarden.model.access import Actor, Role
from tests.support.experiments import ADA, redact
from tests.support.site import Site
from tests.support.web import client

CHLOE = Actor(role=Role.DPO, name="chloe")


def test_an_experiment_is_asked_for_approved_built_and_exported_as_an_archive(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        for number in range(2):
            site.publish(site.event(f"c-{number}", objections=["ai_experiment"] if number else []))
        site.drain("ingest", "objections", "holds")
        for row in list(site.system.catalogue.all_recordings()):
            redact(site, row.recording_id, "Bonjour.", "Je suis [PERSON].")
        ada, chloe = client(site.system, ADA), client(site.system, CHLOE)
        at = "/api/v1/experiments"
        days = {"from": "2026-11-01", "to": "2026-11-30", "until": "2027-01-31"}
        wanted = {"name": "silences", "purpose": "Mesurer", "owner": "ada", "line": "customer-service", **days}
        assert ada.post(at, json={**wanted, "carries": ["text"]}).status_code == 201
        early = ada.post(f"{at}/silences/build")
        assert (early.status_code, early.json()["reasons"]) == (403, ["not_approved"])
        assert chloe.post(f"{at}/silences/approve").json()["state"] == "approved"
        assert ada.post(f"{at}/silences/export").json()["reasons"] == ["not_built"]
        built = ada.post(f"{at}/silences/build").json()
        assert (built["included"], built["left_out"]) == (1, {"objected": 1})
        archive = ada.post(f"{at}/silences/export")
        assert archive.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(archive.content)) as packed:
            [line] = packed.read("data-set/metadata.jsonl").splitlines()
            assert json.loads(line)["text"] == "Bonjour.\nJe suis [PERSON]."
            manifest = packed.read("data-set/manifest.json")
        [export] = ada.get(f"{at}/silences").json()["exports"]
        assert (export["items"], export["taken_out"]) == (1, 0)
        assert archive.headers["x-callwarden-sha256"] == export["manifest_sha256"]
        assert len(sha256(manifest).hexdigest()) == len(export["manifest_sha256"])
        closed = chloe.post(f"{at}/silences/close").json()
        assert (closed["state"], closed["cleared_at"] is not None) == ("closed", True)
        assert ada.post(f"{at}/silences/export").json()["reasons"] == ["experiment_over"]
