"""A vault in a store of one's own and a key service elsewhere: two addresses, two regions, two sets of credentials."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from callwarden.adapters.aws import AwsSettings, kms_client
from callwarden.adapters.keys.kms import KmsKeyStore
from callwarden.wiring import shipped_config
from callwarden.workers.cli import run
from tests.servers.s3 import RunningS3

Told = Callable[..., Any]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    def typed(*words: str, code: int = 0) -> Any:
        found = run([*words, "--json"])
        output, errors = capsys.readouterr()
        assert found == code, output + errors
        return json.loads(output or errors)

    return typed


@pytest.fixture
def own_store(ceph_server: RunningS3, moto_server: RunningS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Ceph for objects, a key service in another region; returns what ends the names of this test."""
    name = uuid4().hex[:10]
    keys = AwsSettings(
        endpoint_url=moto_server.endpoint_url, region="eu-central-1", access_key="its-own", secret_key="its-own"
    )
    aliases = {kind: f"alias/{kind}-{name}" for kind in ("master", "pseudonym")}
    KmsKeyStore(kms_client(keys), master_alias=aliases["master"], pseudonym_alias=aliases["pseudonym"]).ensure_keys()
    policy = (shipped_config() / "policy.yaml").read_text()
    policy = policy.replace("  - local\n", f"  - local\n  - {ceph_server.region}\n").replace('  - "s3://landing"\n', "")
    (tmp_path / "policy.yaml").write_text(policy)
    (tmp_path / "kms-secret").write_text("its-own\n")
    monkeypatch.chdir(tmp_path)
    settings = {
        "HOME": "home", "POLICY": "policy.yaml", "VAULT": "s3", "KEYS": "kms",
        "S3_ENDPOINT": ceph_server.endpoint_url, "S3_REGION": ceph_server.region,
        "S3_ACCESS_KEY": ceph_server.access_key, "S3_SECRET_KEY": ceph_server.secret_key,
        "S3_BUCKET": f"vault-{name}", "JOURNAL_BUCKET": f"journal-{name}", "CHECKPOINT_BUCKET": f"checkpoints-{name}",
        "KMS_ENDPOINT": moto_server.endpoint_url, "KMS_REGION": "eu-central-1",
        "KMS_ACCESS_KEY": "its-own", "KMS_SECRET_KEY_FILE": "kms-secret",
        "KMS_MASTER_ALIAS": aliases["master"], "KMS_PSEUDONYM_ALIAS": aliases["pseudonym"],
    }  # fmt: skip
    for variable, value in settings.items():
        monkeypatch.setenv(f"CALLWARDEN_{variable}", value)
    return name


@pytest.fixture
def olga(own_store: str, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator, who has the first token of the system."""
    assert own_store
    told("lifecycle", "apply")  # as its deployment does, before anybody has a token
    monkeypatch.setenv("CALLWARDEN_TOKEN", told("token", "issue", "--role", "operator", "--name", "olga")["token"])


@pytest.mark.usefixtures("olga")
def test_every_part_works_and_every_bucket_is_made(own_store: str, told: Told) -> None:
    told("lifecycle", "apply")
    first = {row["part"]: row for row in told("doctor")["checks"]}
    assert "the bucket does not exist" in first["checkpoints"]["what"], "it is said before the log has made it"
    assert "eu-central-1" in first["keys"]["what"]
    told("log", "checkpoint")
    again = {row["part"]: row for row in told("doctor")["checks"]}
    assert f"bucket checkpoints-{own_store}/checkpoints/" in again["checkpoints"]["what"]
    assert [part for part, row in again.items() if not row["works"] and row["needed"]] == []


@pytest.mark.usefixtures("olga")
def test_a_key_that_is_missing_is_found_before_any_call_comes(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that makes pseudonyms is used first when a caller's number is."""
    told("lifecycle", "apply")
    monkeypatch.setenv("CALLWARDEN_KMS_PSEUDONYM_ALIAS", "alias/nobody-made-it")
    rows = {row["part"]: row for row in told("doctor", code=1)["checks"]}
    assert (rows["keys"]["works"], rows["vault"]["works"]) == (False, True)
    assert "alias/nobody-made-it" in rows["keys"]["what"]
