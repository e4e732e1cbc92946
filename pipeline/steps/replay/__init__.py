"""Before a system serves: the journal over a restored catalogue. What was decided since the backup holds again, what
was destroyed is destroyed again (K4, I10)."""

from callwarden.steps.replay.run import JournalReplay, Replayed

__all__ = ["JournalReplay", "Replayed"]
