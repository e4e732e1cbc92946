"""A signed document as bytes: one canonical JSON text of a statement, its key and its signature.

The signature covers the prefix of the kind and the canonical JSON of the statement, so that no document passes for one
of another kind, nor a signed checkpoint of the log for either. Canonical is: keys sorted, no spaces, UTF-8, no numbers
but whole ones. The key is the access log's (Ed25519).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from callwarden.accesslog.proof.note import NoteFault, TrustedKey, format_key
from callwarden.errors import CallwardenError

_PARTS: Final = frozenset({"statement", "key", "signature"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """`name` is what people call it; the statement's ``format`` has to be `format`."""

    name: str
    format: str
    prefix: bytes


class SignedDocumentError(CallwardenError):
    """A file is no such document, or not one to believe. Says what is wrong with it; `fault` is the kind of wrong."""

    def __init__(self, fault: NoteFault, message: str) -> None:
        self.fault = fault
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStatement:
    """A statement whose signature is right. `key` is the public key it is signed under, as a line of text; `digest` is
    the hex SHA-256 of the document."""

    statement: Mapping[str, Any]
    key: str
    digest: str


def canonical(value: object) -> bytes:
    """The canonical JSON of a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def document_of(statement: bytes, *, key: str, signature: bytes) -> bytes:
    """The whole document; `key` is the public key as a line of text."""
    return canonical(
        {"statement": json.loads(statement), "key": key, "signature": b64encode(signature).decode("ascii")}
    )


def digest_of(document: bytes) -> str:
    """The hex SHA-256 by which the access log knows a document."""
    return sha256(document).hexdigest()


def open_document(document: bytes, kind: DocumentKind, *, trusted: Sequence[TrustedKey]) -> SignedStatement:
    """The statement in this text, signed under one of the trusted keys. White space around JSON does not matter.

    Raises SignedDocumentError saying what is wrong.
    """
    whole = _parse(document, kind)
    if not isinstance(whole, dict) or set(whole) != _PARTS or not isinstance(whole["statement"], dict):
        raise _malformed(f"this is no {kind.name}: it holds a statement, a key and a signature")
    statement = whole["statement"]
    if statement.get("format") != kind.format:
        raise _malformed(f"this is no {kind.name} of the format {kind.format}")
    try:
        signature = b64decode(str(whole["signature"]), validate=True)
    except ValueError:
        raise _malformed(f"the {kind.name}'s signature is not base64") from None
    message, named = kind.prefix + canonical(statement), [one for one in trusted if format_key(one.key) == whole["key"]]
    as_written = b64encode(signature).decode("ascii") == whole["signature"]  # one signature is written in one way only
    if not (as_written and any(key.verify(signature, message) for key in named)):
        raise SignedDocumentError(
            NoteFault.BAD_SIGNATURE if named else NoteFault.OTHER_KEY,
            f"the signature does not fit: the {kind.name} was altered, or it was signed under another key than these",
        )
    return SignedStatement(statement=statement, key=str(whole["key"]), digest=digest_of(canonical(whole)))


def _parse(document: bytes, kind: DocumentKind) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise _malformed(f"the {kind.name} says one thing twice")
        return dict(pairs)

    try:
        return json.loads(document, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise _malformed(f"this is no {kind.name}: it is not JSON") from None


def _malformed(message: str) -> SignedDocumentError:
    return SignedDocumentError(NoteFault.MALFORMED, message)
