"""Keys pressed one after the other are one thing: what is a key, and which keys belong together.

The fewer tones stand around, the more clearly each has to show: speech looks like a tone for a moment once in a few
minutes, and like three in a row never.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise

from callwarden.model.transcript import Heard, HeardAgain, KeyedTones, TimeRange
from callwarden.rules.card_number import is_card_number

GAP_S = 3.0
"""Keys pressed within this of one another are one sequence, its pauses included: how many they are shows as little as
which."""
EDGE_S = 1.0
"""So near to a sequence even a faint tone belongs to it."""


class Surety(IntEnum):
    """How clearly a tone stands out: the number is how many different ones have to be in a row to be believed. Music
    has tones like these, too, but one at a time or the same one over and over."""

    ALONE = 1
    WITH_ANOTHER = 2
    AMONG_OTHERS = 3
    FAINT = 1000
    """None is enough; but beside keys it is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """One tone on one channel. Which key it stands for never leaves the process. `level_db` counts from full scale."""

    channel: int
    when: TimeRange
    key: str = field(repr=False)
    level_db: float
    surety: Surety


def keyed_tones(tones: Iterable[Tone], *, speakers: Sequence[str]) -> tuple[KeyedTones, ...]:
    """Every sequence of keys, in order. `speakers` names the speaker of each channel; tones that are heard on several
    channels at once are one sequence, of the speaker on whose channel they are loudest."""
    return tuple(_keyed(sequences, speakers) for sequences in _together(tones))


def tones_left(tones: Iterable[Tone], windows: Sequence[TimeRange]) -> tuple[Heard, ...]:
    """The sequences of keys of which something lies outside `windows`."""
    left = [_when(sequences) for sequences in _together(tones)]
    return tuple(
        Heard(span=None, when=when, how=HeardAgain.KEYED)
        for when in left
        if not any(window.start_s <= when.start_s and when.end_s <= window.end_s for window in windows)
    )


def _together(tones: Iterable[Tone]) -> list[list[list[Tone]]]:
    """The sequences of all channels, those that sound at the same time side by side."""
    by_channel: dict[int, list[Tone]] = {}
    for tone in sorted(tones, key=lambda tone: tone.when.start_s):
        by_channel.setdefault(tone.channel, []).append(tone)
    sequences = [found for heard in by_channel.values() for found in _sequences(heard)]
    together: list[list[list[Tone]]] = []
    end = -1.0
    for sequence in sorted(sequences, key=lambda found: _when([found]).start_s):
        when = _when([sequence])
        if when.start_s < end:
            together[-1].append(sequence)
        else:
            together.append([sequence])
        end = max(end, when.end_s)
    return together


def _sequences(heard: Sequence[Tone]) -> list[list[Tone]]:
    """The sequences of one channel, each with the faint tones beside it. `heard` is in order."""
    found: list[tuple[int, int]] = []
    for number, tone in enumerate(heard):
        if tone.surety is Surety.FAINT:
            continue
        if found and tone.when.start_s - heard[found[-1][1]].when.end_s < GAP_S:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return [_with_edges(heard, first, last) for first, last in found if _believed(heard[first : last + 1])]


def _with_edges(heard: Sequence[Tone], first: int, last: int) -> list[Tone]:
    while first and heard[first].when.start_s - heard[first - 1].when.end_s < EDGE_S:
        first -= 1
    while last + 1 < len(heard) and heard[last + 1].when.start_s - heard[last].when.end_s < EDGE_S:
        last += 1
    return list(heard[first : last + 1])


def _believed(sequence: Sequence[Tone]) -> bool:
    return any(
        len({tone.key for tone in sequence if tone.surety <= needed}) >= needed
        for needed in Surety
        if needed is not Surety.FAINT
    )


def _keyed(sequences: Sequence[Sequence[Tone]], speakers: Sequence[str]) -> KeyedTones:
    loudest_first = sorted(sequences, key=lambda sequence: -max(tone.level_db for tone in sequence))
    channels = tuple(dict.fromkeys(sequence[0].channel for sequence in loudest_first))
    return KeyedTones(
        when=_when(sequences),
        channels=channels,
        speaker=speakers[channels[0]],
        card=any(_is_card(sequence) for sequence in sequences),
    )


def _when(sequences: Sequence[Sequence[Tone]]) -> TimeRange:
    return TimeRange(
        start_s=max(0.0, min(sequence[0].when.start_s - _doubt_s(sequence) for sequence in sequences)),
        end_s=max(sequence[-1].when.end_s + _doubt_s(sequence) for sequence in sequences),
    )


def _doubt_s(sequence: Sequence[Tone]) -> float:
    """Where something covers some of the keys it may cover one more at either end: as far away as two of them are."""
    if all(tone.surety <= Surety.WITH_ANOTHER for tone in sequence):
        return 0.0
    return min(EDGE_S, max((two.when.start_s - one.when.start_s for one, two in pairwise(sequence)), default=0.0))


def _is_card(sequence: Sequence[Tone]) -> bool:
    return is_card_number("".join(tone.key for tone in sequence if tone.key.isdigit()))
