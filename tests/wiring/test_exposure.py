"""Connections in clear text and files open to others are told; the policy can forbid the first."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callwarden.adapters.policy.file import load_policy, read_policy
from callwarden.errors import ConfigurationError
from callwarden.rules.policy_words import explain
from callwarden.settings import Settings
from callwarden.wiring import open_system, shipped_config
from callwarden.wiring.exposure import connections, exposures

POLICY = load_policy(shipped_config() / "policy.yaml")
SHIPPED = (shipped_config() / "policy.yaml").read_text()
KAFKA = {"bus": "kafka", "kafka_bootstrap": "broker:9092"}


def settings(**values: Any) -> Settings:
    return Settings(**values)


def told(**values: Any) -> set[tuple[str, str]]:
    return {(one.code, one.subject) for one in connections(settings(**values), POLICY)}


@pytest.mark.parametrize(
    ("values", "part"),
    [
        (KAFKA, "kafka"),
        (KAFKA | {"kafka_security_protocol": "SASL_PLAINTEXT"}, "kafka"),
        ({"vault": "s3", "s3_endpoint": "http://objects:8333"}, "s3"),
        ({"s3_endpoint": "http://objects:8333"}, "s3"),  # the policy takes audio from a bucket
        ({"journal_bucket": "erasures", "s3_endpoint": "HTTP://objects:8333"}, "s3"),
        ({"keys": "kms", "kms_endpoint": "http://kms:8080"}, "kms"),
        ({"database": "postgresql://user:word@database/calls"}, "postgresql"),
        ({"database": "postgresql://database/calls?sslmode=prefer"}, "postgresql"),
        ({"database": "postgresql:///calls?host=10.0.0.5"}, "postgresql"),
        ({"timestamp_url": "http://tsa", "timestamp_user": "callwarden"}, "timestamp"),
        ({"portal_address": "0.0.0.0"}, "portal"),
        ({"portal_address": "10.0.0.5", "public_url": "http://calls.example"}, "portal"),
    ],
)
def test_a_connection_in_clear_text_is_told(values: dict[str, Any], part: str) -> None:
    assert told(**values) == {("clear_text_connection", part)}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"portal_address": "0.0.0.0", "public_url": "https://calls.example"},
        {"portal_address": "::1"},
        {"kafka_security_protocol": "PLAINTEXT"},  # no Kafka at all
        KAFKA | {"kafka_security_protocol": "SSL"},
        KAFKA | {"kafka_security_protocol": "SASL_SSL"},
        {"vault": "s3"},
        {"vault": "s3", "s3_endpoint": "https://objects"},
        {"keys": "kms", "kms_endpoint": "https://kms"},
        {"kms_endpoint": "http://kms"},  # the keys lie in a file
        {"database": "sqlite:////var/lib/callwarden/catalogue.db"},
        {"database": "postgresql:///calls?host=/run/postgresql"},
        {"database": "postgresql://database/calls?sslmode=verify-full"},
        {"database": "postgresql://database/calls?sslmode=require&sslrootcert=/etc/ca.pem"},
        {"database": "postgresql://database/calls", "database_ca_bundle": Path(__file__)},
        {"timestamp_url": "http://tsa"},
    ],
)
def test_nothing_is_told_of_encrypted_connections_and_of_this_machines_own_files(values: dict[str, Any]) -> None:
    assert told(**values) == set()


def test_encryption_to_whoever_answers_is_told_and_no_clear_text() -> None:
    assert told(database="postgresql://database/calls?sslmode=require") == {("unverified_server", "postgresql")}


@pytest.mark.parametrize(
    ("values", "part"),
    [
        (KAFKA, "bus"),
        ({"vault": "s3", "s3_endpoint": "http://127.0.0.1:1"}, "vault"),
        ({"keys": "kms", "kms_endpoint": "http://127.0.0.1:1"}, "keys"),
        ({"database": "postgresql://127.0.0.1:1/calls"}, "catalogue"),
    ],
)
def test_no_part_is_connected_in_clear_text_where_the_policy_says_encrypted(
    tmp_path: Path, values: dict[str, Any], part: str
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(SHIPPED.replace("transport: any", "transport: encrypted"))
    with (
        open_system(settings(home=tmp_path / "home", policy=file, **values)) as system,
        pytest.raises(ConfigurationError, match="transport: encrypted, and the connection to"),
    ):
        getattr(system, part)


def test_the_policy_names_its_transport_in_words_and_its_version_changes_only_where_it_says_something() -> None:
    silent = SHIPPED.replace("transport: any", "")
    strict = read_policy(SHIPPED.replace("transport: any", "transport: encrypted"), name="policy")
    assert read_policy(silent, name="policy").version == POLICY.version
    assert strict.version != POLICY.version
    assert replace(strict, version=POLICY.version, transport_encrypted=False) == POLICY
    [words] = [row.says for row in explain(strict) if row.key == "transport"]
    assert words == "a connection in clear text to a server stops the start"


@pytest.mark.parametrize(("mode", "open_"), [(0o700, False), (0o750, False), (0o755, True), (0o777, True)])
def test_a_home_other_accounts_can_enter_is_told(tmp_path: Path, mode: int, open_: bool) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(mode)
    found = exposures(settings(home=home), POLICY)
    assert [(one.code, one.what_to_do) for one in found] == [("open_folder", f"chmod 700 {home}")] * open_


@pytest.mark.parametrize(("mode", "open_"), [(0o600, False), (0o644, False), (0o664, True), (0o666, True)])
def test_a_policy_or_redaction_file_others_can_write_is_told(tmp_path: Path, mode: int, open_: bool) -> None:
    for name in ("policy", "redaction"):
        file = tmp_path / name
        file.write_text("")
        file.chmod(mode)
        found = exposures(settings(home=tmp_path / "none", **{name: file}), POLICY)
        assert [(one.code, one.subject) for one in found] == [("open_file", str(file))] * open_
