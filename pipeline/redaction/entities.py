"""Named entities of many turns in few passes: each distinct turn once, and only turns that can hold a name."""

from collections.abc import Callable, Sequence
from typing import Any

from callwarden.redaction.deadline import Deadline
from callwarden.redaction.view import Entity
from callwarden.redaction.words import CallText

BATCH = 128
MAX_CHARS = 4000
MEMORY = 4096

NameCase = Callable[[CallText, int], str | None]


class EntityReader:
    """Asks a spaCy pipeline for the entities of turns.

    ``name_case`` gives the text to read a turn in: with capitals on what may be a name where the recogniser
    wrote none (same length), or None when the turn can hold no name and need not be read. What was read is
    kept for the next calls ("Quel est votre mot de passe ?" is said in every one), up to ``remembered`` turns.
    """

    def __init__(self, nlp: Any, name_case: NameCase, *, remembered: int = MEMORY) -> None:
        self._remembered = remembered
        self._nlp = nlp
        self._pipes = [name for name in nlp.pipe_names if name not in ("tok2vec", "ner")]
        self._name_case = name_case
        self._memory: dict[str, tuple[tuple[int, int, str], ...]] = {}

    def forget(self) -> None:
        """Drop what was read before."""
        self._memory.clear()

    def read(self, calls: Sequence[CallText], deadline: Deadline) -> list[list[Entity]]:
        """The entities of each call, offsets in its joined text."""
        wanted: list[tuple[int, int, str]] = []
        for number, call in enumerate(calls):
            for turn in range(len(call.turns)):
                text = self._name_case(call, turn)
                if text is not None:
                    wanted.extend((number, call.turn_starts[turn] + at, piece) for at, piece in _pieces(text))
        self._learn(list(dict.fromkeys(p for _, _, p in wanted if p not in self._memory)), deadline)
        out: list[list[Entity]] = [[] for _ in calls]
        for number, base, piece in wanted:
            out[number].extend(Entity(base + s, base + e, label) for s, e, label in self._memory[piece])
        if len(self._memory) > self._remembered:
            self._memory.clear()
        return out

    def _learn(self, texts: list[str], deadline: Deadline) -> None:
        if not texts:
            return
        with self._nlp.select_pipes(disable=self._pipes):
            for doc, text in zip(self._nlp.pipe(texts, batch_size=BATCH), texts, strict=True):
                deadline.check()
                self._memory[text] = tuple((e.start_char, e.end_char, e.label_) for e in doc.ents)


def _pieces(text: str) -> list[tuple[int, str]]:
    """The text in pieces of bounded size, cut at blanks."""
    out: list[tuple[int, str]] = []
    at = 0
    while at < len(text):
        end = min(at + MAX_CHARS, len(text))
        if end < len(text):
            blank = text.rfind(" ", at, end)
            end = blank if blank > at else end
        out.append((at, text[at:end]))
        at = end
    return out
