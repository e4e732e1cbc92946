"""Any other dictated number of four digits and more that is not an amount, a time, a date or a label's."""

from collections.abc import Iterator

from pipeline.adapters.redaction.digits.id_number import glued_letters
from pipeline.adapters.redaction.view import Found, RunContext, View
from pipeline.model.redaction import SpanType

MIN_DIGITS = 4


def find(view: View) -> Iterator[Found]:
    """Numbers nobody has explained: they go."""
    for context in view.runs:
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
    if context.quantity:
        return True
    atoms = context.run.atoms
    if len(atoms) == 1:
        digits = atoms[0].digits
        if (len(digits) == 4 and digits[:2] in ("19", "20")) or (digits.endswith("000") and len(digits) <= 6):
            return True  # a year, a round amount
        if atoms[0].last > atoms[0].first and len(digits) <= 4:
            return True  # one cardinal in words ("mille deux cent trente"): dictated codes come in pieces
    return len(context.run.digits) <= 7 and _dates_or_clock(context, view)


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
