"""Writes access-log entries: the one place that turns people and cases into pseudonyms for the log (L1)."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from callwarden.model.access import Actor
from callwarden.model.ids import CaseId, PolicyVersion, RecordingId
from callwarden.model.log_entry import ByteRange, EntryOutcome, LogEntry, Operation, make_entry_id
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyStore
from callwarden.rules.identity import log_actor, log_case
from callwarden.rules.people import person


@dataclass(frozen=True, slots=True, kw_only=True)
class Scribe:
    """Makes entries; whoever holds a transaction or the log writer makes them durable. Thread-safe."""

    clock: Clock
    keys: KeyStore
    policy_version: PolicyVersion

    def entry(
        self,
        actor: Actor,
        operation: Operation,
        outcome: EntryOutcome = EntryOutcome.DONE,
        *,
        subject: RecordingId | str | None = None,
        case: CaseId | None = None,
        purpose: str | None = None,
        artefact: str | None = None,
        reasons: tuple[str, ...] = (),
        byte_range: ByteRange | None = None,
        count: int | None = None,
        digest: str | None = None,
        correlation: str | None = None,
    ) -> LogEntry:
        """One entry, of now. Raises KeyUnavailableError when the actor's pseudonym cannot be made."""
        now = self.clock.now()
        return LogEntry(
            entry_id=make_entry_id(now, os.urandom(10)),
            at=now,
            actor=self.actor_reference(actor),
            operation=operation,
            outcome=outcome,
            purpose=purpose,
            artefact=artefact,
            subject=subject,
            reasons=reasons,
            policy_version=self.policy_version,
            byte_range=byte_range,
            case=None if case is None else log_case(case, self.keys.pseudonym("case", case)),
            count=count,
            digest=digest,
            correlation=correlation,
        )

    def entries(
        self, actor: Actor, operation: Operation, *, subjects: Sequence[RecordingId], case: CaseId, correlation: str
    ) -> list[LogEntry]:
        """One entry about each of many, in a case: its pseudonym is made once."""
        first = self.entry(actor, operation, case=case, correlation=correlation)
        return [another(first, subject=subject) for subject in subjects]

    def actor_reference(self, actor: Actor) -> str:
        """How `actor` stands in the log: one person is one pseudonym in each role, however the name is written."""
        if actor.is_service:
            return f"service:{actor.name}"
        return log_actor(actor.role.value, self.keys.pseudonym("actor", person(actor.name)))


def another(entry: LogEntry, **changes: Any) -> LogEntry:
    """An entry of the same act and instant: pseudonyms are not made again."""
    return replace(entry, entry_id=make_entry_id(entry.at, os.urandom(10)), **changes)
