"""What is sent twice is done once: the second time it is answered as the first, whichever process is asked.

What it came to, its status and ids, is kept for a day, encrypted, and only for whoever was told. What failed, or was
refused, is no answer: it may be tried again under the same word.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

from callwarden.errors import RefusedError
from callwarden.model.access import Actor
from callwarden.model.given_answer import GivenAnswer
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyStore

KEPT_FOR: Final = timedelta(hours=24)
OTHER_BODY: Final = "key_of_another"
UNDER_WAY: Final = "under_way"
SHOWN_ONCE: Final = "shown_once"
CONFLICTS: Final = frozenset({OTHER_BODY, UNDER_WAY, SHOWN_ONCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Thread-safe."""

    catalogue: Catalogue
    clock: Clock
    keys: KeyStore

    def begin(self, actor: Actor, what: str, word: str, body: bytes) -> GivenAnswer:
        """What this actor was answered when they sent this `body` for `what` under their `word` before; else, with no
        status, a beginning: end it, or drop it. Durable when this returns.

        Raises RefusedError: ``key_of_another`` where the word was used for another body, ``under_way`` where it is
        being done, or was when a process ended, ``shown_once`` where the answer is kept nowhere.
        """
        now = self.clock.now()
        key = self.keys.pseudonym("repeat", "\n".join((actor.role, actor.name, what, word)))
        wanted = GivenAnswer(
            key=key,
            body=self.keys.pseudonym("repeated body", f"{key}\n{sha256(body).hexdigest()}"),
            attempt=secrets.token_hex(16),
            begun_at=now,
        )
        with self.catalogue.transaction() as tx:
            tx.given_answers.forget(before=now - KEPT_FOR)
            found = tx.given_answers.begin(wanted)
        if found.altered or found.body != wanted.body:
            raise RefusedError((OTHER_BODY,), "this Idempotency-Key was used for something else: take another")
        if found.status is None and found.attempt != wanted.attempt:
            raise RefusedError(
                (UNDER_WAY,), "it is being done, or was interrupted: look what came of it, then take another key"
            )
        if found.status is not None and found.answer is None:
            raise RefusedError((SHOWN_ONCE,), "it was done, and its answer was shown once: it is kept nowhere")
        return found

    def end(self, begun: GivenAnswer, *, status: int, answer: str | None) -> None:
        """It was done; so it was answered. Durable when this returns."""
        with self.catalogue.transaction() as tx:
            tx.given_answers.save(replace(begun, status=status, answer=answer))

    def drop(self, begun: GivenAnswer) -> None:
        """Nothing was done."""
        with self.catalogue.transaction() as tx:
            tx.given_answers.remove(begun.key)
