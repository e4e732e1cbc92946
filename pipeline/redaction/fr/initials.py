"""Initials before a surname ("J.-P. Morin"), and initials that stand for a name in judgments ("condamna G.P.")."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.introducing import PEOPLE
from callwarden.redaction.fr.naming import NEVER, PARTICLES, UP
from callwarden.redaction.fr.titled import NAME
from callwarden.redaction.view import Found, View
from callwarden.redaction.words import word_set

_INITIALS = re.compile(rf"(?<![\w'’.])((?:[{UP}](?:-[{UP}]|[a-z])?\.[ \u00a0]?-?){{1,3}})({NAME})")
_ANONYMOUS = re.compile(rf"(?<![\w'’.-])[{UP}]\.[ ]?-?[{UP}]\.(?:[{UP}]\.)?(?![\w'’]|-\w| [{UP}][a-zà-ÿ])")
_ABBREVIATIONS = word_set(
    "s.a. n.b. p.s. p.j. u.e. j.-c. j.c. c.v. t.v.a. r.a.s. d.c. a.d. b.d. o.k. r.v. s.p. l.d. n.d. t.d. c.d. "
    "c.a. e.v. i.m. s.c. p.o. t.a. f.c. c.r. u.s. u.k. s.s. r.p. h.t. s.o.s. o.n.u. u.r.s. u.r.s.s. e.u. q.s. "
    "a.p. s.n.c. r.c. d.g. p.d.g. s.v.p. h.s. p.c. t.p. v.o. v.f. c.c. c.p. n.c. d.s. a.m. p.m. i.e. e.g. "
)
_PERSON_WORDS = PEOPLE | word_set(
    "requérant requérante plaignant plaignante prévenu prévenue accusé accusée suspect suspecte détenu "
    "détenue victime enquêteur enquêtrice procureur procureure policier policière gendarme officier brigadier "
    "surveillant surveillante certain certaine nommé nommée sieur dame mineur mineure défunt défunte époux "
    "fillette garçon homme jeune co-accusé complice codétenu ressortissant ressortissante magistrat "
    "présidente député députée sénateur sénatrice ministre "
)
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
        if head in NEVER or (ordinary and head == parts[0] and (opening or match.group(2).isupper())):
            continue
        yield Found(match.start(), match.end(), SpanType.PERSON, 0.8, "initials before a name")
    for match in _ANONYMOUS.finditer(call.text):
        if match.group().replace(" ", "").lower() not in _ABBREVIATIONS:
            yield Found(match.start(), match.end(), SpanType.PERSON, 0.6, "initials that stand for a name")
    for match in _SINGLE.finditer(call.text):
        if match.group(1).lower() in _PERSON_WORDS:
            yield Found(match.start(2), match.end(2), SpanType.PERSON, 0.7, "an initial behind a word for a person")
