"""What a person puts right in the event of a call that was set aside, and what is then still wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from callwarden.model.event import CallRecorded
from callwarden.model.ids import CallId, LineId
from callwarden.model.note import AGAINST_AUDIO, OF_AUDIO, Note, NoteWhy
from callwarden.model.outcome import Reason
from callwarden.model.policy import Policy
from callwarden.model.recording import Artefact, Recording

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
    for name, value in (("started_at", event.started_at), ("ended_at", event.ended_at)):
        found.append(Difference(field=f"data.{name}", expected="an instant with its offset", found=value))
    size = None if audio is None else audio.size
    found.append(Difference(field="data.audio.bytes", expected=event.audio.bytes, found=size))
    if row.quarantine_reason == Reason.LENGTH_MISMATCH and event.audio.bytes in (None, size):
        lengths = [note.kind for note in event.notes if note.why is NoteWhy.BAD_AUDIO]
        expected, _, there = "".join(lengths).removeprefix("expected ").partition(", found ")
        found.append(Difference(field="sound in the audio", expected=expected or None, found=there or None))
    found.append(Difference(field="data.audio.sha256", expected=event.audio.sha256, found=row.source_sha256))
    return tuple(found)
