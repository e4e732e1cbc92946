"""A call as a sequence of utterances: its turns where the speakers are known, pieces of them where they are not.

On one channel a turn is whatever the recogniser made one: a question and its answer together, half an answer, the whole
call. Such turns are joined, and cut again where the words show that one thing ends and another begins. Characters stay
where they are: only blanks and ends of turns change places, so that what is found in the utterances, joined by one
character, lies there in the turns joined by one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from callwarden.model.redaction import Turn

UNKNOWN = frozenset(("unknown", "mono", ""))
"""What stands for a speaker where the recording does not say who speaks."""

FindEnds = Callable[[Sequence[str]], Iterable[int]]
"""Where utterances end in the turns of one stretch, joined by line feeds: offsets of blanks or line feeds."""


SENTENCE = re.compile(
    r"[?!…]+[\"»]*(?=\s)|(?<!\bM)(?<!\bMr)(?<!\bMme)(?<!\bDr)(?<!\bMe)(?<!\b[A-Z])(?<![\s.])\.[\"»]*(?=\s+[A-ZÀ-Þ«\"\d])"
)
_FINISHED = re.compile(r"[.?!…][\"»]*\s*$")


_LABEL = re.compile(r"\s*([^\W\d_][\w'’-]{0,24}(?: [\w'’-]{1,24})?) ?: (?=\S)")
MOST_SPEAKERS = 4
"""More names before a colon are no speakers: a form."""


def sentence_ends(texts: Sequence[str]) -> Iterator[int]:
    """Where sentences end in text with punctuation; a turn that ends in the middle of one goes on in the next."""
    base = 0
    marked = any(SENTENCE.search(text) for text in texts)
    for number, text in enumerate(texts):
        yield from (base + match.end() for match in SENTENCE.finditer(text))
        base += len(text)
        if number + 1 < len(texts) and not (marked and not _FINISHED.search(text)):
            yield base
        base += 1


def utterances(turns: Sequence[Turn], find_ends: FindEnds) -> list[Turn]:
    """The turns where two speakers are told apart; the utterances ``find_ends`` sees where they are not."""
    if len({turn.speaker for turn in turns}) < 2:
        turns = [line for turn in turns for line in _lines(turn, find_ends)]
    one_voice = len({turn.speaker for turn in turns}) < 2
    out: list[Turn] = []
    for undiarised, stretch in groupby(
        turns, lambda turn: "\n" not in turn.text and (one_voice or turn.speaker in UNKNOWN)
    ):
        spoken = list(stretch)
        if not undiarised:
            out += spoken
            continue
        text = "\n".join(turn.text for turn in spoken)
        at = 0
        for end in (*sorted(find_ends([turn.text for turn in spoken])), len(text)):
            out.append(Turn(speaker=spoken[0].speaker, text=text[at:end].replace("\n", " ")))
            at = end + 1
    return out


def _lines(turn: Turn, find_ends: FindEnds) -> Iterator[Turn]:
    """The lines of talk written as one text; a note, which has lines too, stays whole. Lines may begin with who speaks
    ("Client : ..."): the label itself answers nothing, and counts to the line before."""
    if "\n" not in turn.text or not any(True for _ in find_ends([turn.text.replace("\n", " ")])):
        yield turn
        return
    lines = turn.text.split("\n")
    labels = [_LABEL.match(line) for line in lines]
    if 2 <= len({label[1] for label in labels if label}) <= MOST_SPEAKERS:
        speaker = turn.speaker
        for line, label in zip(lines, labels, strict=True):
            if label:
                yield Turn(speaker=speaker, text=line[: label.end() - 1])
                speaker = label[1].lower()
            yield Turn(speaker=speaker, text=line[label.end() :] if label else line)
    else:
        yield from (Turn(speaker=turn.speaker, text=line) for line in lines)
