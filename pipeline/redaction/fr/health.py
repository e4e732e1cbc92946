"""What is said of a person's health: conditions, medicines, falls and faints, with the clause they stand in."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.questions import ASSENT, DENIAL, is_question
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_HEALTH = lexicon("fr", "health")

_TERM = _HEALTH.pattern("terms", r"(?<![\w-])", r"(?![\w-])")
_SUBJECT = _HEALTH.pattern("person")
_CLAUSE = _HEALTH.pattern("clause", flags=0)
_SPOKEN = _HEALTH.pattern("spoken", r"(?<!\w)", r"(?![\w.])")
_GENERIC = _HEALTH.pattern("generic")
_WEAK = _HEALTH.pattern("weak")
_TAKEN = _HEALTH.pattern("taken", r"(?<![\w-])", r" (?=[\w-]{4,})")
_SYSTEMS = _HEALTH.words("systems")
_NAME = re.compile(r"[^\W\d_-]+(?:-[^\W\d_]+)*")


def find(view: View) -> Iterator[Found]:
    """Health of the people in the call."""
    if len(view.call.turns) < 2 and not _SPOKEN.search(view.call.text):
        return  # clinical notes and the like are about nothing else: policy, not redaction, keeps them in
    yield from _answers(view)
    for number in range(len(view.call.turns)):
        yield from _said(view, number)


def _answers(view: View) -> Iterator[Found]:
    call = view.call
    for number, turn in enumerate(call.turns):
        asked = view.expects(number, Asked.HEALTH)
        if asked is None or asked.age or is_question(turn.text) or view.asks[number] or DENIAL.search(turn.text):
            continue
        words = [w for w in call.words[slice(*call.turn_words[number])] if w.lower not in ASSENT]
        if words and len(words) <= 6:
            yield Found(words[0].start, words[-1].end, SpanType.HEALTH, 0.55, "the answer to a question about health")


def _said(view: View, number: int) -> Iterator[Found]:
    """Medical words with the clause they stand in. Those that are also said of things need somebody in it."""
    view.deadline.check()
    base = view.call.turn_starts[number]
    text = view.call.turns[number].text.replace("’", "'")
    asked = view.expects(number, Asked.HEALTH)
    words = view.call.words[slice(*view.call.turn_words[number])]
    learnt = [(w.start - base, w.end - base) for w in words if view.dictionary.is_medical(w.lower)]
    places = [match.span() for match in _TERM.finditer(text)] + learnt + list(_medicines(view, text))
    for first, last in sorted(places):
        start, end = _clause(text, first, last)
        if _GENERIC.search(text[max(0, first - 24) : last]):
            continue
        if re.search(r"^[^.!\n]{0,80}\?", text[last : last + 90]):
            continue  # a question about it, not an answer
        subject = _SUBJECT.search(text[start:first])
        if subject is not None and subject.group().lower() == "vous" and view.asks[number]:
            continue  # asked of the other, in text without question marks
        if subject is None and asked is None and _WEAK.fullmatch(text[first:last]):
            continue
        from_ = start + subject.start() if subject else start
        why = "a medical term in a clause about a person" if subject else "a medical term"
        yield Found(base + from_, base + end, SpanType.HEALTH, 0.75 if subject else 0.65, why)


def _medicines(view: View, text: str) -> Iterator[tuple[int, int]]:
    """What one is "sous" or takes, and no dictionary has."""
    known = view.dictionary
    for match in _TAKEN.finditer(text):
        name = _NAME.match(text, match.end())
        if name is None or name.group().lower() in _SYSTEMS:
            continue
        parts = name.group().lower().split("-")
        if not any(known.is_ordinary(p) or known.is_place(p) or known.is_first_name(p) for p in parts):
            yield match.start(), name.end()


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    first = 0
    for match in _CLAUSE.finditer(text, 0, start):
        first = match.end()
    after = _CLAUSE.search(text, end)
    last = after.start() if after else len(text)
    return max(first, start - 120), min(last, end + 80)
