"""KMS out of reach or set up wrongly: an outage is never taken for a destroyed key."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from mypy_boto3_kms.client import KMSClient

from callwarden.adapters.aws import AwsSettings, kms_client
from callwarden.adapters.keys.kms import KmsKeyStore
from callwarden.errors import ConfigurationError
from callwarden.ports.keys import KeyDestroyedError, KeyUnavailableError, WrappedKeyError
from tests.fakes.keys import rotated_master
from tests.servers.s3 import RunningS3

CONTEXT = {"recording": "rec-0123"}


@pytest.fixture(scope="module")
def client(moto_server: RunningS3) -> KMSClient:
    return kms_client(
        AwsSettings(
            endpoint_url=moto_server.endpoint_url,
            region=moto_server.region,
            access_key=moto_server.access_key,
            secret_key=moto_server.secret_key,
        )
    )


def store_over(client: KMSClient) -> KmsKeyStore:
    """A key store with keys of its own."""
    name = uuid4().hex
    return KmsKeyStore(client, master_alias=f"alias/{name}", pseudonym_alias=f"alias/{name}-pseudonyms")


def test_an_unreachable_kms_is_an_outage() -> None:
    unreachable = AwsSettings(
        endpoint_url="http://127.0.0.1:9", region="eu-west-3", access_key="test", secret_key="test"
    )
    store = KmsKeyStore(kms_client(unreachable), master_alias="alias/a", pseudonym_alias="alias/b")
    with pytest.raises(KeyUnavailableError):
        store.unwrap(b"wrapped", CONTEXT)
    with pytest.raises(KeyUnavailableError):
        store.pseudonym("caller", "1")


class ScriptedKms(BaseHTTPRequestHandler):
    """Answers every call with one error, as KMS words it."""

    code = ""
    message = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"__type": self.code, "message": self.message}).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet."""


@contextmanager
def kms_that_answers(code: str, message: str) -> Iterator[KmsKeyStore]:
    handler = type("Scripted", (ScriptedKms,), {"code": code, "message": message})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings = AwsSettings(
            endpoint_url=f"http://127.0.0.1:{server.server_port}",
            region="eu-west-3",
            access_key="test",
            secret_key="test",
        )
        yield KmsKeyStore(kms_client(settings), master_alias="alias/a", pseudonym_alias="alias/b")
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("KMSInvalidStateException", "arn:aws:kms:eu-west-3:1:key/x is pending deletion.", KeyDestroyedError),
        ("NotFoundException", "Key 'arn:aws:kms:eu-west-3:1:key/x' does not exist", KeyDestroyedError),
        ("KMSInvalidStateException", "arn:aws:kms:eu-west-3:1:key/x is unavailable.", KeyUnavailableError),
        ("DisabledException", "arn:aws:kms:eu-west-3:1:key/x is disabled.", KeyUnavailableError),
        ("AccessDeniedException", "not authorized", KeyUnavailableError),
        ("InvalidCiphertextException", "", WrappedKeyError),
        ("UnrecognizedClientException", "The security token is invalid.", ConfigurationError),
    ],
)
def test_only_a_key_that_is_surely_gone_counts_as_destroyed(code: str, message: str, expected: type[Exception]) -> None:
    with kms_that_answers(code, message) as store, pytest.raises(expected):
        store.unwrap(b"wrapped", CONTEXT)


def test_a_destroyed_master_key_waits_for_its_deletion_and_unwraps_nothing(client: KMSClient) -> None:
    """K4. KMS refuses every use of a key that is pending deletion; moto only records the state."""
    store = store_over(client)
    store.ensure_keys()
    old = store.current_master_key()
    rotated_master(store)
    store.destroy_master(old)
    assert client.describe_key(KeyId=old)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_setting_up_twice_keeps_the_keys(client: KMSClient) -> None:
    name = uuid4().hex
    store = KmsKeyStore(client, master_alias=f"alias/{name}", pseudonym_alias=f"alias/{name}-p")
    store.ensure_keys()
    before = store.current_master_key(), store.pseudonym("caller", "1")
    store.ensure_keys()
    again = KmsKeyStore(client, master_alias=f"alias/{name}", pseudonym_alias=f"alias/{name}-p")
    assert (again.current_master_key(), again.pseudonym("caller", "1")) == before


def test_a_master_key_named_directly_cannot_be_rotated_and_says_why(client: KMSClient) -> None:
    store = store_over(client)
    store.ensure_keys()
    fixed = KmsKeyStore(client, master_alias=store.current_master_key(), pseudonym_alias="alias/b")
    assert fixed.unwrap(fixed.new_data_key(CONTEXT).wrapped, CONTEXT)
    with pytest.raises(ConfigurationError, match="alias"):
        rotated_master(fixed)


def test_a_missing_master_key_is_a_wrong_set_up_when_making_keys(client: KMSClient) -> None:
    store = KmsKeyStore(client, master_alias="alias/missing", pseudonym_alias="alias/b")
    with pytest.raises(ConfigurationError, match="alias/missing"):
        store.new_data_key(CONTEXT)
