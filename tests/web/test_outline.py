"""What is drawn of a call's sound stays small however long it is, and shows every place that was taken out."""

import json

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.transcript import TimeRange
from callwarden.workers.web.portal.outline import COLUMNS, outline


def waveform(duration_s: float, channels: list[list[int]], **more: object) -> bytes:
    data = [[value for peak in lane for value in (-peak, peak)] for lane in channels]
    return json.dumps({"data": data, "duration_s": duration_s, **more}).encode()


places = st.lists(
    st.tuples(st.floats(0, 7190), st.floats(0.05, 5)).map(lambda one: (round(one[0], 2), round(one[0] + one[1], 2))),
    max_size=60,
)


@given(places)
def test_every_place_taken_out_is_covered_and_no_two_are_drawn_in_one_column(beeps: list[tuple[float, float]]) -> None:
    drawn = outline(waveform(7200.0, [[60] * 100], beeps=beeps))
    assert drawn is not None
    for start, end in beeps:
        assert any(first <= start and end <= last + 1e-6 for first, last in drawn.beeps)
    assert len(drawn.beeps) <= COLUMNS
    for (_, before), (after, _) in zip(drawn.beeps, drawn.beeps[1:], strict=False):
        assert after - before >= 7200 / COLUMNS - 1e-6


@given(st.integers(1, 2000), st.integers(1, 2))
def test_a_lane_has_no_more_bars_than_columns(length: int, channels: int) -> None:
    drawn = outline(waveform(length / 10, [[50] * length] * channels, lanes=["agent", "caller"][:channels]))
    assert drawn is not None
    for lane in drawn.lanes:
        assert lane.path.count("M") == min(COLUMNS, length)


def test_silence_is_where_nobody_is_heard_for_a_while() -> None:
    both = [[50] * 10 + [0] * 30 + [50] * 10, [0] * 50]
    drawn = outline(waveform(5.0, both, lanes=["agent", "caller"]))
    assert drawn is not None
    assert list(drawn.silences) == [(1.0, 4.0)]


def test_channels_that_nobody_tells_apart_are_one_lane() -> None:
    for named in ({}, {"lanes": ["unknown", "unknown"]}):
        drawn = outline(waveform(2.0, [[50, 0], [0, 60]], **named))
        assert drawn is not None
        assert [lane.speaker for lane in drawn.lanes] == ["unknown"]


def test_a_pause_is_no_beep_and_no_sound_is_no_outline() -> None:
    drawn = outline(waveform(60.0, [[50] * 60], beeps=[[5, 6], [20, 30]], pauses=[[20, 30]]))
    assert drawn is not None
    assert (list(drawn.beeps), list(drawn.pauses)) == ([(5, 6)], [(20, 30)])
    assert outline(waveform(0.0, [[]])) is None


def test_peaks_of_an_older_version_are_hatched_by_the_transcript() -> None:
    drawn = outline(waveform(60.0, [[50] * 60]), beeped=[TimeRange(start_s=5, end_s=7)])
    assert drawn is not None
    assert list(drawn.beeps) == [(5, 7)]
