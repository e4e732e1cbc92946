"""Whole calls by kind of what leaks and of what must stay, in every form (charter U4, U5).

In ``kinds/`` each file is a kind: everything marked goes, nothing else does. ``plain.txt`` holds calls without personal
data, ``texts.jsonl`` single sentences with what has to go and to stay.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from callwarden.model.redaction import KnownFacts, Turn
from callwarden.redaction.evaluate import Mark, Scored, evaluate
from callwarden.redaction.finder import PresidioFinder
from tests.redaction.build_gold import read_dialogues
from tests.redaction.raw_form import as_heard

KINDS = Path(__file__).parent / "kinds"
NOBODY = KnownFacts()
MOST_GONE = 0.02
FORMS = ("spoken", "written", "heard")
# What no recogniser of speech writes: signs of an address, which the heard form would tear apart.
_CAPITALS = "(capitals)"
"""Marks what is still missed in text without capitals (docs/redaction.md, Limits)."""
_TYPED = re.compile(r"[@/]|\w[.:]\w|://")


def _dialogues(name: str, form: str) -> list[dict[str, Any]]:
    text = (KINDS / f"{name}.txt").read_text(encoding="utf-8")
    found = read_dialogues(text, FORMS.index(form) % 2)
    if form != "heard":
        return found
    said = [
        d
        for d in read_dialogues(text, 0)
        if not d["id"].endswith(_CAPITALS) and not any(_TYPED.search(t["text"]) for t in d["turns"])
    ]
    return [as_heard(d) for d in said]


def _cases() -> list[Any]:
    return [
        pytest.param(dialogue, id=f"{path.stem}-{form}-{dialogue['id']}")
        for path in sorted(KINDS.glob("*.txt"))
        if path.stem != "plain"
        for form in FORMS
        for dialogue in _dialogues(path.stem, form)
    ]


def _score(finder: PresidioFinder, dialogue: dict[str, Any]) -> Scored:
    turns = [Turn(speaker=t["speaker"], text=t["text"]) for t in dialogue["turns"]]
    return Scored(
        texts=tuple(t.text for t in turns),
        gold=tuple(Mark(**span) for span in dialogue["spans"]),
        found=tuple(
            Mark(turn=s.turn, start=s.start, end=s.end, type=str(s.type))
            for s in finder.find(turns, language="fr", known=NOBODY)
        ),
    )


@pytest.mark.parametrize("dialogue", _cases())
def test_what_is_marked_goes_whole_and_the_rest_stays(finder: PresidioFinder, dialogue: dict[str, Any]) -> None:
    scored = _score(finder, dialogue)
    gone = {(m.turn, at) for m in scored.found for at in range(m.start, m.end)}
    for mark in scored.gold:
        text = scored.texts[mark.turn]
        left = "".join(text[at] if (mark.turn, at) not in gone else "_" for at in range(mark.start, mark.end))
        assert not any(c.isalnum() for c in left), left
    for found in scored.found:
        text = scored.texts[found.turn][found.start : found.end]
        touches = any(m.turn == found.turn and m.start < found.end and found.start < m.end for m in scored.gold)
        assert touches, f"too much: {text!r} as {found.type}"


@pytest.mark.parametrize("form", FORMS)
def test_of_calls_without_personal_data_at_most_two_words_in_a_hundred_go(finder: PresidioFinder, form: str) -> None:
    dialogues = _dialogues("plain", form)
    result = evaluate(_score(finder, d) for d in dialogues)
    assert len(dialogues) >= 30
    assert (result.gone or 0) <= MOST_GONE


def _texts() -> list[Any]:
    lines = (KINDS / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    return [pytest.param(json.loads(line), id=json.loads(line)["text"][:50]) for line in lines]


@pytest.mark.parametrize("case", _texts())
def test_of_a_sentence_goes_what_must_and_stays_what_must(finder: PresidioFinder, case: dict[str, Any]) -> None:
    turn = Turn(speaker="unknown", text=case["text"])
    gone = {at for s in finder.find([turn], language="fr", known=NOBODY) for at in range(s.start, s.end)}
    left = "".join("█" if at in gone else char for at, char in enumerate(case["text"]))
    for words in case["must_go"]:
        start = case["text"].index(words)
        assert not any(c.isalnum() for c in left[start : start + len(words)]), left
    for words in case["must_stay"]:
        start = case["text"].index(words)
        assert left[start : start + len(words)] == words, left
