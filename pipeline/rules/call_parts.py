"""The parts of one call, legs and segments, each a recording of its own: in which order they were spoken, and which of
them one is redacted with."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from callwarden.model.ids import RecordingId
from callwarden.model.recording import Recording, RecordingState

NEAR: Final = 4
"""So many parts before one, and so many after it, are read with it: what is farther away would cost, in a call of many
parts, more readings than it could tell."""

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The parts with a transcript that stand near one part, in the order spoken. `continues` are the parts whose end
    says what is open where this one begins: none where the call begins with it, None where one is not on record.
    `may_be_first`: it is only its number, 1, that says there is one: some telephone systems count from there."""

    before: tuple[Recording, ...] = ()
    after: tuple[Recording, ...] = ()
    continues: frozenset[RecordingId] | None = frozenset()
    may_be_first: bool = False

    @property
    def ids(self) -> tuple[RecordingId, ...]:
        """All of them, by id."""
        return tuple(sorted(one.recording_id for one in (*self.before, *self.after)))


def in_order(parts: Iterable[Recording]) -> list[Recording]:
    """Parts of one call by when they began; segments of one leg by their numbers, whatever their clocks say."""
    began: dict[str, datetime] = {}
    order: dict[RecordingId, tuple[datetime, str, int]] = {}
    found = {one.recording_id: one for one in parts}
    for one in sorted(found.values(), key=lambda one: (one.segment, one.recording_id)):
        began[one.leg] = max(began.get(one.leg, _LONG_AGO), one.started_at or one.ended_at or _LONG_AGO)
        order[one.recording_id] = (began[one.leg], one.leg, one.segment)
    return [found[name] for name in sorted(found, key=lambda name: (order[name], name))]


def seconds_between(one: Recording, other: Recording) -> float:
    """How long after `one` the other began; 0 where a clock says nothing."""
    if one.started_at is None or other.started_at is None:
        return 0.0
    return (other.started_at - one.started_at).total_seconds()


def neighbours(part: Recording, call: Iterable[Recording], *, transcribed: Collection[RecordingId]) -> Neighbours:
    """What `part` is redacted with, of all recordings of its call, whatever became of them."""
    ordered = in_order({part.recording_id: part, **{one.recording_id: one for one in call}}.values())
    at = [one.recording_id for one in ordered].index(part.recording_id)
    earlier, later = ordered[:at], ordered[at + 1 :]
    before, after = (
        [one for one in some if one.recording_id in transcribed and one.state is RecordingState.STORED]
        for some in (earlier, later)
    )
    last = {one.recording_id for one in earlier if (one.leg, one.segment) == (part.leg, part.segment - 1)}
    continues = frozenset({*last, *(one.recording_id for one in earlier[-1:])})
    return Neighbours(
        before=tuple(before[-NEAR:]),
        after=tuple(after[:NEAR]),
        continues=None if part.segment > 0 and not last else continues,
        may_be_first=part.segment == 1 and not earlier,
    )
