"""Writes into the access log that another policy has come into force, before the first decision by it (L1).

What the policy said that was in force before is kept with the rows, so that the entry can say what changed.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation, make_entry_id
from callwarden.model.policy import Policy
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.rules.policy_change import changes, codes_of, statements

IN_FORCE: Final = "policy-in-force"
_PROGRAM: Final = "service:policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce:
    """`by` gives the name in the log of the person who starts a program under this policy; of a program that starts by
    itself nothing personal is in the entry, and no key is needed."""

    policy: Policy
    catalogue: Catalogue
    clock: Clock
    by: Callable[[], str] | None = None

    def note(self) -> tuple[str, ...]:
        """Note that this policy is in force; the codes of what it changed, empty where it was in force already or is
        the system's first. Costs one look where nothing changed. Raises RetryableError."""
        with self.catalogue.snapshot() as tx:
            if _version(tx.landmarks.get(IN_FORCE)) == self.policy.version:
                return ()
        new = statements(self.policy)
        with self.catalogue.transaction() as tx:
            written = tx.landmarks.get(IN_FORCE)
            old_version = _version(written)
            if old_version == self.policy.version:
                return ()  # another process has just noted it
            tx.landmarks.save(IN_FORCE, json.dumps({"version": self.policy.version, "says": new}))
            if written is None or old_version is None:
                return ()
            codes = codes_of(changes(json.loads(written)["says"], new))
            tx.log.append([self._entry(old_version, codes)])
        return codes

    def _entry(self, old_version: str, codes: tuple[str, ...]) -> LogEntry:
        now = self.clock.now()
        return LogEntry(
            entry_id=make_entry_id(now, os.urandom(10)),
            at=now,
            actor=_PROGRAM if self.by is None else self.by(),
            operation=Operation.POLICY_CHANGED,
            outcome=EntryOutcome.DONE,
            reasons=codes,
            policy_version=self.policy.version,
            digest=_digest(self.policy.version),
            correlation=_digest(old_version),
        )


def _version(written: str | None) -> str | None:
    return None if written is None else str(json.loads(written)["version"])


def _digest(version: str) -> str:
    return version.removeprefix("sha256:")
