"""Proxies and certificate authorities that are set are the ones used."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from callwarden.adapters.aws import AwsSettings, s3_client, translated
from callwarden.errors import RetryableError


class Answering(BaseHTTPRequestHandler):
    """Says yes to everything and notes what was asked for, whole as a proxy sees it."""

    asked: list[str]

    def _answer(self) -> None:
        self.asked.append(f"{self.command} {self.path} {self.headers.get('Proxy-Authorization', '')}".strip())
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = _answer  # noqa: N815 -- http.server's names

    def log_message(self, *_: object) -> None:
        """Not into the test's output."""


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def server(asked: list[str]) -> Iterator[ThreadingHTTPServer]:
    handler = type("Handler", (Answering,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield running
        running.shutdown()


def settings(endpoint: str, *, ca_bundle: str | None = None, proxies: dict[str, str] | None = None) -> AwsSettings:
    return AwsSettings(
        endpoint_url=endpoint,
        region="eu-west-3",
        access_key="access",
        secret_key="secret",
        ca_bundle=ca_bundle,
        proxies=proxies,
    )


def test_what_goes_to_the_store_goes_through_the_proxy_with_its_password(
    server: ThreadingHTTPServer, asked: list[str]
) -> None:
    proxies = {"http": f"http://user:word@127.0.0.1:{server.server_port}"}
    s3_client(settings("http://objects.invalid", proxies=proxies)).head_bucket(Bucket="vault")
    assert asked == ["HEAD http://objects.invalid/vault Basic dXNlcjp3b3Jk"]


def test_without_a_proxy_for_a_host_the_environments_is_not_used_either(
    server: ThreadingHTTPServer, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    s3_client(settings(f"http://127.0.0.1:{server.server_port}", proxies={})).head_bucket(Bucket="vault")
    assert asked == ["HEAD /vault"]


@pytest.fixture
def authority(server: ThreadingHTTPServer, tmp_path: Path) -> Path:
    """The server speaks TLS now, with a certificate that only this file's reader believes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "objects")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, secret = tmp_path / "authority.pem", tmp_path / "key.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return file


def test_a_certificate_of_ones_own_authority_is_believed_where_it_is_named_and_nowhere_else(
    server: ThreadingHTTPServer, asked: list[str], authority: Path
) -> None:
    endpoint = f"https://127.0.0.1:{server.server_port}"
    with pytest.raises(RetryableError, match="SSLError"), translated("looking into the bucket"):
        s3_client(settings(endpoint, proxies={})).head_bucket(Bucket="vault")
    assert asked == []
    s3_client(settings(endpoint, ca_bundle=str(authority), proxies={})).head_bucket(Bucket="vault")
    assert asked == ["HEAD /vault"]
