"""A catalogue in memory, for the tests of the steps. The contract suite holds it to what the databases promise."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from callwarden.errors import InvariantError, RetryableError
from callwarden.model.ids import CallId, RecordingId
from callwarden.model.log_entry import LogEntry
from callwarden.model.outcome import EventOutcome, Outcome, Position
from callwarden.model.recording import Artefact, Recording, RecordingState
from callwarden.ports.catalogue import (
    AlteredRow,
    OutboxEntry,
    OutcomeFilter,
    WaitingEvent,
    Waits,
)
from tests.fakes.transaction import FakeTransaction, Rows


class FakeCatalogue:
    """`callwarden.ports.catalogue.Catalogue`. Transactions run one after another, as on SQLite.

    `rows` is the committed state, for a test to look at. While `out_of_reach` is true every call raises
    RetryableError. `wall_clock` (seconds) ages the outbox.
    """

    def __init__(self, *, wall_clock: Callable[[], float] = time.time) -> None:
        self.rows = Rows(wall_clock=wall_clock)
        self.out_of_reach = False
        self._wall_clock = wall_clock
        self._writing = threading.Lock()
        self._inside = threading.local()

    @property
    def log(self) -> list[LogEntry]:
        """The access-log entries, in the order they were written."""
        return list(self.rows.log.values())

    @contextmanager
    def transaction(self) -> Iterator[FakeTransaction]:
        with self._alone():
            working = FakeTransaction(self.rows.snapshot())
            yield working
            if working.failure is not None:
                raise working.failure
            self._reachable()
            self.rows = working.rows

    @contextmanager
    def snapshot(self) -> Iterator[FakeTransaction]:
        self._reachable()
        reading = FakeTransaction(self.rows.snapshot())
        yield reading
        if reading.failure is not None:
            raise reading.failure

    def is_empty(self) -> bool:
        self._reachable()
        return not self.rows.recordings and not self.rows.known_keys

    def unsent(self, *, older_than_s: float, limit: int) -> Sequence[OutboxEntry]:
        self._reachable()
        newest = self._wall_clock() - older_than_s
        found = sorted(one for one, (written, _) in self.rows.outbox.items() if written <= newest)
        return [OutboxEntry(outbox_id=one, message=self.rows.outbox[one][1]) for one in found[:limit]]

    def mark_sent(self, entries: Sequence[OutboxEntry]) -> None:
        with self._alone():
            for entry in entries:
                self.rows.outbox.pop(entry.outbox_id, None)

    def list_outcomes(
        self,
        *,
        limit: int | None = None,
        call_id: CallId | None = None,
        recording_id: RecordingId | None = None,
        wanted: OutcomeFilter | None = None,
        after: Position | None = None,
    ) -> Sequence[EventOutcome]:
        self._reachable()
        decided = list(self.rows.outcomes.values())
        places = [one.position for one in decided]
        found = [
            one
            for one in (decided[places.index(after) + 1 :] if after in places else decided)
            if call_id in (None, one.call_id)
            and recording_id in (None, one.recording_id)
            and (wanted is None or self._is_wanted(one, wanted))
        ]
        return found[:limit]

    def _is_wanted(self, one: EventOutcome, wanted: OutcomeFilter) -> bool:
        row = None if one.recording_id is None else self.rows.recordings.get(one.recording_id)
        day = row.ended_at if row is not None and row.ended_at is not None else one.decided_at
        return (
            (not wanted.outcomes or one.outcome in wanted.outcomes)
            and (not wanted.reasons or one.reason in wanted.reasons)
            and wanted.line in (None, one.line)
            and (not wanted.states or (row is not None and row.state in wanted.states))
            and (not wanted.untranscribed or (row is not None and _lacks_a_transcript(row)))
            and (wanted.ended_from is None or day >= wanted.ended_from)
            and (wanted.ended_before is None or day < wanted.ended_before)
            and (wanted.lines is None or (one.line if row is None else row.line) in wanted.lines)
            and (wanted.agents is None or (row is not None and row.agent_id in wanted.agents))
        )

    def count_outcomes(self, topic: str) -> Mapping[Outcome, int]:
        self._reachable()
        here = [one.outcome for one in self.rows.outcomes.values() if one.position.topic == topic]
        return {outcome: here.count(outcome) for outcome in Outcome}

    def outcomes_from(self, topic: str, partition: int, offset: int, *, before: int | None = None) -> int:
        self._reachable()
        here = [one.offset for one in self.rows.outcomes if (one.topic, one.partition) == (topic, partition)]
        return sum(offset <= one and (before is None or one < before) for one in here)

    def count_waiting(self, topic: str, *, partition: int | None = None, before: int | None = None) -> int:
        self._reachable()
        here = [one for one in self.rows.waiting if one.topic == topic and partition in (None, one.partition)]
        return sum(before is None or one.offset < before for one in here)

    def waits(self) -> Sequence[Waits]:
        self._reachable()
        found: dict[tuple[str, str], list[WaitingEvent]] = {}
        for one in self.rows.waiting.values():
            found.setdefault((one.place, one.why), []).append(one)
        return [
            Waits(
                place=place,
                why=why,
                events=len(those),
                since=min((one.since for one in those if one.since is not None), default=None),
            )
            for (place, why), those in sorted(found.items())
        ]

    def all_artefacts(self) -> Iterator[Artefact]:
        self._reachable()
        yield from sorted(self.rows.artefacts.values(), key=lambda one: (one.key, one.recording_id, one.generation))

    def all_recordings(self) -> Iterator[Recording]:
        self._reachable()
        reading = FakeTransaction(self.rows.snapshot())
        yield from reading.recordings.get(list(self.rows.recordings)).values()

    def altered_rows(self) -> Iterator[AlteredRow]:
        return iter(())

    def close(self) -> None:
        pass

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._reachable()
        if getattr(self._inside, "transaction", False):
            raise InvariantError("a transaction inside a transaction of the same thread")
        with self._writing:
            self._inside.transaction = True
            try:
                yield
            finally:
                self._inside.transaction = False

    def _reachable(self) -> None:
        if self.out_of_reach:
            raise RetryableError("the catalogue is out of reach")


def _lacks_a_transcript(row: Recording) -> bool:
    return row.state is RecordingState.STORED and row.untranscribed is not None
