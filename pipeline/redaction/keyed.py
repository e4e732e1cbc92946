"""Keys pressed on a telephone: what they are is said by the question before, never by themselves."""

from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.model.transcript import KEYED
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.view import Found, View


def find(view: View) -> Iterator[Found]:
    """Every turn of keys: a card's number where a card was asked for, else a secret."""
    for number, turn in enumerate(view.call.turns):
        if turn.text == KEYED:
            card = view.expects(number, Asked.CARD) is not None
            start = view.call.turn_starts[number]
            yield Found(
                start,
                start + len(KEYED),
                SpanType.CREDIT_CARD if card else SpanType.SECRET,
                0.99,
                "keys pressed where a card was asked for" if card else "keys pressed",
            )
