"""What a reviewer says was missed goes, whatever the recognisers think of it."""

from collections.abc import Iterator, Sequence

from callwarden.model.redaction import Span, SpanType
from callwarden.model.transcript import TimeRange, Transcript, TranscriptTurn


def reported_spans(transcript: Transcript, missed: Sequence[TimeRange]) -> list[Span]:
    """A span over every run of words that are spoken at one of these places, even in part."""
    return [
        Span(turn=number, start=start, end=end, type=SpanType.SECRET, score=1.0, explanation="reported by a reviewer")
        for number, turn in enumerate(transcript.turns)
        for start, end in _runs(turn, missed)
    ]


def nowhere(transcript: Transcript, missed: Sequence[TimeRange], *, sound: bool) -> tuple[TimeRange, ...]:
    """The places at which nothing can go: no word is spoken there, and there is no `sound` to beep, or it is over."""
    return tuple(
        place
        for place in missed
        if not (sound and place.start_s < transcript.duration_s) and not reported_spans(transcript, [place])
    )


def _runs(turn: TranscriptTurn, missed: Sequence[TimeRange]) -> Iterator[tuple[int, int]]:
    at, start, end = 0, None, 0
    for word in turn.words:
        if any(word.start_s <= place.end_s and place.start_s <= word.end_s for place in missed):
            start, end = at if start is None else start, at + len(word.text)
        elif start is not None:
            yield start, end
            start = None
        at += len(word.text) + 1
    if start is not None and end > start:
        yield start, end
