"""Prints the table of docs/redaction.md: our finder beside Presidio's defaults, on every annotated file.

``python -m tests.bench.redaction_table [FILE.jsonl…]``; without files, those of tests/redaction/gold. "heard" is
the spoken form in lower case without punctuation, as some recognisers write it.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from callwarden.model.redaction import KnownFacts, Turn
from callwarden.redaction import build_finder
from callwarden.redaction.evaluate import FIXED_FORM, NAMES_AND_PLACES, Evaluation, Mark, Scored, evaluate
from callwarden.redaction.policy_file import load_redaction_policy
from tests.bench.redaction_bench import GOLD, ROOT, plain_presidio
from tests.redaction.raw_form import as_heard

Find = Callable[[Sequence[Turn]], list[Mark]]


def main(paths: Sequence[Path]) -> None:
    finder = build_finder(load_redaction_policy(ROOT / "config" / "redaction.yaml"))
    plain = plain_presidio()

    def ours(turns: Sequence[Turn]) -> list[Mark]:
        spans = finder.find(turns, language="fr", known=KnownFacts())
        return [Mark(turn=s.turn, start=s.start, end=s.end, type=str(s.type)) for s in spans]

    def theirs(turns: Sequence[Turn]) -> list[Mark]:
        return [
            Mark(turn=n, start=r.start, end=r.end, type=r.entity_type)
            for n, turn in enumerate(turns)
            for r in plain.analyze(text=turn.text, language="fr")
        ]

    heads = ["set", "spans", "fixed form", "names, places", "all", "precision", "leaked", "words gone"]
    print("| " + " | ".join([*heads, "Presidio: all", "precision", "leaked"]) + " |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for path in paths:
        documents = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        _row(path.stem, documents, ours, theirs)
        if path.stem.endswith("_spoken"):
            _row(path.stem.replace("_spoken", "_heard"), [as_heard(d) for d in documents], ours, theirs)


def _row(name: str, documents: list[dict[str, Any]], ours: Find, theirs: Find) -> None:
    a, b = _score(documents, ours), _score(documents, theirs)
    figures = [
        a.recall_of(FIXED_FORM), a.recall_of(NAMES_AND_PLACES), a.recall, a.precision, a.leak, a.gone,
        b.recall, b.precision, b.leak,
    ]  # fmt: skip
    print(f"| {name} | {a.spans} | " + " | ".join("–" if f is None else f"{f:.3f}" for f in figures) + " |")


def _score(documents: list[dict[str, Any]], find: Find) -> Evaluation:
    out: list[Scored] = []
    for document in documents:
        turns = [
            Turn(speaker=t.get("speaker", "unknown"), text=t["text"])
            for t in document.get("turns", [{"text": document.get("text", "")}])
        ]
        gold = tuple(
            Mark(turn=s.get("turn", 0), start=s["start"], end=s["end"], type=s["type"]) for s in document["spans"]
        )
        out.append(Scored(texts=tuple(t.text for t in turns), gold=gold, found=tuple(find(turns))))
    return evaluate(out)


if __name__ == "__main__":
    given = [Path(a) for a in sys.argv[1:]]
    main(given or sorted(p for p in GOLD.glob("*.jsonl") if not p.stem.startswith("english")))
