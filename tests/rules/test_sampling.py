"""A part of the calls is recorded, and anybody can check which (R1, R5)."""

import hashlib
import hmac
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import CallId
from callwarden.rules.sampling import is_sampled

call_ids = st.text(min_size=1, max_size=60).map(CallId)
shares = st.decimals(0, 1, places=6)


def test_everything_is_recorded_at_one_and_nothing_at_zero() -> None:
    ids = [CallId(f"c-{number}") for number in range(500)]
    assert all(is_sampled(call_id, Decimal(1), salt="a") for call_id in ids)
    assert not any(is_sampled(call_id, Decimal(0), salt="a") for call_id in ids)


@given(call_id=call_ids, share=shares, salt=st.text(max_size=20))
def test_the_documented_rule_gives_the_same_answer_elsewhere(call_id: CallId, share: Decimal, salt: str) -> None:
    number = int(hmac.new(salt.encode(), call_id.encode(), hashlib.sha256).hexdigest(), 16)
    assert is_sampled(call_id, share, salt=salt) == (Fraction(number, 2**256) < Fraction(share))


@given(call_id=call_ids, shares=st.tuples(shares, shares))
def test_a_call_sampled_at_one_share_is_sampled_at_every_greater_one(
    call_id: CallId, shares: tuple[Decimal, Decimal]
) -> None:
    low, high = sorted(shares)
    assert is_sampled(call_id, low, salt="a") <= is_sampled(call_id, high, salt="a")


def test_the_share_comes_out_near_what_was_asked_even_for_ids_that_differ_little() -> None:
    """Twenty thousand consecutive ids: five standard deviations are 0.017."""
    count = 20_000
    for share in (Decimal("0.05"), Decimal("0.3"), Decimal("0.5")):
        sampled = sum(is_sampled(CallId(f"c-20261120-{number:06}"), share, salt="a") for number in range(count))
        assert abs(sampled / count - float(share)) < 0.018


def test_two_companies_do_not_record_the_same_calls() -> None:
    ids = [CallId(f"c-{number}") for number in range(2000)]
    half = Decimal("0.5")
    alike = sum(is_sampled(call_id, half, salt="a") == is_sampled(call_id, half, salt="b") for call_id in ids)
    assert 850 < alike < 1150


def test_a_decision_made_once_stays_made() -> None:
    """Known answers: a change of the rule would decide again about calls that are already recorded."""
    decided = [is_sampled(CallId(f"c-20261120-{number:06}"), Decimal("0.3"), salt="company-a") for number in range(12)]
    assert [number for number, sampled in enumerate(decided) if sampled] == [3, 6, 8, 9]
