"""IBANs dictated or written, and bank details asked for. Modulo 97 raises, never rejects."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.view import Found, RunContext, View

_WRITTEN = re.compile(r"\b(?:[A-Z]{2}|fr|Fr)[ .-]?\d{2}(?:[ .-]?[A-Za-z0-9]{2,4}){3,8}\b")

_BIC = re.compile(r"\b[A-Z]{4}(?:FR|BE|CH|LU|DE|GB|ES|IT|NL|MC|PT|AT|IE)[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b")
_NAMED_BIC = re.compile(
    r"\b(?:bic|swift)\b[ :,]{0,3}(?:c'est |est |: ?)?([a-z]{6}[a-z0-9]{2}(?:[a-z0-9]{3})?)\b", re.IGNORECASE
)


def find(view: View) -> Iterator[Found]:
    """IBANs of the call."""
    for context in view.runs:
        score, why = _judge(context, view)
        if score:
            yield Found(_with_country(context, view), context.end, SpanType.IBAN, score, why)
    yield from _bics(view)
    for match in _WRITTEN.finditer(view.call.text):
        view.deadline.check()
        compact = re.sub(r"[ .-]", "", match.group()).upper()
        if sum(c.isdigit() for c in compact) < 10:
            continue
        valid = mod97(compact)
        why = "two letters and a number that pass modulo 97" if valid else "the shape of an IBAN"
        yield Found.of(match, SpanType.IBAN, 0.98 if valid else 0.85, why)


def _bics(view: View) -> Iterator[Found]:
    """Codes of banks (ISO 9362): by their country in capitals, or behind the word for one."""
    for match in _BIC.finditer(view.call.text):
        if not match.group().isalpha() or not view.dictionary.is_ordinary(match.group().lower()):
            yield Found.of(match, SpanType.IBAN, 0.8, "the shape of a bank's code")
    for match in _NAMED_BIC.finditer(view.call.text):
        yield Found.of(match, SpanType.IBAN, 0.9, "behind the word for a bank's code", group=1)


def _judge(context: RunContext, view: View) -> tuple[float, str]:
    size = len(context.run.digits)
    if context.means(Asked.IBAN) and size >= 4:
        return 0.9, "digits where bank details were asked for"
    if context.means(Asked.IBAN) and (context.alone or (size >= 2 and context.near(Asked.IBAN))):
        return 0.7, "part of the bank details that were asked for"
    if 18 <= size <= 27 and (context.run.letters >= 2 or _with_country(context, view) < context.start):
        return 0.9, "country letters and as many digits as an IBAN"
    if 20 <= size <= 27:
        return 0.8, "as many digits as an IBAN"
    return 0.0, ""


def _with_country(context: RunContext, view: View) -> int:
    """Where the country begins when its name or letters stand right before the digits."""
    at = context.run.first - 1
    words = view.call.words
    if at >= 0 and words[at].turn == context.run.turn and words[at].lower in ("fr", "france", "lu"):
        return words[at].start
    return context.start


def mod97(compact: str) -> bool:
    """The check of ISO 13616."""
    turned = compact[4:] + compact[:4]
    try:
        return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1
    except ValueError:
        return False
