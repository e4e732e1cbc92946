"""What figures are made of: how long a call took in each respect, and who is known to have taken it. Nothing that was
said (U6)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from callwarden.model.event import CallRecorded
from callwarden.model.recording import Measured
from callwarden.model.transcript import Transcript

_NOTHING = Measured()


def measured_of(event: CallRecorded) -> Measured | None:
    """What the telephone system says of it; None where that is nothing."""
    found = Measured(team=event.agent.team, answered_after_s=event.answered_after_s)
    return None if found == _NOTHING else found


def with_speech(measured: Measured | None, transcript: Transcript) -> Measured:
    """With how long each spoke by this transcript, from the first word of a turn to its last. Where some turn is
    nobody's known, no share is."""
    spoken = {one.speaker for one in transcript.turns}
    known = spoken <= {"agent", "caller"}
    return replace(
        measured or _NOTHING,
        agent_s=_of(transcript, {"agent"}) if known else None,
        caller_s=_of(transcript, {"caller"}) if known else None,
        silence_s=round(max(0.0, transcript.duration_s - _of(transcript, spoken)), 3),
    )


def _of(transcript: Transcript, speakers: set[str]) -> float:
    turns = sorted((one.start_s, one.end_s) for one in transcript.turns if one.speaker in speakers)
    return round(sum(end - start for start, end in _joined(turns)), 3)


def _joined(ranges: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Sorted ranges with those that overlap made one, so that nothing is counted twice."""
    current: tuple[float, float] | None = None
    for start, end in ranges:
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current
