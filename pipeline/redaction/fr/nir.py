"""French social security numbers (NIR): thirteen digits and a key of two. The key raises, never rejects."""

from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.view import Found, RunContext, View


def find(view: View) -> Iterator[Found]:
    """NIRs of the call."""
    for context in view.runs:
        score, why = _judge(context)
        if score:
            yield context.found(SpanType.NATIONAL_ID, score, why)


def _judge(context: RunContext) -> tuple[float, str]:
    digits = context.run.digits
    size = len(digits)
    if size == 15 and key_fits(digits):
        return 0.97, "fifteen digits whose key fits"
    if context.means(Asked.NATIONAL_ID) and (
        size >= 5 or (size >= 1 and context.alone) or (size >= 2 and context.near(Asked.NATIONAL_ID))
    ):
        return 0.9, "digits where a social security number was asked for"
    if size in (13, 14, 15) and digits[0] in "12" and "01" <= digits[3:5] <= "12":
        return 0.86, "sex, year and month as in a social security number"
    if size in (13, 14, 15) and digits[0] in "12":
        return 0.7, "as many digits as a social security number"
    return 0.0, ""


def key_fits(digits: str) -> bool:
    """Whether the last two digits are 97 minus the number modulo 97 (INSEE)."""
    return 97 - int(digits[:13]) % 97 == int(digits[13:15])
