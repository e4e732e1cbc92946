"""Every act goes through here: may they, what it does, and its log entry, durable together (U2, U3).

The entry of an act is in the transaction of its rows and of its messages. A refusal is an entry too, whoever refuses:
the table, or the desk itself, whose rows are then taken back first.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from callwarden.custody.scribe import Scribe
from callwarden.custody.unknown import take_as_long_as_any_unknown
from callwarden.errors import InvariantError, RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.log_entry import EntryOutcome, InvalidEntryError, LogEntry, Operation
from callwarden.model.recording import Recording
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.rules.people import same_person
from callwarden.rules.reading import in_scope
from callwarden.rules.rights import RIGHTS, Act, ActRefusal, Right, Scope, refusals

_HIDDEN = frozenset({ActRefusal.UNKNOWN.value, ActRefusal.NOT_PERMITTED.value})
"""Refusals whose entry names no recording: who is refused so may not know that there is one."""


witnessed: ContextVar[list[LogEntry] | None] = ContextVar("witnessed", default=None)
"""Entries that acts have written while something is answered: a list where somebody wants to know, as a page does that
says under which entry it was read."""


def _tell(written: Sequence[LogEntry]) -> None:
    if (known := witnessed.get()) is not None:
        known.extend(written)


NOT_POSSIBLE = "not_possible"
"""The reason in the entry of an act that what is stored does not allow: the command says it was wrong usage."""


@dataclass(slots=True, kw_only=True)
class Doing:
    """An act under way: its transaction, and what its log entry says. `recording` is the locked row it is about."""

    act: Act
    right: Right
    actor: Actor
    tx: Transaction
    recording: Recording | None
    subject: str | None
    subjects: Sequence[str] | None = None
    """Where an act is about several: an entry about each takes the place of the one; none, where there are none."""
    case: CaseId | None = None
    purpose: str | None = None
    artefact: str | None = None
    correlation: str | None = None
    reasons: tuple[str, ...] = ()
    count: int | None = None
    digest: str | None = None
    silent: bool = False
    """Nothing was done after all, such as in a repetition: no entry of the act. See `looks`."""
    repeated: bool = False
    """It was done before, and is only answered again."""
    withheld: int = 0
    """How many of those asked for were answered ``unknown``: an entry of that refusal, beside the act's."""
    looked: list[tuple[Act, str | None]] = field(default_factory=list, init=False)
    """See `looks`."""
    written: Sequence[LogEntry] = field(default=(), init=False)
    """The entries of the act, once the block has ended: durable with its rows."""
    _confirmed: bool = field(default=False, init=False)
    _touched: bool = field(default=False, init=False)

    @property
    def row(self) -> Recording:
        """The recording of an act about one."""
        assert self.recording is not None  # the table has refused otherwise
        return self.recording

    def admit(self, *, touched: Collection[Recording] | None = None) -> None:
        """Raises RefusedError where the table does not give this actor the right."""
        if refused := refusals(self.actor, self.right, recording=self.recording, touched=touched):
            raise RefusedError(tuple(each.value for each in refused), self._instead(refused))

    def touches(self, recordings: Collection[Recording]) -> None:
        """Where an act changes several together: these. Raises RefusedError unless all of them are the actor's."""
        self._touched = True
        self.admit(touched=recordings)

    def theirs(self, recordings: Iterable[Recording]) -> list[Recording]:
        """Of a list, what this actor's lines and agents leave."""
        return [each for each in recordings if in_scope(self.actor, each)]

    def looks(self, act: Act, about: Collection[str] | None = None) -> None:
        """Where the answer says what is so, and not what was done, such as in a repetition: the entries of this look,
        one about each; None: one about what the act is about."""
        self.looked += [(act, each) for each in ([self.subject] if about is None else about)]

    def second_person(self, first: str) -> None:
        """Where an act takes two people: raises RefusedError when this actor is the `first`, whatever their role."""
        if same_person(first, self.actor.name):
            raise RefusedError(
                (ActRefusal.SAME_PERSON.value,), "this takes two people: somebody else has to confirm it"
            )
        self._confirmed = True

    def check(self) -> None:
        """Raises InvariantError when the table asks for something that the desk did not."""
        if self.right.two_people and not (self._confirmed or self.silent):
            raise InvariantError("an act of two people was done by one: the desk never asked for the second")
        if self.right.scope is Scope.ALL and not (self._touched or self.silent):
            raise InvariantError("the desk never said which recordings the act changes")

    def _instead(self, refused: tuple[ActRefusal, ...]) -> str:
        if ActRefusal.UNKNOWN in refused:
            what = "recording" if self.right.scope is Scope.RECORDING else "case or call"
            return f"no such {what}, or none you may know of: see callwarden calls list"
        if self.right.is_for(self.actor):
            return (
                f"{self.act} also affects other lines or agents: it needs somebody whose access is not limited to some"
            )
        return f"{self.act} is for {', '.join(sorted(self.right.roles))}; you asked as {self.actor.role}"


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
        refusal, too. Raises RefusedError, and UsageError where what is stored does not allow the act: their entry is
        durable too; RetryableError, of which nothing is left.
        """
        right, began = self.rights[act], time.monotonic()
        subject = subject if recording_id is None else recording_id
        try:
            with self.catalogue.transaction() as tx:
                row = self._row(right, actor, tx, recording_id)
                doing = Doing(
                    act=act,
                    right=right,
                    actor=actor,
                    tx=tx,
                    recording=row,
                    subject=subject,
                    purpose=purpose,
                    artefact=artefact,
                    case=case,
                )
                doing.admit()
                yield doing
                doing.check()
                doing.written = self._entries(doing)
                tx.log.append(doing.written)
            _tell(doing.written)
            if doing.withheld:
                take_as_long_as_any_unknown(began)
        except RefusedError as error:
            refusal = self._refusal(doing, error.reasons)
            with self.catalogue.transaction() as tx:
                tx.log.append([refusal])
            _tell([refusal])
            if ActRefusal.UNKNOWN.value in error.reasons:
                take_as_long_as_any_unknown(began)
            raise
        except UsageError:
            with self.catalogue.transaction() as tx:
                tx.log.append([self._refusal(doing, (NOT_POSSIBLE,))])
            raise

    def admit(self, act: Act, actor: Actor) -> None:
        """Before work whose entry is written once it is done: raises RefusedError, logged, for who may not do it."""
        with self.perform(act, actor) as doing:
            doing.silent = True

    def repeat(self, act: Act, actor: Actor, *, recording_id: RecordingId | None = None) -> None:
        """Before an act that was done is answered again: whether they may do it still, and the entry of that. Raises
        RefusedError, logged, otherwise."""
        with self.perform(act, actor, recording_id=recording_id) as doing:
            if doing.recording is not None and not in_scope(actor, doing.recording):
                raise RefusedError((ActRefusal.UNKNOWN.value,))  # the policy's acts are not narrowed by the table
            doing.subject = None if doing.recording is None else recording_id
            doing.silent = doing.repeated = True

    def _row(self, right: Right, actor: Actor, tx: Transaction, recording_id: RecordingId | None) -> Recording | None:
        """Of an act about one recording; not even looked for on behalf of somebody whose act it is not."""
        if right.scope is not Scope.RECORDING or recording_id is None or not right.is_for(actor):
            return None
        return tx.recordings.get([recording_id], lock=True).get(recording_id)

    def _entries(self, doing: Doing) -> list[LogEntry]:
        about = [doing.subject] if doing.subjects is None else doing.subjects
        entries = [
            self._entry(doing, doing.right.entry, doing.right.outcome, doing.reasons, subject=each)
            for each in ([] if doing.silent else about)
        ]
        if doing.repeated:
            why, about_it = (doing.act.value,), doing.subject
            entries.append(self._entry(doing, Operation.ANSWER_REPEATED, EntryOutcome.ALLOWED, why, subject=about_it))
        for act, subject in doing.looked:
            look = self.rights[act]
            entries.append(self._entry(doing, look.entry, look.outcome, (), subject=subject))
        if doing.withheld:
            entries.append(self._refusal(doing, (ActRefusal.UNKNOWN.value,), count=doing.withheld))
        return entries

    def _refusal(self, doing: Doing, reasons: tuple[str, ...], *, count: int | None = None) -> LogEntry:
        doing.count, doing.digest = count, None
        about = None if _HIDDEN & set(reasons) else doing.subject
        refused = (Operation.ACCESS_REFUSED, EntryOutcome.REFUSED, (*reasons, doing.act.value))
        try:
            return self._entry(doing, *refused, subject=about)
        except InvalidEntryError:  # what was asked for can be the id of nothing: it is not repeated
            return self._entry(doing, *refused, subject=None)

    def _entry(
        self,
        doing: Doing,
        operation: Operation,
        outcome: EntryOutcome,
        reasons: tuple[str, ...],
        *,
        subject: str | None,
    ) -> LogEntry:
        return self.scribe.entry(
            doing.actor,
            operation,
            outcome,
            subject=subject,
            case=doing.case,
            purpose=doing.purpose,
            artefact=doing.artefact,
            correlation=doing.correlation,
            reasons=reasons,
            count=doing.count,
            digest=doing.digest,
        )
