"""Words held against the voice they were said with: who owns a gap between two words, and which voice has no word."""

from collections.abc import Sequence
from dataclasses import replace

from callwarden.model.transcript import TimeRange, Word
from callwarden.rules.beep_windows import merged
from callwarden.rules.turns import snapped, unspoken

NEAR_S = 0.3
"""A word this near to a voice belongs to it; word times are that exact for nineteen words in twenty."""
DRAWN_NEAR_S = 0.1
"""The same for words that have been drawn out to their voice: what is further away has no word."""
HALTING_S = 2 * NEAR_S
"""Digits said one by one leave pauses of up to this: pieces of voice nearer than this are one thing said. A pause
between two words that were heard is within `NEAR_S` of one of them, so it is never taken for a voice."""
LEAST_VOICE_S = 0.3
"""Less voice than this without a word is a breath, a laugh or the edge of a word."""


def said_when(words: Sequence[Word], voice: Sequence[TimeRange]) -> tuple[Word, ...]:
    """The words of one channel in order, drawn out to the voice they lie in. The voice between two words belongs to
    the first: over the personal words of the sample calls the model ends 0.15 s early and begins in time (medians)."""
    found: list[Word] = []
    for word in snapped(words, voice):
        if found and word.start_s < found[-1].end_s <= word.end_s:
            word = replace(word, start_s=found[-1].end_s)
        found.append(word)
    return tuple(found)


def voice_without_words(
    voice: Sequence[TimeRange], words: Sequence[Word], *, near_s: float, end_s: float
) -> list[TimeRange]:
    """Where one channel has a voice and no word near it, a number said digit by digit taken as a whole."""
    whole = merged(voice, merge_gap_s=HALTING_S, duration_s=end_s)
    missed = unspoken([(whole, words)], near_s=near_s, duration_s=end_s)
    return [one for one in missed if sum(_common(one, piece) for piece in voice) >= LEAST_VOICE_S]


def near_voice(word: Word, voice: Sequence[TimeRange]) -> bool:
    """Whether the word can have been said at all: the model makes words up where nobody speaks."""
    return any(word.start_s < heard.end_s + NEAR_S and heard.start_s - NEAR_S < word.end_s for heard in voice)


def _common(one: TimeRange, two: TimeRange) -> float:
    return max(0.0, min(one.end_s, two.end_s) - max(one.start_s, two.start_s))
