"""Whether a redacted call may be released: doubt withholds it."""

from collections.abc import Sequence
from dataclasses import dataclass

from callwarden.model.redaction import RedactionPolicy, Span
from callwarden.model.transcript import KEYED, Transcript


@dataclass(frozen=True, slots=True)
class Release:
    """Everything found is sure enough to be redacted; ``spans`` are to go."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Withhold:
    """Something may be personal and is not sure enough, or nothing is known; ``why`` is code and detail."""

    reason: str
    why: str


Decision = Release | Withhold

FEW_WORDS = 8
"""Fewer words than these say little about how well a speaker is understood."""

INCOMPLETE = "redaction_incomplete"


def decide(spans: Sequence[Span], policy: RedactionPolicy) -> Decision:
    """Release when every span reaches its type's threshold; a span between ``withhold_from`` and the threshold
    is doubt and withholds the call. Spans below ``withhold_from`` are taken for no finding."""
    sure: list[Span] = []
    for span in spans:
        if span.type not in policy.redact or span.score < policy.withhold_from:
            continue
        if span.score < policy.threshold(span.type):
            return Withhold(INCOMPLETE, f"{span.type} in turn {span.turn} is doubtful ({span.score:.2f})")
        sure.append(span)
    return Release(tuple(sure))


def not_understood(transcript: Transcript, policy: RedactionPolicy) -> str | None:
    """A speaker whose words the recogniser was too unsure of for rules over text to mean anything; None when there is
    none. A speaker of a few words is not judged by them: each of those still counts for its own beep."""
    heard: dict[str, list[float]] = {}
    for turn in transcript.turns:
        heard.setdefault(turn.speaker, []).extend(word.probability for word in turn.words if word.text != KEYED)
    for speaker, probabilities in heard.items():
        if len(probabilities) >= FEW_WORDS and sum(probabilities) / len(probabilities) < policy.understood_from:
            return speaker
    return None


def withheld(error: Exception) -> Withhold:
    """The decision when the finder could not finish: its error's kind, never its words."""
    return Withhold(INCOMPLETE, type(error).__name__)
