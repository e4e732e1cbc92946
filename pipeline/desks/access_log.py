"""Reading the access log is an access like any other: decided by the policy, written down, then done (U3, L4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from callwarden.custody.scribe import Scribe
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.log_entry import EntryId, EntryOutcome, InvalidEntryError, Operation
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.log import InclusionProof, LoggedEntry, LogReader, LogUnavailableError, LogWriter
from callwarden.rules.identity import log_case
from callwarden.rules.reading import Deny, Question, ReadRefusal, decide


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDesk:
    """Lets people read the log who may. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    scribe: Scribe
    writer: LogWriter
    reader: LogReader

    def entries(
        self,
        actor: Actor,
        purpose: Purpose,
        *,
        subject: str | None = None,
        case: str | None = None,
        limit: int | None = None,
    ) -> Iterator[LoggedEntry]:
        """Entries newest first, of one recording or one case if asked; this reading is the newest of them. Somebody
        narrowed to some lines or agents asks for one recording of these.

        Raises RefusedError with every reason (also when the log is unavailable), RetryableError.
        """
        self.admit(actor, purpose, Operation.LOG_READ, subject=subject, case=case)
        reference = None if case is None else log_case(case, self.scribe.keys.pseudonym("case", case))
        return self.reader.entries(subjects=None if subject is None else (subject,), case=reference, limit=limit)

    def _recording(self, subject: str | None) -> Recording | None:
        if subject is None or not (subject.isascii() and subject.isprintable()):
            return None
        with self.catalogue.snapshot() as tx:
            return tx.recordings.get([RecordingId(subject)]).get(RecordingId(subject))

    def prove(self, actor: Actor, purpose: Purpose, entry_id: EntryId) -> InclusionProof:
        """The proof of one entry. Raises as `entries`, and as `LogReader.prove`."""
        self.admit(actor, purpose, Operation.LOG_READ, correlation=entry_id)
        return self.reader.prove(entry_id)

    def admit(
        self,
        actor: Actor,
        purpose: Purpose,
        operation: Operation,
        *,
        subject: str | None = None,
        case: str | None = None,
        correlation: str | None = None,
    ) -> None:
        """Decide, and write down what was decided.

        Raises RefusedError with every reason; UsageError for something that cannot be an id.
        """
        verdict = decide(
            Question(
                actor=actor,
                purpose=purpose,
                what=Readable.LOG,
                recording=self._recording(subject),
                redaction_complete=False,
                glass_broken=False,
                now=self.clock.now(),
            ),
            policy=self.policy,
        )
        reasons = tuple(reason.value for reason in verdict.reasons) if isinstance(verdict, Deny) else ()
        try:
            entry = self.scribe.entry(
                actor,
                Operation.ACCESS_REFUSED if reasons else operation,
                EntryOutcome.REFUSED if reasons else EntryOutcome.ALLOWED,
                subject=subject,
                purpose=purpose.value,
                artefact=Readable.LOG.value,
                reasons=reasons,
                case=None if case is None else CaseId(case),
                correlation=correlation,
            )
        except InvalidEntryError as error:
            raise UsageError(f"that is not an id of anything in the log: {error.field} {error.rule}") from error
        try:
            self.writer.append(entry)
        except LogUnavailableError as error:
            raise RefusedError((*reasons, ReadRefusal.LOG_UNAVAILABLE.value)) from error
        if reasons:
            raise RefusedError(reasons)
