"""The parts of a call in the order they were spoken, and which of them one is redacted with (I11)."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.call_parts import NEAR, in_order, neighbours, seconds_between
from tests.support import catalogue_rows as rows
from tests.support.catalogue_rows import NOON


def part(number: int, leg: str = "main", segment: int = 0, after_s: float = 0, **changes: Any) -> Recording:
    began = NOON + timedelta(seconds=after_s)
    return rows.recording(number, leg=leg, segment=segment, started_at=began, ended_at=began, **changes)


def names(parts: Any) -> list[tuple[str, int]]:
    return [(one.leg, one.segment) for one in parts]


CALLS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 6), st.integers(-9, 9)),
    max_size=9,
    unique_by=lambda one: one[:2],
).map(lambda call: [part(number, *one) for number, one in enumerate(call)])


@given(CALLS, st.randoms())
def test_the_order_is_one_however_the_parts_come_and_keeps_segments_by_number(
    call: list[Recording], any_way: Any
) -> None:
    shuffled = list(call)
    any_way.shuffle(shuffled)
    ordered = in_order(call)
    assert in_order(shuffled) == ordered
    for leg in "abc":
        segments = [one.segment for one in ordered if one.leg == leg]
        assert segments == sorted(segments)


def test_legs_stand_by_when_they_began() -> None:
    call = [part(1, "transfer", 0, 60), part(2, "main", 0, 0), part(3, "main", 1, 30), part(4, "transfer", 1, 90)]
    assert names(in_order(call)) == [("main", 0), ("main", 1), ("transfer", 0), ("transfer", 1)]


@given(CALLS.filter(bool), st.data())
def test_neighbours_are_the_nearest_that_have_a_transcript_and_are_neighbours_of_each_other(
    call: list[Recording], data: Any
) -> None:
    transcribed = {one.recording_id for one in call if data.draw(st.booleans())} | {call[0].recording_id}
    found = neighbours(call[0], call, transcribed=transcribed)
    assert len(found.before) <= NEAR >= len(found.after)
    assert call[0].recording_id not in found.ids
    for other in (*found.before, *found.after):
        assert other.recording_id in transcribed
        assert call[0].recording_id in neighbours(other, call, transcribed=transcribed).ids


def test_what_a_part_continues_is_the_segment_before_it_and_whatever_was_spoken_last() -> None:
    first, second = part(1), part(2, segment=1, after_s=30)
    consulted = part(3, "technique", after_s=20)
    found = neighbours(second, [first, consulted], transcribed={first.recording_id})
    assert found.continues == {first.recording_id, consulted.recording_id}
    assert (found.before, found.may_be_first) == ((first,), False)
    assert neighbours(first, [second, consulted], transcribed=()).continues == frozenset()


def test_a_number_says_that_there_is_a_part_before_also_where_none_is_on_record() -> None:
    alone = neighbours(part(1, segment=2), [], transcribed=())
    assert (alone.continues, alone.may_be_first) == (None, False)
    counted_from_one = neighbours(part(1, segment=1), [part(2, segment=2, after_s=30)], transcribed=())
    assert (counted_from_one.continues, counted_from_one.may_be_first) == (None, True)
    after_a_leg = neighbours(part(1, "technique", 1, 60), [part(2)], transcribed=())
    assert (after_a_leg.continues, after_a_leg.may_be_first) == (None, False)


def test_a_part_that_is_not_stored_is_read_by_nobody_and_still_stands_before() -> None:
    for state in set(RecordingState) - {RecordingState.STORED}:
        gone = part(1, state=state)
        found = neighbours(part(2, segment=1, after_s=30), [gone], transcribed={gone.recording_id})
        assert (found.before, found.continues) == ((), {gone.recording_id})


def test_seconds_between_parts_are_those_of_their_clocks() -> None:
    assert seconds_between(part(1, after_s=30), part(2, after_s=12.5)) == -17.5
    assert seconds_between(part(1), rows.recording(2, started_at=None)) == 0
