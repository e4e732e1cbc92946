"""Emergency access: an original, for a stated reason, with a second person (U4).

The reason is sealed under the recording's own data key: the log and the bus carry ids only, and it goes when the
recording goes. A request opens nothing; an approval by somebody else opens one artefact to one person for one purpose,
for as long as the policy says; and each of them sounds the alarm.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from callwarden.desks.acts import Acts, Doing
from callwarden.errors import RefusedError, UsageError
from callwarden.messages import GlassAlert
from callwarden.model.access import ORIGINALS, REDACTED, Actor, Readable, service
from callwarden.model.break_glass import BreakGlass, GlassId, GlassState
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation, make_entry_id
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.ports.alarm import Alarm
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import WrappedKey
from callwarden.ports.cipher import DecryptionError, StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyDestroyedError, KeyStore
from callwarden.rules.break_glass import glass_state
from callwarden.rules.free_text import free_text
from callwarden.rules.people import person
from callwarden.rules.reading import Allow, Question, ReadRefusal, decide, in_scope
from callwarden.rules.rights import Act
from callwarden.rules.seals import key_context

ENDS = service("break-glass")
"""Writes down what time has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A request as it is shown: where it stands, and its reason in clear, None once the recording is gone."""

    request: BreakGlass
    state: GlassState
    reason: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlassDesk:
    """Takes requests and approvals. Raises RetryableError, too. Thread-safe."""

    acts: Acts
    policy: Policy
    clock: Clock
    keys: KeyStore
    cipher: StreamCipher
    alarm: Alarm

    def offered(self, actor: Actor) -> tuple[tuple[Purpose, Readable], ...]:
        """What the policy opens to the actor's role in an emergency only, of some recording or other: what they choose
        among when they ask."""
        found = {
            (purpose, what)
            for grant in self.policy.access
            if grant.role is actor.role and grant.break_glass
            for purpose in grant.purposes
            for what in grant.artefacts & ORIGINALS
        }
        return tuple(sorted(found))

    def request(
        self, actor: Actor, purpose: Purpose, recording_id: RecordingId, what: Readable, *, reason: str
    ) -> BreakGlass:
        """Ask for an original that the policy opens in an emergency only.

        Raises UsageError for an invalid reason, or where emergency access is not needed; RefusedError with every reason
        where breaking it would not help.
        """
        reason = free_text(reason, "emergency access needs a reason: --reason TEXT")
        self.end_expired(ENDS)
        now = self.clock.now()
        with self.acts.perform(
            Act.BREAKGLASS_REQUEST, actor, recording_id=recording_id, purpose=purpose.value, artefact=what.value
        ) as doing:
            data_key = self._data_key(doing, actor, purpose, what, now=now)
            request_id = GlassId(f"glass-{make_entry_id(now, os.urandom(10))}")
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
            doing.correlation = request_id
            doing.tx.break_glass.save(request)
            doing.tx.outbox.append([_alert(request, Operation.BREAKGLASS_REQUESTED, at=now)])
        self.alarm.sound("breakglass.requested", subject=recording_id, correlation=request_id)
        return request

    def approve(self, actor: Actor, request_id: GlassId) -> BreakGlass:
        """Open what was asked for, from now on for as long as the policy says. A request about a recording outside
        the actor's lines or agents is ``unknown`` to them.

        Raises RefusedError (``not_permitted``, ``same_person``, or ``unknown``), UsageError when it is not waiting.
        """
        self.end_expired(ENDS)
        now = self.clock.now()
        with self.acts.catalogue.snapshot() as tx:
            asked = tx.break_glass.get(request_id)
        recording_id = None if asked is None else asked.recording_id
        with self.acts.perform(Act.BREAKGLASS_APPROVE, actor, recording_id=recording_id) as doing:
            request = doing.tx.break_glass.get(request_id, lock=True)
            if request is None:
                raise RefusedError((ReadRefusal.UNKNOWN.value,))
            _about(doing, request)
            doing.second_person(request.requested_by)
            state = glass_state(request, now=now)
            if state is not GlassState.WAITING:
                raise UsageError(f"{request_id} is {state.value}: only a waiting request can be approved")
            request = replace(
                request, approved_by=actor.name, approved_at=now, open_until=now + self.policy.break_glass_lasts
            )
            doing.tx.break_glass.save(request)
            doing.tx.outbox.append([_alert(request, Operation.BREAKGLASS_APPROVED, at=now)])
        self.alarm.sound("breakglass.approved", subject=request.recording_id, correlation=request_id)
        return request

    def listed(self, actor: Actor) -> Sequence[Listed]:
        """The requests the actor may know of, newest first: those who approve see every one within their lines and
        agents, anybody else their own. In the access log, with their count, before it returns.

        Raises RefusedError (``not_permitted``), logged too, for somebody who neither approves nor has asked.
        """
        self.end_expired(ENDS)
        now = self.clock.now()
        approves = self._approves(actor)
        with self.acts.perform(Act.BREAKGLASS_LIST, actor) as doing:
            requests = doing.tx.break_glass.find()
            if approves:
                recordings = doing.tx.recordings.get(list({request.recording_id for request in requests}))
                shown = [request for request in requests if in_scope(actor, recordings.get(request.recording_id))]
            else:
                shown = [request for request in requests if _is_theirs(request, actor)]
            if not shown and not approves:
                raise RefusedError(
                    (ReadRefusal.NOT_PERMITTED.value,), "requests are shown to those who approve, and to who made them"
                )
            keys = doing.tx.keys.get(list({request.recording_id for request in shown}))
            doing.count = len(shown)
        return [
            Listed(
                request=request,
                state=glass_state(request, now=now),
                reason=self._reason(request, keys.get(request.recording_id)),
            )
            for request in shown
        ]

    def end(self, actor: Actor, request_id: GlassId) -> BreakGlass:
        """Close it before its time, or take a request back: from now on it opens nothing. By whoever asked, and by
        those who approve; to anybody else it is ``unknown``. One that is over stays as it is."""
        self.end_expired(ENDS)
        with self.acts.catalogue.snapshot() as tx:
            asked = tx.break_glass.get(request_id)
        recording_id = None if asked is None else asked.recording_id
        with self.acts.perform(Act.BREAKGLASS_CLOSE, actor, recording_id=recording_id) as doing:
            request = doing.tx.break_glass.get(request_id, lock=True)
            if request is None or not (self._approves(actor) or _is_theirs(request, actor)):
                raise RefusedError((ReadRefusal.UNKNOWN.value,))
            _about(doing, request)
            if request.ended_at is not None:
                doing.silent = True
                doing.looks(Act.BREAKGLASS_LIST)
                return request
            request = replace(request, ended_at=self.clock.now())
            doing.tx.break_glass.save(request)
        return request

    def end_expired(self, actor: Actor) -> int:
        """Write into the log the end of what was open, or was never approved in time; how many ended. Raises
        RefusedError."""
        now = self.clock.now()
        with self.acts.catalogue.snapshot() as tx:
            over = [request for request in tx.break_glass.find(unended=True) if _is_over(request, now)]
        ended = 0
        for one in over:
            with self.acts.perform(Act.BREAKGLASS_END, actor, recording_id=one.recording_id) as doing:
                request = doing.tx.break_glass.get(one.request_id, lock=True)
                if request is None or request.ended_at is not None or not _is_over(request, now):
                    doing.silent = True
                    continue
                _about(doing, request)
                doing.tx.break_glass.save(replace(request, ended_at=now))
                ended += 1
        return ended

    def _approves(self, actor: Actor) -> bool:
        return self.acts.rights[Act.BREAKGLASS_APPROVE].is_for(actor)

    def _data_key(self, doing: Doing, actor: Actor, purpose: Purpose, what: Readable, *, now: datetime) -> bytes:
        """Of a recording that emergency access would open to this actor."""
        question = Question(
            actor=actor,
            purpose=purpose,
            what=what,
            recording=doing.recording,
            redaction_complete=what not in REDACTED,
            glass_broken=False,
            now=now,
        )
        if isinstance(decide(question, policy=self.policy), Allow):
            raise UsageError("you may read this without emergency access: callwarden read")
        verdict = decide(replace(question, glass_broken=True), policy=self.policy)
        if not isinstance(verdict, Allow):
            raise RefusedError(tuple(reason.value for reason in verdict.reasons))
        key = doing.tx.keys.get([doing.row.recording_id]).get(doing.row.recording_id)
        if key is None:
            raise RefusedError((ReadRefusal.UNKNOWN.value,))
        return self.keys.unwrap(key.wrapped, key_context(doing.row.recording_id))

    def _reason(self, request: BreakGlass, key: WrappedKey | None) -> str | None:
        if key is None:
            return None
        try:
            data_key = self.keys.unwrap(key.wrapped, key_context(request.recording_id))
            return self.cipher.unseal(
                request.sealed_reason, data_key=data_key, purpose=_seal(request.request_id)
            ).decode()
        except (KeyDestroyedError, DecryptionError):
            return None


def _is_theirs(request: BreakGlass, actor: Actor) -> bool:
    return (request.role, person(request.requested_by)) == (actor.role, person(actor.name))


def _about(doing: Doing, request: BreakGlass) -> None:
    doing.subject, doing.correlation = request.recording_id, request.request_id
    doing.purpose, doing.artefact = request.purpose.value, request.what.value


def _alert(request: BreakGlass, operation: Operation, *, at: datetime) -> Message:
    return Message.of(
        GlassAlert(
            code=operation,
            request_id=request.request_id,
            recording_id=request.recording_id,
            role=request.role.value,
            purpose=request.purpose,
            artefact=request.what,
            at=at,
            open_until=request.open_until,
        )
    )


def _seal(request_id: GlassId) -> str:
    return f"breakglass:{request_id}"


def _is_over(request: BreakGlass, now: datetime) -> bool:
    return glass_state(request, now=now) in (GlassState.LAPSED, GlassState.OVER)
