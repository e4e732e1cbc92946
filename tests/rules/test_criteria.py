"""What a hold's criteria mean: everything asked for, any moment of a call, and never everything there is (K3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.criteria import Criteria, Tally
from callwarden.model.ids import LineId, Pseudonym, RecordingId
from callwarden.rules.criteria import FEW, is_everything, label_text, matches
from tests.support.catalogue_rows import recording

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)
OVER_MIDNIGHT = recording(1, started_at=MIDNIGHT - A_MINUTE, ended_at=MIDNIGHT + A_MINUTE)


def test_a_call_over_midnight_is_of_both_days() -> None:
    before = Criteria(since=MIDNIGHT - A_DAY, until=MIDNIGHT)
    after = Criteria(since=MIDNIGHT, until=MIDNIGHT + A_DAY)
    assert matches(before, OVER_MIDNIGHT)
    assert matches(after, OVER_MIDNIGHT)
    assert not matches(Criteria(since=MIDNIGHT + A_DAY), OVER_MIDNIGHT)
    assert not matches(Criteria(until=MIDNIGHT - A_DAY), OVER_MIDNIGHT)


def test_of_a_call_without_a_time_no_range_is_known_to_hold() -> None:
    undated = replace(OVER_MIDNIGHT, started_at=None, ended_at=None)
    assert not matches(Criteria(since=MIDNIGHT - A_DAY), undated)
    assert not matches(Criteria(until=MIDNIGHT + A_DAY), undated)
    assert matches(Criteria(line=undated.line), undated)


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_two_labels_are_never_taken_for_one(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (label_text(*one) == label_text(*other)) == (one == other)


@given(st.builds(Criteria, line=st.sampled_from([None, LineId("customer-service")]), agent_id=st.just("a-104")))
def test_more_criteria_never_match_more(criteria: Criteria) -> None:
    narrower = replace(criteria, labels=frozenset({Pseudonym("k:1")}))
    assert matches(narrower, OVER_MIDNIGHT, ()) <= matches(criteria, OVER_MIDNIGHT, ())


@pytest.mark.parametrize(
    ("criteria", "count", "kept", "everything"),
    [
        (Criteria(), 0, 0, True),
        (Criteria(line=LineId("customer-service")), FEW, FEW, True),
        (Criteria(line=LineId("customer-service")), FEW, FEW + 1, False),
        (Criteria(line=LineId("customer-service")), FEW - 1, FEW - 1, False),
        (Criteria(agent_id="a-1", since=MIDNIGHT), FEW, FEW, True),
        (Criteria(since=MIDNIGHT), 1, 1, True),
        (Criteria(since=MIDNIGHT), 1, 2, False),
        (Criteria(since=MIDNIGHT, until=MIDNIGHT + A_DAY), 1, 1, False),
        (Criteria(since=MIDNIGHT, until=MIDNIGHT + 400 * A_DAY), 1, 1, True),
        (Criteria(until=MIDNIGHT), 0, 0, False),
        (Criteria(customer=Pseudonym("k:1")), FEW, FEW, False),
        (Criteria(recordings=frozenset({RecordingId("rec-1")})), FEW, FEW, False),
    ],
)
def test_everything_is_no_criteria_or_what_all_match_that_names_nobody(
    criteria: Criteria, count: int, kept: int, *, everything: bool
) -> None:
    tally = Tally(count=count, kept=kept, gone=0, oldest=None, newest=None, size=0)
    assert is_everything(criteria, tally) is everything
