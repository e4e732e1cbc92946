"""Spans that overlap or touch become one, never smaller than what they were together."""

from collections.abc import Iterable, Sequence

from callwarden.model.redaction import Span, SpanType, Turn
from callwarden.model.transcript import KEYED
from callwarden.redaction.view import Found

# When two types claim the same words the more particular one names them; the words go either way.
PRIORITY: tuple[SpanType, ...] = (
    SpanType.SECRET,
    SpanType.EMAIL,
    SpanType.IBAN,
    SpanType.CREDIT_CARD,
    SpanType.NATIONAL_ID,
    SpanType.DATE_OF_BIRTH,
    SpanType.PHONE,
    SpanType.LICENCE_PLATE,
    SpanType.IP,
    SpanType.ID_NUMBER,
    SpanType.HEALTH,
    SpanType.PREMISES,
    SpanType.LOCATION,
    SpanType.PERSON,
    SpanType.ORGANISATION,
    SpanType.URL,
    SpanType.DATE,
)
_RANK = {kind: rank for rank, kind in enumerate(PRIORITY)}


def by_certainty(found: Found) -> tuple[float, int, int, int, str]:
    """A key to sort by: the surer, then of higher priority, then as they are said."""
    return (-found.score, _RANK[found.type], found.start, found.end, found.why)


def resolve(spans: Iterable[Span]) -> list[Span]:
    """Union overlapping spans, so that nothing any rule claimed is left out; sorted, none overlapping.

    The winner of a union is the span of higher score (in steps of a tenth), then of higher priority, then
    the longer; its type and explanation are kept, the score is the highest. Idempotent.
    """
    out: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.turn, s.start, -s.end)):
        if out and out[-1].turn == span.turn and span.start < out[-1].end:
            out[-1] = _union(out[-1], span)
        else:
            out.append(span)
    return out


def join_neighbours(spans: Sequence[Span], turns: Sequence[Turn]) -> list[Span]:
    """Join spans of one type with nothing but spaces, commas, hyphens or slashes between them.

    Spans must be sorted and must not overlap. Idempotent.
    """
    out: list[Span] = []
    for span in spans:
        before = out[-1] if out else None
        if (
            before is not None
            and before.turn == span.turn
            and before.type is span.type
            and span.start - before.end <= 4
            and not turns[span.turn].text[before.end : span.start].strip(" ,-/\t.")
        ):
            out[-1] = _union(before, span)
        else:
            out.append(span)
    return out


def trim(span: Span, text: str) -> Span | None:
    """The span without blanks and punctuation at its edges; None when no letter or digit is in it."""
    start, end = max(span.start, 0), min(span.end, len(text))
    if text[start:end] == KEYED:
        return span
    while start < end and not text[start].isalnum() and text[start] not in "+@":
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    if start >= end:
        return None
    if (start, end) == (span.start, span.end):
        return span
    return Span(turn=span.turn, start=start, end=end, type=span.type, score=span.score, explanation=span.explanation)


def _union(a: Span, b: Span) -> Span:
    winner = min((a, b), key=lambda s: (-round(s.score, 1), _RANK[s.type], s.start - s.end))
    return Span(
        turn=a.turn,
        start=min(a.start, b.start),
        end=max(a.end, b.end),
        type=winner.type,
        score=max(a.score, b.score),
        explanation=winner.explanation,
    )
