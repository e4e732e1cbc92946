"""What an experiment would take at this instant, by the very decision that is made of each reading (U5)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from callwarden.custody.deciding import Decider
from callwarden.custody.timekeeper import Timekeeper
from callwarden.desks.criteria import CriteriaReader
from callwarden.model.criteria import Asked, Criteria
from callwarden.model.experiment import Wish
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.rules.experiments import Count, drawn, readables, reader_of, taken, totals, why_not
from callwarden.rules.reading import ReadRefusal

PORTION: Final = 500
"""Recordings looked at in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A recording, None where there is none of that id any more, and every reason not to take it."""

    recording_id: RecordingId
    recording: Recording | None
    why_not: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an experiment would take now. `excluded` counts each recording once, by its first reason, so that with
    `eligible` they make up `matched`; instants are of calls that may be taken. `ids` are those that would be, by id.

    `fewer_than`: where it is set, a number that is None is withheld: the calls are of fewer callers who are known than
    this, or would tell, taken off the others, how many such calls there are; and instants are the beginnings of days.
    """

    matched: int | None
    eligible: int | None
    taken: int | None
    excluded: Mapping[str, int | None]
    oldest: datetime | None
    newest: datetime | None
    lines: Mapping[LineId, int]
    ids: tuple[RecordingId, ...] = field(repr=False)
    callers: Mapping[str, int] = field(repr=False)
    """How many are known, by reason; of what may be taken under the empty one."""
    fewer_than: int | None = None

    def coarsely(self, least: int, zone: ZoneInfo) -> "Preview":
        """The same, told of no group of fewer than `least` callers, and by the day."""
        few = {reason for reason in ("", *self.excluded) if self.callers.get(reason, 0) < least}
        return replace(
            self,
            matched=None if few else self.matched,
            eligible=None if "" in few else self.eligible,
            taken=None if "" in few else self.taken,
            excluded={reason: None if reason in few else number for reason, number in self.excluded.items()},
            oldest=None if "" in few else _day(self.oldest, zone),
            newest=None if "" in few else _day(self.newest, zone),
            lines={} if "" in few else self.lines,
            ids=(),
            fewer_than=least,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentCandidates:
    """Lets out nothing and writes nothing. Thread-safe."""

    catalogue: Catalogue
    decider: Decider
    criteria: CriteriaReader
    timekeeper: Timekeeper

    def wanted(self, wish: Wish) -> Criteria:
        """The line, days and labels it asks for. Raises UsageError."""
        asked = Asked(line=wish.line, first=wish.first, last=wish.last, labels=tuple(sorted(wish.labels)))
        return self.criteria.read(asked)

    def judge(self, wish: Wish, recording_ids: Sequence[RecordingId], tx: Transaction) -> list[Candidate]:
        """Each of these, in their order, as it stands in this transaction. Raises RetryableError."""
        wanted = self.wanted(wish)
        readings = self.decider.ask_each(
            reader_of(wish), Purpose.AI_EXPERIMENT, recording_ids, readables(wish.carries), tx, included=True
        )
        rows, labels = tx.recordings.get(recording_ids), tx.labels.of(recording_ids) if wanted.labels else {}
        return [
            Candidate(
                recording_id=one,
                recording=rows.get(one),
                why_not=why_not(rows.get(one), labels.get(one, frozenset()), readings[one], wanted=wanted),
            )
            for one in recording_ids
        ]

    def all(self, wish: Wish) -> Iterator[Candidate]:
        """Every recording of its line and days that is not destroyed, by id, a portion to a transaction. Raises
        RetryableError."""
        wanted = self.wanted(wish)
        everything = Criteria(line=wanted.line, since=wanted.since, until=wanted.until)
        after: RecordingId | None = None
        while True:
            with self.catalogue.snapshot() as tx:
                ids = tx.placements.matching(everything, after=after, limit=PORTION)
                found = self.judge(wish, ids, tx) if ids else []
            yield from found
            if len(ids) < PORTION:
                return
            after = ids[-1]

    def preview(self, wish: Wish) -> Preview:
        """What would be taken now, and why the rest would not. Raises RetryableError."""
        count = Count.nothing()
        ids = (one.recording_id for one in self.counted(wish, count) if not one.why_not)
        if wish.sample is not None and wish.seed is not None:
            chosen = drawn(ids, sample=wish.sample, seed=wish.seed)
        else:
            chosen = tuple(ids)
        return Preview(
            matched=count.eligible + count.excluded.total(),
            eligible=count.eligible,
            taken=taken(count.eligible, wish.sample),
            excluded=totals(count.excluded),
            oldest=count.oldest,
            newest=count.newest,
            lines=dict(count.lines),
            ids=chosen,
            callers={reason: len(known) for reason, known in count.callers.items()},
        )

    def counted(self, wish: Wish, count: Count) -> Iterator[Candidate]:
        """As `all`; `count` has counted them, and those that are destroyed, at the end. Raises RetryableError."""
        for one in self.all(wish):
            count.add(one.recording, one.why_not)
            yield one
        if destroyed := self._destroyed(wish):
            count.excluded[ReadRefusal.DISPOSED.value] += destroyed

    def _destroyed(self, wish: Wish) -> int:
        """How many recordings of its line and days are destroyed. Their labels went with them: where labels are asked
        for, nobody can say."""
        wanted, number = self.wanted(wish), 0
        if wanted.labels:
            return 0
        after: RecordingId | None = None
        with self.catalogue.snapshot() as tx:
            while ids := tx.placements.matching(wanted, gone=True, after=after, limit=PORTION):
                number, after = number + len(ids), ids[-1]
        return number


def _day(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if at is None else datetime.combine(at.astimezone(zone).date(), time(), zone)
