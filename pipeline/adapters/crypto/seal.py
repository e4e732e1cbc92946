"""Small values encrypted in one piece (AES-256-GCM): sealed events, dead letters."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from callwarden.adapters.crypto.layout import checked_key
from callwarden.ports.cipher import DecryptionError

_SEAL_VERSION = b"\x01"
_SEAL_NONCE = 12


def seal(data_key: bytes, plaintext: bytes, associated_data: bytes) -> bytes:
    """Encrypt a small value (up to about a segment) in one piece: version byte, nonce, ciphertext, tag."""
    nonce = os.urandom(_SEAL_NONCE)
    sealed = AESGCM(checked_key(data_key)).encrypt(nonce, plaintext, _SEAL_VERSION + associated_data)
    return _SEAL_VERSION + nonce + sealed


def open_sealed(data_key: bytes, sealed: bytes, associated_data: bytes) -> bytes:
    """The plaintext of :func:`seal`.

    Raises:
        DecryptionError: altered, cut, for another purpose, or sealed under another key.
    """
    if sealed[:1] != _SEAL_VERSION:
        raise DecryptionError("not a sealed value of a version known here")
    nonce, body = sealed[1 : 1 + _SEAL_NONCE], memoryview(sealed)[1 + _SEAL_NONCE :]
    try:
        return AESGCM(checked_key(data_key)).decrypt(nonce, body, _SEAL_VERSION + associated_data)
    except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
        raise DecryptionError("the sealed value does not authenticate") from error
