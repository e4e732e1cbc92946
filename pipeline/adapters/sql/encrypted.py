"""Columns that hold what may name a person: encrypted at rest, and still found by equality.

AES-SIV (RFC 5297) is deterministic: one text of one kind is always the same bytes, so indexes, foreign keys, duplicates
and "the outcomes of this call" work as on text, and whoever has the file but not the key learns only which values are
equal, and how long they are. Columns that are compared with one another are of one kind; the same text of another kind
looks different. That nobody without the key has changed a row is for its seal to say (`seals`).
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import Dialect, Engine, Text, TypeDecorator

from callwarden.adapters.sql.columns import TextSet
from callwarden.errors import InvariantError

PREFIX: Final = "e1."
"""What every encrypted value begins with."""
_PURPOSE: Final = "encrypted columns 1"
_FILLER: Final = b"="
"""Before every text: the cipher takes nothing empty."""
_REMEMBERED: Final = 8192
_ATTRIBUTE: Final = "callwarden_column_cipher"


class ColumnCipher:
    """Encrypts texts for one catalogue. `derived` gives 64 bytes for a purpose when the first text comes; what it
    raises is raised there. Thread-safe."""

    def __init__(self, derived: Callable[[str], bytes]) -> None:
        self._derived = derived
        self._cipher: AESSIV | None = None
        # Lines, legs and people come again and again.
        self.encrypt = lru_cache(_REMEMBERED)(self._encrypt)
        self.decrypt = lru_cache(_REMEMBERED)(self._decrypt)

    def _encrypt(self, kind: str, text: str) -> str:
        encrypted = self._siv().encrypt(_FILLER + text.encode(), [kind.encode()])
        return PREFIX + urlsafe_b64encode(encrypted).decode().rstrip("=")

    def _decrypt(self, kind: str, value: str) -> str | None:
        """None for a value that was not encrypted here as one of this kind."""
        if not value.startswith(PREFIX):
            return None
        body = value.removeprefix(PREFIX)
        try:
            plain = self._siv().decrypt(urlsafe_b64decode(body + "=" * (-len(body) % 4)), [kind.encode()])
        except (InvalidTag, ValueError):
            return None
        return plain.removeprefix(_FILLER).decode()

    def _siv(self) -> AESSIV:
        if self._cipher is None:
            self._cipher = AESSIV(self._derived(_PURPOSE))
        return self._cipher


def attach(engine: Engine, cipher: ColumnCipher) -> None:
    """Let the encrypted columns of this engine's statements use this cipher."""
    setattr(engine.dialect, _ATTRIBUTE, cipher)


def cipher_of(dialect: Dialect) -> ColumnCipher:
    """The one attached. Raises InvariantError where there is none: nothing is stored in clear instead."""
    cipher = getattr(dialect, _ATTRIBUTE, None)
    if not isinstance(cipher, ColumnCipher):
        raise InvariantError("this database was opened without the cipher of its columns")
    return cipher


class Encrypted(TypeDecorator[str]):
    """A text of one kind. What somebody without the key has put there reads as nothing that could have been stored, so
    that the row's seal does not fit."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else cipher_of(dialect).encrypt(self.kind, value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        text = cipher_of(dialect).decrypt(self.kind, value)
        return f"\0not encrypted here: {value}" if text is None else text


class EncryptedSet(TextSet):
    """`TextSet` to be compared with an encrypted column of this kind."""

    cache_ok = True

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        cipher = cipher_of(dialect)
        return super().process_bind_param([cipher.encrypt(self.kind, text) for text in value or ()], dialect)


def encrypted_json(dialect: Dialect, rows: Collection[tuple[str, ...]], *kinds: str | None) -> str:
    """Rows for `rows_among`, the columns that have a kind encrypted."""
    cipher = cipher_of(dialect)
    return json.dumps(
        [
            [text if kind is None else cipher.encrypt(kind, text) for text, kind in zip(row, kinds, strict=True)]
            for row in rows
        ]
    )
