"""The desk where an experiment takes its items: what is open to AI experiments at that instant, pinned (U5).

No voice and no word is copied: an item says which recording it is, and by a digest which redaction of it. Each portion
is judged in the transaction that writes it, with an entry for each item. Interrupted, a build goes on where it was.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final

from callwarden.custody.scribe import Scribe, another
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.experiment_candidates import ExperimentCandidates
from callwarden.desks.experiments import found, goes_on
from callwarden.model.access import Actor
from callwarden.model.experiment import Carried, Experiment, ExperimentItem, ExperimentKey, ExperimentState, ItemState
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind
from callwarden.ports.catalogue import Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyStore
from callwarden.rules.experiment_items import item_name, pin_of
from callwarden.rules.experiments import Count, Unfit, drawn, totals
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.revoking import lasting
from callwarden.rules.rights import Act
from callwarden.rules.seals import experiment_context

_FOR: Final = Purpose.AI_EXPERIMENT.value
PORTION: Final = 250
"""Items judged and written in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build has done: `included` items are in it; of them `new` were taken now, and `renewed` because their
    redaction was made anew. `revoked` and `left_out` count by reason."""

    experiment: Experiment
    included: int
    new: int
    renewed: int
    revoked: Mapping[str, int]
    left_out: Mapping[str, int]


@dataclass(slots=True)
class _Tally:
    new: int = 0
    renewed: int = 0
    revoked: Counter[str] = field(default_factory=Counter)
    again: int = 0
    """Could be taken, and were revoked before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentBuildDesk:
    """Thread-safe; two builds of one experiment at a time write the same."""

    acts: Acts
    clock: Clock
    keys: KeyStore
    candidates: ExperimentCandidates
    portion: int = PORTION

    def build(self, actor: Actor, name: str, *, told: Callable[[int], None] = lambda _: None) -> Built:
        """Take what may be taken now, and let go of what may not be used any more; `told` is called with how many calls
        have been looked at since. Raises RefusedError, RetryableError: what was taken by then stays."""
        with self._building(actor, name) as (doing, experiment):
            key = key_of(experiment, doing.tx, self.keys)
        tally, count = _Tally(), Count.nothing()
        self._renew(actor, experiment, tally, told)
        wanted = iter(self._wanted(experiment, count, tally, told))
        while ids := list(islice(wanted, self.portion)):
            with self._building(actor, name) as (doing, _):
                self._take(doing, experiment, ids, key, tally)
        with self.acts.perform(Act.EXPERIMENT_BUILD, actor, purpose=_FOR) as doing:
            experiment = goes_on(found(doing, name, lock=True), now=self.clock.now())
            included = doing.tx.experiment_items.count(experiment.experiment_id).get((ItemState.INCLUDED, None), 0)
            left_out = _left_out(count, tally, included)
            experiment = replace(
                experiment,
                state=ExperimentState.BUILT,
                generation=experiment.generation + 1,
                built_at=self.clock.now(),
                left_out=left_out,
            )
            doing.tx.experiments.save(experiment)
            doing.count = included
        return Built(
            experiment=experiment,
            included=included,
            new=tally.new,
            renewed=tally.renewed,
            revoked=totals(tally.revoked),
            left_out=left_out,
        )

    @contextmanager
    def _building(self, actor: Actor, name: str) -> Iterator[tuple[Doing, Experiment]]:
        """A part of a build, without an entry of its own: somebody may have closed the experiment meanwhile."""
        with self.acts.perform(Act.EXPERIMENT_BUILD, actor, purpose=_FOR) as doing:
            experiment = goes_on(found(doing, name, lock=True), now=self.clock.now())
            doing.silent = True
            yield doing, experiment

    def _renew(self, actor: Actor, experiment: Experiment, tally: _Tally, told: Callable[[int], None]) -> None:
        """Look at what it has: what may not be used any more is revoked, what was redacted anew is pinned anew."""
        after: RecordingId | None = None
        while True:
            with self._building(actor, experiment.name) as (doing, _):
                items = doing.tx.experiment_items.of(
                    experiment.experiment_id, states={ItemState.INCLUDED}, after=after, limit=self.portion
                )
                if not items:
                    return
                changed = list(changed_items(experiment, items, self.candidates, doing.tx, self.clock.now()))
                write_items(self.acts.scribe, doing, changed)
            told(len(items))
            tally.revoked.update(one.reason or "" for one in changed if one.state is ItemState.REVOKED)
            tally.renewed += sum(one.state is ItemState.INCLUDED for one in changed)
            after = items[-1].recording_id

    def _wanted(
        self, experiment: Experiment, count: Count, tally: _Tally, told: Callable[[int], None]
    ) -> Iterable[RecordingId]:
        """What could be taken, and is not yet; of a sample, what is drawn, and that but once."""
        known, gone = self._known(experiment)

        def eligible() -> Iterator[RecordingId]:
            for one in self.candidates.counted(experiment, count):
                told(1)
                if one.why_not or one.recording_id in known:
                    tally.again += not one.why_not and one.recording_id in gone
                    continue
                yield one.recording_id

        if experiment.sample is None or experiment.seed is None:
            return eligible()
        room = experiment.sample - len(known) if experiment.generation == 0 else 0
        lots = drawn(
            eligible(), sample=max(room, 1), seed=experiment.seed
        )  # all of them are counted, whatever is drawn
        return lots if room > 0 else ()

    def _known(self, experiment: Experiment) -> tuple[frozenset[RecordingId], frozenset[RecordingId]]:
        """What it has ever taken, and what of it is revoked."""
        known, gone, after = list[RecordingId](), list[RecordingId](), None
        with self.acts.catalogue.snapshot() as tx:
            while items := tx.experiment_items.of(experiment.experiment_id, after=after, limit=self.portion):
                known += [one.recording_id for one in items]
                gone += [one.recording_id for one in items if one.state is not ItemState.INCLUDED]
                after = items[-1].recording_id
        return frozenset(known), frozenset(gone)

    def _take(
        self, doing: Doing, experiment: Experiment, ids: Sequence[RecordingId], key: bytes, tally: _Tally
    ) -> None:
        now, pins = self.clock.now(), pins_of(experiment, ids, doing.tx)
        known = {one.recording_id for one in doing.tx.experiment_items.get(experiment.experiment_id, ids)}
        taken = [
            ExperimentItem(
                experiment_id=experiment.experiment_id,
                recording_id=one.recording_id,
                item_id=item_name(key, one.recording_id),
                state=ItemState.INCLUDED,
                generation=experiment.generation + 1,
                digest=pins[one.recording_id],
                included_at=now,
                changed_at=now,
            )
            for one in self.candidates.judge(experiment, ids, doing.tx)
            if not one.why_not and one.recording_id not in known
        ]
        write_items(self.acts.scribe, doing, taken)
        tally.new += len(taken)


