"""When each word of a redacted turn is said: a placeholder takes the time of all that it stands for."""

import re
from collections.abc import Sequence
from typing import Final

from callwarden.model.redaction import Span
from callwarden.model.transcript import RedactedWord, TranscriptTurn

_TOKEN: Final = re.compile(r"\S+")


def redacted_words(turn: TranscriptTurn, text: str, spans: Sequence[Span]) -> tuple[RedactedWord, ...]:
    """The words of `text`, which `turn` became when these spans of it were replaced (`redaction.placeholders`)."""
    places: list[tuple[int, int]] = []  # of every character of `text`, the characters of the turn it stands for
    at = 0
    for span in spans:
        places += [(index, index + 1) for index in range(at, span.start)]
        length = text.index("]", len(places)) + 1 - len(places)
        places += [(span.start, span.end)] * length
        at = span.end
    places += [(index, index + 1) for index in range(at, len(turn.text))]
    words: list[RedactedWord] = []
    for token in _TOKEN.finditer(text):
        said = turn.words_at(places[token.start()][0], places[token.end() - 1][1])
        if not said:
            continue
        start, end = min(word.start_s for word in said), max(word.end_s for word in said)
        words.append(RedactedWord(text=token[0], start_s=start, end_s=max(start, end)))
    return tuple(words)
