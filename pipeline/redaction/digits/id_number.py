"""Customer, contract, file, staff and serial numbers: whatever follows such a label or answers such a question."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_NUMBERS = lexicon("digits", "numbers")

_MIXED = re.compile(
    r"(?<![\w@.])(?=[A-Z0-9./_-]{5,24}(?![\w@]))(?=[^\s\d]{0,12}\d)(?:[A-Z]{0,6}[./_-]?\d{2,12}){1,4}[A-Z]{0,3}(?![\w@])"
)
MODEL_BEFORE = _NUMBERS.pattern("before_model", after=r",?(?: (?:une|un|de|du|la|le|c'est|est|en|a|the|is))* $")
_MODEL = re.compile(r"[A-Z]{1,3}[ -]?\d{1,2}00\+?")
_CASE = re.compile(r"\b[nN](?:o|os|°|º)\s?(\d{2,6}/\d{2,4}(?:/\d{1,4}){0,2})\b")


def find(view: View) -> Iterator[Found]:
    """Numbers that stand for a person's file or contract."""
    for context in view.runs:
        view.deadline.check()
        size = len(context.run.digits)
        if not context.means(Asked.ID_NUMBER) or context.quantity:
            continue
        if (
            size >= 3
            or (size >= 1 and context.run.letters >= 1)
            or (context.alone and size >= 2)
            or context.run.letters >= 3
        ):
            start = _spoken_letters(view, context.run.first) or glued_letters(view, context.start)
            yield Found(
                start, context.end, SpanType.ID_NUMBER, 0.85, "a number after a label such as customer or contract"
            )
    for match in _CASE.finditer(view.call.text):
        yield Found.of(match, SpanType.ID_NUMBER, 0.8, "number of a case", group=1)
    for match in _MIXED.finditer(view.call.text):
        text = match.group()
        before = view.call.text[max(0, match.start() - 40) : match.start()]
        if _MODEL.fullmatch(text) or MODEL_BEFORE.search(before):
            continue
        if any(c.isalpha() for c in text) and sum(c.isdigit() for c in text) >= 4:
            yield Found.of(match, SpanType.ID_NUMBER, 0.7, "letters and digits in one word")


def _spoken_letters(view: View, at: int) -> int | None:
    """Where an unknown short word before the digits begins ("ct tiret vingt-deux"); None when there is none."""
    words = view.call.words
    back = at - 1
    while (
        back >= 0 and words[back].lower in ("tiret", "slash", "point", "barre") and words[back].turn == words[at].turn
    ):
        back -= 1
    if back < 0 or words[back].turn != words[at].turn or not 2 <= len(words[back].lower) <= 4:
        return None
    lower = words[back].lower
    if (
        view.dictionary.is_ordinary(lower)
        or lower.endswith("'")
        or not lower.isalpha()
        or lower in view.dictionary.first_names
    ):
        return None
    return words[back].start


def glued_letters(view: View, start: int) -> int:
    """Takes in the letters a written number begins with ("PT 2022", "CT-4481")."""
    before = re.search(r"\b[A-Z]{1,5}[ ./-]?\Z", view.call.text[max(0, start - 12) : start])
    return start - len(before.group()) if before else start
