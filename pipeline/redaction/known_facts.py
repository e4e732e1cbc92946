"""Names and numbers the event already holds, wherever and however they are said."""

import re
import unicodedata
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.view import Found, View


def find(view: View) -> Iterator[Found]:
    """Known names word by word, known numbers by their digits (four in a row are enough)."""
    names = {_plain(part) for name in view.known.names for part in re.split(r"[\s,-]+", name) if len(part) >= 3}
    for word in view.call.words:
        if names and _plain(word.lower) in names:
            yield Found(word.start, word.end, SpanType.PERSON, 0.95, "a name the event already holds")
    numbers = {digits for n in view.known.numbers if len(digits := re.sub(r"\D", "", n)) >= 4}
    for context in view.runs:
        digits = context.run.digits
        if len(digits) >= 4 and any(digits in n or n in digits or (len(n) >= 9 and n[-9:] in digits) for n in numbers):
            yield context.found(SpanType.ID_NUMBER, 0.95, "a number the event already holds")


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))
