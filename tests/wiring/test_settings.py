"""What several settings mean together: who signs in where, through which proxy, and whom a server's certificate may
come from."""

from pathlib import Path
from typing import Any

import pytest

from callwarden.errors import ConfigurationError
from callwarden.settings import Settings, load_settings
from callwarden.wiring import proxies_to, servers

CEPH = {
    "vault": "s3",
    "s3_endpoint": "https://objects.local:8443",
    "s3_region": "default",
    "s3_access_key": "ceph-access",
    "s3_secret_key": "ceph-secret",
    "s3_ca_bundle": Path("/etc/ceph-ca.pem"),
    "keys": "kms",
}


def settings(**values: Any) -> Settings:
    return Settings(**values)


def test_the_key_service_is_another_than_the_object_stores_wherever_it_has_something_of_its_own() -> None:
    own = {"kms_region": "eu-west-3", "kms_access_key": "amazon-access", "kms_secret_key": "amazon-secret"}
    found = settings(**CEPH, **own)
    kms, s3 = servers.kms(found), servers.s3(found)
    assert (kms.endpoint_url, kms.region, kms.access_key, kms.secret_key, kms.ca_bundle) == (
        None,
        "eu-west-3",
        "amazon-access",
        "amazon-secret",
        None,
    )
    assert (s3.endpoint_url, s3.region, s3.access_key) == ("https://objects.local:8443", "default", "ceph-access")
    assert s3.ca_bundle == "/etc/ceph-ca.pem"


def test_the_key_service_takes_no_password_of_the_object_store_with_it_to_another_region() -> None:
    """Its credentials then are the machine's role."""
    kms = servers.kms(settings(**CEPH, kms_region="eu-west-3"))
    assert (kms.region, kms.access_key, kms.secret_key) == ("eu-west-3", None, None)


def test_one_accounts_s3_and_key_service_share_their_credentials() -> None:
    kms = servers.kms(settings(s3_region="eu-west-3", s3_access_key="a", s3_secret_key="b", keys="kms"))
    assert (kms.region, kms.access_key, kms.secret_key) == ("eu-west-3", "a", "b")


@pytest.mark.parametrize(
    ("host", "goes_by"),
    [
        ("s3.eu-west-3.amazonaws.com", {"http": "http://u:p@proxy:3128", "https": "http://u:p@proxy:3128"}),
        ("objects.local", {}),
        ("local", {}),
        ("notlocal", {"http": "http://u:p@proxy:3128", "https": "http://u:p@proxy:3128"}),
        ("10.0.0.5", {}),
    ],
)
def test_a_proxy_is_used_but_for_the_hosts_that_are_named(host: str, goes_by: dict[str, str]) -> None:
    found = settings(proxy="http://u:p@proxy:3128", no_proxy=".local, 10.0.0.5")
    assert proxies_to(host, found) == goes_by


def test_without_a_proxy_of_its_own_the_environments_is_used() -> None:
    assert proxies_to("objects.local", settings()) is None


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        (
            "postgresql://u:p%40@db/calls",
            "postgresql://u:p%40@db/calls?sslmode=verify-full&sslrootcert=/etc/my%20ca.pem",
        ),
        (
            "postgresql://db/calls?sslmode=verify-ca&application_name=x",
            "postgresql://db/calls?sslmode=verify-ca&sslrootcert=/etc/my%20ca.pem&application_name=x",
        ),
        ("sqlite:////var/calls.db", "sqlite:////var/calls.db"),
    ],
)
def test_postgresqls_certificate_is_verified_against_the_bundle_that_is_set(url: str, opened: str) -> None:
    assert settings(database=url, database_ca_bundle="/etc/my ca.pem").database_url == opened


@pytest.mark.parametrize("name", ["S3_CA_BUNDLE", "KMS_CA_BUNDLE", "DATABASE_CA_BUNDLE", "KAFKA_SSL_CAFILE"])
def test_a_bundle_that_is_not_there_is_named_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"CALLWARDEN_{name}", "absent.pem")
    with pytest.raises(ConfigurationError, match=f"CALLWARDEN_{name}: there is no file absent.pem"):
        load_settings()


def test_an_env_file_that_is_no_utf_8_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_bytes("CALLWARDEN_LOG_NAME=é".encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"\.env is not UTF-8 text: save it as UTF-8"):
        load_settings()


def test_what_is_no_address_is_no_trusted_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLWARDEN_TRUSTED_PROXIES", "10.0.0.0/8,proxy")
    with pytest.raises(ConfigurationError, match="'proxy' does not appear to be an IPv4 or IPv6 network"):
        load_settings()
