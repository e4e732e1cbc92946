"""The step as the runtime sees it: four phases, and events whose waiting time is over."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from callwarden.custody.disposal import Disposal
from callwarden.custody.letters import Letters
from callwarden.custody.placing import Placing
from callwarden.custody.scribe import Scribe
from callwarden.custody.store import Store
from callwarden.custody.timekeeper import Timekeeper
from callwarden.errors import InvalidMessageError
from callwarden.messages import CALLS_TOPIC
from callwarden.model.event import CallRecorded
from callwarden.model.landing import LandingUri
from callwarden.model.outcome import Position, Reason
from callwarden.model.policy import Policy
from callwarden.ports.audio import AudioProbe
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import Catalogue, WaitingEvent
from callwarden.ports.cipher import StreamCipher
from callwarden.ports.clock import Clock
from callwarden.ports.codec import EventCodec
from callwarden.ports.keys import KeyStore
from callwarden.ports.landing import LandingArea, LandingAwayError, LandingRefusedError
from callwarden.ports.numbers import NumberPlan
from callwarden.ports.step import Begun, Finished
from callwarden.rules.landing_uri import allowed, name_of_place
from callwarden.rules.seals import event_seal, key_context
from callwarden.rules.sweeping import ClockStanding
from callwarden.steps.ingest.begin import begin
from callwarden.steps.ingest.call import Call, Reader
from callwarden.steps.ingest.carry_out import Storekeeper
from callwarden.steps.ingest.finish import Bookkeeper
from callwarden.steps.ingest.places import Places
from callwarden.steps.ingest.plan import INGEST, Aftermath, Close, Done, Measured, Plan

_ALL = 1_000_000
_AN_INSTANT = timedelta(microseconds=1)  # what is due now is due


class Ingest:
    """Consumes `telephony.calls` for the group ``ingest``. Thread-safe; one instance serves all threads."""

    name = "ingest"
    group = "ingest"
    topics = (CALLS_TOPIC,)

    def __init__(
        self,
        *,
        policy: Policy,
        clock: Clock,
        catalogue: Catalogue,
        store: Store,
        disposal: Disposal,
        landing: LandingArea,
        keys: KeyStore,
        cipher: StreamCipher,
        probe: AudioProbe,
        codec: EventCodec,
        numbers: NumberPlan,
        scribe: Scribe,
        placing: Placing,
        timekeeper: Timekeeper,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._catalogue = catalogue
        self._disposal = disposal
        self._landing = landing
        self._keys = keys
        self._cipher = cipher
        self._codec = codec
        self._timekeeper = timekeeper
        self._places = Places("fetching")
        self._tidied = Places("deleting")
        self._measured: dict[Position, str] = {}  # lost with the process: it is measured again then
        self._reader = Reader(codec=codec, keys=keys, numbers=numbers, policy=policy)
        self._storekeeper = Storekeeper(
            landing=landing,
            store=store,
            cipher=cipher,
            keys=keys,
            probe=probe,
            codec=codec,
            letters=Letters(keys=keys, cipher=cipher, clock=clock, policy=policy),
            clock=clock,
            policy=policy,
            places=self._places,
        )
        self._bookkeeper = Bookkeeper(policy=policy, scribe=scribe, placing=placing)

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[Plan]:
        """Decide on deliveries, in one transaction. Raises RetryableError, having changed nothing."""
        plans: list[Plan] = []
        calls: list[Call] = []
        for delivery in deliveries:
            read = self._reader.read(delivery)
            if isinstance(read, Call):
                measured = self._measured.get(delivery.position)
                calls.append(read if measured is None else replace(read, sha256=measured))
            else:
                plans.append(read)
        if not calls:
            return Begun(plans=plans, again=())
        with self._catalogue.transaction() as tx:
            decided, again = begin(calls, tx, reader=self._reader, now=self._clock.now())
            if any(isinstance(decision, Close) and decision.reason is Reason.PAST_RETENTION for decision in decided):
                self._timekeeper.check(tx)  # else a clock that runs ahead would refuse every call, its audio with it
        return Begun(plans=[*plans, *decided], again=again)

    def at_most_one(self, delivery: Delivery) -> Collection[str]:
        """The address of its audio: of events that name the same, the first has it, and the others come too late."""
        try:
            event = None if delivery.unreadable else self._codec.decode(delivery.value, delivery.headers)
        except Exception:  # noqa: BLE001 -- whatever it is that cannot be read, `begin` says so of this one alone
            return ()
        place = allowed(event.audio.uri, self._policy.landing_areas) if isinstance(event, CallRecorded) else None
        return () if place is None else (place.uri,)

    def reject(self, delivery: Delivery, error: InvalidMessageError) -> Plan:
        """A dead letter, whatever it was that could not be done with the event."""
        return self._reader.rejected(delivery, error)

    def carry_out(self, plan: Plan) -> Done:
        """Do the slow part of one plan, in any thread. Raises RetryableError."""
        return self._storekeeper.carry_out(plan)

    def finish(self, done: Sequence[Done]) -> Finished[Aftermath]:
        """Make the outcomes of `done` durable, in one transaction. Raises RetryableError, having changed nothing."""
        with self._catalogue.transaction() as tx:
            ledger = self._bookkeeper.finish(done, tx, now=self._clock.now())
            outbox = tx.outbox.append(ledger.messages)
        for one in done:
            if isinstance(one, Measured):
                self._measured[one.position] = one.sha256
            else:
                self._measured.pop(one.position, None)
        return Finished(outbox=outbox, aftermaths=ledger.aftermaths, again=ledger.fenced)

    def clean_up(self, aftermath: Aftermath) -> None:
        """What may only happen once the rows are durable. Repeatable. Raises RetryableError."""
        if aftermath.obsolete is not None:
            self._disposal.clear([aftermath.obsolete], actor=INGEST)
        if aftermath.replaced is not None:
            self._disposal.clear_replaced(aftermath.replaced, actor=INGEST)
        if aftermath.erase is not None:
            self._disposal.end_one(aftermath.erase, actor=INGEST)
        if aftermath.drop_landing is not None:
            self._delete(aftermath.drop_landing)

    def _delete(self, uri: str) -> None:
        """Delete a landing copy. Where that has failed for long, the sweep of the landing areas does it later: calls of
        other places are not to wait for it."""
        place = name_of_place(uri, self._policy.landing_areas)
        if self._tidied.is_given_up(place) and place in self._tidied.resting():
            return
        try:
            self._landing.delete(uri)
        except LandingRefusedError:
            return  # an event may name a place that is not ours to delete from; nothing was taken from it
        except LandingAwayError as away:
            self._tidied.failed(away)
            if not self._tidied.is_given_up(away.place):
                raise
        else:
            self._tidied.answered(place)

    def awaited(self) -> frozenset[LandingUri]:
        """Where the audio lies that events need which wait for word of an objection. Raises RetryableError."""
        with self._catalogue.transaction() as tx:
            waiting = tx.waiting.find(limit=_ALL)
        events = [self._codec.decode(message.value) for message in self._opened(waiting)]
        uris = [event.audio.uri for event in events if isinstance(event, CallRecorded)]
        places = (allowed(uri, self._policy.landing_areas) for uri in uris)
        return frozenset(place for place in places if place is not None)

    def overdue(self, *, limit: int) -> Sequence[Delivery]:
        """Events whose wait is over, as deliveries of their old positions: nothing was heard of an objection, or their
        place is asked again."""
        with self._catalogue.transaction() as tx:
            standing, _ = self._timekeeper.standing(tx)
            if standing is not ClockStanding.RIGHT:
                return ()  # what waits, waits: by this clock everything would have waited long enough
            due = self._clock.now() + _AN_INSTANT
            waiting = tx.waiting.find(due_before=due, but_for=self._places.resting(), limit=limit)
        return self._opened(waiting)

    def _opened(self, waiting: Sequence[WaitingEvent]) -> list[Delivery]:
        deliveries = []
        for event in waiting:
            data_key = self._keys.unwrap(event.wrapped_key, key_context(event.recording_id))
            value = self._cipher.unseal(event.sealed, data_key=data_key, purpose=event_seal(event.recording_id))
            deliveries.append(Delivery(position=event.position, key=None, value=value))
        return deliveries
