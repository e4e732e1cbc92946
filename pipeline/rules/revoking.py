"""What takes an item back from an experiment, and what of an export is still to be taken out (U5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from callwarden.model.access import Actor
from callwarden.model.experiment import OVER, Experiment, ExperimentExport, ExperimentItemId
from callwarden.rules.experiments import Unfit, is_in_charge
from callwarden.rules.people import same_person
from callwarden.rules.reading import ReadRefusal

PASSES: Final = frozenset(
    {
        ReadRefusal.NOT_PERMITTED,
        ReadRefusal.NOT_INCLUDED,
        ReadRefusal.BREAK_GLASS_NEEDED,
        ReadRefusal.NOT_QUARANTINED,
        ReadRefusal.RANGE_NOT_SATISFIABLE,
        ReadRefusal.ROW_ALTERED,
        ReadRefusal.KEY_MISSING,
        ReadRefusal.FUTURE_TIME,
        ReadRefusal.LOG_UNAVAILABLE,
    }
)
"""What says nothing about the call: the policy's grants, a key store that is another, a clock that is wrong. An item
does not leave while it is so, and is not taken back for good because of it."""


_OF_TIME: Final = frozenset({ReadRefusal.PAST_RETENTION, ReadRefusal.HELD_FOR_DISPUTE_ONLY})
"""What a clock that runs ahead says of every call."""


def lasting(why_not: Sequence[str], *, clock_ahead: bool = False) -> str | None:
    """The first reason for which an item is revoked; None where there is none, or only what passes."""
    passes = PASSES | _OF_TIME if clock_ahead else PASSES
    return next((reason for reason in why_not if reason not in passes), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """What of an experiment's items may not be used any more, wherever a copy of it is: `reasons` has why. Those in
    `renewed` were redacted anew, for the build of this number: what left before is of the old redaction."""

    reasons: Mapping[ExperimentItemId, str] = field(default_factory=dict, repr=False)
    renewed: Mapping[ExperimentItemId, int] = field(default_factory=dict, repr=False)

    def everywhere(self, experiment: Experiment, exports: Sequence[ExperimentExport]) -> Mapping[ExperimentItemId, str]:
        """The items that go from every export, and why."""
        left = {item for export in exports for item in export.items}
        whole = dict.fromkeys(left, experiment.state.value) if experiment.state in OVER else {}
        return whole | {item: why for item, why in self.reasons.items() if item in left}

    def of(self, experiment: Experiment, export: ExperimentExport) -> Mapping[ExperimentItemId, str]:
        """The items of this export that have to be taken out, and why; of an experiment that is over, all."""
        return {**self.only_of(export), **self.everywhere(experiment, [export])}

    def only_of(self, export: ExperimentExport) -> Mapping[ExperimentItemId, str]:
        """Those that a later export may have, in their new redaction."""
        return {
            item: Unfit.REDACTION_CHANGED.value
            for item, build in self.renewed.items()
            if item in export.items and build > export.generation
        }


CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""So far the clock of whoever holds a copy may be from ours."""


def may_be_applied(at: datetime, *, signed: datetime, now: datetime) -> bool:
    """Whether a list that was signed then can have been applied at that instant."""
    return signed - CLOCKS_DIFFER <= at <= now + CLOCKS_DIFFER


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An export, and the items its holder has still to take out."""

    export: ExperimentExport
    to_take_out: frozenset[ExperimentItemId] = field(repr=False)


def standing(experiment: Experiment, export: ExperimentExport, revoked: Revoked) -> Standing:
    """How this export stands. A row that somebody wrote past the system proves nothing of what was taken out."""
    gone = frozenset(revoked.of(experiment, export))
    return Standing(export=export, to_take_out=gone if export.altered else gone - export.taken_out)


def answers_for(actor: Actor, experiment: Experiment, export: ExperimentExport) -> bool:
    """Whether this actor may say what has become of an export: who is in charge of the experiment, or exported it."""
    return is_in_charge(experiment, actor) or same_person(actor.name, export.made_by)
