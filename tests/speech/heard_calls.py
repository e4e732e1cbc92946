"""How much of what is personal in the sample calls would be beeped, from transcripts that were stored earlier.

`python -m tests.speech.heard_calls [PADDING_S]` prints the shares, what is missed, and why other speech is beeped.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.model.redaction import KnownFacts, RedactionPolicy, Span, Turn
from callwarden.model.transcript import TimeRange, Transcript
from callwarden.ports.pii import PersonalDataFinder
from callwarden.redaction import build_finder
from callwarden.redaction.policy_file import load_redaction_policy
from callwarden.rules.beep_windows import Beeps, beep_windows, merged

HEARD = Path(__file__).parent / "heard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Shares of personal and of other speech time; `missed` are call, type, share beeped and what was heard there."""

    personal: float
    other: float
    missed: tuple[tuple[str, str, float, str], ...]
    causes: tuple[tuple[str, float], ...]
    """Why other speech is beeped, as shares of it; together they are `other`."""


def coverage(finder: PersonalDataFinder, policy: RedactionPolicy) -> Coverage:
    """Over the twelve calls, with what `finder` finds in what was heard."""
    personal_s = personal_beeped_s = other_s = other_beeped_s = 0.0
    missed = []
    causes: Counter[str] = Counter()
    for path in sorted(HEARD.glob("*.heard.json")):
        heard = JsonTranscriptCodec().decode(path.read_bytes())
        truth = json.loads((HEARD / f"{heard.recording_id}.json").read_text(encoding="utf-8"))
        turns = [Turn(speaker=turn.speaker, text=turn.text) for turn in heard.turns]
        spans = finder.find(turns, language="fr", known=KnownFacts())
        placed = _beeps(spans, heard, policy)
        things = [(span["type"], _range(span)) for span in truth["spans"] if span["form"] == "spoken"]
        personal = merged([when for _, when in things], merge_gap_s=0, duration_s=heard.duration_s)
        speech = [_range(turn) for turn in truth["turns"]]
        both = _common(personal, placed.windows)
        personal_s += sum(item.length_s for item in personal)
        personal_beeped_s += both
        other_s += sum(item.length_s for item in speech) - _common(speech, personal)
        other_beeped_s += _common(speech, placed.windows) - both
        causes.update(_causes(spans, heard, policy, personal=personal, speech=speech))
        for kind, when in things:
            share = _common([when], placed.windows) / when.length_s
            if share < 0.9:
                missed.append((str(heard.recording_id), str(kind), round(share, 2), _said(heard, when)))
    return Coverage(
        personal=personal_beeped_s / personal_s,
        other=other_beeped_s / other_s,
        missed=tuple(missed),
        causes=tuple((why, seconds / other_s) for why, seconds in causes.items()),
    )


def _beeps(spans: Sequence[Span], heard: Transcript, policy: RedactionPolicy) -> Beeps:
    placed = beep_windows(
        spans,
        heard,
        pad_s=policy.padding_s,
        merge_gap_s=policy.merge_gap_s,
        doubtful_below=policy.doubtful_below,
    )
    assert isinstance(placed, Beeps), placed
    return placed


def _causes(
    spans: Sequence[Span],
    heard: Transcript,
    policy: RedactionPolicy,
    *,
    personal: Sequence[TimeRange],
    speech: Sequence[TimeRange],
) -> dict[str, float]:
    """Seconds of other speech that each cause adds to those before it."""
    bare = replace(policy, padding_s=0.0, merge_gap_s=0.0)
    silent = replace(heard, speech_without_words=())
    right = [span for span in spans if _common(_beeps([span], silent, bare).windows, personal) > 0]
    steps = {
        "words beside what is personal, in one span with it or timed into it": _beeps(right, silent, bare),
        "spans on nothing personal": _beeps(spans, silent, bare),
        "voices without words": _beeps(spans, heard, bare),
        "padding": _beeps(spans, heard, replace(policy, merge_gap_s=0.0)),
        "gaps between beeps": _beeps(spans, heard, policy),
    }
    found, before = {}, 0.0
    for why, beeps in steps.items():
        both = [_overlap(one, two) for one in beeps.windows for two in personal]
        inside = _common([one for one in both if one is not None], speech)
        other = _common(speech, beeps.windows) - inside
        found[why], before = other - before, other
    return found


def _overlap(one: TimeRange, two: TimeRange) -> TimeRange | None:
    start, end = max(one.start_s, two.start_s), min(one.end_s, two.end_s)
    return TimeRange(start_s=start, end_s=end) if start < end else None


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
    for why, share in found.causes:
        print(f"{share:6.1%}  {why}")
    for line in found.missed:
        print("missed", *line)


if __name__ == "__main__":
    main()
