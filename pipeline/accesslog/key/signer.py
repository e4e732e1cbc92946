"""Ed25519 (RFC 8032): the log's private key in a file of its own, and checks under public keys."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from callwarden.accesslog.proof.note import NoteError, TrustedKey, format_key, make_key, parse_key
from callwarden.accesslog.proof.values import VerifierKey
from callwarden.adapters.durable_files import put_new, sync_folder
from callwarden.errors import ConfigurationError


class Ed25519Signer:
    """Signs under one private key. Thread-safe."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._key = make_key(name, public)

    @property
    def key(self) -> VerifierKey:
        """The public side."""
        return self._key

    @property
    def trusted(self) -> TrustedKey:
        """The public side with the means to check under it."""
        return trust(self._key)

    def sign(self, message: bytes) -> bytes:
        """64 bytes over ``message``."""
        return self._private.sign(message)

    def public_text(self) -> str:
        """The public key as one line, to be handed to auditors and pinned by them."""
        return format_key(self._key)


def open_signer(path: Path, name: str, *, create: Callable[[], bool] = lambda: True) -> Ed25519Signer:
    """The key in this PEM file (PKCS #8), readable by its owner alone; made on first use.

    ``name`` is the log's origin. ``create`` says whether this is the first use, and is asked only where the file is
    missing. Raises: `ConfigurationError` when the file is missing and must not be made, cannot be read or made, holds
    something else, or is open to others.
    """
    try:
        # Asked in this order, another process that makes the first key and signs with it is no loss.
        if not path.exists() and not create() and not path.exists():
            raise ConfigurationError(
                f"{path} is missing, and the log has been signed with the key in it: put the file back from its copy. "
                "Where there is none any more, see docs/keys.md, A lost log key"
            )
        _create(path)
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise ConfigurationError(f"{path}: others may read the log's key; run: chmod 600 {path}")
            private = load_pem_private_key(file.read(), password=None)
    except OSError as error:
        raise ConfigurationError(f"{path}: the log's key cannot be read or made ({error.strerror})") from error
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{path}: not an unencrypted PEM private key") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise ConfigurationError(f"{path}: not an Ed25519 key")
    return Ed25519Signer(name, private)


def trust(key: VerifierKey) -> TrustedKey:
    """A key to check signatures under."""
    public = Ed25519PublicKey.from_public_bytes(key.public_key)

    def verify(signature: bytes, message: bytes) -> bool:
        try:
            public.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return TrustedKey(key=key, verify=verify)


def read_trusted(lines: Iterable[str]) -> tuple[TrustedKey, ...]:
    """The keys of a public-key file: one per line; empty lines and lines beginning with # are passed over.

    Raises: `ConfigurationError` naming the line that is no key, or when there is none.
    """
    keys = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            keys.append(trust(parse_key(line)))
        except (NoteError, ValueError) as error:
            raise ConfigurationError(f"public key, line {number}: {error}") from error
    if not keys:
        raise ConfigurationError("public key: the file holds no key")
    return tuple(keys)


def read_keys(*files: Path) -> tuple[TrustedKey, ...]:
    """The public keys in these files, each once. Raises: `ConfigurationError` naming the line."""
    found: dict[VerifierKey, TrustedKey] = {}
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{file}: the public key cannot be read") from error
        found |= {trusted.key: trusted for trusted in read_trusted(lines)}
    return tuple(found.values())


def _create(path: Path) -> None:
    """Make a key, complete before it can be seen; where another process was first its key is the key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with suppress(FileExistsError):
        put_new(path, pem)
    sync_folder(path.parent)
