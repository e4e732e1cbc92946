"""Checks time-stamp tokens under trust roots an operator or auditor holds from before (RFC 3161, 2.2 and 2.3)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.x509 import Certificate, ObjectIdentifier, load_pem_x509_certificates

from callwarden.accesslog.proof.export import Kind
from callwarden.accesslog.proof.stamps import StampError
from callwarden.accesslog.timestamps.set_order import in_der_order
from callwarden.errors import ConfigurationError

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest, TimeStampResponse

_SHA256: Final = ObjectIdentifier("2.16.840.1.101.3.4.2.1")


class TimestampTrust:
    """The authorities that are believed. Thread-safe.

    A certificate must have been valid when the token was made, not today: a token outlives the certificates it was made
    under.
    """

    def __init__(self, roots: Sequence[Certificate]) -> None:
        self._roots = tuple(roots)

    def check(self, token: bytes, data: bytes) -> datetime:
        """See `callwarden.accesslog.proof.stamps.CheckStamp`."""
        return self._verified(parse_response(token), data, request=None)

    def check_answer(self, response: "TimeStampResponse", data: bytes, *, request: "TimeStampRequest") -> datetime:
        """As `check`, and it is the answer to this very request (its nonce, and its policy if one was asked for)."""
        return self._verified(response, data, request=request)

    def _verified(self, response: "TimeStampResponse", data: bytes, *, request: "TimeStampRequest | None") -> datetime:
        from rfc3161_client import VerificationError, VerifierBuilder

        at = _must_be_of(response, data)
        # Built whole: the library's builder methods share one list of roots between builders.
        builder = VerifierBuilder(
            roots=list(self._roots),
            nonce=None if request is None else request.nonce,
            policy_id=None if request is None else request.policy,
        )
        try:
            builder.build().verify_message(response, data)
        except VerificationError as error:
            raise StampError(
                Kind.TIMESTAMP_UNTRUSTED, f"not signed for this by an authority under the trust roots ({error})"
            ) from error
        except Exception as error:  # a parser of foreign bytes, in another language: whatever it raises
            raise StampError(Kind.TIMESTAMP_MALFORMED, "not a time-stamp token") from error
        return at


def parse_response(token: bytes) -> "TimeStampResponse":
    """Takes an authority's answer apart, unverified. Raises `StampError` (malformed)."""
    from rfc3161_client import decode_timestamp_response

    try:
        return decode_timestamp_response(in_der_order(token))
    except Exception as error:  # a parser of foreign bytes, in another language: whatever it raises
        raise StampError(Kind.TIMESTAMP_MALFORMED, "not a time-stamp response") from error


def _must_be_of(response: "TimeStampResponse", data: bytes) -> datetime:
    """The instant the answer names, unverified, once it is about the SHA-256 of these bytes. Raises `StampError`."""
    try:
        info = response.tst_info
        algorithm, digest = info.message_imprint.hash_algorithm, info.message_imprint.message
        at = info.gen_time.astimezone(UTC)
    except Exception as error:  # as above; among others, an answer without a token
        raise StampError(Kind.TIMESTAMP_MALFORMED, "no time-stamp token in it") from error
    if algorithm != _SHA256:
        raise StampError(Kind.TIMESTAMP_MISMATCH, "it is not over a SHA-256")
    if digest != sha256(data).digest():
        raise StampError(Kind.TIMESTAMP_MISMATCH, "it is of other bytes")
    return at


def open_trust(path: Path) -> TimestampTrust:
    """The trust roots in a PEM file.

    Raises: `ConfigurationError` when it cannot be read, holds no certificate, or the extra is not installed.
    """
    try:
        import rfc3161_client  # noqa: F401 -- only asked whether it is there
    except ImportError as error:
        raise ConfigurationError(
            "time-stamps need the extra package: install callwarden[timestamp] (rfc3161-client)"
        ) from error
    try:
        roots = load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path}: the time-stamps' trust roots cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigurationError(f"{path}: no PEM certificate in it (trust roots of time-stamps)") from error
    return TimestampTrust(roots)
