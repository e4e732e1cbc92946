"""The embedded key store: master keys in one private file on this machine.

Keep a copy of the file somewhere else and never in the backup of the data: with both, an erased recording in
an old backup could be read again (K4).
"""

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from callwarden.adapters.keys.keyring import KeyFile, Keyring
from callwarden.adapters.keys.pseudonym import key_check, keyed_pseudonym
from callwarden.errors import UsageError
from callwarden.model.ids import Pseudonym
from callwarden.model.key import KeyKind
from callwarden.ports.keys import (
    DataKey,
    KeyDestroyedError,
    KeyMissingError,
    KeyUnavailableError,
    WrappedDataKey,
    WrappedKeyError,
)

_VERSION = 1
_NONCE_BYTES = 12


class FileKeyStore:
    """`callwarden.ports.keys.KeyStore` over a key file.

    A wrapped key is: version byte, length of the master key's id, the id, nonce, AES-256-GCM ciphertext and
    tag, with all that precedes the nonce and the context as associated data. Random nonces allow about 2**32
    keys under one master key.

    `create` allows a new file on first use. Switch it off on a system that already holds recordings: a new
    file in the place of a lost one would hide the loss and forget every objection.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self._path = path
        self._keyring: Keyring = KeyFile(path, create=create).load()
        # From here on a missing file is a loss, not a first use.
        self._file = KeyFile(path, create=False)
        self._lock = threading.Lock()
        self._signature = self._file.signature()

    def new_data_key(self, context: Mapping[str, str]) -> DataKey:
        plaintext = os.urandom(32)
        wrapped = self._wrap(plaintext, context)
        return DataKey(plaintext=plaintext, wrapped=wrapped.wrapped, master_key_id=wrapped.master_key_id)

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        master_key_id, prefix = _master_of(wrapped)
        master = _master(self._keys(), master_key_id)
        nonce = wrapped[len(prefix) : len(prefix) + _NONCE_BYTES]
        body = wrapped[len(prefix) + _NONCE_BYTES :]
        try:
            return AESGCM(master).decrypt(nonce, body, prefix + _canonical(context))
        except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
            raise WrappedKeyError("the wrapped key does not belong to this context, or is altered") from error

    def rewrap(self, wrapped: bytes, context: Mapping[str, str]) -> WrappedDataKey:
        return self._wrap(self.unwrap(wrapped, context), context)

    def pseudonym(self, kind: str, value: str) -> Pseudonym:
        keyring = self._keyring  # the pseudonym key is the one part of the file that never changes
        return keyed_pseudonym(keyring.pseudonym_key_id, keyring.pseudonym_key, kind, value)

    def current_master_key(self) -> str:
        return self._keys().current

    def pseudonym_key(self) -> str:
        return self._keyring.pseudonym_key_id

    def fingerprint(self, kind: KeyKind, key_id: str) -> str | None:
        keyring = self._keys()
        match kind:
            case KeyKind.MASTER:
                if key_id in keyring.destroyed:
                    raise KeyDestroyedError(key_id)
                key = keyring.masters.get(key_id)
            case KeyKind.PSEUDONYM:
                key = keyring.pseudonym_key if key_id == keyring.pseudonym_key_id else None
        return None if key is None else key_check(key, kind)

    def make_master(self) -> str:
        with self._file.changing() as found:
            keyring = self._believed(found)
            if keyring.newest == keyring.current:
                keyring = keyring.with_new_master()
                self._file.replace(keyring)
        return keyring.newest

    def use_master(self, master_key_id: str) -> None:
        with self._file.changing() as found:
            keyring = self._believed(found)
            _master(keyring, master_key_id)
            if keyring.current != master_key_id:
                self._file.replace(keyring.using(master_key_id))

    def destroy_master(self, master_key_id: str) -> None:
        with self._file.changing() as found:
            keyring = self._believed(found)
            if master_key_id == keyring.current:
                raise UsageError(f"{master_key_id} wraps new keys; rotate first, re-wrap, then destroy it")
            self._file.replace(keyring.without(master_key_id))

    def _wrap(self, plaintext: bytes, context: Mapping[str, str]) -> WrappedDataKey:
        keyring = self._keys()
        name = keyring.current.encode()
        prefix = bytes((_VERSION, len(name))) + name
        nonce = os.urandom(_NONCE_BYTES)
        body = AESGCM(keyring.masters[keyring.current]).encrypt(nonce, plaintext, prefix + _canonical(context))
        return WrappedDataKey(wrapped=prefix + nonce + body, master_key_id=keyring.current)

    def _keys(self) -> Keyring:
        # Another process may have rotated or destroyed a master key: one stat a call tells.
        if self._file.signature() != self._signature:
            with self._lock:
                signature = self._file.signature()
                self._keyring = self._believed(self._file.load())
                self._signature = signature
        return self._keyring

    def _believed(self, found: Keyring) -> Keyring:
        if not found.follows(self._keyring):
            raise KeyUnavailableError(
                f"key file {self._path} was replaced by another system's or by an older copy: put the right one back"
            )
        return found


def _master(keyring: Keyring, master_key_id: str) -> bytes:
    if master_key_id in keyring.destroyed:
        raise KeyDestroyedError(master_key_id)
    if master_key_id not in keyring.masters:
        raise KeyMissingError(master_key_id)
    return keyring.masters[master_key_id]


def _master_of(wrapped: bytes) -> tuple[str, bytes]:
    if len(wrapped) < 2 or wrapped[0] != _VERSION or len(wrapped) < 2 + wrapped[1]:
        raise WrappedKeyError("not a wrapped key of this key store")
    prefix = wrapped[: 2 + wrapped[1]]
    try:
        return prefix[2:].decode("ascii"), prefix
    except UnicodeDecodeError as error:
        raise WrappedKeyError("not a wrapped key of this key store") from error


def _canonical(context: Mapping[str, str]) -> bytes:
    parts = [part.encode() for pair in sorted(context.items()) for part in pair]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
