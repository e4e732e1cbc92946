"""Payment cards: the number in any grouping, its expiry date, its security code. Luhn raises, never rejects."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.birth_date import worded_dates
from callwarden.redaction.view import Found, RunContext, View
from callwarden.rules.card_number import luhn

_MONTH_YEAR = re.compile(r"(?<![\d/])(?:0?[1-9]|1[0-2])\s?[/-]\s?(?:20)?\d{2}(?![\d/])")
_EXPIRY = re.compile(r"(?:expir\w+|validité|valable jusqu\S*)[^.?!\n]{0,25}$", re.IGNORECASE)


_OF_CARD = re.compile(r"\bcarte|\bcb\b", re.IGNORECASE)


def find(view: View) -> Iterator[Found]:
    """Card numbers, expiry dates and codes of the call."""
    for context in view.runs:
        score, why = _judge(context)
        if score:
            yield context.found(SpanType.CREDIT_CARD, score, why)
    for match in _MONTH_YEAR.finditer(view.call.text):
        turn = view.call.turn_at(match.start())
        if view.expects(turn, Asked.CARD) or _EXPIRY.search(view.call.text[max(0, match.start() - 40) : match.start()]):
            yield Found.of(match, SpanType.CREDIT_CARD, 0.85, "a month and year where a card's end was asked for")
    for date in worded_dates(view):
        first = view.call.words[date.first]
        before = view.call.text[max(0, first.start - 60) : first.start]
        plain = date.day and not _OF_CARD.search(before)  # a contract ends on a day, a card in a month
        if view.expects(first.turn, Asked.CARD) or (_EXPIRY.search(before) and not plain):
            yield Found(
                first.start,
                view.call.words[date.last].end,
                SpanType.CREDIT_CARD,
                0.8,
                "a month and year where a card's end was asked for",
            )


def _judge(context: RunContext) -> tuple[float, str]:
    digits = context.run.digits
    size = len(digits)
    if 13 <= size <= 19 and luhn(digits):
        return 0.97, "thirteen to nineteen digits that pass the Luhn check"
    if size in (15, 16) and digits.startswith(("3", "4", "5", "6")):
        return 0.86, "as many digits as a card"
    if context.means(Asked.CARD) and not context.quantity:
        if size >= 12:
            return 0.9, "a long number where a card was asked for"
        if size >= 3 or (size >= 2 and context.alone):
            return 0.75, "digits where a card, its date or its code was asked for"
    return 0.0, ""
