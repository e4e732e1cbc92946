"""Where one utterance ends and the next begins in French talk of which nobody knows who says what."""

import re
from collections.abc import Iterator, Sequence

_TALK = re.compile(r"\?|\b(?:bonjour|bonsoir|allô|merci|s'il vous pla[iî]t)\b", re.IGNORECASE)
_SENTENCE = re.compile(
    r"[?!…]+[\"»]*(?=\s)|(?<!\bM)(?<!\bMr)(?<!\bMme)(?<!\bDr)(?<!\bMe)(?<!\b[A-Z])(?<![\s.])\.[\"»]*(?=\s+[A-ZÀ-Þ«\"\d])"
)
_PUNCTUATED = re.compile(r"[.?!…]\s*$")


def find_ends(texts: Sequence[str]) -> Iterator[int]:
    """Offsets of the blanks and line feeds in the joined turns where utterances end."""
    if len(texts) == 1 and not _TALK.search(texts[0]):
        return
    base = 0
    punctuated = any(_SENTENCE.search(text) for text in texts)
    for number, text in enumerate(texts):
        for match in _SENTENCE.finditer(text):
            yield base + match.end()
        base += len(text)
        if number + 1 < len(texts) and not (punctuated and not _PUNCTUATED.search(text)):
            yield base
        base += 1
