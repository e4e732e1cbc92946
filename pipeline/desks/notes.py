"""The desk where trainers and supervisors write notes about moments of calls: their own, or the team's."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from callwarden.desks.acts import Acts
from callwarden.desks.reviewed import Reviewed, check_moment, check_within
from callwarden.errors import RefusedError
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.review import Note, NoteId
from callwarden.rules.rights import Act, ActRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownNote:
    """A note with its text, and whether it is the reader's own."""

    note: Note
    text: str = field(repr=False)
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDesk:
    """Each method is an act of somebody who may read the call now. Raises RefusedError, UsageError, RetryableError.
    Thread-safe."""

    acts: Acts
    reviewed: Reviewed

    def add(
        self,
        actor: Actor,
        purpose: Purpose,
        recording_id: RecordingId,
        text: str,
        *,
        from_s: float | None = None,
        to_s: float | None = None,
        shared: bool = False,
    ) -> ShownNote:
        """Write one about a moment of a call, or all of it; for oneself, or `shared` with the team."""
        check_moment(from_s, to_s)
        with self.acts.perform(Act.NOTE_ADD, actor, recording_id=recording_id, purpose=purpose.value) as doing:
            self.reviewed.must_be_open(doing, purpose)
            check_within(doing.row, from_s, to_s)
            note = self.reviewed.write(doing, text, from_s=from_s, to_s=to_s, shared=shared)
            doing.correlation = note.note_id
        return ShownNote(note=note, text=text.strip(), own=True)

    def listed(self, actor: Actor, purpose: Purpose, recording_id: RecordingId) -> Sequence[ShownNote]:
        """One's own and the team's about a call, in the order of its moments."""
        with self.acts.perform(Act.NOTE_LIST, actor, recording_id=recording_id, purpose=purpose.value) as doing:
            self.reviewed.must_be_open(doing, purpose)
            key = doing.tx.keys.get([recording_id]).get(recording_id)
            shown = [
                ShownNote(note=note, text=text, own=note.made_by == actor.account)
                for note in doing.tx.notes.of(recording_id)
                if note.about is None
                and (note.shared or note.made_by == actor.account)
                and (text := self.reviewed.text(note, key)) is not None
            ]
            doing.count = len(shown)
        return shown

    def remove(self, actor: Actor, note_id: NoteId) -> None:
        """Take back a note of one's own."""
        with self.acts.perform(Act.NOTE_REMOVE, actor) as doing:
            found = [note for note in doing.tx.notes.get([note_id]) if note.about is None]
            if not found or found[0].made_by != actor.account:
                raise RefusedError((ActRefusal.UNKNOWN.value,), "no such note of yours")
            doing.tx.notes.remove([note_id])
            doing.subject = note_id
