"""Before a restored system serves: destroy again what was destroyed after the backup was taken (K4, I10)."""

from collections.abc import Callable

from pipeline.model.ids import RecordingId
from pipeline.ports.journal import ErasureJournal, JournalDamagedError


def replay(
    journal: ErasureJournal,
    destroyed_in_catalogue: Callable[[RecordingId], bool],
    destroy: Callable[[RecordingId], None],
) -> int:
    """Call `destroy` once for every recording the journal knows and the catalogue still has; how many there were.

    Repeatable: a crash in the middle is healed by running it again. `destroy` may append to the journal: what it
    adds is not replayed. Raises JournalDamagedError after having destroyed all that could be read; RetryableError.
    """
    known: dict[RecordingId, None] = {}
    damage: JournalDamagedError | None = None
    try:
        for record in journal.iterate():
            known[record.recording_id] = None
    except JournalDamagedError as error:
        damage = error
    again = [recording_id for recording_id in known if not destroyed_in_catalogue(recording_id)]
    for recording_id in again:
        destroy(recording_id)
    if damage is not None:
        raise damage
    return len(again)
