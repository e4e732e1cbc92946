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
_GENERIC = _HEALTH.pattern("generic")


def find(view: View) -> Iterator[Found]:
    """Health of the people in the call."""
    call = view.call
    if len(call.turns) < 2:
        return  # clinical notes and the like are about nothing else: policy, not redaction, keeps them in
    for number, turn in enumerate(call.turns):
        base = call.turn_starts[number]
        text = turn.text.replace("’", "'")
        asked = view.expects(number, Asked.HEALTH)
        if asked is not None and asked.age == 0 and not is_question(text):
            words = [w for w in call.words[slice(*call.turn_words[number])] if w.lower not in ASSENT]
            if words and len(words) <= 6 and not view.asks[number] and not DENIAL.search(text):
                yield Found(
                    words[0].start, words[-1].end, SpanType.HEALTH, 0.55, "the answer to a question about health"
                )
        for match in _TERM.finditer(text):
            view.deadline.check()
            start, end = _clause(text, match.start(), match.end())
            head = text[start : match.start()]
            if _GENERIC.search(text[max(0, match.start() - 24) : match.end()]):
                continue
            if re.search(r"^[^.!\n]{0,80}\?", text[match.end() : match.end() + 90]):
                continue  # a question about it, not an answer
            subject = _SUBJECT.search(head)
            if subject is None and asked is None:
                continue
            if subject is not None and subject.group().lower() == "vous" and view.asks[number]:
                continue  # asked of the other, in text without question marks
            from_ = start + subject.start() if subject else start
            yield Found(
                base + from_,
                base + end,
                SpanType.HEALTH,
                0.75 if subject else 0.65,
                "a medical term in a clause about a person",
            )


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    first = 0
    for match in _CLAUSE.finditer(text, 0, start):
        first = match.end()
    after = _CLAUSE.search(text, end)
    last = after.start() if after else len(text)
    return max(first, start - 120), min(last, end + 80)
