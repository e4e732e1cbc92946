"""Reads the password out of an answer: clause by clause, whole clauses rather than words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from callwarden.redaction.fr.grammar import UNITS
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.lexicon import lexicon

_SECRETS = lexicon("fr", "secrets")
_LEAD = _SECRETS.pattern("lead", after=r"+[^\w]*")
_TOLD = _SECRETS.pattern("told", r"(?<![\w'])", r"(?![\w'-])")
_ALTERNATIVE = _SECRETS.pattern("alternative", r"^\W*", r"\b")
_SAYS = _SECRETS.pattern("says", r"(?<!vous )", r"(?: que| qu'| euh|,)*\W*$")
_BREAK = _SECRETS.pattern("break")
_SENTENCE = re.compile(r"[^.?!;:…\n»«\"]{1,400}(?:[.!?](?=[\w#*])[^.?!;:…\n»«\"]{1,80}){0,3}[.?!;:…»\"]*")
_TALK, _PLAIN = _SECRETS.pattern("talk", r"\W*"), _SECRETS.pattern("plain", r"\W*")
_ORDER = _SECRETS.pattern("order", flags=0)
_PHRASE = _SECRETS.pattern("phrase")
_MEASURE = _SECRETS.pattern("measure", after=r"$", flags=0)
_ONLY_NUMBERS = NUMBER_WORDS | _SECRETS.words("only_numbers")
_WORD = re.compile(r"[^\W_][\w'’#*-]*")
MAX_WORDS = 9
MAX_BARE = 6
MAX_PHRASE = 8
"""Words of a whole sentence, where a password is awaited."""


@dataclass(frozen=True, slots=True)
class Value:
    """A clause that may be the password; offsets in the turn. ``told``: something led up to it ("c'est", "mettez").
    ``sentence`` counts the sentences of the turn."""

    start: int
    end: int
    words: int
    told: bool
    sentence: int


def read_values(
    text: str, start: int = 0, *, told: bool = False, asking: bool = False, awaited: bool = False
) -> Iterator[Value]:
    """The clauses of ``text[start:]`` that may be a password, in order.

    ``told``: the first clause is led up to by what stands before ``start``. ``asking``: sentences that end in a
    question mark are guesses ("Vélodrome ?") and count when they are short. ``awaited``: a password is due here, and
    whatever is no plain conversation is taken for it, in whole clauses.
    """
    for number, sentence in enumerate(_SENTENCE.finditer(text, start)):
        guess = sentence.group().rstrip(' »"').endswith("?")
        if guess and not asking:
            told = False
            continue
        for first, end in _clauses(text, sentence.start(), sentence.end(), awaited=awaited):
            value = value_in(text, first, end, told=told, sentence=number, awaited=awaited)
            if _WORD.search(text, first, end) and not _only_lead(text, first, end):
                told = False
            elif _TOLD.search(text, first, end):
                told = True
            if value is not None and not (guess and not value.told and value.words > MAX_BARE - 2):
                yield value


def choose(values: list[Value], *, late: bool, most: int = MAX_BARE) -> list[Value]:
    """Of an answer's values those that are likely it: the first ones, those led up to, and those offered instead.

    ``late``: the question is a few turns old, only short or led-up answers count.
    """
    found = [v for v in values if v.told or v.words <= (3 if late else most)]
    if not found:
        return []
    head = found[0].sentence
    return [v for v in found if v.told or v.sentence == head or not any(o.sentence < v.sentence for o in found)]


def alternatives(text: str, values: list[Value]) -> list[Value]:
    """Values of later sentences that stand in for the first ("Non, Digitaline", "OM ? Vélodrome ?")."""
    if not values:
        return []
    head, out = values[0].sentence, list[Value]()
    for value in values:
        before = text[max(text.rfind(c, 0, value.start) for c in ".?!…\n") + 1 : value.start]
        behind = text[value.end : value.end + 3]
        if (
            value.sentence > head
            and not value.told
            and value.words <= MAX_BARE
            and (
                _ALTERNATIVE.match(before)
                or behind.lstrip().startswith("?")
                or (value.words <= 4 and not before.strip())
            )
        ) or (out and out[-1].sentence == value.sentence):
            out.append(value)
    return out


def _clauses(text: str, start: int, end: int, *, awaited: bool = False) -> Iterator[tuple[int, int]]:
    at = start
    for match in _BREAK.finditer(text, start, end):
        if awaited and match.group() == " " and not _leads_or_talks(text, match.end(), end):
            continue  # "pierre qui roule"
        if match.start() > at:
            yield at, match.start()
        at = match.end()
    if at < end:
        yield at, end


def _leads_or_talks(text: str, start: int, end: int) -> bool:
    return bool(_LEAD.match(text, start, end) or _PLAIN.match(text, start, end))


def _only_lead(text: str, start: int, end: int) -> bool:
    lead = _LEAD.match(text, start, end)
    return lead is not None and _WORD.search(text, lead.end(), end) is None


def value_in(text: str, start: int, end: int, *, told: bool, sentence: int, awaited: bool = False) -> Value | None:
    """The clause ``text[start:end]`` as a password, without what leads up to it; None where it is talk."""
    lead = _LEAD.match(text, start, end)
    first = lead.end() if lead else start
    led = told or (lead is not None and bool(_TOLD.search(text, start, first)))
    words = list(_WORD.finditer(text, first, end))
    if not words or len(words) > (MAX_WORDS if led else MAX_PHRASE if awaited else MAX_BARE):
        return None
    first, last = words[0].start(), words[-1].end()
    while last < end and text[last] in "!*#":
        last += 1
    clause = text[first:last]
    lowered = [w.group().lower().replace("’", "'") for w in words]
    if all(part in _ONLY_NUMBERS or part.isdigit() or len(part) == 1 for w in lowered for part in re.split(r"['-]", w)):
        return None  # digits are another rule's
    counted = [w in NUMBER_WORDS or w.isdigit() for w in lowered]
    if any(n and (_MEASURE.match(w) or w in UNITS) for n, w in zip(counted, lowered[1:], strict=False)):
        return None
    if _SAYS.search(text, max(0, start - 30), first) and len(words) >= 2 and not _ORDER.search(clause):
        return Value(first, last, len(words), told=True, sentence=sentence)
    if awaited:
        return None if _PLAIN.match(clause) else Value(first, last, len(words), told=led, sentence=sentence)
    if (_TALK.match(clause) or _ORDER.search(clause)) and not (
        _PHRASE.fullmatch(clause) and end - start > 0.8 * len(text)
    ):
        return None
    return Value(first, last, len(words), told=led, sentence=sentence)
