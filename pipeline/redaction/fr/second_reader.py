"""A reader that was taught by annotated calls, beside the rules: it finds what no rule foresaw, and where a rule only
guesses, the guess counts unless the reader is sure that the words are nobody's."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import numpy as np

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.dictionary import Dictionary
from callwarden.redaction.fr.signs import ENDINGS, OF_PLACE, OF_TURN, OF_WORD, WORDS, WordSigns, places
from callwarden.redaction.network import Array, load_networks
from callwarden.redaction.view import Found, View

WEIGHTS = Path(__file__).parent / "second_reader.weights"
KINDS = (
    None,
    *map(SpanType, ["SECRET", "PREMISES", "PERSON", "LOCATION", "ORGANISATION", "HEALTH", "URL", "ID_NUMBER"]),
)
"""What the reader tells apart, in the order of its answers, which teaching settled; every other number is an
``ID_NUMBER`` to it."""
FROM = np.array([1.0, 0.5, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6])
"""A stretch is found when one of its words is personal with this likelihood; by kind."""
REACHES = 0.05
"""Its other words, with this."""
SURE, FAIR = 0.7, 0.6
"""Scores: what is surely found is looked for in the whole call. A rule names the type where one found the same."""
SURELY = 0.9
NOBODY = 0.95
CONVERSATION = 3
"""So many utterances, and it reads: it was taught by conversations, not by notes or sentences."""
GUESSES = frozenset(("FrSecretWord", "FrPerson", "FrTown", "FrUnknownName", "FrOrganisation", "FrHealth", "FrPremises"))
"""Rules that look for words of any kind, where others look for a form."""


class SecondReader:
    """Raises `callwarden.ports.pii.ModelMissingError` where its weights are missing, altered or of another model."""

    def __init__(self, dictionary: Dictionary, weights: Path = WEIGHTS) -> None:
        self._signs = WordSigns(dictionary)
        rows = {"words": WORDS, "endings": ENDINGS, "signs": OF_WORD, "places": OF_PLACE + OF_TURN}
        self._networks = load_networks(weights, {"vectors": self._signs.vectors.shape[1], **rows})
        # what the network makes of a word of the vocabulary, not who said it
        self._word = lru_cache(maxsize=32_768)(self._read_word)

    def likely(self, view: View) -> Array:
        """Of each word of the call how likely each of `KINDS` is."""
        words = view.call.words
        turn_of = np.fromiter((word.turn for word in words), np.int64, len(words))
        own, around = np.stack([self._word(word.lower) for word in words], axis=1), places(view)
        answers = [one.read(row, around, turn_of) for one, row in zip(self._networks, own, strict=True)]
        mean: Array = np.mean(answers, axis=0, dtype=np.float32)
        return mean

    def join(self, view: View, found: Sequence[Found]) -> list[Found]:
        """What the rules found without the guesses the reader knows better, and what it found itself."""
        view.deadline.check()
        if len(view.call.turns) < CONVERSATION or not view.call.words:
            return list(found)
        likely = self.likely(view)
        kept = [one for one in found if not (one.why.partition(":")[0] in GUESSES and _nobody(view, one, likely))]
        return [*kept, *_stretches(view, likely)]

    def _read_word(self, word: str) -> Array:
        row, frequent, ending, signs = self._signs.look(word)
        return np.stack([one.word(self._signs.vectors[row], frequent, ending, signs) for one in self._networks])


def _nobody(view: View, one: Found, likely: Array) -> bool:
    first, last = view.call.word_at(one.start), view.call.word_at(one.end - 1)
    return bool(likely[first : last + 1, 0].min(initial=1.0) > NOBODY)


def _stretches(view: View, likely: Array) -> Iterator[Found]:
    """Words in a row of one turn that are personal, one of them with enough likelihood."""
    personal = np.flatnonzero(likely[:, 0] < 1 - REACHES).tolist()
    words = view.call.words
    dictated = {at for one in view.runs if not one.quantity for at in range(one.run.first, one.run.last + 1)}
    for _, row in groupby(enumerate(personal), lambda one: (one[1] - one[0], words[one[1]].turn)):
        stretch = [at for _, at in row]
        kind = int(likely[stretch, 1:].sum(axis=0).argmax()) + 1
        most = 1 - float(likely[stretch, 0].min())
        named = KINDS[kind]
        if view.call.turns[words[stretch[0]].turn].text.endswith(":"):
            continue  # "Client :" says who speaks
        if named is SpanType.ID_NUMBER and dictated.isdisjoint(stretch):
            continue  # a time, a date, a version or a label's number: rules know them
        if named is not None and most >= FROM[kind]:
            score = SURE if most >= SURELY else FAIR
            yield view.found(stretch[0], stretch[-1], named, score, f"SecondReader: likely {most:.2f}")
