"""The disposal certificate as bytes: a signed document (`callwarden.rules.signed_document`)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from callwarden.accesslog.proof.note import TrustedKey
from callwarden.model.certificate import DestroyedVersion, DisposalFacts
from callwarden.rules.signed_document import DocumentKind, SignedStatement, canonical, open_document

FORMAT: Final = "callwarden-disposal-certificate/1"
CERTIFICATE: Final = DocumentKind(
    name="disposal certificate", format=FORMAT, prefix=b"callwarden disposal certificate v1\n"
)


def statement_of(facts: DisposalFacts) -> bytes:
    """The canonical JSON of what a certificate states."""
    return canonical(
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
            **({} if facts.part is None else {"part": facts.part}),
            **({} if facts.as_at is None else {"disposed_as_at": _instant(facts.as_at)}),
        }
    )


def check_certificate(document: bytes, *, trusted: Sequence[TrustedKey]) -> SignedStatement:
    """The certificate in this text, signed under one of the trusted keys. Raises SignedDocumentError."""
    return open_document(document, CERTIFICATE, trusted=trusted)


def _version(one: DestroyedVersion) -> dict[str, object]:
    return {"key": one.key, "version": one.version_id, "bytes": one.size}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()
