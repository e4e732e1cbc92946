"""Initials before a surname ("J.-P. Morin"), and initials that stand for a name in judgments ("condamna G.P.")."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.introducing import PEOPLE
from callwarden.redaction.fr.naming import NEVER, PARTICLES, UP
from callwarden.redaction.fr.titled import NAME
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_NAMES = lexicon("fr", "names")

_INITIALS = re.compile(rf"(?<![\w'’.°])((?:[{UP}](?:-[{UP}]|[a-z])?\.[ \u00a0]?-?){{1,3}})({NAME})")
_ANONYMOUS = re.compile(rf"(?<![\w'’.-])[{UP}]\.[ ]?-?[{UP}]\.(?:[{UP}]\.)?(?![\w'’]|-\w| [{UP}][a-zà-ÿ])")
_ABBREVIATIONS = _NAMES.words("abbreviations")
_PERSON_WORDS = PEOPLE | _NAMES.words("person_words")
_SINGLE = re.compile(rf"(?<![\w-])([\w-]{{2,20}}),? ([{UP}]\.)(?=,| [a-zà-ÿ]|\)|;)")


def initials(view: View) -> Iterator[Found]:
    """Names with their initials, and initials alone."""
    call = view.call
    for match in _INITIALS.finditer(call.text):
        view.deadline.check()
        parts = [p.lower() for p in re.split(r"[ -]", match.group(2))]
        head = next((p for p in parts if p not in PARTICLES), parts[0])
        opening = not call.text[: match.start()].rstrip(" ") or call.text[: match.start()].rstrip(" ")[-1] in ".\n:"
        ordinary = view.dictionary.is_ordinary(head) and not view.dictionary.is_surname(head)
        if (
            head in NEVER
            or re.sub(r"(?<=['’]).*", "", head).replace("’", "'") in NEVER
            or (ordinary and head == parts[0] and (opening or match.group(2).isupper()))
        ):
            continue
        yield Found.of(match, SpanType.PERSON, 0.8, "initials before a name")
    for match in _ANONYMOUS.finditer(call.text):
        if match.group().replace(" ", "").lower() not in _ABBREVIATIONS:
            yield Found.of(match, SpanType.PERSON, 0.6, "initials that stand for a name")
    for match in _SINGLE.finditer(call.text):
        if match.group(1).lower() in _PERSON_WORDS:
            yield Found.of(match, SpanType.PERSON, 0.7, "an initial behind a word for a person", group=2)
