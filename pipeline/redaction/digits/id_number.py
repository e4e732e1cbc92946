"""Customer, contract, file, staff and serial numbers: whatever follows such a label or answers such a question."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_NUMBERS = lexicon("digits", "numbers")

_MIXED = re.compile(
    r"(?<![\w@.])(?=[A-Z0-9./_-]{5,24}(?![\w@]))(?=[^\s\d]{0,12}\d)(?:[A-Z]{0,6}[./_-]?\d{2,12}){1,4}[A-Z]{0,3}(?![\w@])"
)
MODEL_BEFORE = _NUMBERS.pattern(
    "before_model", r"(?<!\w)", after=r",?(?: (?:une|un|de|du|la|le|c'est|est|en|a|the|is))* $"
)
_MODEL = re.compile(r"[A-Z]{1,3}[ -]?\d{1,2}00\+?")
_SWITCHING = re.compile(
    r"(?<![\w@./:&-])(?=[a-z-]{0,12}\d)(?=[\d-]{0,12}[a-z])[a-z0-9]{1,20}(?:-[a-z0-9]{1,12}){0,4}(?![\w@&]|[.:/]\w)",
    re.IGNORECASE,
)
_SWITCH = re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}h\d|\d{1,4}[x-]\d", re.IGNORECASE)
_CASE = re.compile(r"\b[nN](?:o|os|°|º)\s?(\d{2,6}/\d{2,4}(?:/\d{1,4}){0,2})\b")


def find(view: View) -> Iterator[Found]:
    """Numbers that stand for a person's file or contract."""
    for context in view.runs:
        view.deadline.check()
        size = len(context.run.digits)
        if not context.means(Asked.ID_NUMBER) or context.quantity:
            continue
        if (
            size >= 3
            or (size >= 1 and context.run.letters >= 1)
            or (size >= 2 and (context.alone or (context.label is Asked.ID_NUMBER and context.label_distance == 0)))
            or context.run.letters >= 3
        ):
            start = _spoken_letters(view, context.run.first) or glued_letters(view, context.start)
            yield Found(
                start,
                _capitals_behind(view, context.run.last),
                SpanType.ID_NUMBER,
                0.85,
                "a number after a label such as customer or contract",
            )
    for match in _SWITCHING.finditer(view.call.text):
        text = match.group()
        if not text.isascii() or sum(c.isdigit() for c in text) < 2 or _CLOCK.match(text):
            continue
        before = view.call.text[max(0, match.start() - 40) : match.start()]
        asked = view.expects(view.call.turn_at(match.start()), Asked.ID_NUMBER) is not None
        switches = len(_SWITCH.findall(text.replace("-", "")))
        size = sum(c.isalnum() for c in text)
        if not MODEL_BEFORE.search(before) and switches >= 2 and size >= (4 if asked else 7):
            yield Found.of(match, SpanType.ID_NUMBER, 0.75, "letters and digits by turns in one word")
    for match in _CASE.finditer(view.call.text):
        yield Found.of(match, SpanType.ID_NUMBER, 0.8, "number of a case", group=1)
    for match in _MIXED.finditer(view.call.text):
        text = match.group()
        before = view.call.text[max(0, match.start() - 40) : match.start()]
        if _MODEL.fullmatch(text) or MODEL_BEFORE.search(before):
            continue
        if any(c.isalpha() for c in text) and sum(c.isdigit() for c in text) >= 4:
            yield Found.of(match, SpanType.ID_NUMBER, 0.7, "letters and digits in one word")


def _spoken_letters(view: View, at: int) -> int | None:
    """Where an unknown short word before the digits begins ("ct tiret vingt-deux"); None when there is none."""
    words = view.call.words
    back = at - 1
    while (
        back >= 0 and words[back].lower in ("tiret", "slash", "point", "barre") and words[back].turn == words[at].turn
    ):
        back -= 1
    if back < 0 or words[back].turn != words[at].turn or not 2 <= len(words[back].lower) <= 4:
        return None
    lower = words[back].lower
    if (
        view.dictionary.is_ordinary(lower)
        or lower.endswith("'")
        or not lower.isalpha()
        or lower in view.dictionary.first_names
    ):
        return None
    return words[back].start


def _capitals_behind(view: View, last: int) -> int:
    """Takes in letters in capitals right behind the digits ("19 FC", "88214T")."""
    words = view.call.words
    nxt = last + 1
    if nxt < len(words) and words[nxt].turn == words[last].turn and words[nxt].gap in ("", " ", "-"):
        if words[nxt].text.isupper() and len(words[nxt].text) <= 3:
            return words[nxt].end
        if not words[nxt].gap and len(words[nxt].text) <= 3:
            return words[nxt].end
    return words[last].end


def glued_letters(view: View, start: int) -> int:
    """Takes in the letters a written number begins with ("PT 2022", "CT-4481")."""
    before = re.search(r"\b[A-Z]{1,5}[ ./-]?\Z", view.call.text[max(0, start - 12) : start])
    return start - len(before.group()) if before else start
