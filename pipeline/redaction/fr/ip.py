"""IP addresses as spoken ("cent quatre-vingt-douze point cent soixante-huit point un point vingt")."""

import re
from collections.abc import Iterator
from itertools import pairwise

from callwarden.model.redaction import SpanType
from callwarden.redaction.view import Found, View


def find(view: View) -> Iterator[Found]:
    """Four numbers below 256 divided by "point"."""
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
