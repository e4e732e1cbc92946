"""Birth dates: after "né le", where asked for, or any full date long enough ago; words, figures, mixed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.grammar import MONTHS, WEEKDAYS
from callwarden.redaction.fr.number_words import parse_cardinal
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_NUMBERS = lexicon("fr", "numbers")

# Without its accent "né" is "ne": only behind "est" and the like, and before what a birth has.
_BEING_BORN = (
    r"(?:\bn(?:ée?|ee)s?\b|\bné\(e\)|"
    r"\b(?:suis|es|est|sommes|sont|êtes|etes|étais|était) nes?(?= (?:le|en|à|a|au|un|vers)\b))"
)
_BORN = re.compile(rf"(?:{_BEING_BORN}|\bnaissance\b|\bnais\b)[^.?!\n]{{0,40}}$", re.IGNORECASE)
_FIGURES = re.compile(r"(?<![\d/.-])([0-3]?\d)\s?([/.|-])\s?([01]?\d)\s?\2\s?(\d{4}|\d{2})(?![\d/-])")
_AGE_AFTER = re.compile(r"^\s{0,2}\(\s?\d{1,3}\s?ans", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Date:
    """A date read in the call; ``year`` 0 when none was said."""

    first: int
    last: int
    year: int
    day: bool


_DAYS = _NUMBERS.words("days")
_MONEY_AFTER = _NUMBERS.pattern("money_after", r"^(?:,\d{1,2})?\s?")
_DAY = re.compile(r"(?:^|[\s,'])(?:le|un)\s+$", re.IGNORECASE)
_HALF = re.compile(rf"{_BEING_BORN}[^.?!\n]{{0,60}}(?:\d{{2,4}}|\w)\s?(?:\?|$)|date de naissance", re.IGNORECASE)


def find(view: View) -> Iterator[Found]:
    """Birth dates of the call."""
    yield from _days(view)
    call = view.call
    low, high = view.birth_years
    for start, end, year in _dates(view):
        view.deadline.check()
        turn = call.turn_at(start)
        before = call.text[max(call.turn_starts[turn], start - 60) : start]
        asked = view.expects(turn, Asked.BIRTH)
        if _MONEY_AFTER.match(call.text[end : end + 12]):
            continue  # "le huit décembre, trente-quatre euros"
        if _BORN.search(before):
            yield Found(start, end, SpanType.DATE_OF_BIRTH, 0.95, "a date after a word for birth")
        elif asked is not None:
            yield Found(start, end, SpanType.DATE_OF_BIRTH, 0.9, "a date where a birth date was asked for")
        elif _AGE_AFTER.match(call.text[end : end + 12]):
            yield Found(start, end, SpanType.DATE_OF_BIRTH, 0.85, "a date with an age behind it")
        elif low <= year <= high and not _LAW.search(before) and not _stated(view, start):
            yield Found(start, end, SpanType.DATE_OF_BIRTH, 0.65, "a full date long enough ago to be a birth date")
    for context in view.runs:
        if context.quantity and len(context.run.digits) > 4:
            continue  # a service's number
        born = bool(_BORN.search(context.before))
        if _OF_YEAR.search(context.before) and _year_like(context.run.digits):
            yield context.found(SpanType.DATE_OF_BIRTH, 0.7, "the year somebody is of")
        if born and (len(context.run.digits) >= 4 or context.run.numbers >= 2):
            yield context.found(SpanType.DATE_OF_BIRTH, 0.9, "digits after a word for birth")
        elif context.means(Asked.BIRTH) and (len(context.run.digits) >= 4 or context.alone):
            yield context.found(SpanType.DATE_OF_BIRTH, 0.85, "digits where a birth date was asked for")


_LAW = re.compile(
    r"(?:\bloi|décret|ordonnance|arrêté|directive|règlement)s?(?: n°| numéro)?[^.?!\n]{0,24}$", re.IGNORECASE
)


def _stated(view: View, start: int) -> bool:
    """Whether the figures are a version's ("4.9.11")."""
    return any(c.start <= start < c.end and c.quantity and "." in view.call.text[c.start : c.end] for c in view.runs)


_OF_YEAR = re.compile(r"(?:je suis|il est|elle est|on est) (?:de|du|de l'année|de la classe) $")


def _year_like(digits: str) -> bool:
    return (len(digits) == 2 and digits >= "20") or (len(digits) == 4 and digits[:2] in ("19", "20"))


def _days(view: View) -> Iterator[Found]:
    """The day alone, where month and year were just said: "né en novembre soixante-sept ?" – "le vingt et un"."""
    for context in view.runs:
        asked = view.expects(context.run.turn, Asked.BIRTH)
        if asked is None or asked.age > 1 or context.run.letters or context.run.numbers != 1:
            continue
        half = asked.asked_in >= 0 and _HALF.search(view.call.turns[asked.asked_in].text)
        if half and 1 <= int(context.run.digits[:6]) <= 31 and _DAY.search(context.before):
            yield context.found(SpanType.DATE_OF_BIRTH, 0.75, "the day of a birth date")


def _dates(view: View) -> Iterator[tuple[int, int, int]]:
    call = view.call
    for match in _FIGURES.finditer(call.text):
        year = int(match.group(4))
        year += 0 if year > 99 else 1900 if year > 30 else 2000
        if 1 <= int(match.group(1)) <= 31 and 1 <= int(match.group(3)) <= 12:
            yield match.start(), match.end(), year
    for date in worded_dates(view):
        yield call.words[date.first].start, call.words[date.last].end, date.year


def worded_dates(view: View) -> Iterator[Date]:
    """Dates with a month's name: "quatorze mars mille neuf cent soixante-dix-huit", "14 mars 78"."""
    words = view.call.words
    for at, word in enumerate(words):
        if word.lower not in MONTHS:
            continue
        first = last = at
        back = at - 1
        while back >= 0 and back >= at - 4 and words[back].turn == word.turn and _is_day_word(words[back].lower):
            first = back
            back -= 1
        if first and words[first - 1].turn == word.turn and words[first - 1].lower in WEEKDAYS:
            first -= 1
        year, last = _year(words, at)
        if first < at or last > at:
            yield Date(first, last, year, first < at)


def _year(words: tuple, at: int) -> tuple[int, int]:  # type: ignore[type-arg]  # words of the call
    after = at + 1
    if after >= len(words) or words[after].turn != words[at].turn or words[after].gap.strip(" ,-–"):
        return 0, at
    if words[after].lower in ("de", "en") and after + 1 < len(words):
        after += 1
    if words[after].is_digits:
        value = int(words[after].lower[:4])
        return (value if value > 99 else 1900 + value if value > 30 else 2000 + value), after
    parsed = parse_cardinal(words, after)
    if parsed is None:
        return 0, at
    value, end = parsed
    if value == 19 and end < len(words) and words[end].turn == words[at].turn:  # "dix-neuf cent…", "dix-neuf, soixante"
        more = parse_cardinal(words, end)
        if more is not None:
            return 1900 + more[0], more[1] - 1
    return (value if value > 99 else 1900 + value if value > 30 else 2000 + value), end - 1


def _is_day_word(word: str) -> bool:
    return word in _DAYS or (word.isdigit() and len(word) <= 2)
