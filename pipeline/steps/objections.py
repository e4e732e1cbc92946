"""The step as the runtime sees it: events that are not recordings, and objections ingest heard of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from callwarden.custody.letters import Letter, Letters
from callwarden.custody.objection_effects import OBJECTIONS, ObjectionEffects
from callwarden.custody.scribe import Scribe
from callwarden.desks.objections import ObjectionDesk
from callwarden.errors import InvalidMessageError
from callwarden.messages import CALLS_TOPIC, UNPERMITTED, ListeningAlert, ObjectionRecorded, decode
from callwarden.model.access import Actor, Role
from callwarden.model.event import CallMonitored, CallObjected, CallRecorded, ObjectionWithdrawn
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.outcome import EventOutcome, Outcome, Position, Reason
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.ports.alarm import Alarm
from callwarden.ports.bus import Delivery, Message
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.codec import EventCodec
from callwarden.ports.step import Begun, Finished
from callwarden.rules.identity import call_reference
from callwarden.rules.live_listening import may_listen

_AHEAD = "data.to"
"""The field of an event that cannot have happened yet."""

Handled = CallObjected | ObjectionWithdrawn | CallMonitored


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionPlan:
    """One delivery: an event to handle, or an objection ingest has filed (`objection_id`)."""

    position: Position
    event: Handled | None = None
    objection_id: str | None = None
    letter: Letter | None = None
    """The event as a dead letter, where it cannot have happened yet."""


class Objections:
    """Consumes `telephony.calls` and `objections.recorded` for the group ``objections``. Thread-safe."""

    name = "objections"
    group = "objections"
    topics = (CALLS_TOPIC, ObjectionRecorded.topic)

    def __init__(
        self,
        *,
        policy: Policy,
        clock: Clock,
        catalogue: Catalogue,
        codec: EventCodec,
        desk: ObjectionDesk,
        effects: ObjectionEffects,
        scribe: Scribe,
        letters: Letters,
        alarm: Alarm,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._catalogue = catalogue
        self._codec = codec
        self._desk = desk
        self._effects = effects
        self._scribe = scribe
        self._letters = letters
        self._alarm = alarm

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[ObjectionPlan]:
        """Decode deliveries. Raises RetryableError."""
        return Begun(plans=[self._read(delivery) for delivery in deliveries])

    def reject(self, delivery: Delivery, error: InvalidMessageError) -> None:
        """What is no event is ingest's to record; a message of ours that cannot be read leaves nothing to record."""

    def carry_out(self, plan: ObjectionPlan) -> ObjectionPlan:
        """File and apply what one delivery says. Raises RetryableError; it may then be carried out again."""
        match plan.event:
            case CallObjected() as event:
                self._desk.add(
                    OBJECTIONS,
                    event.scope,
                    event.purposes,
                    channel=event.channel,
                    at=event.at,
                    source=event.event_id,
                )
            case ObjectionWithdrawn() as event:
                self._desk.withdraw(OBJECTIONS, event.scope, event.purposes, at=event.at)
            case CallMonitored() | None:
                pass
        if plan.objection_id is not None:
            with self._catalogue.snapshot() as tx:
                objection = tx.objections.get(plan.objection_id)
            if objection is not None:
                self._effects.apply(objection, actor=OBJECTIONS)
        return plan

    def finish(self, done: Sequence[ObjectionPlan]) -> Finished[ObjectionPlan]:
        """Record the outcomes, and double-listening in the access log (R2, U3); what the policy does not grant of it
        sounds the alarm."""
        now = self._clock.now()
        with self._catalogue.transaction() as tx:
            known = tx.outcomes.at([plan.position for plan in done])
            events = [(plan, plan.event) for plan in done if plan.event and plan.position not in known]
            past = tx.outcomes.of_events([event.event_id for _, event in events])
            # The name may also be that of a call, or of what was no event at all: those were something else.
            seen = {name for name, each in past.items() if any(one.outcome is Outcome.APPLIED for one in each)}
            outcomes, entries, letters, messages, alarms = [], [], [], [], []
            for plan, event in events:
                outcome = self._outcome(plan, event, duplicate=event.event_id in seen, now=now)
                outcomes.append(outcome)
                if outcome.outcome is Outcome.APPLIED:
                    seen.add(event.event_id)
                if plan.letter is not None and outcome.outcome is Outcome.DEAD_LETTERED:
                    letters.append(plan.letter.row)
                    messages.append(plan.letter.message)
                elif isinstance(event, CallMonitored) and outcome.outcome is Outcome.APPLIED:
                    entry = self._monitored(event)
                    entries.append(entry)
                    if entry.reasons:
                        alarms.append(entry)
                        messages.append(_alert(entry))
            tx.outcomes.record(outcomes)
            tx.dead_letters.add(letters)
            tx.log.append(entries)
            tx.outbox.append(messages)
        for entry in alarms:
            self._alarm.sound(UNPERMITTED, subject=str(entry.subject), correlation=entry.entry_id)
        return Finished(aftermaths=done)

    def clean_up(self, aftermath: ObjectionPlan) -> None:
        """Nothing is left to do."""

    def overdue(self, *, limit: int) -> Sequence[Delivery]:
        """No event of this step waits."""
        return ()

    def _read(self, delivery: Delivery) -> ObjectionPlan:
        if delivery.position.topic == ObjectionRecorded.topic:
            filed = decode(ObjectionRecorded, delivery.value)
            return ObjectionPlan(position=delivery.position, objection_id=filed.objection_id)
        if delivery.unreadable:
            return ObjectionPlan(position=delivery.position)  # ingest dead-letters it
        try:
            event = self._codec.decode(delivery.value, delivery.headers)
        except InvalidMessageError:
            return ObjectionPlan(position=delivery.position)  # ingest dead-letters it
        if isinstance(event, CallRecorded):
            return ObjectionPlan(position=delivery.position)
        letter = None
        now = self._clock.now()
        if isinstance(event, CallMonitored) and event.ended_at - now > self._policy.limits.max_clock_ahead:
            names = self._codec.names(delivery.value, delivery.headers)
            letter = self._letters.seal(delivery, Reason.FUTURE_TIME, _AHEAD, names)
        return ObjectionPlan(position=delivery.position, event=event, letter=letter)

    def _outcome(self, plan: ObjectionPlan, event: Handled, *, duplicate: bool, now: datetime) -> EventOutcome:
        outcome, reason = Outcome.APPLIED, None
        if duplicate:
            outcome, reason = Outcome.DUPLICATE, Reason.SAME_EVENT
        elif plan.letter is not None:
            outcome, reason = Outcome.DEAD_LETTERED, Reason.FUTURE_TIME
        elif isinstance(event, CallMonitored) and not may_listen(event, policy=self._policy):
            reason = Reason.NOT_PERMITTED
        call_id = event.call_id if isinstance(event, CallMonitored) else event.scope.call_id
        return EventOutcome(
            position=plan.position,
            event_id=event.event_id,
            type=event.TYPE,
            call_id=call_id,
            leg=None,
            segment=None,
            line=None,
            outcome=outcome,
            reason=reason,
            field=_AHEAD if outcome is Outcome.DEAD_LETTERED else "",
            recording_id=None,
            policy_version=self._policy.version,
            decided_at=now,
        )

    def _monitored(self, event: CallMonitored) -> LogEntry:
        role = Role(event.listener.role) if event.listener.role in set(Role) else Role.SUPERVISOR
        return self._scribe.entry(
            Actor(role=role, name=event.listener.id),
            Operation.CALL_MONITORED,
            EntryOutcome.DONE,
            subject=call_reference(self._scribe.keys.pseudonym("call", event.call_id)),
            purpose=event.purpose,
            reasons=() if may_listen(event, policy=self._policy) else (Reason.NOT_PERMITTED.value,),
        )


def _alert(entry: LogEntry) -> Message:
    """What the people on watch hear of: ids and codes of the entry, nothing more."""
    assert entry.subject is not None
    assert entry.purpose is not None
    return Message.of(
        ListeningAlert(
            code=UNPERMITTED,
            call=entry.subject,
            entry=entry.entry_id,
            role=entry.actor.partition(":")[0],
            purpose=Purpose(entry.purpose),
            at=entry.at,
        )
    )
