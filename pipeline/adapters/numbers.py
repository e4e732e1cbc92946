"""Telephone numbers in one form, by Google's numbering-plan data (phonenumbers)."""

import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat


class PhoneNumberPlan:
    """The `NumberPlan` of every country.

    A number counts as read when its length is possible in its country's plan. Whether its range is allotted is not
    asked: new ranges are used before the data knows them, and a caller must be one caller before and after.
    """

    def canonical(self, number: str, *, region: str) -> str:
        """See `callwarden.ports.numbers.NumberPlan`. Extensions (``;ext=12``) are left out: they are the same line."""
        digits = _digits(number)
        return _e164(number, region) or _e164(digits, region) or digits


def _e164(number: str, region: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def _digits(number: str) -> str:
    """Every decimal digit, whatever its script, as 0 to 9; a plus before the first of them is kept."""
    plus, digits = "", []
    for character in number:
        if (value := unicodedata.decimal(character, None)) is not None:
            digits.append(str(value))
        elif character in "+＋" and not digits:
            plus = "+"
    return plus + "".join(digits) if digits else ""
