"""Names behind the labels of written forms and minutes: "Nom de naissance : PETIT", "Présents : A. Morel, L. Bo"."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.naming import NEVER, PARTICLES, UP
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_NAMES = lexicon("fr", "names")

_ITEM = (
    rf"(?:(?:Mmes?|MM?\.?|Mlles?|Drs?|Dre|Pr|Pre|Me)\.? )?(?:[{UP}](?:-?[{UP}]|[a-z])?\.[ -]?){{0,3}}"
    rf"(?:[{UP}][\w'’]*|(?:de|du|des|la|le|van|von|der|den|ben|el|al|da|dos|di|d['’])(?= ?[{UP}]))"
    rf"(?:[ -](?:[{UP}][\w'’.]*|(?:de|du|des|la|le|van|von|der|den|ben|el|al|da|dos|di|d['’])(?= ?[{UP}]))){{0,5}}"
)
_OWN_NAME = _NAMES.pattern(
    "name_labels", r"(?<!\w)", rf"(?:\(e?s?\))?[ \t]*:?[ \t]*(?<=[: \t])(?-i:({_ITEM}(?:, ?{_ITEM}){{0,5}}))"
)
_LISTED = _NAMES.pattern("list_labels", r"(?<!\w)", rf"[ \t]*:[ \t]*(?-i:({_ITEM}(?:(?:, ?| et | - ){_ITEM}){{0,9}}))")
_CAPITALS_FIRST = re.compile(
    rf"(?<![\w'’-])([{UP}]{{3,}}(?:[ '’-][{UP}]{{2,}}){{0,3}}),? ([{UP}][a-zà-ÿ]+(?:-[{UP}][a-zà-ÿ]+)?)"
)
_SPLIT = re.compile(r", ?| et | - ")


def labelled(view: View) -> Iterator[Found]:
    """Names behind labels; behind "Nom" and "Prénom" whatever stands there, elsewhere what can be a name."""
    call = view.call
    for match in _OWN_NAME.finditer(call.text):
        view.deadline.check()
        if _can_be_name(view, match.group(1), sure=True):
            yield Found.of(match, SpanType.PERSON, 0.85, "a name behind its label", group=1)
    for match in _LISTED.finditer(call.text):
        view.deadline.check()
        at = match.start(1)
        for item in _SPLIT.split(match.group(1)):
            at = call.text.index(item, at)
            if not _can_be_name(view, item, sure=False):
                break
            yield Found(at, at + len(item), SpanType.PERSON, 0.8, "a name in a labelled list")
            at += len(item)
    for match in _CAPITALS_FIRST.finditer(call.text):
        first = match.group(2).split("-")[0].lower()
        if view.dictionary.is_first_name(first) and _can_be_name(view, match.group(1), sure=True):
            yield Found.of(match, SpanType.PERSON, 0.8, "a surname in capitals and a first name")


def _can_be_name(view: View, item: str, *, sure: bool) -> bool:
    words = [w.lower() for w in re.findall(r"[^\W\d_]+", item)]
    long = [w for w in words if len(w) > 1 and w not in PARTICLES]
    if not long or any(w in NEVER for w in long[:1]):
        return False
    d = view.dictionary
    initials = re.match(rf"(?:[{UP}](?:-?[{UP}]|[a-z])?\.[ -]?)+", item) is not None
    return sure or initials or any(not d.is_ordinary(w) or d.is_first_name(w) or d.may_be_surname(w) for w in long)
