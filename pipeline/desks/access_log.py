"""Reading the access log is an access like any other: decided by the policy, written down, then done (U3, L4). So is
what people do to it: a copy of it, months deleted, another key (L3)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import islice
from pathlib import Path

from callwarden.accesslog.proof.export import Exported, Report
from callwarden.accesslog.proof.status import LogStatus
from callwarden.accesslog.proof.values import VerifierKey
from callwarden.custody.scribe import Scribe
from callwarden.custody.timekeeper import Timekeeper
from callwarden.desks.acts import Acts
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.hold import CaseState
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.log_entry import EntryId, EntryOutcome, InvalidEntryError, Operation
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.log import InclusionProof, LogBook, LoggedEntry, LogReader, LogUnavailableError, LogWriter
from callwarden.rules.identity import log_case
from callwarden.rules.log_search import LogSearch
from callwarden.rules.people import is_account_name
from callwarden.rules.reading import Deny, Question, ReadRefusal, decide
from callwarden.rules.retention import is_past, keep_until
from callwarden.rules.rights import Act, refusals
from callwarden.rules.unusual_reading import Finding, Read, findings

SHORTER_THAN_POLICY = "shorter_than_policy"
READINGS = frozenset({Operation.CONTENT_READ, Operation.CONTENT_RANGE, Operation.BREAKGLASS_REQUESTED})
"""Of which unusual reading is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDesk:
    """Lets people read the log who may. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    scribe: Scribe
    writer: LogWriter
    reader: LogReader
    book: Callable[[], LogBook]
    acts: Acts
    timekeeper: Timekeeper

    def entries(
        self,
        actor: Actor,
        purpose: Purpose,
        *,
        subject: str | None = None,
        case: str | None = None,
        limit: int | None = None,
        search: LogSearch | None = None,
    ) -> Iterator[LoggedEntry]:
        """Entries newest first, of one recording or one case if asked, and of those what a search wants; this reading
        is the newest of them. Somebody narrowed to some lines or agents asks for one recording of these. A search costs
        a pass over the log, however few are found.

        Raises RefusedError with every reason (also when the log is unavailable), RetryableError.
        """
        self.admit(Act.LOG_LIST, actor, purpose, subject=subject, case=case)
        reference = None if case is None else self._reference(case)
        subjects = None if subject is None else (subject,)
        if search is None:
            return self.reader.entries(subjects=subjects, case=reference, limit=limit)
        found = self.reader.entries(subjects=subjects, case=reference, operations=search.operations or None)
        known = replace(search, who=frozenset(name for who in search.who for name in self._names(who)))
        return islice((one for one in found if known.wants(one.index, one.entry)), limit)

    def verified(self, actor: Actor, purpose: Purpose, *, told: Callable[[int], None] | None = None) -> Report:
        """What going over every entry finds, with this system's own keys. Raises as `entries`."""
        self.admit(Act.LOG_VERIFY, actor, purpose)
        return self.book().verify(told=told)

    def unusual(self, actor: Actor, purpose: Purpose, *, days: int) -> Sequence[Finding]:
        """Who has read otherwise than usual in the last so many days, by the policy's `unusual_reading`. Costs a pass
        over the log. Raises as `entries`."""
        self.admit(Act.LOG_UNUSUAL, actor, purpose)
        limits, zone = self.policy.unusual_reading, self.policy.time_zone
        since = self.clock.now().astimezone(zone).date() - timedelta(days=days)
        past = datetime.combine(since - timedelta(days=limits.days), time(), zone)
        return findings(
            (
                Read(
                    actor=one.entry.actor,
                    at=one.entry.at,
                    subject=one.entry.subject,
                    emergency=one.entry.operation is Operation.BREAKGLASS_REQUESTED,
                )
                for one in self.reader.entries(operations=READINGS)
                if one.entry.at >= past
                and one.entry.outcome is not EntryOutcome.REFUSED
                and not one.entry.actor.startswith("service:")
            ),
            since=since,
            limits=limits,
            zone=zone,
        )

    def _names(self, who: str) -> tuple[str, ...]:
        """How the log has somebody: an account as ``role:name``, an account in any role, or as the log writes it."""
        role, colon, name = who.partition(":")
        if not colon:
            role, name = "", who
        if colon and not name:
            return (who,)
        if not is_account_name(name):
            return (who,)
        roles = [Role(role)] if role in set(Role) else list(Role) if not colon else []
        return (who, *(self.scribe.actor_reference(Actor(role=each, name=name)) for each in roles))

    def _recording(self, subject: str | None) -> Recording | None:
        if subject is None or not (subject.isascii() and subject.isprintable()):
            return None
        with self.catalogue.snapshot() as tx:
            return tx.recordings.get([RecordingId(subject)]).get(RecordingId(subject))

    def prove(self, actor: Actor, purpose: Purpose, entry_id: EntryId) -> InclusionProof:
        """The proof of one entry. Raises as `entries`, and as `LogReader.prove`."""
        self.admit(Act.LOG_PROVE, actor, purpose, correlation=entry_id)
        [proof] = self.reader.prove(entry_id)
        return proof

    def export(self, actor: Actor, purpose: Purpose, directory: Path, *, wait_s: float) -> Exported:
        """The whole log, anchored first, with its proofs and public keys. Raises as `entries`, `LogBook.checkpoint` and
        `LogBook.export`."""
        self.admit(Act.LOG_EXPORT, actor, purpose)
        self.book().checkpoint(wait_s=wait_s)
        return self.book().export(directory)

    def checkpoint(self, actor: Actor, *, wait_s: float) -> LogStatus:
        """Number every entry, that of this act included, sign the state and bring the signature to its places. Raises
        RefusedError; as `LogBook.checkpoint`."""
        self.acts.admit(Act.LOG_CHECKPOINT, actor)
        book = self.book()
        with self.acts.perform(Act.LOG_CHECKPOINT, actor):
            pass
        return book.checkpoint(wait_s=wait_s)

    def expire(self, actor: Actor, age: CalendarPeriod | None = None) -> int:
        """Delete the months sealed longer ago than the policy says and than `age`, where one is given, save what open
        litigation needs; how many entries went. A person's order is an entry before anything is deleted.

        Raises RefusedError: ``shorter_than_policy``, ``not_permitted``; ClockAstrayError; as `LogBook.expire`.
        """
        kept = self.policy.log_retention
        wanted = kept if age is None else age
        with self.acts.perform(Act.LOG_EXPIRE, actor) as doing:
            if wanted.at_most_days() < kept.at_most_days():
                raise RefusedError(
                    (SHORTER_THAN_POLICY,),
                    f"the policy keeps the access log {kept}: {wanted} is less. Change log_retention first",
                )
            now, zone = self.timekeeper.check(doing.tx), self.policy.time_zone
            held = {hold.recording_id for hold in doing.tx.holds.find()}
            cases = {self._reference(found.case_id) for found in doing.tx.cases.all() if found.state is CaseState.OPEN}
            doing.silent = actor.is_service  # what a program does by itself each hour is no order
        return self.book().expire(
            due=lambda sealed_at: all(
                is_past(keep_until(sealed_at, period, zone), now=now) for period in (wanted, kept)
            ),
            keep=lambda subject, case: subject in held or case in cases,
        )

    def rotate_key(self, actor: Actor) -> VerifierKey:
        """Sign the log with a new key from now on; an entry of it is signed with both. Raises RefusedError; as
        `LogBook.rotate_key`."""

        def tell(successor: VerifierKey) -> None:
            subject = f"logkey-ed25519-{successor.key_id.hex()}"
            with self.acts.perform(Act.LOG_ROTATE_KEY, actor, subject=subject):
                pass

        self.acts.admit(Act.LOG_ROTATE_KEY, actor)
        return self.book().rotate_key(tell)

    def _reference(self, case: str) -> str:
        return log_case(case, self.scribe.keys.pseudonym("case", case))

    def admit(
        self,
        act: Act,
        actor: Actor,
        purpose: Purpose,
        *,
        subject: str | None = None,
        case: str | None = None,
        correlation: str | None = None,
    ) -> None:
        """Decide, by the table and by the policy, and write down what was decided.

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
        right = self.acts.rights[act]
        reasons = tuple(reason.value for reason in verdict.reasons) if isinstance(verdict, Deny) else ()
        reasons = reasons or tuple(reason.value for reason in refusals(actor, right))
        try:
            entry = self.scribe.entry(
                actor,
                Operation.ACCESS_REFUSED if reasons else right.entry,
                EntryOutcome.REFUSED if reasons else right.outcome,
                subject=subject,
                purpose=purpose.value,
                artefact=Readable.LOG.value,
                reasons=(*reasons, act.value) if reasons else (),
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
