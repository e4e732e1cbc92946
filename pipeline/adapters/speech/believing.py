"""Which words of a recogniser can have been said: in order, inside the sound, no more than it holds, none by heart.

What cannot have been said is cut, and the stretch it stood in is doubted: something was said there or not, nobody knows
what. On the sample calls no three words in a row have more than 23 letters a second, and no segment is less probable
than -0.8 or more repetitive than 1.4; words of no duration are short ones in between others.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby

from callwarden.model.transcript import TimeRange, Word

LETTERS_A_SECOND = 25
SLACK_S = 0.3
"""By so much the times of words may be wrong."""
MOST_IN_A_ROW = 8
NO_TIME_S, SHORT = 0.02, 4
"""Less time than this is none; a word of so few letters may be drawn into its neighbour."""
AROUND_S = 0.5
"""So far around words that were cut something else may have been said."""
LEAST_PROBABLE, MOST_REPETITIVE = -1.0, 2.4
"""Whisper's own measures, where it would try again: mean log probability, and how well the text compresses."""
ECHO = 3
"""So many times what was shown to the model before, and nothing else, is an echo."""


@dataclass(frozen=True, slots=True)
class Believed:
    """The words that can have been said, and where others were cut."""

    words: tuple[Word, ...]
    doubted: tuple[TimeRange, ...]


def believe(words: Sequence[Word], *, end_s: float) -> Believed:
    """The words of one channel, in the recogniser's order; ``end_s``: where the sound ends. What is believed once is
    believed again."""
    cut = _out_of_time(words, end_s)
    while (more := _too_many(words, cut)) != cut:  # what is left has new neighbours
        cut = more
    doubted: list[TimeRange] = []
    for impossible, group in groupby(range(len(words)), cut.__contains__):
        row = list(group)
        if not impossible:
            continue
        before = words[row[0] - 1].end_s if row[0] else 0.0
        after = words[row[-1] + 1].start_s if row[-1] + 1 < len(words) else end_s
        times = [min(max(time, 0.0), end_s) for at in row for time in (words[at].start_s, words[at].end_s)]
        start, end = min(times), max(times)
        start = min(start, max(start - AROUND_S, before))
        end = max(end, min(end + AROUND_S, after))
        doubted.append(TimeRange(start_s=max(0.0, start), end_s=end))
    return Believed(tuple(word for at, word in enumerate(words) if at not in cut), tuple(doubted))


def understood(*, log_probability: float, repetition: float) -> bool:
    """Whether Whisper itself takes a segment for understood."""
    return log_probability >= LEAST_PROBABLE and repetition <= MOST_REPETITIVE


def by_heart(text: str, shown: str = "") -> bool:
    """Whether a segment is nothing but sentences the model learnt by heart, or what was shown to it, over and over."""
    plain = " ".join(re.findall(r"[^\W_]+", text.lower()))
    if _PHANTOM.fullmatch(plain):
        return True
    phrases = [" ".join(re.findall(r"[^\W_]+", one.lower())) for one in shown.split(",") if one.strip()]
    return bool(phrases) and re.fullmatch(rf"(?:(?:{'|'.join(phrases)})(?: |$)){{{ECHO},}}", plain) is not None


def _out_of_time(words: Sequence[Word], end_s: float) -> set[int]:
    cut: set[int] = set()
    latest = 0.0
    for at, word in enumerate(words):
        letters = sum(char.isalnum() for char in word.text)
        none = word.end_s - word.start_s < NO_TIME_S and letters > SHORT
        if (
            none
            or not -SLACK_S <= word.start_s <= word.end_s
            or word.start_s >= end_s
            or word.start_s < latest - SLACK_S
        ):
            cut.add(at)
        else:
            latest = max(latest, word.start_s)
    return cut


def _too_many(words: Sequence[Word], cut: set[int]) -> set[int]:
    """``cut`` and the words of the shortest rows of others that no one can say in their time."""
    cut = set(cut)
    for length in range(1, MOST_IN_A_ROW + 1):
        left = [at for at in range(len(words)) if at not in cut]
        for first in range(len(left) - length + 1):
            row = left[first : first + length]
            letters = sum(_letters(words[at]) for at in row if at not in cut)
            if letters > LETTERS_A_SECOND * (words[row[-1]].end_s - words[row[0]].start_s + SLACK_S):
                cut.update(row)
    for order in (range(len(words)), reversed(range(len(words)))):
        before = False
        for at in order:  # what stands beside them and is as quick
            if before and _letters(words[at]) > LETTERS_A_SECOND * (words[at].end_s - words[at].start_s):
                cut.add(at)
            before = at in cut
    return cut


def _letters(word: Word) -> int:
    return sum(char.isalnum() for char in word.text)


def _phantoms() -> list[str]:
    lines = (files(__package__) / "phantoms.txt").read_text(encoding="utf-8").splitlines()
    return sorted((line for line in lines if line and not line.startswith("#")), key=len, reverse=True)


_PHANTOM = re.compile(rf"(?:(?:{'|'.join(_phantoms())})(?: |$))+")
