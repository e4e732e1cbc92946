"""What a person puts right in the event of a call that was set aside, and what is then still wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from callwarden.model.event import CallRecorded
from callwarden.model.ids import CallId, LineId
from callwarden.model.note import AGAINST_AUDIO, OF_AUDIO, Note, NoteWhy
from callwarden.model.outcome import Reason
from callwarden.model.policy import Policy
from callwarden.model.recording import Artefact, Recording
from callwarden.rules.retention import EARLIEST_CALL

OF_THE_AUDIO = frozenset(
    {
        Reason.CHECKSUM_MISMATCH,
        Reason.LENGTH_MISMATCH,
        Reason.UNREADABLE_AUDIO,
        Reason.SILENT_AUDIO,
        Reason.OVERSIZED_AUDIO,
        Reason.UNLIKE_AUDIO,
        Reason.DURATION_MISMATCH,
        Reason.CONFLICTING_DUPLICATE,
    }
)
"""What is wrong with stored audio stays wrong with it: only a person, or other audio, can settle it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a needed field ought to have said. None leaves it as it is."""

    call_id: CallId | None = None
    leg: str | None = None
    segment: int | None = None
    line: LineId | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    objections: frozenset[str] | None = field(default=None)

    @property
    def renames(self) -> bool:
        """Whether it makes another recording of it."""
        return self.call_id is not None or self.leg is not None or self.segment is not None

    def changes(self) -> Mapping[str, object]:
        """The fields it sets, by their names in an event."""
        names = ("call_id", "leg", "segment", "line", "started_at", "ended_at", "objections")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def corrected(event: CallRecorded, correction: Correction) -> CallRecorded:
    """The event as it ought to have been. A fault in a corrected field is one no longer, and neither is a contradiction
    of the audio, which the person has seen."""
    changes = correction.changes()
    paths = {f"data.{name}" for name in changes}
    notes = [_settled(note, by_hand=note.field in paths) for note in event.notes]
    noted = {note.field for note in notes}
    notes += [
        Note(field=path, why=NoteWhy.CORRECTED, kind="another value") for path in sorted(paths) if path not in noted
    ]
    return replace(event, notes=tuple(notes), **changes)  # type: ignore[arg-type]  # named after the fields they set


def unheard(event: CallRecorded) -> CallRecorded:
    """Without what was said of its audio, in whose place other audio may lie by now."""
    return replace(event, notes=tuple(note for note in event.notes if note.why not in OF_AUDIO))


def is_no_audio(event: CallRecorded, row: Recording) -> bool:
    """Whether nothing can be heard in what is kept, whatever else is wrong: nobody can have found it right."""
    return row.quarantine_reason == Reason.UNREADABLE_AUDIO or any(note.why is NoteWhy.NO_SOUND for note in event.notes)


def _settled(note: Note, *, by_hand: bool) -> Note:
    if by_hand:
        return replace(note, why=NoteWhy.CORRECTED, needed=False)
    return replace(note, needed=False) if note.why in AGAINST_AUDIO else note


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What was expected of a field, and what was found; either is None where there is none."""

    field: str
    expected: object
    found: object


def differences(
    event: CallRecorded, row: Recording, audio: Artefact | None, *, policy: Policy
) -> tuple[Difference, ...]:
    """What event, audio and policy say of one another: sizes, digests, times, the line. Nothing that callers said, or
    are called."""
    found: list[Difference] = []
    if row.line not in policy.lines:
        found.append(Difference(field="data.line", expected=sorted(policy.lines), found=row.line or None))
    found += _of_times(event, row, policy=policy)
    size = None if audio is None else audio.size
    found.append(Difference(field="data.audio.bytes", expected=event.audio.bytes, found=size))
    if row.quarantine_reason == Reason.LENGTH_MISMATCH and event.audio.bytes in (None, size):
        lengths = [note.kind for note in event.notes if note.why is NoteWhy.BAD_AUDIO]
        expected, _, there = "".join(lengths).removeprefix("expected ").partition(", found ")
        found.append(Difference(field="sound in the audio", expected=expected or None, found=there or None))
    found.append(Difference(field="data.audio.sha256", expected=event.audio.sha256, found=row.source_sha256))
    return tuple(found)


def _of_times(event: CallRecorded, row: Recording, *, policy: Policy) -> Iterator[Difference]:
    """The times that cannot be believed, or that the audio contradicts; of one that could not be read, what it was."""
    for name, value in (("data.started_at", event.started_at), ("data.ended_at", event.ended_at)):
        if value is None:
            kinds = [note.kind for note in event.notes if note.field == name]
            yield Difference(field=name, expected="a time with its offset", found=kinds[0] if kinds else None)
    if event.started_at is None or event.ended_at is None:
        return
    match row.quarantine_reason:
        case Reason.FUTURE_TIME:
            yield Difference(field="data.ended_at", expected="not after it was received", found=event.ended_at)
        case Reason.NO_CREDIBLE_TIME if event.started_at < EARLIEST_CALL:
            yield Difference(field="data.started_at", expected="since the year 2000", found=event.started_at)
        case Reason.NO_CREDIBLE_TIME:
            most, lasted = policy.limits.max_call_length, event.ended_at - event.started_at
            expected, found = f"0 to {most.total_seconds():.0f} s", f"{lasted.total_seconds():.0f} s"
            yield Difference(field="length of the call", expected=expected, found=found)
        case Reason.DURATION_MISMATCH:
            kinds = [note.kind for note in event.notes if note.why is NoteWhy.DURATION_MISMATCH]
            by_event, _, there = "".join(kinds).partition(", ")
            yield Difference(field="data.ended_at", expected=by_event or None, found=there or None)
        case _:
            pass
