"""Clients of Amazon's interfaces (S3, KMS and whatever else speaks them), and their errors translated.

Time-outs are short and retries few: a worker that waits holds its partition; a step that fails with
RetryableError comes again by itself.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from callwarden.errors import ConfigurationError, OvertakenError, RetryableError

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient
    from mypy_boto3_s3.client import S3Client

CONNECT_TIMEOUT_S = 3
READ_TIMEOUT_S = 15

_WRONG_SET_UP = (
    NoCredentialsError,
    PartialCredentialsError,
    NoRegionError,
    InvalidRegionError,
    ProfileNotFound,
)
_WRONG_CREDENTIALS = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "UnrecognizedClientException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsSettings:
    """Where a service is and how to sign in. None leaves a value to boto3's own chain (instance role,
    profile)."""

    endpoint_url: str | None = None
    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    connections: int = 16
    """Size of the connection pool: at least as many as threads use the client, or they wait for one
    another."""
    ca_bundle: str | None = None
    """PEM file of the authorities a server's certificate may come from; None for those boto3 knows."""
    proxies: Mapping[str, str] | None = field(default=None, repr=False)
    """Scheme to the proxy's URL; None for what the environment says, empty for none."""


def s3_client(settings: AwsSettings) -> "S3Client":
    """A thread-safe S3 client with path-style addresses where an endpoint is named (no wildcard DNS
    needed)."""
    # "when_required": the adapter sends its own digest; the SDK's default trailer breaks older servers.
    config = _config(settings).merge(
        Config(
            s3={
                "addressing_style": "path" if settings.endpoint_url else "auto",
                "payload_signing_enabled": True,  # the server refuses bytes that are not those we signed
            },
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
    )
    return session(settings).client(
        "s3", endpoint_url=settings.endpoint_url, config=config, verify=settings.ca_bundle or None
    )


def kms_client(settings: AwsSettings) -> "KMSClient":
    """A thread-safe KMS client."""
    return session(settings).client(
        "kms", endpoint_url=settings.endpoint_url, config=_config(settings), verify=settings.ca_bundle or None
    )


def _config(settings: AwsSettings) -> Config:
    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=settings.connections,
        proxies=None if settings.proxies is None else dict(settings.proxies),
        tcp_keepalive=True,
        # Named whole: otherwise botocore puts its own name together twice for each request, a tenth of what that costs.
        user_agent=f"callwarden Boto3/{boto3.__version__}",
    )


def session(settings: AwsSettings) -> boto3.session.Session:
    """Who signs in, and where; what is None is left to boto3's own chain."""
    return boto3.session.Session(
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        region_name=settings.region,
    )


def code_of(error: ClientError) -> str:
    """The service's error code; for a bodiless answer (HEAD) the HTTP status as text."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """The HTTP status of the answer, 0 when there was none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def translated(what: str, *, part: str = "vault") -> Iterator[None]:
    """Turn every vendor error in the block into one of ours. Absence is not decided here: an adapter catches
    the codes that surely mean it first, inside the block; everything else is an outage or a wrong set-up.

    `what` names the operation and the bucket or key id for a person; never a value that is personal data. `part` is
    the part of the system that was asked.
    """
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        if code in _WRONG_CREDENTIALS:
            raise ConfigurationError(f"{what}: the credentials are not accepted ({code})") from error
        if code == "NoSuchUpload":
            raise OvertakenError(f"{what} failed: the upload was given up meanwhile") from error
        if code == "NoSuchBucket":
            raise ConfigurationError(f"{what}: the bucket does not exist") from error
        hint = ": check the permissions of these credentials" if status_of(error) == 403 else ""
        raise RetryableError(f"{what} failed ({code or status_of(error)}){hint}", part=part) from error
    except _WRONG_SET_UP as error:
        raise ConfigurationError(f"{what}: {error}") from error
    except BotoCoreError as error:
        raise RetryableError(f"{what} failed ({type(error).__name__})", part=part) from error
