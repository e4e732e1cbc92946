"""Initials before a surname ("J.-P. Morin")."""

import re
from collections.abc import Iterator

from pipeline.adapters.redaction.fr.naming import NEVER, UP
from pipeline.adapters.redaction.fr.titled import NAME
from pipeline.adapters.redaction.view import Found, View
from pipeline.model.redaction import SpanType

_INITIALS = re.compile(rf"(?<![\w'’.])((?:[{UP}][a-z]?\.[ \u00a0]?-?){{1,3}})({NAME})")


def initials(view: View) -> Iterator[Found]:
    """Names with their initials."""
    for match in _INITIALS.finditer(view.call.text):
        view.deadline.check()
        head = re.split(r"[ -]", match.group(2))[0].lower()
        opening = (
            not view.call.text[: match.start()].rstrip(" ") or view.call.text[: match.start()].rstrip(" ")[-1] in ".\n:"
        )
        ordinary = view.dictionary.is_ordinary(head) and not view.dictionary.is_surname(head)
        if head in NEVER or (ordinary and (opening or match.group(2).isupper())):
            continue
        yield Found(match.start(), match.end(), SpanType.PERSON, 0.8, "initials before a name")
