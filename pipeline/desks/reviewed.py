"""What notes, evaluations and courses have in common: a recording somebody may read now, and texts sealed under its
key."""

import math
import os
from dataclasses import dataclass

from callwarden.custody.deciding import Decider
from callwarden.custody.recording_texts import RecordingTexts
from callwarden.desks.acts import Doing
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import make_entry_id
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.model.review import Note, NoteId
from callwarden.ports.catalogue import Transaction, WrappedKey
from callwarden.ports.clock import Clock
from callwarden.rules.reading import Deny, ReadRefusal

LONGEST_TEXT = 2000
"""Characters of a note."""
OFF_S = 10.0
"""How much longer than its event says a call's sound may be where somebody means a moment in it."""
LONGEST_S = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """Thread-safe."""

    decider: Decider
    texts: RecordingTexts
    clock: Clock

    def open_to(self, actor: Actor, purpose: Purpose, recording_id: RecordingId, tx: Transaction) -> bool:
        """Whether this actor may read its redacted transcript for this purpose, now."""
        return not self._why_not(actor, purpose, recording_id, tx)

    def must_be_open(self, doing: Doing, purpose: Purpose) -> None:
        """Raises RefusedError where the actor may not read the redacted transcript of the act's recording now."""
        reasons = self._why_not(doing.actor, purpose, doing.row.recording_id, doing.tx)
        if reasons:
            raise RefusedError(reasons)

    def write(
        self,
        doing: Doing,
        text: str,
        *,
        from_s: float | None = None,
        to_s: float | None = None,
        shared: bool = False,
        about: str | None = None,
    ) -> Note:
        """Keep a note of the act's recording, within the act. Raises UsageError for one that is blank or too long."""
        now, recording_id = self.clock.now(), doing.row.recording_id
        note_id = NoteId(f"note-{make_entry_id(now, os.urandom(10))}")
        note = Note(
            note_id=note_id,
            recording_id=recording_id,
            from_s=from_s,
            to_s=to_s,
            shared=shared,
            about=about,
            made_by=doing.actor.account,
            made_at=now,
            sealed=self._sealed(text, note_id, recording_id, doing.tx),
        )
        doing.tx.notes.save(note)
        return note

    def _sealed(self, text: str, note_id: NoteId, recording_id: RecordingId, tx: Transaction) -> bytes:
        text = text.strip()
        if not text or len(text) > LONGEST_TEXT or "\x00" in text:
            raise UsageError(f"a text has 1 to {LONGEST_TEXT} characters, none of them null")
        return self.sealed(text, recording_id, tx, of=f"note:{note_id}")

    def sealed(self, text: str, recording_id: RecordingId, tx: Transaction, *, of: str) -> bytes:
        """A text under the key of its recording. Raises RefusedError once that is gone."""
        key = tx.keys.get([recording_id]).get(recording_id)
        if key is None:
            raise RefusedError((ReadRefusal.KEY_MISSING.value,), "its key is gone: nothing can be kept of it")
        return self.texts.seal(text, key, of=of)

    def text(self, note: Note, key: WrappedKey | None) -> str | None:
        """What a note says; None once its recording's key is gone, and where somebody else has written it."""
        if key is None or note.altered:
            return None
        return self.texts.open(note.sealed, key, of=f"note:{note.note_id}")

    def _why_not(self, actor: Actor, purpose: Purpose, recording_id: RecordingId, tx: Transaction) -> tuple[str, ...]:
        asked = self.decider.ask(actor, purpose, recording_id, Readable.REDACTED_TRANSCRIPT, tx)
        if isinstance(asked.verdict, Deny):
            return tuple(reason.value for reason in asked.verdict.reasons)
        return (ReadRefusal.DISPOSED.value,) if self.decider.is_destroyed(recording_id) else ()


def check_moment(from_s: float | None, to_s: float | None) -> None:
    """Raises UsageError for what is no moment of a call, in seconds from its start."""
    given = [second for second in (from_s, to_s) if second is not None]
    if not all(math.isfinite(second) and 0 <= second <= LONGEST_S for second in given):
        raise UsageError("a moment is in seconds from the start of the call")
    if to_s is not None and (from_s is None or to_s < from_s):
        raise UsageError("a moment begins before it ends")


def check_within(row: Recording, *seconds: float | None) -> None:
    """Raises UsageError for a moment that lies beyond the call, as long as its event says it was."""
    if row.started_at is None or row.ended_at is None:
        return
    lasts_s = (row.ended_at - row.started_at).total_seconds() + OFF_S
    if any(second is not None and second > lasts_s for second in seconds):
        raise UsageError("a moment lies within the call")
