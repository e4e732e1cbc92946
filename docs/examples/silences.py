"""How long who speaks, how long nobody does, and what calls are about: of a folder from `callwarden experiment export`.

python silences.py DIR
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from datasets import disable_progress_bars, load_dataset

TOPICS = {
    "alarm": ("alarme", "intrusion", "sirène", "déclench"),
    "appointment": ("rendez-vous", "technicien", "passage"),
    "bill": ("facture", "prélèvement", "paiement", "règlement"),
    "contract": ("contrat", "résili", "abonnement"),
}
"""Words, or their beginnings, by topic."""


def seconds(turns: Sequence[Mapping[str, Any]]) -> Mapping[str, float]:
    """How long each speaks, and how long nobody does between the first word and the last."""
    spoken: Counter[str] = Counter()
    silent, heard_until = 0.0, min((turn["start_s"] for turn in turns), default=0.0)
    for turn in sorted(turns, key=lambda turn: turn["start_s"]):
        spoken[turn["speaker"]] += turn["end_s"] - turn["start_s"]
        silent += max(0.0, turn["start_s"] - heard_until)
        heard_until = max(heard_until, turn["end_s"])
    return {"silent": silent, **spoken}


def topics(text: str) -> list[str]:
    """What it is about, by its words."""
    return [topic for topic, words in TOPICS.items() if any(word in text.lower() for word in words)]


def main(folder: str) -> None:
    disable_progress_bars()
    calls = load_dataset(folder, split="train", cache_dir=f"{folder}/.cache")
    found: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    print(f"{'item':14} {'agent':>7} {'caller':>7} {'silent':>7}  topics")
    for call in calls:
        length, about = seconds(call["turns"]), topics(call["text"])
        totals.update(length)
        found.update(about)
        told = " ".join(f"{length.get(who, 0.0):6.1f}s" for who in ("agent", "caller", "silent"))
        print(f"{call['item'][:13]}\N{HORIZONTAL ELLIPSIS} {told}  {', '.join(about) or '-'}")
    print(f"{len(calls)} calls; " + ", ".join(f"{who} {length:.1f} s" for who, length in sorted(totals.items())))
    print("topics: " + (", ".join(f"{topic} {count}" for topic, count in found.most_common()) or "none"))


if __name__ == "__main__":
    main(sys.argv[1])
