"""The desk where glass is broken: an original in an emergency, for a stated reason, with a second person (U4).

The reason is sealed under the recording's own data key: the log and the bus carry ids only, and it goes when the
recording goes. A request opens nothing; an approval by somebody else opens one artefact to one person for one purpose,
for as long as the policy says; and each of them sounds the alarm.
"""

import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from callwarden.custody.scribe import Scribe
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import REDACTED, Actor, Readable
from callwarden.model.break_glass import BreakGlass, GlassId, GlassState
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation, make_entry_id
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.ports.alarm import ALERTS_TOPIC, Alarm
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.cipher import DecryptionError, StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyDestroyedError, KeyStore
from callwarden.rules.break_glass import APPROVERS, glass_state
from callwarden.rules.people import person, same_person
from callwarden.rules.reading import Allow, Question, ReadRefusal, decide, in_scope

LONGEST_REASON = 1000
"""Characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassDesk:
    """Takes requests and approvals. Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    keys: KeyStore
    cipher: StreamCipher
    scribe: Scribe
    alarm: Alarm

    def request(
        self, actor: Actor, purpose: Purpose, recording_id: RecordingId, what: Readable, *, reason: str
    ) -> BreakGlass:
        """Ask for an original that the policy opens in an emergency only.

        Raises UsageError for a reason that is none, or where no glass needs breaking; RefusedError with every reason
        where breaking it would not help.
        """
        reason = reason.strip()
        if not reason or len(reason) > LONGEST_REASON:
            raise UsageError(f"breaking glass takes a reason, of {LONGEST_REASON} characters at most: --reason TEXT")
        now = self.clock.now()
        refused: tuple[ReadRefusal, ...] = ()
        with self.catalogue.transaction() as tx:
            question = self._question(actor, purpose, recording_id, what, tx, now=now)
            if isinstance(decide(question, policy=self.policy), Allow):
                raise UsageError("this is open to you without breaking glass: callwarden read")
            verdict = decide(replace(question, glass_broken=True), policy=self.policy)
            key = tx.keys.get([recording_id]).get(recording_id)
            if not isinstance(verdict, Allow) or key is None:
                refused = (ReadRefusal.UNKNOWN,) if isinstance(verdict, Allow) else verdict.reasons
                subject = None if question.recording is None else recording_id
                tx.log.append([self._refusal(actor, purpose, what, subject, refused)])
            else:
                request_id = GlassId(f"glass-{make_entry_id(now, os.urandom(10))}")
                data_key = self.keys.unwrap(key.wrapped, {"recording": recording_id})
                request = BreakGlass(
                    request_id=request_id,
                    recording_id=recording_id,
                    what=what,
                    purpose=purpose,
                    role=actor.role,
                    requested_by=actor.name,
                    requested_at=now,
                    lapses_at=now + self.policy.break_glass_lasts,
                    sealed_reason=self.cipher.seal(reason.encode(), data_key=data_key, purpose=_seal(request_id)),
                )
                tx.break_glass.save(request)
                self._tell(request, Operation.BREAKGLASS_REQUESTED, actor, tx, at=now)
        if refused:
            raise RefusedError(tuple(one.value for one in refused))
        self.alarm.sound("breakglass.requested", subject=recording_id, correlation=request_id)
        return request

    def approve(self, request_id: GlassId, *, actor: Actor) -> BreakGlass:
        """Open what was asked for, from now on for as long as the policy says. A request about a recording outside
        the actor's lines or agents is ``unknown`` to them.

        Raises RefusedError (``not_permitted``, ``same_person``, or ``unknown``), UsageError when it is not waiting.
        """
        now = self.clock.now()
        refused: str | None = None
        with self.catalogue.transaction() as tx:
            request = tx.break_glass.get(request_id, lock=True)
            if actor.role not in APPROVERS:
                refused = ReadRefusal.NOT_PERMITTED.value
            elif request is None or not _within(actor, [request], tx):
                refused = ReadRefusal.UNKNOWN.value
            elif same_person(request.requested_by, actor.name):
                refused = "same_person"
            if refused is not None or request is None:
                tx.log.append([self._refusal_of_request(actor, request, refused or ReadRefusal.UNKNOWN.value)])
            else:
                state = glass_state(request, now=now)
                if state is not GlassState.WAITING:
                    raise UsageError(f"{request_id} is {state.value}: only a waiting request can be approved")
                request = replace(
                    request,
                    approved_by=actor.name,
                    approved_at=now,
                    open_until=now + self.policy.break_glass_lasts,
                )
                tx.break_glass.save(request)
                self._tell(request, Operation.BREAKGLASS_APPROVED, actor, tx, at=now)
        if refused is not None or request is None:
            raise RefusedError((refused or ReadRefusal.UNKNOWN.value,))
        self.alarm.sound("breakglass.approved", subject=request.recording_id, correlation=request_id)
        return request

    def listed(self, actor: Actor) -> Sequence[tuple[BreakGlass, GlassState]]:
        """The requests the actor may know of, newest first, and where each stands: those who approve see every one
        within their lines and agents, anybody else their own. In the access log, with their count, before it returns.

        Raises RefusedError (``not_permitted``), logged too, for somebody who neither approves nor has asked.
        """
        now = self.clock.now()
        with self.catalogue.transaction() as tx:
            requests = tx.break_glass.find()
            if actor.role in APPROVERS:
                shown = _within(actor, requests, tx)
            else:
                mine = (actor.role, person(actor.name))
                shown = [one for one in requests if (one.role, person(one.requested_by)) == mine]
            refused = not shown and actor.role not in APPROVERS
            if refused:
                tx.log.append([self._refusal_of_request(actor, None, ReadRefusal.NOT_PERMITTED.value)])
            else:
                entry = self.scribe.entry(actor, Operation.BREAKGLASS_LISTED, EntryOutcome.ALLOWED, count=len(shown))
                tx.log.append([entry])
        if refused:
            raise RefusedError(
                (ReadRefusal.NOT_PERMITTED.value,), "requests are shown to those who approve, and to who made them"
            )
        return [(one, glass_state(one, now=now)) for one in shown]

    def reason_of(self, request: BreakGlass) -> str | None:
        """The reason in clear, for whoever it was listed to; None once the recording is gone. Raises RetryableError."""
        with self.catalogue.snapshot() as tx:
            key = tx.keys.get([request.recording_id]).get(request.recording_id)
        if key is None:
            return None
        try:
            data_key = self.keys.unwrap(key.wrapped, {"recording": request.recording_id})
            return self.cipher.unseal(
                request.sealed_reason, data_key=data_key, purpose=_seal(request.request_id)
            ).decode()
        except (KeyDestroyedError, DecryptionError):
            return None

    def end_expired(self) -> int:
        """Write into the log the end of what was open, or was never approved in time; how many ended."""
        now = self.clock.now()
        with self.catalogue.snapshot() as tx:
            over = [one.request_id for one in tx.break_glass.find(unended=True) if _is_over(one, now)]
        ended = 0
        for request_id in over:
            with self.catalogue.transaction() as tx:
                request = tx.break_glass.get(request_id, lock=True)
                if request is None or request.ended_at is not None or not _is_over(request, now):
                    continue
                tx.break_glass.save(replace(request, ended_at=now))
                actor = Actor(role=request.role, name=request.requested_by)
                tx.log.append([self._entry(request, Operation.BREAKGLASS_ENDED, actor)])
                ended += 1
        return ended

    def _question(
        self,
        actor: Actor,
        purpose: Purpose,
        recording_id: RecordingId,
        what: Readable,
        tx: Transaction,
        *,
        now: datetime,
    ) -> Question:
        return Question(
            actor=actor,
            purpose=purpose,
            what=what,
            recording=tx.recordings.get([recording_id]).get(recording_id),
            redaction_complete=what not in REDACTED,
            glass_broken=False,
            now=now,
        )

    def _tell(self, request: BreakGlass, operation: Operation, actor: Actor, tx: Transaction, *, at: datetime) -> None:
        """The log entry and the message on the bus, durable with the row."""
        tx.log.append([self._entry(request, operation, actor)])
        value = {
            "code": operation.value,
            "request_id": request.request_id,
            "recording_id": request.recording_id,
            "role": request.role.value,
            "purpose": request.purpose.value,
            "artefact": request.what.value,
            "at": at.astimezone(UTC).isoformat(),
            "open_until": None if request.open_until is None else request.open_until.astimezone(UTC).isoformat(),
        }
        message = Message(topic=ALERTS_TOPIC, key=request.recording_id, value=json.dumps(value).encode())
        tx.outbox.append([message])

    def _entry(self, request: BreakGlass, operation: Operation, actor: Actor) -> LogEntry:
        return self.scribe.entry(
            actor,
            operation,
            subject=request.recording_id,
            purpose=request.purpose.value,
            artefact=request.what.value,
            correlation=request.request_id,
        )

    def _refusal(
        self,
        actor: Actor,
        purpose: Purpose,
        what: Readable,
        subject: RecordingId | None,
        reasons: Sequence[ReadRefusal],
    ) -> LogEntry:
        return self.scribe.entry(
            actor,
            Operation.ACCESS_REFUSED,
            EntryOutcome.REFUSED,
            subject=subject,
            purpose=purpose.value,
            artefact=what.value,
            reasons=tuple(one.value for one in reasons),
        )

    def _refusal_of_request(self, actor: Actor, request: BreakGlass | None, reason: str) -> LogEntry:
        return self.scribe.entry(
            actor,
            Operation.ACCESS_REFUSED,
            EntryOutcome.REFUSED,
            subject=None if request is None else request.recording_id,
            reasons=(reason,),
            correlation=None if request is None else request.request_id,
        )


def _seal(request_id: GlassId) -> str:
    return f"breakglass:{request_id}"


def _within(actor: Actor, requests: Collection[BreakGlass], tx: Transaction) -> list[BreakGlass]:
    """Those of these requests that are about recordings within the actor's lines and agents."""
    recordings = tx.recordings.get(list({one.recording_id for one in requests}))
    return [one for one in requests if in_scope(actor, recordings.get(one.recording_id))]


def _is_over(request: BreakGlass, now: datetime) -> bool:
    return glass_state(request, now=now) in (GlassState.LAPSED, GlassState.OVER)
