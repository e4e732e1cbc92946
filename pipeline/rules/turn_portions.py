"""A redacted transcript in portions, so that a call of two hours opens as fast as a short one; and as WebVTT."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from callwarden.model.transcript import RedactedTranscript, RedactedTurn, TimeRange

MOST_TURNS: Final = 500
"""Of one portion."""
_BADGE: Final = re.compile(r"\[([A-Z][A-Z_]*?)(?:_[0-9]+)?\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A placeholder of a turn: `type` is a `SpanType`, or ``DTMF`` for keys pressed; `start` and `end` count characters
    of the turn's text. Without times of words its time is the turn's."""

    type: str
    start: int
    end: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTurn:
    """A turn, its number from 0, and what was taken out of it."""

    number: int
    turn: RedactedTurn = field(repr=False)
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Turns of a call in their order. `previous` and `following` are the numbers of the first turn of the portions
    before and after this one, None where there is none; `beeped` are the windows of sound in this portion."""

    transcript: RedactedTranscript = field(repr=False)
    turns: tuple[ShownTurn, ...]
    previous: int | None
    following: int | None
    beeped: tuple[TimeRange, ...]


def numbers(
    times: Sequence[tuple[float, float]],
    *,
    first: int | None = None,
    from_s: float = 0.0,
    to_s: float | None = None,
    limit: int,
) -> range:
    """Of turns with this start and end in seconds, at most `limit`: from number `first` on, or, where that is None,
    those that are not over at `from_s`; none that begins at `to_s` or later. Raises as `portion`."""
    if not 1 <= limit <= MOST_TURNS or (first is not None and first < 0):
        raise ValueError("no such portion")
    if first is None:
        first = next((number for number, (_, end_s) in enumerate(times) if end_s > from_s), len(times))
    last = min(len(times), first + limit)
    if to_s is not None:
        last = next((number for number in range(first, last) if times[number][0] >= to_s), last)
    return range(first, last)


def portion(
    transcript: RedactedTranscript,
    *,
    first: int | None = None,
    from_s: float = 0.0,
    to_s: float | None = None,
    limit: int,
) -> Portion:
    """The turns that `numbers` names. Raises ValueError for a number below 0 or a limit outside 1..`MOST_TURNS`."""
    turns = transcript.turns
    times = [(turn.start_s, turn.end_s) for turn in turns]
    wanted = numbers(times, first=first, from_s=from_s, to_s=to_s, limit=limit)
    first, last = wanted.start, wanted.stop
    shown = tuple(
        ShownTurn(number=number, turn=turns[number], badges=_badges(turns[number])) for number in range(first, last)
    )
    begins = turns[first].start_s if shown and first else 0.0
    ends = transcript.duration_s if last >= len(turns) else turns[last].start_s
    return Portion(
        transcript=transcript,
        turns=shown,
        previous=max(0, first - limit) if first and turns else None,
        following=last if last < len(turns) else None,
        beeped=tuple(one for one in transcript.beeped if one.start_s < ends and one.end_s > begins),
    )


def webvtt(transcript: RedactedTranscript) -> str:
    """The redacted turns as captions (W3C WebVTT), the speaker as voice."""
    cues = [
        f"{_clock(turn.start_s)} --> {_clock(max(turn.end_s, turn.start_s + 0.001))}\n"
        f"<v {html.escape(turn.speaker)}>{html.escape(' '.join(turn.text.split()), quote=False)}"
        for turn in transcript.turns
    ]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _badges(turn: RedactedTurn) -> tuple[Badge, ...]:
    times = _times(turn)
    found: list[Badge] = []
    for each in _BADGE.finditer(turn.text):
        over = [when for start, end, when in times if start < each.end() and end > each.start()]
        found.append(
            Badge(
                type=each[1],
                start=each.start(),
                end=each.end(),
                start_s=min((when.start_s for when in over), default=turn.start_s),
                end_s=max((when.end_s for when in over), default=turn.end_s),
            )
        )
    return tuple(found)


def _times(turn: RedactedTurn) -> Sequence[tuple[int, int, TimeRange]]:
    """Of each word the characters it takes, and when it is said."""
    found, at = list[tuple[int, int, TimeRange]](), 0
    for word in turn.words:
        at = turn.text.index(word.text, at)
        found.append((at, at + len(word.text), TimeRange(start_s=word.start_s, end_s=word.end_s)))
        at += len(word.text)
    return found


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
