"""Teaches the second reader with the annotated calls of ``gold/`` and ``kinds/``: ``python -m tests.redaction.train``.

Every call is seen in several forms (as spoken, as written, without marks, on one channel). Names, places and passwords
are exchanged for others all the time, so that what stands around them is learnt and not the words. ``--without hand12``
leaves sets out, ``-o FILE`` writes elsewhere, to be measured on them. The same calls and seed give the same weights on
the same machine.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from callwarden.model.redaction import KnownFacts, SpanType, Turn
from callwarden.redaction import build_finder, load_redaction_policy
from callwarden.redaction.deadline import Deadline
from callwarden.redaction.fr.second_reader import KINDS, WEIGHTS
from callwarden.redaction.fr.signs import ASKED, DIGITS, ENTITIES, IN_RUN, NOUN, NUMBER, RARE, WordSigns, places
from callwarden.redaction.language import Language
from callwarden.redaction.network import Array, Network, save_networks
from callwarden.redaction.reading import read_view
from callwarden.redaction.utterances import utterances
from callwarden.redaction.view import View
from callwarden.redaction.words import read_call
from tests.redaction.build_gold import GOLD, read_dialogues
from tests.redaction.raw_form import Document, as_heard, as_mono
from tests.redaction.teaching import Example, Pupil

SEEDS, ROUNDS, AT_ONCE, RATE = (1, 2), 16, 6, 2e-3
LONG_S = 3600
_POLICY = replace(load_redaction_policy(), learned=False, time_budget_s=LONG_S)
KINDS_OF_CALLS = GOLD.parent / "kinds"
_LEFT_OUT = frozenset({"english"})
_OTHER = {SpanType.EMAIL: SpanType.URL, SpanType.DATE: None}
_SWAPPED = {SpanType.SECRET: 0.5, SpanType.PERSON: 0.5, SpanType.LOCATION: 0.5, SpanType.ORGANISATION: 0.35}
"""How often the words of a kind are exchanged in a call."""
_SECRET = KINDS.index(SpanType.SECRET)
_FAIRLY_RARE = 0.45
_HIDDEN = 0.3
_UNSEEN = 0.06
"""So many words, and signs of them, are hidden at a time."""


def forms(text: str) -> Iterator[Document]:
    """Each dialogue of a markup file in the forms in which it is learnt."""
    for form in (0, 1):
        for document in read_dialogues(text, form):
            heard = as_heard(document)
            yield document
            yield as_mono(heard)
            if form == 0:
                yield heard
                yield as_mono(document)


def example(document: Document, pack: Language, signs: WordSigns) -> tuple[Example, list[str]]:
    """What the reader is shown of a document, and its words."""
    turns = [Turn(speaker=turn["speaker"], text=turn["text"]) for turn in document["turns"]]
    call = read_call(utterances(turns, pack.find_ends), pack.respell)
    view: View = read_view(call, pack.entities.read([call], Deadline(LONG_S))[0], KnownFacts(), pack, _POLICY)
    starts = np.cumsum([0, *(len(turn.text) + 1 for turn in turns)])
    kind = np.zeros(len(call.words), np.int64)
    written = [call.respelled.back(word.start, word.end) for word in call.words]
    for span in document["spans"]:
        start, end = starts[span["turn"]] + span["start"], starts[span["turn"]] + span["end"]
        marked = [at for at, (first, last) in enumerate(written) if first < end and start < last]
        kind[marked] = _kind(SpanType(span["type"]))
    words = [word.lower for word in call.words]
    looked = [signs.look(word) for word in words]
    row, word, ending = (np.array([one[at] for one in looked], np.int64) for at in range(3))
    turn_of = np.array([one.turn for one in call.words], np.int64)
    return Example(row, word, ending, np.stack([one[3] for one in looked]), places(view), turn_of, kind), words


def _kind(type_: SpanType) -> int:
    known = _OTHER.get(type_, type_)
    return KINDS.index(known if known in KINDS else SpanType.ID_NUMBER)


Word = tuple[int, int, int, Array]


class Exchange:
    """Other words for those that are marked, out of the same sets; for passwords any noun, too."""

    def __init__(self, calls: Sequence[tuple[Example, list[str]]]) -> None:
        self._rate = {KINDS.index(kind): rate for kind, rate in _SWAPPED.items()}
        pools: dict[int, dict[str, Word]] = defaultdict(dict)
        for one, words in calls:
            for at, word in enumerate(words):
                kind = int(one.kind[at])
                noun = not kind and one.signs[at, NOUN] and one.signs[at, RARE] > _FAIRLY_RARE
                if noun or (kind in self._rate and _is_word(one, at, word)):
                    pools[kind][word] = (int(one.row[at]), int(one.word[at]), int(one.ending[at]), one.signs[at])
        self._pools = {kind: [pool[word] for word in sorted(pool)] for kind, pool in pools.items()}

    def changed(self, call: tuple[Example, list[str]], chance: np.random.Generator) -> Example:
        """The call with other names and passwords, and with some words and signs hidden."""
        one, words = call
        row, word, ending, signs, around = (
            array.copy() for array in (one.row, one.word, one.ending, one.signs, one.places)
        )
        chosen: dict[str, Word | None] = {}
        for at in np.flatnonzero(np.isin(one.kind, list(self._rate))):
            if not _is_word(one, at, words[at]):
                continue
            kind = int(one.kind[at])
            if words[at] not in chosen:
                pool = self._pools[0 if kind == _SECRET and chance.random() < 0.5 else kind]
                swap = chance.random() < self._rate[kind]
                chosen[words[at]] = pool[chance.integers(len(pool))] if swap else None
            other = chosen[words[at]]
            if other is not None:
                row[at], word[at], ending[at], signs[at] = other
        for array, empty in ((row, -1), (word, 0), (ending, 0), (signs, 0)):
            array[chance.random(len(row)) < _UNSEEN] = empty
        for columns in (ASKED, ENTITIES):
            if chance.random() < _HIDDEN:
                around[:, columns] = 0
        return Example(row, word, ending, signs, around, one.turn, one.kind)


def _is_word(one: Example, at: int, word: str) -> bool:
    """No part of a number, which an exchange would spoil."""
    return not one.signs[at, NUMBER] and not one.signs[at, DIGITS] and not one.places[at, IN_RUN] and len(word) > 2


def teach(calls: Mapping[Any, Sequence[tuple[Example, list[str]]]], vectors: Array, seed: int) -> Network:
    """A network taught with the calls, each in one of its forms a round."""
    chance = np.random.default_rng(seed)
    pupil, names = Pupil(vectors, chance), sorted(calls)
    exchange = Exchange([one for name in names for one in calls[name]])
    steps, done = ROUNDS * -(-len(names) // AT_ONCE), 0
    for number in range(ROUNDS):
        order = [names[at] for at in chance.permutation(len(names))]
        loss: list[float] = []
        for first in range(0, len(order), AT_ONCE):
            shown = [calls[name][chance.integers(len(calls[name]))] for name in order[first : first + AT_ONCE]]
            done += 1
            rate = RATE * min(1.0, done / 100) * (0.01 + 0.495 * (1 + np.cos(np.pi * done / steps)))
            loss.append(pupil.step([exchange.changed(one, chance) for one in shown], float(rate)))
        print(f"round {number + 1} of {ROUNDS}: {np.mean(loss):.4f}", flush=True)
    return pupil.network()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without", nargs="*", default=[], help="sets left out")
    parser.add_argument("-o", "--output", type=Path, default=WEIGHTS)
    given = parser.parse_args()
    pack, _ = build_finder(_POLICY).language("fr")
    signs = WordSigns(pack.dictionary)  # type: ignore[arg-type]  # each language knows its own dictionary
    calls: dict[tuple[str, str], list[tuple[Example, list[str]]]] = defaultdict(list)
    for path in sorted((*GOLD.glob("*.txt"), *KINDS_OF_CALLS.glob("*.txt"))):
        if path.stem not in _LEFT_OUT | set(given.without):
            for document in forms(path.read_text(encoding="utf-8")):
                calls[path.stem, document["id"]].append(example(document, pack, signs))
    print(f"{len(calls)} calls", flush=True)
    save_networks([teach(calls, signs.vectors, seed) for seed in SEEDS], given.output)


if __name__ == "__main__":
    main()
