"""Signed notes and their keys as text (C2SP signed-note v1), Ed25519 signatures only.

A note is a text, an empty line, and one line per signature: an em dash, the key's name, and the base64 of the
key's id (four bytes) and the signature. The signature covers the text with its last newline.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final, Protocol

from callwarden.accesslog.proof.values import VerifierKey

ED25519: Final = b"\x01"
MAX_NOTE_BYTES: Final = 1 << 20
MAX_SIGNATURES: Final = 100
_SIGNATURE_PREFIX: Final = "\N{EM DASH} "

Verify = Callable[[bytes, bytes], bool]
"""``verify(signature, message)`` under one pinned public key; never raises for a bad signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """A public key held from before, and the means to check a signature under it."""

    key: VerifierKey
    verify: Verify


class Signer(Protocol):
    """Signs with the log's private key."""

    @property
    def key(self) -> VerifierKey:
        """The public side, as others pin it."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature (RFC 8032) over ``message``."""
        ...


class NoteFault(StrEnum):
    """Why a note is not accepted."""

    MALFORMED = "malformed"
    OTHER_KEY = "other_key"
    BAD_SIGNATURE = "bad_signature"


class NoteError(ValueError):
    """A note is not what it must be. ``fault`` says which of the three it is."""

    def __init__(self, fault: NoteFault, detail: str) -> None:
        self.fault = fault
        super().__init__(detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line. Not yet verified."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedNote:
    """A note taken apart. Not yet verified: `open_note` does both."""

    text: str
    signatures: tuple[NoteSignature, ...]


def make_key(name: str, public_key: bytes) -> VerifierKey:
    """The verifier key for these 32 bytes under ``name`` (no white space, no plus sign)."""
    if not _is_name(name) or len(public_key) != 32:
        raise NoteError(NoteFault.MALFORMED, "a key has a name without spaces or '+', and 32 bytes")
    key_id = sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:4]
    return VerifierKey(name=name, key_id=key_id, public_key=public_key)


def format_key(key: VerifierKey) -> str:
    """The key as one line of text: name, key id in hexadecimal, base64 of the algorithm byte and the key."""
    return f"{key.name}+{key.key_id.hex()}+{b64encode(ED25519 + key.public_key).decode()}"


def parse_key(text: str) -> VerifierKey:
    """Reads what `format_key` writes. Raises `NoteError` when anything in it disagrees."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise NoteError(NoteFault.MALFORMED, "a public key reads name+key id+base64")
    encoded = _base64(parts[2])
    if encoded[:1] != ED25519:
        raise NoteError(NoteFault.MALFORMED, "the public key is not an Ed25519 key")
    key = make_key(parts[0], encoded[1:])
    if parts[1] != key.key_id.hex():
        raise NoteError(NoteFault.MALFORMED, "the public key's id does not belong to its name and bytes")
    return key


def format_note(text: str, signatures: tuple[NoteSignature, ...]) -> bytes:
    """The bytes of a note. ``text`` ends in a newline and holds no other control character."""
    _must_be_text(text)
    lines = [
        f"{_SIGNATURE_PREFIX}{signature.name} {b64encode(signature.key_id + signature.signature).decode()}\n"
        for signature in signatures
    ]
    return (text + "\n" + "".join(lines)).encode()


def parse_note(note: bytes) -> SignedNote:
    """Takes a note apart without verifying it. Raises `NoteError` (malformed)."""
    if len(note) > MAX_NOTE_BYTES:
        raise NoteError(NoteFault.MALFORMED, f"the note is longer than {MAX_NOTE_BYTES} bytes")
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise NoteError(NoteFault.MALFORMED, "the note is not UTF-8") from error
    text, gap, tail = whole.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise NoteError(NoteFault.MALFORMED, "the note has no signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(NoteFault.MALFORMED, f"the note has more than {MAX_SIGNATURES} signatures")
    _must_be_text(text + "\n")
    return SignedNote(text=text + "\n", signatures=tuple(_signature(line) for line in lines))


def open_note(note: bytes, *, trusted: Sequence[TrustedKey]) -> tuple[str, tuple[VerifierKey, ...]]:
    """The note's text and those of the trusted keys that signed it, one or more, once every signature of a trusted key
    on it holds. Signatures of other keys are passed over.

    Raises: `NoteError`: malformed, not signed by any of these keys, or signed wrongly.
    """
    parsed = parse_note(note)
    signed_by: list[VerifierKey] = []
    for candidate in trusted:
        key = candidate.key
        lines = [
            signature
            for signature in parsed.signatures
            if signature.name == key.name and signature.key_id == key.key_id
        ]
        if len(lines) > 1:
            raise NoteError(NoteFault.MALFORMED, "signed twice by the same key")
        if lines and not candidate.verify(lines[0].signature, parsed.text.encode()):
            raise NoteError(NoteFault.BAD_SIGNATURE, "the signature does not hold for this text")
        signed_by += [key for _ in lines]
    if not signed_by:
        signers = ", ".join(f"{signature.name}+{signature.key_id.hex()}" for signature in parsed.signatures)
        raise NoteError(NoteFault.OTHER_KEY, f"signed by {signers}, which is not a trusted key")
    return parsed.text, tuple(signed_by)


def sign_note(text: str, *signers: Signer) -> bytes:
    """The note over ``text``, signed by each of these, in their order."""
    _must_be_text(text)
    data = text.encode()
    signatures = (
        NoteSignature(name=signer.key.name, key_id=signer.key.key_id, signature=signer.sign(data)) for signer in signers
    )
    return format_note(text, tuple(signatures))


def _signature(line: str) -> NoteSignature:
    fields = line.removeprefix(_SIGNATURE_PREFIX).split(" ")
    if not line.startswith(_SIGNATURE_PREFIX) or len(fields) != 2 or not _is_name(fields[0]):
        raise NoteError(NoteFault.MALFORMED, "a signature line reads: em dash, name, base64")
    encoded = _base64(fields[1])
    if len(encoded) < 5:
        raise NoteError(NoteFault.MALFORMED, "a signature is shorter than its key id")
    return NoteSignature(name=fields[0], key_id=encoded[:4], signature=encoded[4:])


def _base64(text: str) -> bytes:
    try:
        decoded = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(NoteFault.MALFORMED, "not base64") from error
    if b64encode(decoded).decode() != text:
        raise NoteError(NoteFault.MALFORMED, "not the one base64 of its bytes")
    return decoded


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)


def _must_be_text(text: str) -> None:
    if not text.endswith("\n") or any(letter < " " and letter != "\n" for letter in text):
        raise NoteError(NoteFault.MALFORMED, "a note's text ends in a newline and holds no control character")
