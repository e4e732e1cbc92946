"""What is told of a held recording before its case is released is when it would go (K3)."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import CaseId
from callwarden.model.recording import RecordingState
from callwarden.rules.letting_go import goes_at
from tests.support.catalogue_rows import NOON, recording

CASE, OTHER = CaseId("DOSSIER-1"), CaseId("DOSSIER-2")
DAYS = st.integers(-400, 400).map(lambda days: timedelta(days=days))


@given(DAYS, st.integers(0, 40).map(lambda days: timedelta(days=days)))
def test_it_goes_once_its_date_and_the_delay_are_past_and_never_before(until: timedelta, delay: timedelta) -> None:
    row = recording(1, keep_until=NOON + until, holds=(CASE,))
    assert goes_at(row, CASE, now=NOON, delay=delay) == max(NOON + until, NOON + delay)


def test_what_another_case_or_a_restriction_keeps_does_not_go() -> None:
    row = recording(1, holds=(CASE, OTHER))
    assert goes_at(row, CASE, now=NOON, delay=timedelta()) is None
    assert goes_at(replace(row, holds=(CASE,), restricted=True), CASE, now=NOON, delay=timedelta()) is None
    assert goes_at(replace(row, holds=(CASE,), keep_until=None), CASE, now=NOON, delay=timedelta()) is None


def test_what_was_set_aside_goes_by_its_own_date() -> None:
    row = recording(1, state=RecordingState.QUARANTINED, holds=(CASE,), keep_until=NOON + timedelta(days=9))
    assert goes_at(row, CASE, now=NOON, delay=timedelta()) == NOON + timedelta(days=9)
