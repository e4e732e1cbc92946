"""What wants a person, by the figures of a running system."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callwarden.rules.operations import LEAST_FREE, OVERDUE_AFTER, Signs, Wants, wanted

WELL = Signs(
    out_of_reach=False,
    balanced=True,
    deleted_unread=0,
    sweep_stopped=False,
    longest_overdue=timedelta(),
    log_late=False,
    least_free=0.5,
    steps_stopped=False,
    quarantined=0,
    dead_letters=0,
    dead_notices=0,
    revocations=0,
)
WRONG = {
    Wants.OUT_OF_REACH: {"out_of_reach": True},
    Wants.UNBALANCED: {"balanced": False},
    Wants.DELETED_UNREAD: {"deleted_unread": 1},
    Wants.SWEEP_STOPPED: {"sweep_stopped": True},
    Wants.OVERDUE: {"longest_overdue": OVERDUE_AFTER + timedelta(seconds=1)},
    Wants.LOG_LATE: {"log_late": True},
    Wants.DISK_FULL: {"least_free": LEAST_FREE / 2},
    Wants.STEP_STOPPED: {"steps_stopped": True},
    Wants.QUARANTINE: {"quarantined": 1},
    Wants.DEAD_LETTERS: {"dead_letters": 1},
    Wants.DEAD_NOTICES: {"dead_notices": 1},
    Wants.REVOCATIONS: {"revocations": 1},
}


def test_where_all_is_well_nothing_wants_a_person() -> None:
    assert wanted(WELL) == ()
    assert wanted(replace(WELL, balanced=None)) == (), "what could not be counted is out of reach, and said so"


@pytest.mark.parametrize("want", list(Wants))
def test_each_fault_by_itself_wants_a_person(want: Wants) -> None:
    assert wanted(replace(WELL, **WRONG[want])) == (want,)  # type: ignore[arg-type]  # by name


def test_all_together_come_in_the_order_of_their_weight() -> None:
    everything = {name: value for change in WRONG.values() for name, value in change.items()}
    assert wanted(replace(WELL, **everything)) == tuple(Wants)  # type: ignore[arg-type]  # by name
