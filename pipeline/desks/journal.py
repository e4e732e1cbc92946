"""The desk where somebody answers for a journal of the format before, which anybody could have written."""

from collections.abc import Callable
from dataclasses import dataclass

from callwarden.desks.acts import Acts
from callwarden.model.access import Actor
from callwarden.model.ids import RecordingId
from callwarden.ports.journal import Journal
from callwarden.rules.rights import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """Which recordings were destroyed again, and how many records the journal has."""

    destroyed: tuple[RecordingId, ...]
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalDesk:
    """Over a catalogue the journal has not been replayed over yet. `take_over` replays it as it is."""

    acts: Acts
    journal: Journal
    take_over: Callable[[], tuple[RecordingId, ...]]

    def adopt(self, actor: Actor) -> Adopted:
        """Believe the journal that lies there: what it names is destroyed again, save what a case holds. The entry is
        durable before anything is. Where it is believed already, nothing is done.

        Raises RefusedError; JournalDamagedError; RetryableError.
        """
        with self.acts.perform(Act.JOURNAL_ADOPT, actor):
            pass
        return Adopted(destroyed=self.take_over(), records=self.journal.inspect().records)
