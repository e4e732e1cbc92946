"""Texts about a recording, sealed under its key: they go with it, wherever a copy of them lies."""

from dataclasses import dataclass

from callwarden.ports.catalogue import WrappedKey
from callwarden.ports.cipher import DecryptionError, StreamCipher
from callwarden.ports.keys import KeyDestroyedError, KeyMissingError, KeyStore
from callwarden.rules.seals import key_context


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingTexts:
    """`of` is what a text is, as ``note:note-1``: it opens as nothing else. Thread-safe."""

    keys: KeyStore
    cipher: StreamCipher

    def seal(self, text: str, key: WrappedKey, *, of: str) -> bytes:
        """Raises KeyDestroyedError, KeyMissingError and RetryableError."""
        data_key = self.keys.unwrap(key.wrapped, key_context(key.recording_id))
        return self.cipher.seal(text.encode(), data_key=data_key, purpose=of)

    def open(self, sealed: bytes, key: WrappedKey, *, of: str) -> str | None:
        """None once the key is gone, and for what is sealed under another one."""
        try:
            data_key = self.keys.unwrap(key.wrapped, key_context(key.recording_id))
            return self.cipher.unseal(sealed, data_key=data_key, purpose=of).decode()
        except (KeyDestroyedError, KeyMissingError, DecryptionError):
            return None
