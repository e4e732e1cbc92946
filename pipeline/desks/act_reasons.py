"""Why somebody did something, in their words: sealed, found again by what it was about."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from callwarden.desks.acts import Doing
from callwarden.model.log_entry import make_entry_id
from callwarden.model.policy import Policy
from callwarden.model.set_aside import ActReason
from callwarden.ports.cipher import DecryptionError, StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyDestroyedError, KeyStore
from callwarden.rules.free_text import free_text
from callwarden.rules.retention import keep_until
from callwarden.rules.rights import Act
from callwarden.rules.seals import act_context


@dataclass(frozen=True, slots=True, kw_only=True)
class ActReasons:
    """Free text may name anybody, so it never stands in the log: the entry's correlation leads to it, for as long as
    the log is kept. Thread-safe."""

    policy: Policy
    clock: Clock
    keys: KeyStore
    cipher: StreamCipher

    def keep(self, doing: Doing, act: Act, reason: str) -> None:
        """Keep why this is being done. Raises UsageError for an invalid reason."""
        reason = free_text(reason, "this needs a reason: --reason TEXT")
        now = self.clock.now()
        act_id = f"act-{make_entry_id(now, os.urandom(10))}"
        data_key = self.keys.new_data_key(act_context(act_id))
        doing.correlation = act_id
        doing.tx.act_reasons.add(
            ActReason(
                act_id=act_id,
                act=act.value,
                subject=doing.subject or "",
                at=now,
                keep_until=keep_until(now, self.policy.log_retention, self.policy.time_zone),
                wrapped_key=data_key.wrapped,
                master_key_id=data_key.master_key_id,
                sealed=self.cipher.seal(reason.encode(), data_key=data_key.plaintext, purpose=f"act:{act_id}"),
            )
        )

    def read(self, reasons: Sequence[ActReason]) -> list[tuple[ActReason, str | None]]:
        """Each with its text; None where its key is gone. Raises RetryableError."""
        return [(reason, self._text(reason)) for reason in reasons]

    def _text(self, reason: ActReason) -> str | None:
        try:
            data_key = self.keys.unwrap(reason.wrapped_key, act_context(reason.act_id))
            return self.cipher.unseal(reason.sealed, data_key=data_key, purpose=f"act:{reason.act_id}").decode()
        except (KeyDestroyedError, DecryptionError):
            return None