def changed_items(
    experiment: Experiment,
    items: Sequence[ExperimentItem],
    candidates: ExperimentCandidates,
    tx: Transaction,
    now: datetime,
) -> Iterator[ExperimentItem]:
    """Of these included items those that are to be revoked, and those that are pinned anew because their redaction was
    made anew: the next build has these. By a clock that runs ahead no period is over."""
    ids = [one.recording_id for one in items]
    if not ids:
        return
    pins, ahead = pins_of(experiment, ids, tx), candidates.timekeeper.is_ahead(tx)
    for item, seen in zip(items, candidates.judge(experiment, ids, tx), strict=True):
        why = ReadRefusal.ROW_ALTERED.value if item.altered else lasting(seen.why_not, clock_ahead=ahead)
        if why is not None:
            yield replace(item, state=ItemState.REVOKED, reason=why, changed_at=now)
        elif not seen.why_not and pins[item.recording_id] != item.digest:
            yield replace(item, digest=pins[item.recording_id], generation=experiment.generation + 1, changed_at=now)


def write_items(scribe: Scribe, doing: Doing, items: Sequence[ExperimentItem]) -> None:
    """Each with its entry: which recording, which redaction of it, which experiment."""
    if not items:
        return
    first = scribe.entry(doing.actor, Operation.EXPERIMENT_INCLUDED, purpose=_FOR, correlation=items[0].experiment_id)
    doing.tx.experiment_items.save(items)
    doing.tx.log.append(
        [
            another(first, subject=one.recording_id, digest=one.digest)
            if one.state is ItemState.INCLUDED
            else another(
                first,
                subject=one.recording_id,
                operation=Operation.EXPERIMENT_REVOKED,
                reasons=() if one.reason is None else (one.reason,),
            )
            for one in items
        ]
    )


def kinds_of(experiment: Experiment) -> frozenset[ArtefactKind]:
    """What an item of it is made of."""
    text = frozenset({ArtefactKind.REDACTED_TRANSCRIPT})
    return text | {ArtefactKind.BEEPED_AUDIO} if Carried.AUDIO in experiment.carries else text


def pins_of(experiment: Experiment, ids: Sequence[RecordingId], tx: Transaction) -> Mapping[RecordingId, str]:
    """What each of these would be pinned to now."""
    kinds = kinds_of(experiment)
    newest: dict[RecordingId, dict[ArtefactKind, Artefact]] = {one: {} for one in ids}
    for one in sorted(tx.artefacts.get(ids), key=lambda one: one.generation):
        if one.kind in kinds:
            newest[one.recording_id][one.kind] = one
    return {recording_id: pin_of(forms.values()) for recording_id, forms in newest.items()}


def key_of(experiment: Experiment, tx: Transaction, keys: KeyStore) -> bytes:
    """The key of its pseudonyms, made when it is first needed. Raises KeyUnavailableError."""
    context = experiment_context(experiment.experiment_id)
    kept = tx.experiment_keys.get(experiment.experiment_id)
    if kept is not None:
        return keys.unwrap(kept.wrapped_key, context)
    made = keys.new_data_key(context)
    tx.experiment_keys.add(
        ExperimentKey(
            experiment_id=experiment.experiment_id, wrapped_key=made.wrapped, master_key_id=made.master_key_id
        )
    )
    return keys.unwrap(tx.experiment_keys.get(experiment.experiment_id).wrapped_key, context)  # type: ignore[union-attr]


def _left_out(count: Count, tally: _Tally, included: int) -> Mapping[str, int]:
    others = {
        Unfit.REVOKED_BEFORE.value: tally.again,
        Unfit.NOT_DRAWN.value: max(count.eligible - tally.again - included, 0),
    }
    return totals({**count.excluded, **{why: number for why, number in others.items() if number}})
