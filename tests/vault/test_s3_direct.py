"""An object put directly: what the server keeps, and when the client takes over. The contract runs over it as well."""

import io
from uuid import uuid4

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from mypy_boto3_s3 import S3Client

from callwarden.adapters.aws import AwsSettings, s3_client
from callwarden.adapters.vault.s3 import S3Vault
from callwarden.adapters.vault.s3_direct import DirectPut, HttpSession, direct_put
from callwarden.errors import RetryableError
from tests.servers.s3 import RunningS3

RETENTION = {"callwarden-retention": "P6M", "callwarden-held": "no"}


class Line:
    """botocore's session, with something happening to what goes out; counts what has gone."""

    def __init__(self, *, raises: Exception | None = None, flips_a_bit: bool = False) -> None:
        self._inner = URLLib3Session()
        self._raises = raises
        self._flips_a_bit = flips_a_bit
        self.sent = 0

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        self.sent += 1
        if self._raises is not None:
            raise self._raises
        if self._flips_a_bit:
            content = request.body.read() if isinstance(request.body, io.BytesIO) else request.body
            assert isinstance(content, bytes)
            request.body = bytes((content[0] ^ 1,)) + content[1:]
        return self._inner.send(request)


@pytest.fixture(scope="module", params=["moto", "ceph"])
def server(request: pytest.FixtureRequest) -> RunningS3:
    running = request.getfixturevalue(f"{request.param}_server")
    assert isinstance(running, RunningS3)
    return running


@pytest.fixture(scope="module")
def client(server: RunningS3) -> S3Client:
    return s3_client(settings(server))


@pytest.fixture(scope="module")
def bucket(client: S3Client) -> str:
    name = f"vault-{uuid4().hex}"
    S3Vault(client, name).ensure_bucket()
    return name


def settings(server: RunningS3) -> AwsSettings:
    return AwsSettings(
        endpoint_url=server.endpoint_url,
        region=server.region,
        access_key=server.access_key,
        secret_key=server.secret_key,
    )


def over(server: RunningS3, line: HttpSession) -> DirectPut:
    signer = S3SigV4Auth(Credentials(server.access_key, server.secret_key), "s3", server.region)
    return DirectPut(server.endpoint_url, signer, line)


def put(vault: S3Vault) -> str:
    key = f"recordings/{uuid4().hex}/original audio+1"
    stored = vault.put(key, io.BytesIO(b"a voice"), size=7, tags=RETENTION)
    assert vault.read(key, stored.version_id, start=0, length=7) == b"a voice"
    assert [version.version_id for version in vault.versions(key)] == [stored.version_id]
    return key


def test_an_object_put_directly_has_its_tags_and_media_type(server: RunningS3, client: S3Client, bucket: str) -> None:
    line = Line()
    key = put(S3Vault(client, bucket, direct=over(server, line)))
    assert line.sent == 1
    tags = client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == RETENTION
    assert client.head_object(Bucket=bucket, Key=key)["ContentType"] == "application/octet-stream"


def test_a_closed_connection_is_left_to_the_client(server: RunningS3, client: S3Client, bucket: str) -> None:
    line = Line(raises=ConnectionClosedError(endpoint_url=server.endpoint_url))
    put(S3Vault(client, bucket, direct=over(server, line)))
    assert line.sent == 1


@pytest.mark.parametrize("server", ["ceph"], indirect=True)  # moto takes any signature
def test_bytes_damaged_on_the_way_are_refused_and_sent_again_by_the_client(
    server: RunningS3, client: S3Client, bucket: str
) -> None:
    line = Line(flips_a_bit=True)
    put(S3Vault(client, bucket, direct=over(server, line)))
    assert line.sent == 1


def test_a_server_that_does_not_answer_is_not_asked_again_at_once(
    server: RunningS3, client: S3Client, bucket: str
) -> None:
    vault = S3Vault(
        client, bucket, direct=over(server, Line(raises=ReadTimeoutError(endpoint_url=server.endpoint_url)))
    )
    with pytest.raises(RetryableError, match="ReadTimeout"):
        vault.put("recordings/unanswered", io.BytesIO(b"a voice"), size=7, tags=RETENTION)
    assert list(vault.versions("recordings/unanswered")) == []


def test_without_an_address_of_our_own_the_client_does_everything() -> None:
    assert direct_put(AwsSettings(access_key="key", secret_key="secret"), region="eu-west-3") is None
