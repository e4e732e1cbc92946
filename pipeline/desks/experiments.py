"""The desk of experiments: asked for by an analyst, approved by the data protection officer, over by their end date
(U2, U5, U7)."""

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final

from callwarden.custody.experiment_remains import ExperimentRemains
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.experiment_candidates import ExperimentCandidates, Preview
from callwarden.desks.experiment_standings import standings
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, service
from callwarden.model.experiment import (
    OVER,
    Experiment,
    ExperimentId,
    ExperimentState,
    ItemState,
    Wish,
)
from callwarden.model.log_entry import make_entry_id
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.ports.clock import Clock
from callwarden.rules.experiments import (
    LARGEST_SEED,
    ExperimentRefusal,
    checked,
    goes_no_further,
    is_in_charge,
    may_know,
    sees_exactly,
)
from callwarden.rules.people import same_person
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.revoking import Standing, answers_for
from callwarden.rules.rights import Act, ActRefusal

ENDS: Final = service("experiments")
_FOR: Final = Purpose.AI_EXPERIMENT.value
_PORTION: Final = 100
_GOES_NO_FURTHER: Final = {
    ExperimentRefusal.NOT_APPROVED: "nobody has approved it yet: callwarden experiment approve",
    ExperimentRefusal.EXPERIMENT_OVER: "it is over: ask for another one",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownExperiment:
    """An experiment, how many of its items are in which state for which reason, and what has left of it."""

    experiment: Experiment
    items: Mapping[tuple[ItemState, str | None], int]
    exports: Sequence[Standing]
    """The newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedExperiment:
    """An experiment, and what waits of it."""

    experiment: Experiment
    exports_to_clear: int
    """Exports of which revoked items are still to be taken out."""
    waits_for_approval: bool
    """By whoever asks: nobody approves what they own or asked for."""
    waits_for_holder: bool
    """For whoever asks: one of those exports is theirs to answer for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentDesk:
    """Each method is an act of somebody. Raises RefusedError, UsageError, RetryableError. Thread-safe."""

    acts: Acts
    policy: Policy
    clock: Clock
    candidates: ExperimentCandidates
    remains: ExperimentRemains

    def open(self, actor: Actor, wish: Wish) -> Experiment:
        """Ask for an experiment. Where a sample has no seed, one is drawn and kept. What is asked for is never changed
        afterwards: ask for another one instead."""
        now = self.clock.now()
        with self.acts.perform(Act.EXPERIMENT_OPEN, actor, purpose=_FOR) as doing:
            wish = checked(wish, lines=self.policy.lines, today=now.astimezone(self.policy.time_zone).date())
            self.candidates.wanted(wish)
            if wish.sample is not None and wish.seed is None:
                wish = replace(wish, seed=secrets.randbelow(LARGEST_SEED))
            experiment = Experiment(
                **{name: getattr(wish, name) for name in Wish.__dataclass_fields__},
                experiment_id=ExperimentId(f"exp-{make_entry_id(now, os.urandom(10))}"),
                state=ExperimentState.DRAFT,
                opened_by=actor.name,
                opened_at=now,
                ends_at=datetime.combine(wish.until, time(), self.policy.time_zone),
            )
            if not may_know(experiment, actor):
                raise RefusedError(
                    (ActRefusal.NOT_PERMITTED.value,), "an experiment takes the calls of a line: this is none of yours"
                )
            if any(one.name.casefold() == wish.name.casefold() for one in doing.tx.experiments.all()):
                raise UsageError(f"there is an experiment {wish.name} already: give this one another name")
            doing.tx.experiments.save(experiment)
            doing.subject = experiment.experiment_id
        return experiment

    def preview(self, actor: Actor, name: str) -> Preview:
        """What it would take now, and why not the rest. Nothing is taken, and no call is named; before the approval
        nobody but the officer is told of a group smaller than those figures are published of."""
        with self.acts.perform(Act.EXPERIMENT_PREVIEW, actor, purpose=_FOR) as doing:
            experiment, doing.silent = found(doing, name), True
        preview = self.candidates.preview(experiment)  # which may take a while: no transaction waits for it
        with self.acts.perform(Act.EXPERIMENT_PREVIEW, actor, purpose=_FOR) as doing:
            exact = sees_exactly(found(doing, name), actor)
            doing.count = preview.taken
        return preview if exact else preview.coarsely(self.policy.figures.callers, self.policy.time_zone)

    def approve(self, actor: Actor, name: str) -> Experiment:
        """Let it be built: by somebody who neither owns it nor has asked for it. Raises UsageError where it was
        approved already."""
        now = self.clock.now()
        with self.acts.perform(Act.EXPERIMENT_APPROVE, actor, purpose=_FOR) as doing:
            experiment = found(doing, name, lock=True)
            if goes_no_further(experiment, now=now) is ExperimentRefusal.EXPERIMENT_OVER:
                raise RefusedError((ExperimentRefusal.EXPERIMENT_OVER.value,), "it is over: ask for another one")
            if experiment.approved_at is not None:
                raise UsageError(
                    f"nothing was changed: {experiment.name} was approved already, by a data protection officer, at "
                    f"{experiment.approved_at:%Y-%m-%d %H:%M:%SZ}"
                )
            for first in (experiment.owner, experiment.opened_by):
                doing.second_person(first)
            experiment = replace(experiment, state=ExperimentState.APPROVED, approved_by=actor.name, approved_at=now)
            doing.tx.experiments.save(experiment)
        return experiment

    def shown(self, actor: Actor, name: str) -> ShownExperiment:
        """One experiment, and what became of its items."""
        with self.acts.perform(Act.EXPERIMENT_SHOW, actor, purpose=_FOR) as doing:
            experiment = found(doing, name)
            items = doing.tx.experiment_items.count(experiment.experiment_id)
            exports = standings(doing.tx, experiment)
        return ShownExperiment(experiment=experiment, items=items, exports=exports)

    def listed(self, actor: Actor) -> Sequence[ListedExperiment]:
        """Every experiment of one's lines, the newest first."""
        with self.acts.perform(Act.EXPERIMENT_LIST, actor, purpose=_FOR) as doing:
            every = [self._listed(doing, one) for one in doing.tx.experiments.all() if may_know(one, actor)]
            doing.count = len(every)
        return every

    def _listed(self, doing: Doing, one: Experiment) -> ListedExperiment:
        open_ = [each.export for each in standings(doing.tx, one) if each.to_take_out]
        return ListedExperiment(
            experiment=one,
            exports_to_clear=len(open_),
            waits_for_approval=self.waits_for(doing.actor, one),
            waits_for_holder=any(answers_for(doing.actor, one, export) for export in open_),
        )

    def waiting(self, actor: Actor) -> Sequence[Experiment]:
        """Those that wait for this person's approval, the oldest first."""
        return [one.experiment for one in reversed(self.listed(actor)) if one.waits_for_approval]

    def waits_for(self, actor: Actor, one: Experiment) -> bool:
        """Whether this one waits for this person's approval: nobody approves what they own or asked for."""
        if one.altered or one.state is not ExperimentState.DRAFT or one.ends_at <= self.clock.now():
            return False
        return not (same_person(one.owner, actor.name) or same_person(one.opened_by, actor.name))

    def close(self, actor: Actor, name: str) -> Experiment:
        """End it before its end date, whatever its state: nothing more is built or exported, and its copies in the
        system are destroyed. Refused, ``not_permitted``, to anybody but its owner and the officer."""
        now = self.clock.now()
        with self.acts.perform(Act.EXPERIMENT_CLOSE, actor, purpose=_FOR) as doing:
            experiment = found(doing, name, lock=True)
            if not is_in_charge(experiment, actor):
                raise RefusedError(
                    (ActRefusal.NOT_PERMITTED.value,),
                    "its owner closes an experiment, or the data protection officer",
                )
            if experiment.state in OVER:
                doing.silent = True
                doing.looks(Act.EXPERIMENT_SHOW)
            else:
                experiment = replace(experiment, state=ExperimentState.CLOSED, over_by=actor.name, over_at=now)
                doing.tx.experiments.save(experiment)
        return self._cleared(experiment)

    def end_due(self, actor: Actor) -> int:
        """End those whose end date has come, each an entry, and destroy what is left of any that is over; how many
        have ended. A clock that runs ahead ends none."""
        ended = 0
        while True:
            with self.acts.perform(Act.EXPERIMENT_END, actor) as doing:
                now, ahead = self.clock.now(), self.candidates.timekeeper.is_ahead(doing.tx)
                found = () if ahead else doing.tx.experiments.due(now=now, limit=_PORTION)
                due = [one for one in found if not one.altered]
                for one in due:
                    doing.tx.experiments.save(replace(one, state=ExperimentState.ENDED, over_at=now))
                doing.subjects, doing.silent = [one.experiment_id for one in due], not due
            ended += len(due)
            if len(due) < _PORTION:
                break
        with self.acts.catalogue.snapshot() as tx:
            left = tx.experiments.uncleared()
        for one in left:
            self._cleared(one)
        return ended

    def _cleared(self, experiment: Experiment) -> Experiment:
        """Once nothing of it is left in the system, it says so."""
        if experiment.cleared_at is not None or experiment.altered:
            return experiment
        self.remains.clear(experiment, by=ENDS)
        with self.acts.catalogue.transaction() as tx:
            known = tx.experiments.get(experiment.experiment_id, lock=True)
            if known is None or known.cleared_at is not None or known.altered:
                return experiment
            experiment = replace(known, cleared_at=self.clock.now())
            tx.experiments.save(experiment)
        return experiment


def found(doing: Doing, name: str, *, lock: bool = False) -> Experiment:
    """The experiment of this name, which the act is about from now on. Raises RefusedError where there is none, none of
    the actor's lines, or one that somebody wrote past the system."""
    experiment = doing.tx.experiments.named(name, lock=lock)
    if experiment is None or not may_know(experiment, doing.actor):
        raise RefusedError(
            (ActRefusal.UNKNOWN.value,), "no such experiment, or none you may know of: see callwarden experiment list"
        )
    doing.subject = experiment.experiment_id
    if experiment.altered:
        raise RefusedError(
            (ReadRefusal.ROW_ALTERED.value,), "somebody wrote this experiment past the system: callwarden reconcile"
        )
    return experiment


def goes_on(experiment: Experiment, *, now: datetime) -> Experiment:
    """The experiment, where it may be built and exported at this instant. Raises RefusedError."""
    why = goes_no_further(experiment, now=now)
    if why is not None:
        raise RefusedError((why.value,), _GOES_NO_FURTHER[why])
    return experiment
