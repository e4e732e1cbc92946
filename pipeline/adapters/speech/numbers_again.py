"""A number heard again although it was cut up otherwise: "81, 5, 8" taken out, "un, cinq, huit" left in the sound."""

from collections.abc import Iterator, Sequence

from callwarden.model.redaction import Span
from callwarden.model.transcript import Heard, HeardAgain, TimeRange, Transcript, Word

ONE_NUMBER_S = 1.5
"""Digits further apart are not of one number."""
LEAST_DIGITS = 3
"""So many digits in a row give away a number of four or five, one more a longer one."""
LONG = 6


def numbers_again(
    first: Transcript, spans: Sequence[Span], second: Transcript, windows: Sequence[TimeRange]
) -> tuple[Heard, ...]:
    """Where digits of one of `spans` (characters of `first`), in their order, are heard in `second` outside `windows`,
    however they are grouped."""
    runs = [run for turn in second.turns for run in _runs(turn.words, windows)]
    found: list[Heard] = []
    for index, span in enumerate(spans):
        removed = "".join(_digits(word) for word in first.turns[span.turn].words_at(span.start, span.end))
        if len(removed) <= LEAST_DIGITS:
            continue
        least = LEAST_DIGITS + (len(removed) >= LONG)
        for run in runs:
            if (words := _telling(run, removed, least)) is not None:
                when = TimeRange(start_s=max(0.0, words[0].start_s), end_s=max(0.0, words[-1].end_s))
                found.append(Heard(span=index, when=when, how=HeardAgain.SAID_ELSEWHERE))
    return tuple(found)


def _runs(words: Sequence[Word], windows: Sequence[TimeRange]) -> Iterator[list[Word]]:
    """Words with digits one after the other, none of them under a beep."""
    run: list[Word] = []
    for word in words:
        heard = _digits(word) != "" and not _under(word, windows)
        if run and (not heard or word.start_s - run[-1].end_s > ONE_NUMBER_S):
            yield run
            run = []
        if heard:
            run.append(word)
    if run:
        yield run


def _telling(run: Sequence[Word], removed: str, least: int) -> Sequence[Word] | None:
    """The part of `run` that holds a stretch of at least so many digits of `removed`, as long a stretch as there is."""
    owners = [word for word in run for _ in _digits(word)]
    said = "".join(_digits(word) for word in run)
    for length in range(min(len(said), len(removed)), least - 1, -1):
        for at in range(len(said) - length + 1):
            if said[at : at + length] in removed:
                return owners[at : at + length]
    return None


def _digits(word: Word) -> str:
    return "".join(sign for sign in word.text if sign.isdecimal())


def _under(word: Word, windows: Sequence[TimeRange]) -> bool:
    covered = sum(max(0.0, min(word.end_s, window.end_s) - max(word.start_s, window.start_s)) for window in windows)
    return covered > (word.end_s - word.start_s) / 2
