"""Passwords, code words, duress words and security answers said in plain words, by what was asked or announced."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.deadline import Deadline
from callwarden.redaction.dialogue import Asked, Expectation
from callwarden.redaction.fr.questions import asked_in, is_question
from callwarden.redaction.fr.secret_answer import MAX_PHRASE, Value, alternatives, choose, read_values, value_in
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.utterances import UNKNOWN
from callwarden.redaction.view import Found, View

_SECRETS = lexicon("fr", "secrets")
_ANNOUNCE, _CODE_ANNOUNCE, _DIRECT = map(_SECRETS.pattern, ("announce", "code_announce", "direct"))
_BEHIND = _SECRETS.pattern("behind", r"(?<![\w'-])", r"(?![\w-])")
_NO_VALUE = _SECRETS.pattern("no_value", r"\W*")
_REJECTED, _CHOICE, _AWAITING = map(_SECRETS.pattern, ("rejected", "choice", "awaiting"))
_PHRASE_HEAD = _SECRETS.pattern("phrase_heads")
_QUOTED = re.compile(r"[«\"“]\s*([^«»\"“”\n]{2,120}?)\s*[»\"”]")
_TOPIC = _SECRETS.pattern("topic", r"(?<!\w)", r"(?!\w)")
_ABOUT_SECRETS = {Asked.SECRET, Asked.SECURITY}
MAX_CHARS = 4000
"""An answer comes early in its turn; what announces itself is looked for in all of it."""
TOPIC_TURNS = 5
MIN_CODE_DIGITS = 3
REJECTING = 3
"""On one channel what rejects an answer may be cut into so many utterances, and so may the answer."""


def find(view: View) -> Iterator[Found]:
    """Secrets said in words."""
    call = view.call
    answered: set[int] = set()
    told: set[int] = set()  # turns in which one was said
    coded = {c.run.turn for c in view.runs if len(c.run.digits) >= MIN_CODE_DIGITS and c.means(Asked.SECRET)}
    topic = -TOPIC_TURNS - 1
    for number, turn in enumerate(call.turns):
        view.deadline.check()
        text = turn.text.replace("’", "'")
        if not text:
            continue
        base = call.turn_starts[number]
        asked = view.expects(number, Asked.SECRET, Asked.SECURITY)
        current = number - topic <= TOPIC_TURNS
        undiarised = turn.speaker in UNKNOWN
        before = call.turns[max(0, number - (REJECTING if undiarised else 1)) : number]
        again = any(_REJECTED.search(said.text) for said in before)
        weak = asked is None and current and number - 1 not in told and _goes_on(view, number, topic)
        if weak:
            asked = Expectation(Asked.SECRET, number - 1, 0)
        if set(view.asks[number]) - _ABOUT_SECRETS and is_question(text):
            topic = -TOPIC_TURNS - 1
        elif _TOPIC.search(text) or set(view.asks[number]) & _ABOUT_SECRETS or (current and _AWAITING.search(text)):
            topic = number
        announced = [*_announced(text, view.deadline), *_named_behind(text)]
        for value in announced:
            yield Found(base + value.start, base + value.end, SpanType.SECRET, 0.9, "words after a word for password")
        for match in _QUOTED.finditer(text):
            if asked is not None or current or (topic == number and _TOPIC.search(text, 0, match.start())):
                first, end = match.span(1)
                told.add(number)
                topic = number
                yield Found(base + first, base + end, SpanType.SECRET, 0.85, "quoted in talk of passwords")
        if announced:
            told.add(number)
            if asked is not None:
                answered.add(asked.asked_in)
            continue
        if current or topic == number:
            for value in _chosen(text, view.deadline):
                yield Found(base + value.start, base + value.end, SpanType.SECRET, 0.8, "a choice in talk of passwords")
        if asked is None:
            continue
        if (asked.age > 2 and not again) or (
            asked.asked_in in answered and not again and not (undiarised and asked.age < 2)
        ):
            continue
        late = asked.age > 0 and not again
        found = _answer(view, number, text[:MAX_CHARS], late=late, weak=weak)
        if found or number in coded:
            told.add(number)
            answered.add(asked.asked_in)
            topic = number if current else topic
        for first, end in _merged(text, found):
            yield Found(
                base + first,
                base + end,
                SpanType.SECRET,
                0.7 if late else 0.85,
                "the answer to a question for a password",
            )


def _goes_on(view: View, number: int, topic: int) -> bool:
    """Whether the turn before, of somebody else, names a password, rejects one or waits for one, and asks for nothing
    else: then this turn may answer it."""
    if number == 0:
        return False
    before, turn = view.call.turns[number - 1], view.call.turns[number]
    if (before.speaker == turn.speaker and turn.speaker not in UNKNOWN) or set(view.asks[number - 1]) - _ABOUT_SECRETS:
        return False
    said = topic == number - 1 and not is_question(before.text)
    return said or bool(_REJECTED.search(before.text) or _AWAITING.search(before.text))


def _answer(view: View, number: int, text: str, *, late: bool, weak: bool) -> list[Value]:
    if view.asks[number] and not text.rstrip().endswith((".", "!")) and late:
        return []
    if is_question(text) and late:
        return []
    awaited = not (late or weak)
    values = list(read_values(text, asking=awaited and set(view.asks[number]) <= {Asked.SECRET}, awaited=awaited))
    values = [v for v in values if not (view.asks[number] and _asked_with(text, v))]
    if late and len(text.split()) > 8:
        values = [v for v in values if v.told]
    chosen = choose(values, late=late or weak, most=MAX_PHRASE)
    return sorted({*chosen, *alternatives(text, [*chosen, *(v for v in values if v not in chosen)])}, key=_place)


def _asked_with(text: str, value: Value) -> bool:
    """Whether the value is part of a question for a password ("le code vache ?")."""
    start = max(text.rfind(mark, 0, value.start) for mark in ".?!…\n") + 1
    return text[value.end :].lstrip().startswith("?") and bool(asked_in(text[start : value.end] + " ?"))


def _place(value: Value) -> int:
    return value.start


def _announced(text: str, deadline: Deadline) -> Iterator[Value]:
    """What follows "le mot de passe c'est", and what follows the word itself."""
    for match in [*_ANNOUNCE.finditer(text), *_CODE_ANNOUNCE.finditer(text)]:
        deadline.check()
        if _NO_VALUE.match(text, match.end()) and not _PHRASE_HEAD.match(text, match.end()):
            continue
        yield from _first(text, match.end(), told=True, asking=True)
    if text.rstrip().endswith("?") and not text.rstrip().endswith("majuscule ?"):
        return
    for match in _DIRECT.finditer(text):
        deadline.check()
        if not _NO_VALUE.match(text, match.end()):
            yield from _first(text, match.end(), told=False)


def _named_behind(text: str) -> Iterator[Value]:
    """ "on a mis tournesol comme mot de passe", "Capucine, c'est mon mot de passe": the word for it comes last."""
    for match in _BEHIND.finditer(text):
        name = match.lastgroup or ""
        if name == "danger":  # "si je dis bonjour tristesse": whatever it is
            yield Value(*match.span(name), len(match[name].split()), told=True, sentence=0)
            continue
        value = value_in(text, match.start(name), match.end(name), told=True, sentence=0)
        if value is not None:
            yield value


def _chosen(text: str, deadline: Deadline) -> Iterator[Value]:
    for match in _CHOICE.finditer(text):
        deadline.check()
        yield from _first(text, match.end(), told=True)


def _first(text: str, start: int, *, told: bool, asking: bool = False) -> Iterator[Value]:
    """The value right behind ``start``, with what continues it in the same sentence."""
    at = start
    for value in read_values(text, start, told=told, asking=asking, awaited=told):
        if value.sentence > 0 or value.start - at > 40:
            return
        yield value
        at = value.end


def _merged(text: str, values: list[Value]) -> Iterator[tuple[int, int]]:
    """Values with nothing but commas and hesitation between them are one."""
    spans: list[tuple[int, int]] = []
    for value in values:
        if spans and not text[spans[-1][1] : value.start].strip(" ,"):
            spans[-1] = (spans[-1][0], value.end)
        else:
            spans.append((value.start, value.end))
    yield from spans
