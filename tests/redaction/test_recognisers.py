"""Every French recogniser against its own table of cases in ``cases/`` (charter U4, U5).

In each dialogue the recogniser must cover what is marked, by itself, and find nothing outside it.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from callwarden.model.redaction import KnownFacts, RedactionPolicy, Turn
from callwarden.redaction.finder import PresidioFinder
from callwarden.redaction.reading import read_view
from callwarden.redaction.words import read_call
from tests.redaction.build_gold import read_dialogues

CASES = Path(__file__).parent / "cases"
ROOT = Path(__file__).parents[2]
RULES = [
    path
    for path in (ROOT / "pipeline" / "redaction").rglob("*.py")
    if "\ndef find(view" in path.read_text(encoding="utf-8") and path.parent.name != "en"
]
KNOWN = KnownFacts(names=("Odette Lagarrigue",), numbers=("+33639980177",))


def _cases() -> list[Any]:
    out = []
    for path in sorted(CASES.glob("*.txt")):
        for form, name in enumerate(("spoken", "written")):
            for dialogue in read_dialogues(path.read_text(encoding="utf-8"), form):
                out.append(pytest.param(path.stem, dialogue, id=f"{path.stem}-{dialogue['id']}-{name}"))
    return out


def _rule(name: str) -> Any:
    path = next(p for p in RULES if p.stem == name)
    parts = path.relative_to(ROOT / "pipeline").with_suffix("").parts
    return import_module(".".join(("callwarden", *parts))).find


@pytest.mark.parametrize(("name", "dialogue"), _cases())
def test_a_recogniser_covers_what_is_its_own_and_nothing_else(
    finder: PresidioFinder, policy: RedactionPolicy, name: str, dialogue: dict[str, Any]
) -> None:
    turns = [Turn(speaker=t["speaker"], text=t["text"]) for t in dialogue["turns"]]
    pack, _ = finder.language("fr")
    call = read_call(turns)
    seen = pack.entities.read([call], _patient())[0]
    view = read_view(call, seen, KNOWN, pack, policy)
    found = [(f.start, f.end) for f in _rule(name)(view) if f.score >= 0.5]
    gold = [
        (call.turn_starts[s["turn"]] + s["start"], call.turn_starts[s["turn"]] + s["end"]) for s in dialogue["spans"]
    ]
    covered = {at for start, end in found for at in range(start, end)}
    for start, end in gold:
        left = "".join(c if at in covered else "_" for at, c in enumerate(call.text[start:end], start))
        assert all(at in covered for at in range(start, end) if call.text[at].isalnum()), left
    for start, end in found:
        assert any(start < e and s < end for s, e in gold), f"too much: {call.text[start:end]!r}"


def test_every_recogniser_has_a_table() -> None:
    assert {p.stem for p in RULES} == {p.stem for p in CASES.glob("*.txt")}


def _patient() -> Any:
    from callwarden.redaction.deadline import Deadline

    return Deadline(600)
