"""Every act of a person goes through here: may they, what it does, and its log entry, durable together (U2, U3).

The entry of an act is in the transaction of its rows and of its messages. A refusal is an entry too, whoever refuses:
the table, or the desk itself, whose rows are then taken back first.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from callwarden.custody.scribe import Scribe
from callwarden.errors import InvariantError, RefusedError
from callwarden.model.access import Actor
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.recording import Recording
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.rules.people import same_person
from callwarden.rules.reading import in_scope
from callwarden.rules.rights import RIGHTS, Act, ActRefusal, Right, Scope, refusals

_HIDDEN = frozenset({ActRefusal.UNKNOWN.value, ActRefusal.NOT_PERMITTED.value})
"""Refusals whose entry names no recording: who is refused so may not know that there is one."""


@dataclass(slots=True, kw_only=True)
class Doing:
    """An act under way: its transaction, and what its log entry says. `recording` is the locked row it is about."""

    actor: Actor
    tx: Transaction
    recording: Recording | None
    subject: str | None
    case: CaseId | None = None
    purpose: str | None = None
    artefact: str | None = None
    correlation: str | None = None
    reasons: tuple[str, ...] = ()
    count: int | None = None
    digest: str | None = None
    silent: bool = False
    """Nothing was done after all, such as in a repetition: no entry."""
    _confirmed: bool = field(default=False, init=False)

    @property
    def row(self) -> Recording:
        """The recording of an act about one."""
        assert self.recording is not None  # the table has refused otherwise
        return self.recording

    def admit(self, right: Right) -> None:
        """Raises RefusedError where the table gives this actor no such right."""
        if refused := refusals(self.actor, right, recording=self.recording):
            raise RefusedError(tuple(one.value for one in refused))

    def theirs(self, recordings: Sequence[Recording]) -> list[Recording]:
        """Of a list, what this actor's lines and agents leave."""
        return [one for one in recordings if in_scope(self.actor, one)]

    def second_person(self, first: str) -> None:
        """Where an act takes two people: raises RefusedError when this actor is the `first`, whatever their role."""
        if same_person(first, self.actor.name):
            raise RefusedError(
                (ActRefusal.SAME_PERSON.value,), "this takes two people: somebody else has to confirm it"
            )
        self._confirmed = True

    def check(self, right: Right) -> None:
        """Raises InvariantError when the table asks for two people and the desk did not."""
        if right.two_people and not self._confirmed:
            raise InvariantError("an act of two people was done by one: the desk never asked for the second")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """Performs acts. Thread-safe."""

    catalogue: Catalogue
    scribe: Scribe
    rights: Mapping[Act, Right] = field(default_factory=lambda: RIGHTS)

    @contextmanager
    def perform(
        self,
        act: Act,
        actor: Actor,
        *,
        recording_id: RecordingId | None = None,
        subject: str | None = None,
        purpose: str | None = None,
        artefact: str | None = None,
        case: CaseId | None = None,
    ) -> Iterator[Doing]:
        """Do `act` in the block, with its transaction; what the block sets on the `Doing` goes into the entry.

        When the block ends, rows, entry and outbox are durable: only then may anything be shown or destroyed. `subject`
        is what the entry is about where it is no recording; `purpose`, `artefact` and `case` stand in the entry of a
        refusal, too. Raises RefusedError, whose entry is durable too;
        RetryableError and UsageError, of which nothing is left.
        """
        right = self.rights[act]
        subject = subject if recording_id is None else recording_id
        try:
            with self.catalogue.transaction() as tx:
                row = self._row(right, actor, tx, recording_id)
                doing = Doing(
                    actor=actor, tx=tx, recording=row, subject=subject, purpose=purpose, artefact=artefact, case=case
                )
                doing.admit(right)
                yield doing
                doing.check(right)
                if not doing.silent:
                    tx.append_log([self._entry(doing, right.entry, right.outcome, doing.reasons)])
        except RefusedError as error:
            if _HIDDEN & set(error.reasons):
                doing.subject = None
            doing.count = doing.digest = None
            entry = self._entry(doing, Operation.ACCESS_REFUSED, EntryOutcome.REFUSED, (*error.reasons, act.value))
            with self.catalogue.transaction() as tx:
                tx.append_log([entry])
            raise

    def admit(self, act: Act, actor: Actor) -> None:
        """Before work whose entry is written once it is done: raises RefusedError, logged, for who may not do it."""
        with self.perform(act, actor) as doing:
            doing.silent = True

    def _row(self, right: Right, actor: Actor, tx: Transaction, recording_id: RecordingId | None) -> Recording | None:
        """Of an act about one recording; not even looked for on behalf of somebody whose act it is not."""
        if right.scope is not Scope.RECORDING or recording_id is None or not right.is_for(actor):
            return None
        return tx.recordings([recording_id], lock=True).get(recording_id)

    def _entry(self, doing: Doing, operation: Operation, outcome: EntryOutcome, reasons: tuple[str, ...]) -> LogEntry:
        return self.scribe.entry(
            doing.actor,
            operation,
            outcome,
            subject=doing.subject,
            case=doing.case,
            purpose=doing.purpose,
            artefact=doing.artefact,
            correlation=doing.correlation,
            reasons=reasons,
            count=doing.count,
            digest=doing.digest,
        )
