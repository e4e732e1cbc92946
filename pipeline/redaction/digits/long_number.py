"""Any other dictated number of four digits and more that is not an amount, a time, a date or a label's."""

import re
from collections.abc import Iterator
from itertools import pairwise

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.digits.id_number import MODEL_BEFORE, glued_letters
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.numbers import Kind
from callwarden.redaction.view import Found, RunContext, View

_NUMBERS = lexicon("digits", "numbers")

MIN_DIGITS = 4
_ALWAYS = re.compile(r"24(?:\W|et){0,6}7 ?j?(?:ours|days)? ?(?:/|sur|out of) ?7\b")
_PRICE_AFTER = _NUMBERS.pattern("price_after", r"^\W*", r"\b")
_PRICE_BEFORE = _NUMBERS.pattern(
    "price_before", after=r"(?: (?:à|de|est|était|fait|au|d'un))* (?:à |de |environ )?$", flags=0
)


def find(view: View) -> Iterator[Found]:
    """Numbers nobody has explained: they go."""
    shown: set[str] = set()
    for context in view.runs:
        if context.means(Asked.DISPLAY):
            shown.add(context.run.digits)  # what a device showed is nobody's number when it is said again
        if context.run.digits in shown:
            continue
        if len(context.run.digits) >= MIN_DIGITS and not _harmless(context, view):
            score = 0.8 if len(context.run.digits) >= 6 else 0.6
            yield Found(
                glued_letters(view, context.start),
                context.end,
                SpanType.ID_NUMBER,
                score,
                "a long number without a harmless meaning",
            )


def _harmless(context: RunContext, view: View) -> bool:
    if context.quantity or context.means(Asked.DISPLAY):
        return True
    atoms = context.run.atoms
    numbers = [a.digits for a in atoms if a.kind is Kind.NUMBER]
    if context.run.letters and context.run.letters <= 4 and all(n.endswith("00") and len(n) <= 4 for n in numbers):
        return True  # a model: "X deux cents", "SP4000"
    if context.run.letters and MODEL_BEFORE.search(context.before):
        return True
    if len(numbers) >= 3 and not context.run.letters and _counting(numbers):
        return True
    if _PRICE_AFTER.match(view.call.text[context.end : context.end + 30]) or _PRICE_BEFORE.search(context.before):
        return len(context.run.digits) <= 6
    if _ALWAYS.match(view.call.text, context.start):
        return True
    if len(atoms) == 1:
        digits = atoms[0].digits
        if (len(digits) == 4 and digits[:2] in ("19", "20")) or (digits.endswith("000") and len(digits) <= 6):
            return True  # a year, a round amount
        if atoms[0].last > atoms[0].first and len(digits) <= 4:
            return True  # one cardinal in words ("mille deux cent trente"): dictated codes come in pieces
    return len(context.run.digits) <= 7 and _dates_or_clock(context, view)


def _counting(numbers: list[str]) -> bool:
    """ "cinq, six, sept, huit": somebody counts."""
    return all(len(a) <= 2 and int(b) - int(a) == 1 for a, b in pairwise(numbers))


def _dates_or_clock(context: RunContext, view: View) -> bool:
    """Written dates (12/03/2026), clock times (14:30, 24/24), ranges of years, versions (4.2.1.0)."""
    text = view.call.text[context.start : context.end]
    plain = text.replace(" ", "")
    if not plain or not plain[0].isdigit():
        return False
    separators = {c for c in plain if not c.isdigit()}
    if separators <= {":"} and separators:
        return True
    if separators and separators <= set("/") and len(plain) <= 10:
        return True
    return bool(separators) and separators <= set(".-") and " " not in text and len(context.run.digits) <= 6
