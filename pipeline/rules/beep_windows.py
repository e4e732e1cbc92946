"""Where to beep: from characters of personal data to stretches of sound. Fails closed."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from callwarden.model.redaction import Span
from callwarden.model.transcript import TimeRange, Transcript, TranscriptTurn, Word

SLACK_S = 1.0
"""Recognisers round: a word may end this much after the recording does and still be clamped to it."""


class Displacement(StrEnum):
    """Why a span has no place in time."""

    NO_SUCH_TURN = "no_such_turn"
    OUTSIDE_TEXT = "outside_text"
    NO_WORDS = "no_words"
    NO_TIMES = "no_times"
    BEYOND_END = "beyond_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beeps:
    """Every window to overwrite: sorted, apart from one another, inside the recording."""

    windows: tuple[TimeRange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaceable:
    """A span that cannot be located in the audio: nothing of the call may be released. `span` counts from 0."""

    span: int
    why: Displacement


def beep_windows(
    spans: Sequence[Span],
    transcript: Transcript,
    *,
    pad_s: float,
    merge_gap_s: float,
    doubtful_below: float = 0.0,
) -> Beeps | Unplaceable:
    """The windows that cover every span, all sound that is judged as sound, and every pause.

    Each is widened by `pad_s` on both sides; beside a first or last word recognised with less probability than
    `doubtful_below`, whose times are in doubt too, by twice that. Windows less than `merge_gap_s` apart become one;
    all are clamped to the recording. One span without a place makes the whole call `Unplaceable`.
    """
    ranges = [_padded(heard, pad_s, pad_s) for heard in transcript.without_words]
    ranges += transcript.pauses
    for index, span in enumerate(spans):
        place = _place(span, transcript)
        if isinstance(place, Displacement):
            return Unplaceable(span=index, why=place)
        words = transcript.turns[span.turn].words_at(span.start, span.end)
        before, after = (2 * pad_s if word.probability < doubtful_below else pad_s for word in (words[0], words[-1]))
        ranges.append(_padded(place, before, after))
    return Beeps(windows=merged(ranges, merge_gap_s=merge_gap_s, duration_s=transcript.duration_s))


def merged(ranges: Iterable[TimeRange], *, merge_gap_s: float, duration_s: float) -> tuple[TimeRange, ...]:
    """`ranges` sorted and clamped to 0..`duration_s`, those less than `merge_gap_s` apart made one."""
    windows: list[TimeRange] = []
    for item in sorted(ranges, key=lambda item: item.start_s):
        start, end = item.start_s, min(item.end_s, duration_s)
        if start >= end:
            continue
        if windows and start - windows[-1].end_s < merge_gap_s:
            start, end = windows[-1].start_s, max(end, windows[-1].end_s)
            windows.pop()
        windows.append(TimeRange(start_s=start, end_s=end))
    return tuple(windows)


def _padded(item: TimeRange, before_s: float, after_s: float) -> TimeRange:
    return TimeRange(start_s=max(0.0, item.start_s - before_s), end_s=item.end_s + after_s)


def _place(span: Span, transcript: Transcript) -> TimeRange | Displacement:
    if span.turn >= len(transcript.turns):
        return Displacement.NO_SUCH_TURN
    turn = transcript.turns[span.turn]
    if span.end > len(turn.text):
        return Displacement.OUTSIDE_TEXT
    words = turn.words_at(span.start, span.end)
    if not words:
        return Displacement.NO_WORDS
    if not all(math.isfinite(word.start_s) and math.isfinite(word.end_s) for word in turn.words):
        return Displacement.NO_TIMES
    start = min(_extent(word, turn)[0] for word in words)
    end = max(_extent(word, turn)[1] for word in words)
    if not 0 <= start < end:
        return Displacement.NO_TIMES
    if start >= transcript.duration_s or end > transcript.duration_s + SLACK_S:
        return Displacement.BEYOND_END
    return TimeRange(start_s=start, end_s=end)


def _extent(word: Word, turn: TranscriptTurn) -> tuple[float, float]:
    """When the word was said. One without length was not aligned: it lies somewhere between its neighbours."""
    if word.start_s < word.end_s:
        return word.start_s, word.end_s
    at = turn.words.index(word)
    before = turn.words[at - 1].end_s if at else turn.start_s
    after = turn.words[at + 1].start_s if at + 1 < len(turn.words) else turn.end_s
    return min(before, word.start_s), max(after, word.end_s)
