"""Finding calls by what was said in them and by what is known of them: the rule of reading is asked of each call, and
each is in the log, before it is shown (U1, U3, U4)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from callwarden.custody.deciding import Decider
from callwarden.custody.gate import Gate
from callwarden.model.access import Actor, Readable
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.policy import Policy
from callwarden.model.purpose import PSEUDONYMOUS, Purpose
from callwarden.model.recording import Recording
from callwarden.model.search import Facet, Facets, FoundState, Hit, Place, Wanted
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.reach import reach
from callwarden.rules.readable_hits import readable_hits
from callwarden.rules.reading import is_granted

MOST_COUNTED: Final = 10_000
"""Calls counted: the newest."""
MOST_LABELS: Final = 50
"""Labels counted: those of most calls."""
_TRIES: Final = 8
"""Portions looked at for one page; more that may not be read, one after another, end it early."""
_WHAT: Final = Readable.REDACTED_TRANSCRIPT


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCall:
    """A call that may be read, and the text that was asked for."""

    recording: Recording
    hit: Hit
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage:
    """Calls, the newest first. `following` is where the next page begins, None at the end; `entry_id` the entry of the
    access log that says who was shown them."""

    calls: Sequence[FoundCall]
    following: Place | None
    entry_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Thread-safe."""

    policy: Policy
    clock: Clock
    catalogue: Catalogue
    decider: Decider
    gate: Gate

    def find(
        self,
        actor: Actor,
        purpose: Purpose,
        wanted: Wanted,
        *,
        limit: int,
        after: Place | None = None,
        before: Place | None = None,
    ) -> FoundPage:
        """At most `limit` calls that are asked for and whose redacted transcript the actor may read: the newest, those
        after a place, or those just before one. What the actor may not read is silently absent.

        The search, and each call found, is in the log before this returns; the words never are. Raises RefusedError
        where no redacted transcript is granted for this purpose and when the log is unavailable, RetryableError.
        """
        included = self._refuse_unless_granted(actor, purpose)
        found: list[FoundCall] = []
        more, tries = True, _TRIES
        with self.catalogue.snapshot() as tx:
            now = self.clock.now()
            within = reach(actor, purpose, policy=self.policy, now=now, included=included)
            while more and tries and len(found) <= limit:
                portion = limit + 1 - len(found)
                hits = tx.findable.page(wanted, within, limit=portion, after=after, before=before)
                readable = self._readable(hits, actor, purpose, tx, now=now, included=included)
                found = [*readable, *found] if before is not None else [*found, *readable]
                more, tries = len(hits) == portion, tries - 1
                if more and before is not None:
                    before = _place(hits[0])
                elif more:
                    after = _place(hits[-1])
        over = len(found) > limit or more
        shown = found[-limit:] if before is not None else found[:limit]
        following = shown[-1].place if shown and (over or before is not None) else None
        subjects = [one.recording.recording_id for one in shown]
        entry_id = self.gate.write_down(actor, purpose, Operation.SEARCH, _WHAT, subjects=subjects)
        return FoundPage(calls=shown, following=following, entry_id=entry_id)

    def count(self, actor: Actor, purpose: Purpose, wanted: Wanted) -> Facets:
        """How many of these the actor may read, and how many there are of each value of each facet when all else that
        was asked for holds. Labels are counted for whoever may read metadata for this purpose, agents for no
        pseudonymous one. Logged and raises as
        `find`; rows written past the system count as they stand."""
        included = self._refuse_unless_granted(actor, purpose)
        within = reach(actor, purpose, policy=self.policy, now=self.clock.now(), included=included)
        labelled = is_granted(actor, purpose, Readable.METADATA, policy=self.policy)
        own: dict[Facet, Wanted] = {
            Facet.LINE: replace(wanted, line=None),
            **({} if purpose in PSEUDONYMOUS else {Facet.AGENT: replace(wanted, agent_id=None)}),
            Facet.DAY: replace(wanted, since=None, until=None),
            Facet.DURATION: replace(wanted, shortest_s=None, longest_s=None),
            Facet.STATE: replace(wanted, state=None),
            **({Facet.LABEL: replace(wanted, label=None)} if labelled else {}),
        }
        plain = [facet for facet, narrowed in own.items() if narrowed == wanted]
        with self.catalogue.snapshot() as tx:
            total, found = tx.findable.count(plain, wanted, within, limit=MOST_COUNTED)
            by = dict(found)
            for facet in own.keys() - set(plain):
                by |= tx.findable.count([facet], own[facet], within, limit=MOST_COUNTED)[1]
        facets = Facets(
            total=total,
            more=total == MOST_COUNTED,
            lines=by[Facet.LINE],
            agents=by.get(Facet.AGENT, {}),
            days=self._days(by[Facet.DAY]),
            bands={int(first): count for first, count in by[Facet.DURATION].items()},
            states={FoundState(state): count for state, count in by[Facet.STATE].items()},
            labels=dict(sorted(by.get(Facet.LABEL, {}).items(), key=lambda one: (-one[1], one[0]))[:MOST_LABELS]),
        )
        self.gate.write_down(actor, purpose, Operation.SEARCH, _WHAT, count=facets.total)
        return facets

    def _refuse_unless_granted(self, actor: Actor, purpose: Purpose) -> frozenset[RecordingId] | None:
        """`Decider.included`."""
        with self.catalogue.snapshot() as tx:
            included = self.decider.included(actor, purpose, tx)
        if included == frozenset() or not is_granted(actor, purpose, _WHAT, policy=self.policy):
            self.gate.disclose(actor, purpose, Operation.SEARCH, _WHAT)
        return included

    def _readable(
        self,
        hits: Sequence[Hit],
        actor: Actor,
        purpose: Purpose,
        tx: Transaction,
        *,
        now: datetime,
        included: frozenset[RecordingId] | None,
    ) -> list[FoundCall]:
        ids = [hit.recording_id for hit in hits]
        recordings = self.decider.as_objected(tx.recordings.get(ids), tx)
        destroyed = self.decider.destroyed_among(ids)
        readable = readable_hits(
            hits,
            actor=actor,
            purpose=purpose,
            recordings=recordings,
            redactions=tx.redactions.get(ids),
            artefacts=tx.artefacts.get(ids),
            now=now,
            policy=self.policy,
            included=included,
        )
        if purpose in PSEUDONYMOUS:
            recordings = {name: replace(row, agent_id=None) for name, row in recordings.items()}
        return [
            FoundCall(recording=recordings[hit.recording_id], hit=hit, place=_place(hit))
            for hit in readable
            if hit.recording_id not in destroyed
        ]

    def _days(self, hours: Mapping[str, int]) -> Mapping[date, int]:
        """Of the policy's zone."""
        days: Counter[date] = Counter()
        for hour, count in hours.items():
            days[datetime.fromtimestamp(int(hour), self.policy.time_zone).date()] += count
        return dict(sorted(days.items()))


def _place(hit: Hit) -> Place:
    assert hit.ended_at is not None  # of a call in the order of calls
    return Place(ended_at=hit.ended_at, recording_id=RecordingId(hit.recording_id))
