"""Where something personal is expected, and which words are not everyday ones: what a listener has to be careful about.

A recogniser writes an unusual name as common words, so no rule over text can see it. What was asked or announced can be
seen ("à quel nom ?", "madame", "le code, c'est"), and so can words that nobody says every day.
"""

from collections.abc import Sequence

from callwarden.model.redaction import Attention, OpenQuestion, Turn
from callwarden.redaction.dialogue import Asked, follow
from callwarden.redaction.language import Language
from callwarden.redaction.utterances import utterances
from callwarden.redaction.words import read_call

ANSWERS = 1
"""A question is answered in the next utterance or, after something else, in the one behind it."""


def attend(turns: Sequence[Turn], language: Language, opening: Sequence[OpenQuestion] = ()) -> Attention:
    """As `PersonalDataFinder.attend`."""
    call = read_call(utterances(turns, language.find_ends), language.respell)
    asked = follow(language.view_turns(call), opening)
    answers = {
        number
        for number, questions in enumerate(asked)
        if any(one.asked is not Asked.DISPLAY and one.age <= ANSWERS for one in questions)
    }
    read_back = {number + 1 for number in answers if number + 1 < len(call.turns)}
    starts = {call.turn_starts[number] for number in answers | read_back}
    text = call.text.replace("’", "'").lower()
    announced = {match.end() for cue in language.announcing for match in cue.finditer(text)}
    rare = {word.start for word in call.words if not language.is_common(word.lower)}
    expected, unusual = (
        frozenset(call.respelled.back(at, at)[0] for at in found) for found in (starts | announced, rare)
    )
    return Attention(expected=expected, rare=unusual)
