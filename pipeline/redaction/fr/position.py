"""Points on the map: degrees, decimal coordinates behind "latitude" or "GPS", codes that stand for a place."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.number_words import NUMBER
from callwarden.redaction.view import Found, View

_FIGURE = rf"(?:\d{{1,3}}(?:[.,]\d{{1,8}})?|{NUMBER})"
_WAY = r"(?:nord|sud|est|ouest|[NSEOW])(?!\w)"
_DEGREES = re.compile(
    rf"(?<!\w){_FIGURE}\s?(?:°|degrés?\b)\s?(?:(?:et )?{_FIGURE}\s?(?:['’′]|minutes?)?\s?)?"
    rf"(?:{_FIGURE}\s?(?:[\"”″]|secondes?)?)?"
    rf"[\s,]{{0,2}}(?:de latitude |de longitude )?{_WAY}",
    re.IGNORECASE,
)
_LETTERED = re.compile(r"(?<!\w)[NS] ?\d{1,2}[.,]\d{2,8}[ ,;/]{1,3}[EOW] ?\d{1,3}[.,]\d{2,8}")
_DECIMALS = re.compile(r"(?<![\d.,])-?\d{1,2}[.,]\d{3,8}[ ,;/]{1,3}-?\d{1,3}[.,]\d{3,8}(?![\d])")
_OPEN = re.compile(r"(?<![A-Z0-9+])[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}(?!\w)")
_NAMED = re.compile(r"(?:latitude|longitude|coordonnées|\bgps)[^.?!\n]{0,30}$")


def find(view: View) -> Iterator[Found]:
    """Positions of the call."""
    for pattern in (_DEGREES, _LETTERED, _DECIMALS, _OPEN):
        for match in pattern.finditer(view.call.text):
            view.deadline.check()
            yield Found.of(match, SpanType.LOCATION, 0.85, "a point on the map")
    for context in view.runs:
        if len(context.run.digits) >= 3 and _NAMED.search(context.before):
            yield context.found(SpanType.LOCATION, 0.85, "figures behind a word for a point on the map")
