"""Which French turns can hold a name, and the capitals they would have if the recogniser wrote any."""

from callwarden.redaction.fr.dictionary import Dictionary
from callwarden.redaction.fr.naming import NEVER
from callwarden.redaction.words import CallText


class NameCase:
    """The text in which a turn is shown to the language model; None when there is nothing to see."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary

    def __call__(self, call: CallText, turn: int) -> str | None:
        first, end = call.turn_words[turn]
        text = call.turns[turn].text
        base = call.turn_starts[turn]
        if call.raws[turn]:
            letters = list(text)
            seen = False
            for at in range(first, end):
                word = call.words[at]
                if self._name_like(word.lower) and len(word.text[0].upper()) == 1:
                    letters[word.start - base] = word.text[0].upper()
                    seen = True
            return "".join(letters) if seen else None
        for at in range(first, end):
            word = call.words[at]
            if not word.capital:
                continue
            if not call.sentence_start(at) and word.lower not in NEVER and len(word.text) > 1:
                return text
            if self._name_like(word.lower):
                return text
        return None

    def _name_like(self, word: str) -> bool:
        d = self._dictionary
        if word.isdigit() or word in NEVER or len(word) < 3:
            return False
        return d.is_first_name(word) or d.is_surname(word) or d.is_place(word) or not d.is_ordinary(word)
