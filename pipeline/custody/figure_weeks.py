"""The only one that counts for figures, and freezes what may be told of a week once it is over (U6).

Whatever is destroyed afterwards changes nothing of it: an erasure, an objection, a period that ends. What was destroyed
before counts as nobody's known.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

from callwarden.custody.scribe import Scribe
from callwarden.custody.timekeeper import Timekeeper
from callwarden.errors import RetryableError
from callwarden.model.access import service
from callwarden.model.figure import Cell, Closing, Standing, Subject, Table, Week
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.model.policy import Policy
from callwarden.ports.catalogue import Catalogue, RecordingFilter, Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.figures.counting import CALLS, CallsFound, began, evaluation_cells, last_over
from callwarden.rules.figures.publishing import LONGEST_WAIT, published
from callwarden.rules.sweeping import ClockStanding

FIGURES: Final = service("figures")
FIRST_WEEKS: Final = 53
"""How far back a system looks that has closed no week yet."""
_LEAST: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureWeeks:
    """Thread-safe; several may close at once, and the first counts. Raises RetryableError."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    timekeeper: Timekeeper
    scribe: Scribe
    portion: int = 5000
    """How many rows are read at a time."""

    def close(self) -> int:
        """Close every week that is over and was not closed; how many closings were written. None by a clock that is
        not to be believed, none of a subject of which somebody has altered the last one, and none of a system that has
        no call yet: what comes late in a week that is closed is not counted any more.
        """
        with self.catalogue.transaction() as tx:
            if self.timekeeper.standing(tx)[0] is not ClockStanding.RIGHT:
                return 0
        last = last_over(self.clock.now(), self.policy)
        behind, written = self._behind(last), 0
        while behind:
            # Not all at once: a system that begins to close may have a year of calls.
            until = min(last, min(closed for closed, _ in behind.values()).after(LONGEST_WAIT))
            made = self._counted({each: one for each, (closed, one) in behind.items() if closed < until}, until)
            telling = [one for one in made if one.figures or one.waiting or until == last]
            if not self._write(telling):
                break  # somebody else was faster, and goes on
            written += len(telling)
            behind |= {one.subject: (one.week, one.standing) for one in made}
            behind = {each: (closed, one) for each, (closed, one) in behind.items() if closed < last}
        return written

    def _behind(self, last: Week) -> dict[Subject, tuple[Week, Standing]]:
        """The subjects that have weeks to close: the last that is closed, and how their lines stand."""
        found: dict[Subject, tuple[Week, Standing]] = {}
        with self.catalogue.snapshot() as tx:
            newest = {subject: tx.closings.newest(subject) for subject in Subject}
            begins = None in newest.values() and self._has_calls(tx, last)
        before = last.after(-FIRST_WEEKS)
        for subject, closing in newest.items():
            if closing is not None and closing.week < last and not closing.altered:
                found[subject] = closing.week, closing.standing
            elif closing is None and begins:
                found[subject] = before, Standing(closed=before)
        return found

    def _has_calls(self, tx: Transaction, last: Week) -> bool:
        zone = self.policy.time_zone
        first = began(last.after(1 - FIRST_WEEKS), zone)
        wanted = RecordingFilter(ended_from=first, ended_before=began(last.after(), zone))
        return bool(tx.recordings.find(wanted, limit=1))

    def _counted(self, behind: Mapping[Subject, Standing], until: Week) -> Sequence[Closing]:
        """What closing the week `until` comes to, all that lines wait for counted anew."""
        first = min(week for one in behind.values() for week in _awaited(one))
        with self.catalogue.snapshot() as tx:
            calls = self._calls(tx, first, until) if behind.keys() & set(CALLS) else None
            cells: dict[Subject, Sequence[Cell]] = {
                subject: self._evaluations(tx, first, until)
                if calls is None or subject is Subject.EVALUATIONS
                else calls.cells(subject, first, until)
                for subject in behind
            }
        made: list[Closing] = []
        for subject, before in behind.items():
            table = Table(subject=subject, last=until, cells=cells[subject])
            figures, standing = published(table, self.policy.figures, before)
            made.append(
                Closing(
                    subject=subject,
                    week=until,
                    figures=tuple(figures),
                    waiting=standing.waiting,
                    silent=standing.silent,
                    closed_at=self.clock.now(),
                    policy_version=self.policy.version,
                )
            )
        return made

    def _calls(self, tx: Transaction, first: Week, last: Week) -> CallsFound:
        """Read in portions, for a row is much larger than what is counted of it; with what calls of these weeks may
        have before and after them."""
        zone, longest = self.policy.time_zone, self.policy.limits.max_call_length
        found = CallsFound(self.policy.lines.keys(), zone)
        begin, end = began(first, zone) - longest, began(last.after(), zone) + longest
        at_end, most = frozenset[RecordingId](), self.portion
        while True:
            rows = tx.recordings.find(RecordingFilter(ended_from=begin, ended_before=end), limit=most)
            for part in rows:
                if part.recording_id not in at_end:
                    found.add(part)
            if len(rows) < most:
                return found
            # The newest come first; of the last instant there may be more.
            instant = rows[-1].ended_at
            assert instant is not None  # it was asked for
            seen = {row.recording_id for row in rows if row.ended_at == instant}
            most = self.portion + len(seen)
            at_end, end = frozenset(seen), instant + _LEAST

    def _evaluations(self, tx: Transaction, first: Week, last: Week) -> Sequence[Cell]:
        zone = self.policy.time_zone
        made = tx.evaluations.find(made_from=began(first, zone), made_before=began(last.after(), zone), limit=None)
        return evaluation_cells(made, tx.recordings.get({one.recording_id for one in made}), zone)

    def _write(self, closings: Sequence[Closing]) -> bool:
        """All of them, or none where one is there already."""
        with self.catalogue.transaction() as tx:
            for at, closing in enumerate(closings):
                if not tx.closings.add(closing):
                    if at:
                        raise RetryableError(
                            "two processes have closed different weeks at the same time", part="figures"
                        )
                    return False
            tx.log.append([self._entry(closing) for closing in closings])
        return True

    def _entry(self, closing: Closing) -> LogEntry:
        return self.scribe.entry(
            FIGURES,
            Operation.FIGURES_CLOSED,
            subject=closing.name,
            count=sum(figure.count is not None for figure in closing.figures),
            digest=_digest(closing),
        )


def _awaited(standing: Standing) -> Sequence[Week]:
    return [*standing.waiting.values(), *([] if standing.closed is None else [standing.closed.after()])]


def _digest(closing: Closing) -> str:
    """Of what was frozen: whoever asks later can see that it is the same."""
    said = [asdict(replace(figure, amounts=dict(figure.amounts))) for figure in closing.figures]
    return sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
