"""Passwords by Argon2id, with the second recommended set of parameters of RFC 9106: 64 MiB, 3 passes, 4 lanes."""

from functools import cached_property
from secrets import token_hex
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

_AT_ONCE: Final = 4
"""Computations of a process at the same time: strangers who try passwords must not use up its memory."""


class Argon2Passwords:
    """`callwarden.ports.passwords.Passwords`."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._turn = BoundedSemaphore(_AT_ONCE)

    def digest(self, password: str) -> str:
        with self._turn:
            return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        decoy = self._decoy  # asked for in any case: the first to need it would take longer
        with self._turn:
            try:
                self._hasher.verify(decoy if kept is None else kept, password)
            except (InvalidHashError, VerificationError):
                return False
            return kept is not None

    @cached_property
    def _decoy(self) -> str:
        return self._hasher.hash(token_hex(32))
