"""Keys pressed on a telephone: what they are is said by the question before, never by themselves."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.model.transcript import KEYED
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.view import Found, View

_KEYED = re.compile(re.escape(KEYED))


def find(view: View) -> Iterator[Found]:
    """Wherever keys were pressed: a card's number where a card was asked for, else a secret."""
    for match in _KEYED.finditer(view.call.text):
        if view.expects(view.call.turn_at(match.start()), Asked.CARD) is not None:
            yield Found.of(match, SpanType.CREDIT_CARD, 0.99, "keys pressed where a card was asked for")
        else:
            yield Found.of(match, SpanType.SECRET, 0.99, "keys pressed")
