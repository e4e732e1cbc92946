"""What is beeped although no rule found it: words that a recogniser may have made of something personal (fails closed).

One idea: where something personal is expected, an answer is judged as sound. From there until the speaker goes on in
everyday words that were heard clearly, whatever was not heard clearly is beeped, and elsewhere what was hardly heard.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from callwarden.model.redaction import Attention, AudioLevel, Belief
from callwarden.model.redaction_record import AudioWithheld
from callwarden.model.transcript import TimeRange, Transcript

CLEAR_WORDS = 3
"""So many everyday words heard clearly, one after the other, end what was expected."""

_BALANCED = Belief(everyday=0.0, rare=0.75, awaited_everyday=0.2, awaited_rare=0.9, most=0.25)
BELIEFS: Mapping[AudioLevel, Belief] = MappingProxyType(
    {
        AudioLevel.STRICT: Belief(everyday=0.5, rare=1.1, awaited_everyday=0.9, awaited_rare=1.1, most=0.5),
        AudioLevel.BALANCED: _BALANCED,
        AudioLevel.TEXT_ONLY: _BALANCED,
    }
)
"""Measured on calls spoken for it: docs/redaction.md has the share of personal and of other speech beeped."""


def doubtful(transcript: Transcript, attention: Attention, belief: Belief) -> tuple[TimeRange, ...]:
    """When words are said that are not believed: a range for each, in the order of the turns."""
    found: list[TimeRange] = []
    at = 0
    for turn in transcript.turns:
        clear = CLEAR_WORDS
        for word in turn.words:
            place = range(at, at + len(word.text))
            at = place.stop + 1
            if place.start in attention.expected:
                clear = 0
            awaited = clear < CLEAR_WORDS
            everyday = attention.rare.isdisjoint(place)
            if word.probability < belief.least(awaited=awaited, everyday=everyday):
                found.append(TimeRange(start_s=max(0.0, word.start_s), end_s=max(word.start_s, word.end_s, 0.0)))
                clear = 0 if awaited else clear
            else:
                clear += everyday
            if not attention.expected.isdisjoint(range(place.start + 1, at)):
                clear = 0
        at += not turn.words
    return tuple(found)


def sound_withheld(
    transcript: Transcript, unbelieved: Sequence[TimeRange], found: Sequence[TimeRange], level: AudioLevel
) -> AudioWithheld | None:
    """Why the sound of a call is not released although its text is; None where it is. Words that are beeped for what
    was `found` in them are no doubt."""
    if level is AudioLevel.TEXT_ONLY:
        return AudioWithheld.NOT_WANTED
    said = sum(max(0.0, word.end_s - word.start_s) for turn in transcript.turns for word in turn.words)
    doubt = sum(when.length_s for when in dict.fromkeys(unbelieved) if not _under(when, found))
    return AudioWithheld.IN_DOUBT if doubt > BELIEFS[level].most * said else None


def _under(when: TimeRange, windows: Sequence[TimeRange]) -> bool:
    return any(window.start_s < when.end_s and when.start_s < window.end_s for window in windows)
