"""Prints the tables of docs/redaction.md by form: the same calls on two channels and on one (`raw_form.py`).

``python -m tests.bench.redaction_forms [FILE…]``: annotated lines (.jsonl) or markup (.txt); without files, the calls
of tests/redaction/gold.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from callwarden.model.redaction import KnownFacts, Turn
from callwarden.redaction import build_finder
from callwarden.redaction.evaluate import FIXED_FORM, NAMES_AND_PLACES, Evaluation, Mark, Scored, evaluate
from callwarden.redaction.finder import PresidioFinder
from callwarden.redaction.policy_file import load_redaction_policy
from tests.bench.redaction_bench import GOLD, ROOT
from tests.redaction.build_gold import read_dialogues
from tests.redaction.raw_form import FORMS, Document

_CALLS = ("calls_", "hand", "made_")


def main(paths: Sequence[Path]) -> None:
    finder = build_finder(load_redaction_policy(ROOT / "config" / "redaction.yaml"))
    documents = [document for path in paths for document in _documents(path)]
    by_form: dict[str, Evaluation] = {}
    print("| form | all | fixed form | names, places | precision | without a leak | gone where nothing is personal |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, form in FORMS.items():
        marked = by_form[name] = evaluate(_scored(finder, [d for d in documents if d["spans"]], form))
        plain = evaluate(_scored(finder, [d for d in documents if not d["spans"]], form))
        whole = evaluate(_scored(finder, documents, form))
        figures = (
            marked.recall, marked.recall_of(FIXED_FORM), marked.recall_of(NAMES_AND_PLACES), whole.precision,
        )  # fmt: skip
        shown = " | ".join("–" if f is None else f"{f:.3f}" for f in figures)
        gone = "–" if plain.gone is None else f"{plain.gone:.3f}"
        print(f"| {name} | {shown} | {marked.without_leak} of {marked.documents} | {gone} |")
    print("\n| type | spans | " + " | ".join(by_form) + " |")
    print("|---|--:|" + "--:|" * len(by_form))
    for kind, score in by_form["stereo"].by_type.items():
        if score.spans:
            shares = (e.by_type[kind].covered / e.by_type[kind].spans for e in by_form.values())
            print(f"| {kind} | {score.spans} | " + " | ".join(f"{share:.3f}" for share in shares) + " |")


def _documents(path: Path) -> list[Document]:
    text = path.read_text(encoding="utf-8")
    return read_dialogues(text, 0) if path.suffix == ".txt" else [json.loads(line) for line in text.splitlines()]


def _scored(finder: PresidioFinder, documents: list[Document], form: Callable[[Document], Document]) -> list[Scored]:
    formed = [form(document) for document in documents]
    calls = [[Turn(speaker=t["speaker"], text=t["text"]) for t in d["turns"]] for d in formed]
    found = finder.find_many(calls, language="fr", known=[KnownFacts()] * len(calls))
    return [
        Scored(
            texts=tuple(t.text for t in call),
            gold=tuple(Mark(turn=s["turn"], start=s["start"], end=s["end"], type=s["type"]) for s in d["spans"]),
            found=tuple(Mark(turn=s.turn, start=s.start, end=s.end, type=str(s.type)) for s in spans),
        )
        for d, call, spans in zip(formed, calls, found, strict=True)
    ]


if __name__ == "__main__":
    given = [Path(a) for a in sys.argv[1:]]
    main(given or sorted(p for p in GOLD.glob("*.jsonl") if p.stem.startswith(_CALLS)))
