"""Telephone numbers, dictated or written: ten digits in any grouping, +33, 0033; pieces of one when asked for."""

from collections.abc import Iterator

import phonenumbers

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, RunContext, View

_NUMBERS = lexicon("digits", "numbers")

_CORRECTION = _NUMBERS.pattern("said_again", flags=0)


def find(view: View) -> Iterator[Found]:
    """Phone numbers of the call."""
    for context in view.runs:
        score, why = _judge(context)
        if score:
            start = context.start
            before = view.call.text[max(0, start - 8) : start].lower()
            for prefix in ("+", "le plus ", "plus "):
                if before.endswith(prefix) and context.run.digits.startswith(("33", "32", "41", "352", "4")):
                    start -= len(prefix) - (3 if prefix == "le plus " else 0)
                    break
            yield Found(start, context.end, SpanType.PHONE, score, why)


def _judge(context: RunContext) -> tuple[float, str]:
    digits = context.run.digits
    if context.run.letters > 2 or context.quantity:
        return 0.0, ""
    national = "0" + digits[2:] if digits.startswith("33") and len(digits) in (11, 12) else digits
    national = (
        "0" + digits[4:]
        if digits.startswith("0033")
        else national.replace("00", "0", 1)
        if len(national) == 11
        else national
    )
    if len(national) == 10 and national.startswith("0"):
        return (
            (0.95, "ten digits of a valid French number")
            if _valid(national)
            else (0.85, "ten digits beginning with zero")
        )
    if 6 <= len(digits) <= 15 and context.means(Asked.PHONE):
        return 0.8, "digits after a word for telephone or a question about one"
    if 2 <= len(digits) <= 5 and context.means(Asked.PHONE) and (context.alone or context.run.numbers >= 2):
        return 0.65, "part of a number that was asked for"
    if _CORRECTION.search(context.before) and 1 <= len(digits) <= 6:
        return 0.65, "the last or first digits said again"
    if 8 <= len(digits) <= 22 and digits.startswith(
        ("06", "07", "336", "337", "01", "02", "03", "04", "05", "09", "08")
    ):
        return 0.7, "digits that begin like a French number"
    return 0.0, ""


def _valid(digits: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(digits, "FR"))
    except phonenumbers.NumberParseException:
        return False
