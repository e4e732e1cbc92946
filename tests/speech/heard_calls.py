"""How much of what is personal in the sample calls would be beeped, from transcripts that were stored earlier.

`python -m tests.speech.heard_calls [PADDING_S]` prints the shares and what is missed.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.adapters.redaction import build_finder
from pipeline.adapters.redaction.settings_yaml import load_redaction_policy
from pipeline.adapters.speech.codec import JsonTranscriptCodec
from pipeline.model.redaction import KnownFacts, RedactionPolicy, Turn
from pipeline.model.transcript import TimeRange, Transcript
from pipeline.ports.pii import PersonalDataFinder
from pipeline.rules.beep_windows import Beeps, beep_windows, merged

HEARD = Path(__file__).parent / "heard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Shares of personal and of other speech time; `missed` are call, type, share beeped and what was heard there."""

    personal: float
    other: float
    missed: tuple[tuple[str, str, float, str], ...]


def coverage(finder: PersonalDataFinder, policy: RedactionPolicy) -> Coverage:
    """Over the twelve calls, with what `finder` finds in what was heard."""
    personal_s = personal_beeped_s = other_s = other_beeped_s = 0.0
    missed = []
    for path in sorted(HEARD.glob("*.heard.json")):
        heard = JsonTranscriptCodec().decode(path.read_bytes())
        truth = json.loads((HEARD / f"{heard.recording_id}.json").read_text(encoding="utf-8"))
        turns = [Turn(speaker=turn.speaker, text=turn.text) for turn in heard.turns]
        spans = finder.find(turns, language="fr", known=KnownFacts())
        placed = beep_windows(
            spans,
            heard,
            pad_s=policy.padding_s,
            merge_gap_s=policy.merge_gap_s,
            doubtful_below=policy.doubtful_below,
        )
        assert isinstance(placed, Beeps), placed
        things = [(span["type"], _range(span)) for span in truth["spans"] if span["form"] == "spoken"]
        personal = merged([when for _, when in things], merge_gap_s=0, duration_s=heard.duration_s)
        speech = [_range(turn) for turn in truth["turns"]]
        both = _common(personal, placed.windows)
        personal_s += sum(item.length_s for item in personal)
        personal_beeped_s += both
        other_s += sum(item.length_s for item in speech) - _common(speech, personal)
        other_beeped_s += _common(speech, placed.windows) - both
        for kind, when in things:
            share = _common([when], placed.windows) / when.length_s
            if share < 0.9:
                missed.append((str(heard.recording_id), str(kind), round(share, 2), _said(heard, when)))
    return Coverage(personal=personal_beeped_s / personal_s, other=other_beeped_s / other_s, missed=tuple(missed))


def _range(item: dict[str, float]) -> TimeRange:
    return TimeRange(start_s=item["start_s"], end_s=item["end_s"])


def _common(some: Sequence[TimeRange], others: Sequence[TimeRange]) -> float:
    return sum(max(0.0, min(a.end_s, b.end_s) - max(a.start_s, b.start_s)) for a in some for b in others)


def _said(heard: Transcript, when: TimeRange) -> str:
    return " ".join(
        word.text
        for turn in heard.turns
        for word in turn.words
        if word.start_s < when.end_s + 1 and when.start_s - 1 < word.end_s
    )


def main() -> None:
    policy = load_redaction_policy(Path(__file__).parents[2] / "config" / "redaction.yaml")
    if len(sys.argv) > 1:
        policy = replace(policy, padding_s=float(sys.argv[1]))
    found = coverage(build_finder(policy), policy)
    print(f"personal speech beeped {found.personal:.1%}, other speech beeped {found.other:.1%}")
    for line in found.missed:
        print("missed", *line)


if __name__ == "__main__":
    main()
