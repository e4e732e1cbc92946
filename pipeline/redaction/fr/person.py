"""People's names: after titles and introductions, first names with what follows, initials, answers, the model's."""

from collections.abc import Iterator

from callwarden.redaction.fr.answered_name import answers
from callwarden.redaction.fr.greeting import entities
from callwarden.redaction.fr.initials import initials
from callwarden.redaction.fr.labelled import labelled
from callwarden.redaction.fr.naming import NEVER, is_abbreviation, named, strength
from callwarden.redaction.fr.spoken_name import spoken
from callwarden.redaction.fr.titled import farewell, titled
from callwarden.redaction.fr.told_name import told
from callwarden.redaction.view import Found, View


def find(view: View) -> Iterator[Found]:
    """Names of people in the call."""
    yield from titled(view)
    yield from spoken(view)
    yield from initials(view)
    yield from labelled(view)
    yield from told(view)
    yield from _model(view)
    yield from answers(view)
    yield from farewell(view)


def _model(view: View) -> Iterator[Found]:
    call = view.call
    for first, end in entities(view, "PER"):
        while end > first and call.words[end - 1].lower in NEVER:
            end -= 1
        if (
            all(call.words[i].text.isupper() and len(call.words[i].text) <= 4 for i in range(first, end))
            and not call.words[first].raw
        ):
            continue
        if is_abbreviation(view, first, end):
            continue
        best = max(strength(view, i) for i in range(first, end))
        if best >= 2 or (
            best == 1
            and not call.words[first].raw
            and any(not call.sentence_start(i) and call.words[i].capital for i in range(first, end))
        ):
            yield named(view, first, end, 0.8 if best >= 2 else 0.6, "the language model takes it for a person")
