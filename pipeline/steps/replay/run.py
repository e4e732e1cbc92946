"""The replay as a whole, and how a journal of the format before is taken over.

The catalogue remembers how far the journal had been replayed over it. A restored catalogue remembers less than the
journal holds; so does one whose system has gone on since it was last opened, which costs a look at what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from callwarden.accesslog.proof.values import JournalMark
from callwarden.errors import ConfigurationError
from callwarden.model.act import NotReplayed
from callwarden.model.ids import RecordingId
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.journal import ActsRecord, ErasureRecord, Journal, JournalDamagedError, OldJournal, mark_of

if TYPE_CHECKING:
    from callwarden.steps.replay.acts import ActReplay
    from callwarden.steps.replay.erasures import ErasureReplay


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay came to: what was destroyed again, how many acts the catalogue had not known, and what it could
    not be brought to know."""

    destroyed: tuple[RecordingId, ...] = ()
    acts: int = 0
    not_replayed: tuple[NotReplayed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalReplay:
    """Brings a catalogue and a vault in line with the journal. Repeatable; several may run at once."""

    journal: Journal
    catalogue: Catalogue
    acts: Callable[[], ActReplay]
    erasures: Callable[[], ErasureReplay]
    """Both are made when there is something to replay: hardly ever."""
    marks: Callable[[], Sequence[JournalMark]] = field(default=lambda: ())
    """How far the journal reached, by what was signed elsewhere."""
    redate: Callable[[], object] = field(default=lambda: None)
    """Gives what is stored the dates of the changed policy that was approved, from where that was left."""

    def run(self, *, adopt_unproven: bool = False, from_start: bool = False) -> Replayed:
        """Bring the catalogue to know what the journal knows. What cannot be replayed is named, here and at each start
        until it can be. `from_start`: all of it, also what the catalogue is said to know, since somebody may have put
        older rows back.

        Raises JournalDamagedError, having changed nothing, when the journal is not the one it was: altered, cut,
        emptied, another one; ConfigurationError for one of the format before whose records nothing else proves, unless
        `adopt_unproven`; RetryableError.
        """
        with self.catalogue.snapshot() as tx:
            since = tx.landmarks.journal_position()
        marks = tuple(self.marks())
        position = self.journal.position()
        if not position and not marks and mark_of(since) is None:
            position = self._take_over(self.journal.old(), since, unproven=adopt_unproven)
        if position == since and _reaches(position, marks) and not from_start:
            return Replayed()
        records = tuple(self.journal.iterate(since=since if mark_of(since) and not from_start else "", marks=marks))
        acts, erasures = self.acts(), self.erasures()
        decided = acts.run([record for record in records if isinstance(record, ActsRecord)])
        destroyed, held = erasures.run([record for record in records if isinstance(record, ErasureRecord)])
        acts.apply_objections(decided.objections)
        if decided.changed:
            self.redate()
        left = (*decided.not_replayed, *held)
        if not left:
            with self.catalogue.transaction() as tx:
                tx.landmarks.save_journal_position(position)
        return Replayed(destroyed=tuple(destroyed), acts=decided.changed, not_replayed=left)

    def _take_over(self, old: OldJournal | None, since: str, *, unproven: bool) -> str:
        """Take over a journal of the format before, which anybody could have written: by itself only where the
        catalogue knows every recording in it as destroyed, so that believing it changes nothing."""
        reached = 0 if old is None else old.position
        if reached < int(since or 0):
            raise JournalDamagedError(1, "it is missing, or shorter than the catalogue knows it")
        if old is None:
            return ""
        if old.damaged:
            raise JournalDamagedError(old.damaged, f"{old.damaged} entries in the format before are altered")
        strangers = self.erasures().not_destroyed(old.records)
        if strangers and not unproven:
            some = ", ".join(strangers[:3]) + (" …" if len(strangers) > 3 else "")
            raise ConfigurationError(
                f"the erasure journal is of the format before, which anybody could write, and names {len(strangers)} "
                f"recordings this catalogue does not know as destroyed ({some}). Start once with the newest catalogue; "
                "or, after the restore of an older one and if the journal is the true one: callwarden journal adopt "
                "--as dpo:NAME (docs/keys.md, A journal of the format before)"
            )
        self.journal.adopt(old)
        return self.journal.position()


def _reaches(position: str, marks: Sequence[JournalMark]) -> bool:
    """Whether what was signed is surely part of a journal that ends there, as far as numbers tell."""
    reached = mark_of(position)
    return all(reached is not None and (mark.count < reached.count or mark == reached) for mark in marks)
