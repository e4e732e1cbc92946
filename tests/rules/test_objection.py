"""What an objection does to a recording, and that no order of what is said of it matters (R3, R4, I11)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import LineId
from callwarden.model.objection import Ground, Objection, ScopeKind, Withdrawal
from callwarden.model.policy import LinePolicy
from callwarden.model.purpose import RECORDING
from callwarden.rules.objection import (
    Drop,
    KeptForCase,
    Limit,
    NoEffect,
    NotOffered,
    after_withdrawal,
    after_withdrawals,
    effect_on,
)
from tests.support import catalogue_rows as rows
from tests.support.catalogue_rows import NOON, at
from tests.support.quick import policy_of
from tests.support.workshop import SHIPPED_POLICY

LINES = policy_of(SHIPPED_POLICY).lines
HONOURS, OFFERS_NONE = LINES[LineId("customer-service")], LINES[LineId("monitoring-centre")]
WHOLE = frozenset({RECORDING})
WORDS = st.frozensets(st.sampled_from([RECORDING, "training", "quality"]), min_size=1)
HOURS = st.integers(0, 6).map(at)


@pytest.mark.parametrize(
    ("promised", "line", "effect"),
    [
        (True, HONOURS, Drop()),
        (True, OFFERS_NONE, Drop()),
        (True, None, Drop()),
        (False, OFFERS_NONE, NotOffered(purposes=frozenset())),
        (False, None, NotOffered(purposes=frozenset())),
        (False, HONOURS, Drop()),
        (None, HONOURS, Drop()),
        (None, OFFERS_NONE, NotOffered(purposes=frozenset())),
        (None, None, Drop()),
    ],
)
def test_what_a_line_promised_when_the_call_was_recorded_stands_and_what_it_offers_now_counts_as_well(
    promised: bool | None, line: LinePolicy | None, effect: object
) -> None:
    row = rows.recording(objection_offered=promised)
    assert effect_on(row, rows.objection(), line=line) == effect


def test_an_objection_that_was_granted_counts_where_the_line_offers_none() -> None:
    row = rows.recording(objection_offered=False)
    granted = rows.objection(granted=True, purposes=frozenset({RECORDING, "training"}))
    refused = rows.objection(granted=False, ground=Ground.LEGAL_DUTY, purposes=frozenset({RECORDING, "training"}))
    assert effect_on(row, granted, line=OFFERS_NONE) == Drop()
    assert effect_on(row, refused, line=OFFERS_NONE) == NotOffered(purposes=frozenset({"training"}))
    held = rows.recording(objection_offered=False, holds=("CASE-1",))
    assert isinstance(effect_on(held, granted, line=OFFERS_NONE), KeptForCase)


@given(ended=HOURS, begins=st.none() | HOURS, withdrawn=st.none() | HOURS, purposes=WORDS)
def test_it_covers_calls_that_end_from_its_day_on_and_before_it_was_withdrawn(
    ended: datetime, begins: datetime | None, withdrawn: datetime | None, purposes: frozenset[str]
) -> None:
    objection = rows.objection(purposes=purposes, counts_from=begins, withdrawn_at=withdrawn)
    covered = (begins is None or begins <= ended) and (withdrawn is None or ended < withdrawn)
    effect = effect_on(rows.recording(ended_at=ended), objection, line=HONOURS)
    expected = (Drop() if RECORDING in purposes else Limit(purposes=purposes)) if covered else NoEffect()
    assert effect == expected


Word = Objection | Withdrawal


def arrived(words: Sequence[Word]) -> set[tuple[str, str, datetime | None]]:
    """What is on file once these have come in this order: of each objection, each purpose and when it ended."""
    on_file: list[Objection] = []
    taken_back: list[Withdrawal] = []
    for word in words:
        if isinstance(word, Withdrawal):
            on_file = [part for each in on_file for part in after_withdrawal(each, word)]
            taken_back = sorted([*taken_back, word], key=lambda one: (one.withdrawn_at, one.withdrawal_id))
        else:
            on_file += after_withdrawals(word, taken_back)
    return {(one.objection_id[:5], purpose, one.withdrawn_at) for one in on_file for purpose in one.purposes}


@given(
    objections=st.lists(st.tuples(WORDS, HOURS), min_size=1, max_size=2),
    withdrawals=st.lists(st.tuples(st.just(frozenset[str]()) | WORDS, HOURS), min_size=1, max_size=2),
)
def test_in_whatever_order_objections_and_withdrawals_come_the_same_is_on_file(
    objections: list[tuple[frozenset[str], datetime]], withdrawals: list[tuple[frozenset[str], datetime]]
) -> None:
    words: list[Word] = [
        rows.objection(f"obj-{number}", purposes=purposes, objected_at=said)
        for number, (purposes, said) in enumerate(objections)
    ]
    words += [
        rows.withdrawal(f"wdr-{number}", purposes=purposes, withdrawn_at=said)
        for number, (purposes, said) in enumerate(withdrawals)
    ]
    first = arrived(words)
    assert all(arrived(order) == first for order in permutations(words))
    said = {f"obj-{number}": when for number, (_, when) in enumerate(objections)}
    for name, purpose, ended in first:
        concerning = [when for what, when in withdrawals if (not what or purpose in what) and when >= said[name]]
        assert ended == min(concerning, default=None)


def test_a_withdrawal_somebody_has_altered_takes_nothing_back() -> None:
    forged = rows.withdrawal(altered=True)
    assert after_withdrawal(rows.objection(), forged) == (rows.objection(),)
    assert rows.objection(scope=ScopeKind.CALL).covers(NOON + timedelta(days=1))
