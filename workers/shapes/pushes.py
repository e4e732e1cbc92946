"""Calls that are handed over, and what would become of an event."""

from typing import TYPE_CHECKING

from callwarden.model.ids import PolicyVersion
from callwarden.workers.shapes import Row

if TYPE_CHECKING:  # a list of calls loads nothing of pushes
    from callwarden.desks.pushes import Pushed
    from callwarden.desks.trial import Trial


def pushed_shape(pushed: "Pushed") -> Row:
    """A receipt, and what is to be expected by the event alone."""
    expected = pushed.expected
    return {
        "receipt": pushed.receipt,
        "call_id": pushed.call_id,
        "expected_outcome": expected.outcome,
        "reason": expected.reason,
        "field": expected.field or None,
        "noted": _noted(expected),
    }


def trial_shape(trial: "Trial", *, policy_version: PolicyVersion) -> Row:
    """What would become of an event."""
    return {
        "outcome": trial.outcome,
        "reason": trial.reason,
        "field": trial.field or None,
        "keep_until": trial.keep_until,
        "audio_until": trial.audio_until,
        "waits_until": trial.waits_until,
        "noted": _noted(trial),
        "policy_version": policy_version,
    }


def _noted(trial: "Trial") -> list[Row]:
    return [{"field": note.field, "was": note.kind, "why": note.why} for note in trial.notes]
