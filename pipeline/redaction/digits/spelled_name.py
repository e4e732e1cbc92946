"""Names spelled letter by letter: "K comme Kléber, O, W comme William", "D.U.P.O.N.T", "deux L"."""

from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.numbers import Kind
from callwarden.redaction.view import Found, View
from callwarden.redaction.words import Word

_NUMBERS = lexicon("digits", "numbers")


def find(view: View) -> Iterator[Found]:
    """Spelled names of the call."""
    for context in view.runs:
        view.deadline.check()
        run = context.run
        if len(run.digits) > 3:
            continue
        asked = view.expects(run.turn, Asked.SPELLING, Asked.NAME)
        if asked is None and "".join(a.digits for a in run.atoms) in _ACRONYMS:
            continue
        example = any(a.kind is Kind.LETTER and a.last > a.first for a in run.atoms)
        if run.letters >= 3 or (example and run.letters >= 1) or (asked and run.letters >= 2):
            score = 0.88 if asked or example else 0.65
            yield context.found(SpanType.PERSON, score, "letters said one by one")
    yield from _letters(view)


_ACRONYMS = _NUMBERS.words("acronyms")
_BESIDE = _NUMBERS.words("beside_letters")
MIN_UNASKED = 4


def _letters(view: View) -> Iterator[Found]:
    """Letters in a row that the reading of numbers leaves apart: "o, a, e tréma, l", "N, apostrophe, D, I, A"."""
    words = view.call.words
    at = 0
    while at < len(words):
        if not _letter(words[at]):
            at += 1
            continue
        last, count, nxt = at, _telling(words[at]), at + 1
        while nxt < len(words) and words[nxt].turn == words[at].turn and nxt - last <= 3:
            if _letter(words[nxt]):
                count, last = count + _telling(words[nxt]), nxt
            elif words[nxt].lower == "comme" and nxt + 1 < len(words) and nxt == last + 1:
                last = nxt + 1
                nxt = last
            elif words[nxt].lower not in _BESIDE or "." in words[nxt].gap.strip():
                break
            nxt += 1
        asked = view.expects(words[at].turn, Asked.SPELLING, Asked.NAME)
        if count >= (2 if asked and asked.asked is Asked.SPELLING else 3 if asked else MIN_UNASKED):
            yield view.found(at, last, SpanType.PERSON, 0.7, "letters said one by one")
        at = last + 1


def _letter(word: Word) -> bool:
    return len(word.text) == 1 and word.text.isalpha()


def _telling(word: Word) -> int:
    """1 for a letter that is no word by itself ("il y a")."""
    return 0 if word.lower in "àay" and not word.capital else 1
