"""The step as the runtime sees it: events that are not recordings, and objections that ingest found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from callwarden.custody.letters import Letter, Letters
from callwarden.custody.objection_effects import OBJECTIONS, ObjectionEffects, in_the_name_of
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
from callwarden.ports.step import Begun, Finished, OfOurMessages
from callwarden.rules.identity import call_reference
from callwarden.rules.live_listening import ENDED, is_too_early, may_listen

Handled = CallObjected | ObjectionWithdrawn | CallMonitored


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """An event of ours."""

    position: Position
    event: Handled


@dataclass(frozen=True, slots=True, kw_only=True)
class TooEarly:
    """An event that cannot have happened yet, and itself as a dead letter."""

    position: Position
    event: CallMonitored
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """An objection ingest has filed."""

    position: Position
    objection_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Nothing for this step: a recording, or no event, which ingest dead-letters."""

    position: Position


Plan = Handle | TooEarly | Filed | Pass


class Objections(OfOurMessages):
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

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[Plan]:
        """Decode deliveries. Raises RetryableError."""
        return Begun(plans=[self._read(delivery) for delivery in deliveries])

    def carry_out(self, plan: Plan) -> Plan:
        """File and apply what one delivery says. Raises RetryableError; it may then be carried out again."""
        match plan:
            case Handle(event=CallObjected() as event):
                self._desk.add(
                    OBJECTIONS,
                    event.scope,
                    event.purposes,
                    channel=event.channel,
                    at=event.at,
                    source=event.event_id,
                )
            case Handle(event=ObjectionWithdrawn() as event):
                self._desk.withdraw(OBJECTIONS, event.scope, event.purposes, at=event.at, source=event.event_id)
            case Filed(objection_id=objection_id):
                with self._catalogue.snapshot() as tx:
                    objection = tx.objections.get(objection_id)
                if objection is not None:
                    self._effects.apply(objection, actor=in_the_name_of(objection))
            case Handle() | TooEarly() | Pass():
                pass
        return plan

    def finish(self, done: Sequence[Plan]) -> Finished[Plan]:
        """Record the outcomes, and double-listening in the access log (R2, U3); what the policy does not grant of it
        sounds the alarm."""
        now = self._clock.now()
        with self._catalogue.transaction() as tx:
            known = tx.outcomes.at([plan.position for plan in done])
            new = [plan for plan in done if isinstance(plan, Handle | TooEarly) and plan.position not in known]
            past = tx.outcomes.of_events([plan.event.event_id for plan in new])
            # The name may also be that of a call, or of what was no event at all: those were something else.
            seen = {name for name, each in past.items() if any(outcome.outcome is Outcome.APPLIED for outcome in each)}
            outcomes, entries, letters, messages, alarms = [], [], [], [], []
            for plan in new:
                event = plan.event
                outcome = self._outcome(plan, duplicate=event.event_id in seen, now=now)
                outcomes.append(outcome)
                if outcome.outcome is Outcome.APPLIED:
                    seen.add(event.event_id)
                if isinstance(plan, TooEarly) and outcome.outcome is Outcome.DEAD_LETTERED:
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

    def clean_up(self, aftermath: Plan) -> None:
        """Nothing is left to do."""

    def _read(self, delivery: Delivery) -> Plan:
        if delivery.position.topic == ObjectionRecorded.topic:
            filed = decode(ObjectionRecorded, delivery.value)
            return Filed(position=delivery.position, objection_id=filed.objection_id)
        if delivery.unreadable:
            return Pass(position=delivery.position)
        try:
            event = self._codec.decode(delivery.value, delivery.headers)
        except InvalidMessageError:
            return Pass(position=delivery.position)
        if isinstance(event, CallRecorded):
            return Pass(position=delivery.position)
        if isinstance(event, CallMonitored) and is_too_early(event, policy=self._policy, now=self._clock.now()):
            names = self._codec.names(delivery.value, delivery.headers)
            letter = self._letters.seal(delivery, Reason.FUTURE_TIME, ENDED, names)
            return TooEarly(position=delivery.position, event=event, letter=letter)
        return Handle(position=delivery.position, event=event)

    def _outcome(self, plan: Handle | TooEarly, *, duplicate: bool, now: datetime) -> EventOutcome:
        event, outcome, reason = plan.event, Outcome.APPLIED, None
        if duplicate:
            outcome, reason = Outcome.DUPLICATE, Reason.SAME_EVENT
        elif isinstance(plan, TooEarly):
            outcome, reason = Outcome.DEAD_LETTERED, Reason.FUTURE_TIME
        elif isinstance(event, CallMonitored) and not may_listen(event, policy=self._policy):
            reason = Reason.NOT_PERMITTED
        call_id = event.call_id if isinstance(event, CallMonitored) else event.scope.call_id
        return EventOutcome(
            position=plan.position,
            event_id=event.event_id,
            type=event.TYPE,
            call_id=call_id,
            outcome=outcome,
            reason=reason,
            field=ENDED if outcome is Outcome.DEAD_LETTERED else "",
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
