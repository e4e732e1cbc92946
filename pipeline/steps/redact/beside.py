"""One part of a call read beside its other parts: what was asked, named or told there counts here.

Nothing of this is kept. The transcripts of the parts near it are read, through the gate, whenever one is redacted, and
all of them are searched as one conversation: a question that is open where a segment ends types what the next begins
with, and a name or password said in one is known in the other. So a redaction follows from the transcripts there are,
in whichever order they came, and the catalogue knows no question and no name (docs/decisions/0030-calls-in-parts.md).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callwarden.model.ids import RecordingId
from callwarden.model.redaction import OpenQuestion, Span, Turn
from callwarden.model.transcript import Transcript
from callwarden.redaction.dialogue import MAX_TURNS, Asked

MOST_TURNS: Final = 400
"""Of the conversation before a part, and of that after it, so many turns are read."""

ANYTHING: Final = tuple(
    OpenQuestion(asked=kind, speaker="agent", turns_ago=MAX_TURNS - 1) for kind in Asked if kind is not Asked.DISPLAY
)
"""What is open where nobody can say what was asked: every kind of question, for two turns."""

SAID_BARE: Final = tuple(
    question for question in ANYTHING if question.asked not in {Asked.NAME, Asked.SPELLING, Asked.ADDRESS, Asked.HEALTH}
)
"""The same without what is mostly known by its own look, and would cost six words in a hundred of a call that begins
there (measured: docs/redaction.md, Calls in parts)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPart:
    """Another part of the call, that begins so many seconds after the one to redact (negative: before)."""

    transcript: Transcript
    starts_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The other parts of a call, in the order spoken. The rest as in `callwarden.rules.call_parts.Neighbours`."""

    before: tuple[OtherPart, ...] = ()
    after: tuple[OtherPart, ...] = ()
    continues: frozenset[RecordingId] | None = frozenset()
    may_be_first: bool = False


ALONE: Final = Beside()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Turns to search as one conversation. `own` gives, of each, its number in the part to redact; None in others."""

    turns: tuple[Turn, ...]
    own: tuple[int | None, ...]
    opening: tuple[OpenQuestion, ...] = ()


def readings(part: Transcript, beside: Beside) -> list[Reading]:
    """Every way to read a part that may be the true one; what is found in any of them is found.

    Part after part; where parts overlap, also turn after turn by the clock; and, where what it continues cannot be
    read, by itself, with every kind of question open.
    """
    own = [(turn.start_s, number, Turn(speaker=turn.speaker, text=turn.text)) for number, turn in enumerate(part.turns)]
    one_after_another = [*_turns(beside.before)[-MOST_TURNS:], *own, *_turns(beside.after)[:MOST_TURNS]]
    by_the_clock = sorted(one_after_another, key=lambda said: said[0])
    found = [_reading(one_after_another)]
    if by_the_clock != one_after_another:
        found.append(_reading(by_the_clock))
    known = {other.transcript.recording_id for other in beside.before}
    if beside.continues is None or not beside.continues <= known:
        found.append(_reading(own, opening=SAID_BARE if beside.may_be_first else ANYTHING))
    return found


def spans_digest(spans: Sequence[Span]) -> str:
    """Of where something is found, and of which type: SHA-256, in hexadecimal. No words go in."""
    places = [(span.turn, span.start, span.end, span.type.value) for span in spans]
    return hashlib.sha256(json.dumps(places).encode()).hexdigest()


_Said = tuple[float, int | None, Turn]


def _turns(parts: Sequence[OtherPart]) -> list[_Said]:
    return [
        (other.starts_s + turn.start_s, None, Turn(speaker=turn.speaker, text=turn.text))
        for other in parts
        for turn in other.transcript.turns
    ]


def _reading(said: Sequence[_Said], opening: tuple[OpenQuestion, ...] = ()) -> Reading:
    return Reading(
        turns=tuple(turn for _, _, turn in said), own=tuple(number for _, number, _ in said), opening=opening
    )
