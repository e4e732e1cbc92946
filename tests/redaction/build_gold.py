"""Builds the gold files from the dialogues written in markup: ``python -m tests.redaction.build_gold``.

Markup: "== id" begins a dialogue, "A:"/"C:" a turn, ``[TYPE words]`` marks personal data, ``{spoken|written}``
gives the two forms. A line "= [TYPE words]" marks words of the turn above that stand there unmarked.
"""

import json
import re
from pathlib import Path
from typing import Any

GOLD = Path(__file__).parent / "gold"
_FORM = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")
_MARK = re.compile(r"\[([A-Z_]+) ([^\[\]]+)\]")
SPEAKERS = {"A": "agent", "C": "caller"}


def read_dialogues(text: str, form: int) -> list[dict[str, Any]]:
    """The dialogues of one markup file in one form (0 spoken, 1 written)."""
    documents: list[dict[str, Any]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        line = _FORM.sub(lambda m: m.group(form + 1), line)
        if line.startswith("== "):
            documents.append({"id": line[3:].strip(), "turns": [], "spans": []})
        elif line.startswith("= "):
            _mark_above(documents[-1], line[2:])
        else:
            _add_turn(documents[-1], SPEAKERS[line[0]], line[2:].strip())
    for document in documents:
        document["spans"].sort(key=lambda s: (s["turn"], s["start"]))
    return documents


def _add_turn(document: dict[str, Any], speaker: str, marked: str) -> None:
    text, at = "", 0
    number = len(document["turns"])
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        document["spans"].append(
            {"turn": number, "start": len(text), "end": len(text) + len(match.group(2)), "type": match.group(1)}
        )
        text += match.group(2)
        at = match.end()
    document["turns"].append({"speaker": speaker, "text": text + marked[at:]})


def _mark_above(document: dict[str, Any], marked: str) -> None:
    match = _MARK.fullmatch(marked.strip())
    number = len(document["turns"]) - 1
    text = document["turns"][number]["text"]
    if match is None or text.count(match.group(2)) < 1:
        raise ValueError(f"{document['id']}: cannot place {marked!r}")
    start = text.index(match.group(2))
    document["spans"].append(
        {"turn": number, "start": start, "end": start + len(match.group(2)), "type": match.group(1)}
    )


def write(documents: list[dict[str, Any]], path: Path) -> None:
    """One document a line."""
    path.write_text("".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents), encoding="utf-8")


def main() -> None:
    for source in sorted(GOLD.glob("*.txt")):
        for form, name in enumerate(("spoken", "written")):
            write(read_dialogues(source.read_text(encoding="utf-8"), form), GOLD / f"{source.stem}_{name}.jsonl")


if __name__ == "__main__":
    main()
