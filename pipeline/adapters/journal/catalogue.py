"""A catalogue whose acts are journalled: whoever decides something through it need not think of the journal (I10).

Before a transaction commits, what it has decided is in the journal, durable: an act that is acknowledged survives the
restore of an older backup. A crash in between, or a commit that fails, leaves the act in the journal alone; the next
start carries it out. Readings, and the flow of calls without objections, cost nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from callwarden.model.act import Act, DeadLetterDiscarded, HoldReleased, QuarantineCleared, Restriction, TokenSpent
from callwarden.model.break_glass import BreakGlass
from callwarden.model.hold import Case, Hold
from callwarden.model.ids import RecordingId
from callwarden.model.objection import Objection
from callwarden.model.recording import GONE, Recording, RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.set_aside import ActReason, DeadLetter
from callwarden.model.token import Token, TokenId
from callwarden.ports.catalogue import Catalogue, RecordingFilter, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.journal import Journal

if TYPE_CHECKING:
    from callwarden.adapters.sql.catalogue import SqlCatalogue


def journalled(catalogue: "SqlCatalogue", journal: Journal, clock: Clock) -> "SqlCatalogue":
    """The catalogue, as itself in everything but that its transactions journal what they decide."""
    return cast("SqlCatalogue", JournalledCatalogue(catalogue, journal, clock))  # it passes on what it does not change


class JournalledCatalogue:
    """`callwarden.ports.catalogue.Catalogue` before another one."""

    def __init__(self, inner: Catalogue, journal: Journal, clock: Clock) -> None:
        self._inner = inner
        self._journal = journal
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """As the inner one's; raises JournalDamagedError, and what an append raises, with nothing changed."""
        with self._inner.transaction() as tx:
            noting = _Noting(tx)
            yield cast("Transaction", noting)  # it passes on what it does not change
            if noting.acts and getattr(tx, "failure", None) is None:
                self._journal.append_acts(noting.acts, at=self._clock.now())


class _Noting:
    """A transaction that notes what it decides."""

    def __init__(self, inner: Transaction) -> None:
        self._inner = inner
        self._before: dict[RecordingId, Recording] = {}
        self.acts: list[Act] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def save_objection(self, objection: Objection) -> None:
        self._inner.save_objection(objection)
        self.acts.append(objection)

    def save_case(self, case: Case) -> None:
        self._inner.save_case(case)
        self.acts.append(case)

    def save_holds(self, holds: Sequence[Hold]) -> None:
        self._inner.save_holds(holds)
        self.acts += [one for one in holds if one.applied_at is None]  # a flag put on is no act

    def remove_holds(self, holds: Sequence[Hold]) -> None:
        self._inner.remove_holds(holds)
        self.acts += [HoldReleased(case_id=one.case_id, recording_id=one.recording_id) for one in holds]

    def save_break_glass(self, request: BreakGlass) -> None:
        self._inner.save_break_glass(request)
        self.acts.append(request)

    def save_token(self, token: Token) -> None:
        self._inner.save_token(token)
        self.acts.append(token)

    def spend_token(self, token_id: TokenId, *, at: datetime) -> bool:
        spent = self._inner.spend_token(token_id, at=at)
        if spent:
            self.acts.append(TokenSpent(token_id=token_id, at=at))
        return spent

    def save_redactions(self, records: Sequence[RedactionRecord]) -> None:
        self._inner.save_redactions(records)
        self.acts += [one for one in records if one.status is RedactionStatus.WITHDRAWN]

    def save_dead_letter(self, letter: DeadLetter) -> None:
        self._inner.save_dead_letter(letter)
        if letter.discarded_at is not None:
            self.acts.append(DeadLetterDiscarded(position=letter.position, at=letter.discarded_at))

    def add_act_reason(self, reason: ActReason) -> None:
        self._inner.add_act_reason(reason)
        self.acts.append(reason)

    def recordings(
        self, recording_ids: Collection[RecordingId], *, lock: bool = False
    ) -> Mapping[RecordingId, Recording]:
        found = self._inner.recordings(recording_ids, lock=lock)
        if lock:
            self._before.update(found)
        return found

    def find_recordings(
        self, wanted: RecordingFilter, *, lock: bool = False, limit: int | None = None
    ) -> Sequence[Recording]:
        found = self._inner.find_recordings(wanted, lock=lock, limit=limit)
        if lock:
            self._before.update({one.recording_id: one for one in found})
        return found

    def save_recordings(self, recordings: Sequence[Recording]) -> None:
        self._inner.save_recordings(recordings)
        for after in recordings:
            before = self._before.get(after.recording_id)
            if before is None or after.state in GONE:
                continue
            if after.restricted != before.restricted:
                self.acts.append(Restriction(recording_id=after.recording_id, restricted=after.restricted))
            if (before.state, after.state) == (RecordingState.QUARANTINED, RecordingState.STORED):
                self.acts.append(QuarantineCleared(recording=after))
