"""Codes of devices' models ("DS-2CD2143G2-I", "IPC-HDW2431T-AS"): thousands have the same one, so they stay."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found

_NUMBERS = lexicon("digits", "numbers")

_KINDS = _NUMBERS.words("kinds_of_device")
_ONES_OWN = _NUMBERS.pattern("ones_own", r"(?<!\w)", r"[^.?!\n]{0,16}$")
_CODE = re.compile(
    r"(?<![\w@./:-])([a-z]{2,5})-?(?=[a-z/+-]{0,12}\d)[a-z0-9]{1,16}(?:[-/][a-z0-9]{1,10}){0,4}(?![\w@/-]|[.:]\w)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\d{5}")
"""So many digits in a row count devices or files, not models."""
MOST = 20
"""Letters and digits; what is longer has a serial number behind the model."""
_BY_SHAPE = frozenset(
    (SpanType.ID_NUMBER, SpanType.LICENCE_PLATE, SpanType.LOCATION, SpanType.ORGANISATION, SpanType.PERSON)
)


def products(text: str) -> Iterator[tuple[int, int]]:
    """Where the model of a device is named: by a code that begins with the kind of it, and that nobody says is one
    device's own number."""
    for match in _CODE.finditer(text):
        code = match.group()
        if match.group(1).lower() not in _KINDS or sum(c.isalnum() for c in code) > MOST or _COUNTED.search(code):
            continue
        if not _ONES_OWN.search(text[max(0, match.start() - 60) : match.start()]):
            yield match.span()


def without_products(text: str, found: list[Found]) -> list[Found]:
    """What was found but for what lies within the code of a model and has the shape of something personal alone."""
    codes = list(products(text))
    return [
        one
        for one in found
        if one.type not in _BY_SHAPE or not any(start <= one.start and one.end <= end for start, end in codes)
    ]
