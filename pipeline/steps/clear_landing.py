"""The landing areas' own sweep: what has lain there longer than the policy lets it goes, whoever left it (I3).

Audio goes from its landing area when its event is decided. What stays is what no event announced, what nothing could
be taken of, and what a telephone system or `publish` left behind half written: voices in clear that nobody would ever
come for. What was pushed and has no receipt goes sooner: whoever pushed it was told that it is not here. What an
event that is not decided yet may need is never among them: all that was published by the time of the listing is
decided first, or nothing goes.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from callwarden.custody.scribe import Scribe
from callwarden.custody.timekeeper import Timekeeper
from callwarden.errors import RetryableError
from callwarden.messages import CALLS_TOPIC, LandingAlert
from callwarden.model.access import Actor, service
from callwarden.model.landing import LandingUri
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.model.policy import Policy
from callwarden.ports.alarm import Alarm
from callwarden.ports.bus import EventBus, Message, TopicPartition
from callwarden.ports.catalogue import Catalogue, OutboxEntry
from callwarden.ports.clock import Clock
from callwarden.ports.landing import Landed, LandingKeeper
from callwarden.rules.landing import is_overdue
from callwarden.rules.pushing import LONGEST_PUSH, receipts_kept, upload_in
from callwarden.rules.sweeping import ClockStanding, sweep_subject

GROUP = "ingest"
DISPOSE = service("dispose")
PORTION = 500
"""Things of one log entry."""
PATIENCE = timedelta(seconds=10)
"""How long events that were published by the time of the listing may take to be decided."""
_LOOK_AGAIN_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What one area's sweep did. `removed` things are gone; `spared` ones lie too long and stay: an event that is not
    decided may need them. `out_of_reach` where the area could not be looked into."""

    area: str
    removed: int = 0
    spared: int = 0
    out_of_reach: str | None = None
    outbox: Sequence[OutboxEntry] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingSweep:
    """Removes what lies too long. Several may run at once: each thing is removed by one.

    `awaited` gives the places that events need which wait for word of an objection.
    """

    policy: Policy
    clock: Clock
    bus: EventBus
    catalogue: Catalogue
    landing: LandingKeeper
    scribe: Scribe
    alarm: Alarm
    timekeeper: Timekeeper
    awaited: Callable[[], frozenset[LandingUri]]
    patience: timedelta = PATIENCE

    def look(self, *, now: datetime | None = None) -> list[Cleared]:
        """What lies too long in each area, as `spared`; nothing is changed."""
        at, found = now or self.clock.now(), list[Cleared]()
        for area in self.landing.areas():
            try:
                found.append(Cleared(area=area, spared=len(self._overdue(area, at))))
            except RetryableError as error:
                found.append(Cleared(area=area, out_of_reach=str(error)))
        return [area for area in found if area.spared or area.out_of_reach]

    def rounds(self, *, now: datetime | None = None, actor: Actor = DISPOSE) -> Iterator[Cleared]:
        """Sweep area by area in the name of `actor`; one that is out of reach stops no other. `now` is an instant that
        a person gives. By a clock that is not believed nothing is removed, and the alarm sounds. Each removal is in the
        access log, with its count and that instant, before it is done."""
        at = now or self.clock.now()
        with self.catalogue.transaction() as tx:
            standing, _ = self.timekeeper.standing(tx, given=now)
        if standing is not ClockStanding.RIGHT:
            self.alarm.sound("landing_waits", subject="landing", correlation=standing.value)
            return
        self._forget(at)
        for area in self.landing.areas():
            try:
                overdue = self._overdue(area, at)
                if overdue:
                    yield self._clear(area, overdue, at, by=partial(self._entry, actor, now))
            except RetryableError as error:
                yield Cleared(area=area, out_of_reach=str(error))

    def _forget(self, now: datetime) -> None:
        """Which recording a file became does not matter once no area would have kept it; a receipt goes with the log's
        entries that name it. What is pushed again after that is a call that was decided already."""
        with self.catalogue.transaction() as tx:
            tx.origins.forget(before=now - 2 * max(self.policy.landing.values()))
            tx.receipts.forget(before=now - receipts_kept(self.policy))

    def _overdue(self, area: str, now: datetime) -> list[Landed]:
        """What nobody may need any more, and what was handed over by nobody to the end."""
        overdue, pushed = list[Landed](), dict[str, Landed]()
        for landed in self.landing.lying(area):
            if is_overdue(landed, stays=self.policy.landing, now=now):
                overdue.append(landed)
            elif landed.left_at + LONGEST_PUSH <= now and (name := upload_in(landed.place, self.policy.landing_areas)):
                if landed.upload_id is None:
                    pushed[name] = landed
                else:
                    overdue.append(landed)
        with self.catalogue.snapshot() as tx:
            whole = tx.receipts.uploads(pushed)
        return overdue + [landed for name, landed in pushed.items() if name not in whole]

    def _entry(self, actor: Actor, given: datetime | None, subject: str, count: int) -> LogEntry:
        correlation = None if given is None else sweep_subject(given)
        return self.scribe.entry(actor, Operation.LANDING_SWEPT, subject=subject, count=count, correlation=correlation)

    def _clear(
        self, area: str, overdue: Sequence[Landed], at: datetime, *, by: Callable[[str, int], LogEntry]
    ) -> Cleared:
        subject = f"landing-{1 + self.policy.landing_areas.index(area)}"
        if not self._all_decided(self.bus.end_offsets(CALLS_TOPIC)):
            self.alarm.sound("landing_waits", subject=subject, correlation=subject)
            return Cleared(area=area, spared=len(overdue))
        awaited = self.awaited()
        going = [landed for landed in overdue if landed.place not in awaited]
        removed, outbox = 0, list[OutboxEntry]()
        for start in range(0, len(going), PORTION):
            portion = going[start : start + PORTION]
            with self.catalogue.transaction() as tx:
                tx.log.append([by(subject, len(portion))])
                outbox += tx.outbox.append([_message(area, portion, at=at)])
            removed += sum(self.landing.remove(landed) for landed in portion)
        if removed:
            self.alarm.sound("landing_swept", subject=subject, correlation=subject)
        return Cleared(area=area, removed=removed, spared=len(overdue) - len(going), outbox=outbox)

    def _all_decided(self, ends: Mapping[TopicPartition, int]) -> bool:
        """Whether ingest has decided everything before these offsets, waited for a moment."""
        until = time.monotonic() + self.patience.total_seconds()
        while not self._reached(ends):
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_AGAIN_S)
        return True

    def _reached(self, ends: Mapping[TopicPartition, int]) -> bool:
        committed = self.bus.committed(CALLS_TOPIC, group=GROUP)
        return all(committed.get(partition, 0) >= end for partition, end in ends.items())


def _message(area: str, portion: Sequence[Landed], *, at: datetime) -> Message:
    return Message.of(
        LandingAlert(
            code="landing.swept",
            area=area,
            count=len(portion),
            bytes=sum(landed.size for landed in portion),
            oldest=min(landed.left_at for landed in portion),
            at=at,
        )
    )
