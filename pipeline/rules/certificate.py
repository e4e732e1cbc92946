"""The disposal certificate as bytes: one canonical JSON text, signed under the access log's Ed25519 key.

The signature covers `PREFIX` and the canonical JSON of the statement, so that no signed checkpoint of the log can pass
for a certificate. Canonical is: keys sorted, no spaces, UTF-8, no numbers but whole ones.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from callwarden.accesslog.proof.note import TrustedKey
from callwarden.errors import CallwardenError
from callwarden.model.certificate import DestroyedVersion, DisposalFacts

FORMAT: Final = "callwarden-disposal-certificate/1"
PREFIX: Final = b"callwarden disposal certificate v1\n"
_PARTS: Final = frozenset({"statement", "key", "signature"})


class CertificateError(CallwardenError):
    """A file is no certificate, or not one to believe. Says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCertificate:
    """A certificate whose signature is right. `key` is the public key it is signed under, as a line of text."""

    statement: Mapping[str, Any]
    key: str
    digest: str


def statement_of(facts: DisposalFacts) -> bytes:
    """The canonical JSON of what a certificate states."""
    return _canonical(
        {
            "format": FORMAT,
            "recording": facts.recording_id,
            "line": facts.line,
            "call_ended_at": _instant(facts.ended_at),
            "kept_until": _instant(facts.keep_until),
            "stored_under_policy": facts.stored_under,
            "disposed_under_policy": facts.disposed_under,
            "rule": facts.rule,
            "decided_by": facts.decided_by,
            "versions_on_record": [_version(version) for version in facts.known],
            "versions_listed_before": [_version(version) for version in facts.listed],
            "listed_before_at": _instant(facts.listed_at),
            "unfinished_uploads_given_up": facts.uploads_given_up,
            "versions_listed_after": facts.left,
            "listed_after_at": _instant(facts.proven_empty_at),
            "data_key": "destroyed",
            "log_entry": facts.log_entry,
            **({} if facts.as_at is None else {"disposed_as_at": _instant(facts.as_at)}),
        }
    )


def document_of(statement: bytes, *, key: str, signature: bytes) -> bytes:
    """The whole certificate; `key` is the public key as a line of text."""
    return _canonical(
        {"statement": json.loads(statement), "key": key, "signature": b64encode(signature).decode("ascii")}
    )


def digest_of(document: bytes) -> str:
    """The hex SHA-256 by which the access log knows a certificate."""
    return sha256(document).hexdigest()


def check_certificate(document: bytes, *, trusted: Sequence[TrustedKey]) -> CheckedCertificate:
    """The certificate in this text, signed under one of the trusted keys. White space around JSON does not matter.

    Raises CertificateError saying what is wrong.
    """
    whole = _parse(document)
    if not isinstance(whole, dict) or set(whole) != _PARTS or not isinstance(whole["statement"], dict):
        raise CertificateError("this is no disposal certificate: it holds a statement, a key and a signature")
    statement = whole["statement"]
    if statement.get("format") != FORMAT:
        raise CertificateError(f"this is no disposal certificate of the format {FORMAT}")
    try:
        signature = b64decode(str(whole["signature"]), validate=True)
    except ValueError:
        raise CertificateError("the certificate's signature is not base64") from None
    message = PREFIX + _canonical(statement)
    if not any(key.verify(signature, message) for key in trusted):
        raise CertificateError(
            "the signature does not fit: the certificate was altered, or it was signed under another key than these"
        )
    return CheckedCertificate(statement=statement, key=str(whole["key"]), digest=digest_of(_canonical(whole)))


def _parse(document: bytes) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise CertificateError("the certificate says one thing twice")
        return dict(pairs)

    try:
        return json.loads(document, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise CertificateError("this is no disposal certificate: it is not JSON") from None


def _version(one: DestroyedVersion) -> dict[str, object]:
    return {"key": one.key, "version": one.version_id, "bytes": one.size}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
