"""Names in the answer to a question for one."""

from collections.abc import Iterator

from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.introducing import SURE_INTRO
from callwarden.redaction.fr.naming import NEVER, extend, named, strength
from callwarden.redaction.fr.questions import is_question
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_NAMES = lexicon("fr", "names")

_DETERMINERS = _NAMES.words("determiners")

_WHO = _NAMES.pattern("who", after=r"\s*\??\s*$")


def _asked_who(view: View, number: int) -> bool:
    """The turn before ends in "vous êtes monsieur ?", "on appelle qui ?"."""
    turns = view.call.turns
    if number == 0 or turns[number - 1].speaker == turns[number].speaker:
        return False
    return _WHO.search(turns[number - 1].text[-100:].replace("’", "'")) is not None


def answers(view: View) -> Iterator[Found]:
    """Names where a name or its spelling was asked for."""
    call = view.call
    for number in range(len(call.turns)):
        asked = view.expects(number, Asked.NAME, Asked.SPELLING)
        age = asked.age if asked is not None else 0 if _asked_who(view, number) else None
        if (
            age is None
            or age > 2
            or is_question(call.turns[number].text)
            or (view.asks[number] and not SURE_INTRO.search(call.turns[number].text))
        ):
            continue
        first, end = call.turn_words[number]
        content = [i for i in range(first, end) if call.words[i].lower not in NEVER and not call.words[i].is_digits]
        least = 1 if len(content) <= 4 and age == 0 else 2
        at = first
        if age == 0 and content and (stop := _opening(view, content[0])):
            yield named(view, content[0], stop, 0.75, "the name an answer opens with")
            at = stop
        while at < end:
            weak = strength(view, at) < 2 and at > first and call.words[at - 1].lower in _DETERMINERS
            if weak:
                at += 1
            elif strength(view, at) >= least or (
                least == 1 and at in content and not call.words[at].small and call.words[at].capital
            ):
                stop = max(extend(view, at, least=least), at + 1)
                if not view.dictionary.is_verb(call.words[at].lower):
                    yield named(view, at, stop, 0.75, "a name where one was asked for")
                at = stop
            else:
                at += 1


def _opening(view: View, at: int) -> int:
    """Without capitals, "blanche rappel enfin…", "vasseur mais…": index behind the name an answer opens with, or 0."""
    lower = view.call.words[at].lower
    known = view.dictionary.is_first_name(lower) or view.dictionary.may_be_surname(lower)
    before = view.call.words[at - 1] if at and view.call.words[at - 1].turn == view.call.words[at].turn else None
    if not (known and view.call.words[at].small and strength(view, at)) or (before and before.lower in _DETERMINERS):
        return 0
    return extend(view, at, least=1, most=2)
