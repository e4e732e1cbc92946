"""The journal's two keys, made of the key store's lasting pseudonym key: one authenticates records, one seals acts.

Neither changes when master keys or log keys do, so an old journal stays readable; both are gone with the key file.
"""

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from callwarden.adapters.crypto.seal import open_sealed, seal
from callwarden.ports.keys import KeyStore

_PURPOSE = b"callwarden journal acts"


@dataclass
class JournalSeal:
    """Asks the key store when a key is first needed, not before. Thread-safe."""

    keys: Callable[[], KeyStore]

    def code(self, text: str) -> str:
        """52 letters and digits nobody can make for another text without the key (HMAC-SHA256 in base 32)."""
        digest = hmac.digest(self._authenticating, text.encode(), "sha256")
        return base64.b32encode(digest).decode().rstrip("=").lower()

    def seal(self, content: bytes) -> bytes:
        """Encrypt what records hold besides ids and codes."""
        return seal(self._sealing, content, _PURPOSE)

    def open(self, sealed: bytes) -> bytes:
        """The content again. Raises DecryptionError."""
        return open_sealed(self._sealing, sealed, _PURPOSE)

    @cached_property
    def _authenticating(self) -> bytes:
        return self._key("authentic")

    @cached_property
    def _sealing(self) -> bytes:
        return self._key("sealed")

    def _key(self, use: str) -> bytes:
        # A pseudonym is 256 bits under a key that is never replaced, of a kind nothing else asks for: a key of its own.
        return sha256(self.keys().pseudonym("journal-key", use).encode()).digest()
