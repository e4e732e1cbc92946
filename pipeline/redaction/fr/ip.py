"""Addresses on a network: IPv4 as spoken ("cent quatre-vingt-douze point cent soixante-huit point un point vingt"),
IPv6 and those of machines, written or with "deux points"."""

import re
from collections.abc import Iterator
from itertools import pairwise

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.view import Found, View
from callwarden.redaction.words import Word

_HEX = re.compile(
    r"(?<![\w:])(?:(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:/\d{1,3})?|(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2})(?![\w:])",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}:\d\d:\d\d")
MAX_GROUP = 7
"""Words of one group between two colons, as said."""


def find(view: View) -> Iterator[Found]:
    """Addresses of the call."""
    for match in _HEX.finditer(view.call.text):
        if not _CLOCK.fullmatch(match.group()) and any(c.isalnum() for c in match.group()):
            yield Found.of(match, SpanType.IP, 0.9, "groups of digits divided by colons")
    yield from _said(view)
    for context in view.runs:
        atoms = context.run.atoms
        for at in range(len(atoms) - 3):
            four = atoms[at : at + 4]
            if not all(a.digits.isdigit() and len(a.digits) <= 3 and int(a.digits) <= 255 for a in four):
                continue
            between = [
                view.call.text[view.call.words[a.last].end : view.call.words[b.first].start].lower()
                for a, b in pairwise(four)
            ]
            if all(re.fullmatch(r"\W{0,3}points?\W{0,3}|\.", gap) for gap in between):
                start, end = view.call.words[four[0].first].start, view.call.words[four[-1].last].end
                yield Found(start, end, SpanType.IP, 0.9, "four numbers divided by points")


def _said(view: View) -> Iterator[Found]:
    """ "deux mille un deux points quarante et un D zéro deux points huit": numbers and letters with "deux points"."""
    words = view.call.words
    colons = [at for at in range(1, len(words)) if words[at].lower == "points" and words[at - 1].lower in ("deux", "2")]
    group: list[int] = []
    for at in [*colons, -1]:
        if group and (at < 0 or at - group[-1] > MAX_GROUP or words[at].turn != words[group[-1]].turn):
            asked = view.expects(words[group[0]].turn, Asked.IP) is not None
            if len(group) >= (1 if asked else 2):
                first, last = group[0] - 1, group[-1]
                while first and _part(words[first - 1]) and words[first - 1].turn == words[last].turn:
                    first -= 1
                while last + 1 < len(words) and _part(words[last + 1]) and words[last + 1].turn == words[first].turn:
                    last += 1
                yield view.found(first, last, SpanType.IP, 0.85, "groups of digits divided by spoken colons")
            group = []
        group.append(at)


def _part(word: Word) -> bool:
    return word.is_digits or word.lower in NUMBER_WORDS or word.lower in ("double", "fois") or len(word.lower) == 1
