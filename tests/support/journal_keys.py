"""A key store of one lasting key, for journals in tests: the same wherever it is made."""

import hashlib

from callwarden.adapters.journal.seal import JournalSeal
from callwarden.adapters.keys.pseudonym import keyed_pseudonym
from callwarden.model.ids import Pseudonym


class OneKey:
    """The part of a key store a journal asks for."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(secret.encode()).digest()

    def pseudonym(self, kind: str, value: str) -> Pseudonym:
        return keyed_pseudonym("k1", self._key, kind, value)


def seal(secret: str = "the true one") -> JournalSeal:
    """Two of the same secret read each other."""
    return JournalSeal(lambda: OneKey(secret))  # type: ignore[arg-type,return-value]  # the part that is asked for
