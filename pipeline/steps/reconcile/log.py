"""What the log and the journal say was done, against the rows (I7)."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from callwarden.model.act import Act, subject_of
from callwarden.model.hold import Case
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.policy import Policy
from callwarden.model.recording import GONE
from callwarden.model.request import RequestItem
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.journal import ActsRecord, Journal, JournalDamagedError
from callwarden.ports.keys import KeyStore
from callwarden.ports.log import LogDamagedError, LogReader
from callwarden.rules.identity import log_case
from callwarden.rules.last_word import Stepwise
from callwarden.rules.log_and_rows import (
    TELLING,
    Held,
    LogSays,
    NotBorneOut,
    approved_by_rows,
    log_says,
    not_borne_out,
    older_rows,
    remember,
    undone,
)
from callwarden.steps.reconcile.values import STALE_AFTER, Breach, Seen, breach

_PORTION = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCheck:
    """Costs a pass over the log and one over the journal."""

    catalogue: Catalogue
    journal: Journal
    keys: KeyStore
    log: LogReader
    policy: Policy

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        """Every row that is not as the log says it has to be."""
        with self.catalogue.snapshot() as tx:
            held, approved = self._held(tx), self._approved(tx, seen.now)
        try:
            said = log_says(logged.entry for logged in self.log.entries(operations=TELLING))
            remember(said, self._acts(), case=self._case)
            with self.catalogue.snapshot() as tx:  # what was done meanwhile is no contradiction
                tokens, objections, still_held = tx.tokens.all(), tx.objections.all(), self._held(tx)
                people = tx.people.all()
                redactions = tx.redactions.get([RecordingId(name) for name in said.redactions])
        except LogDamagedError as error:
            yield breach("log_damaged", "access log", error=error)
            return
        differing = not_borne_out(
            said,
            tokens=tokens,
            people=people,
            objections=objections,
            held=held,
            still_held=still_held,
            gone={row.recording_id for row in seen.recordings.values() if row.state in GONE},
            approved=approved,
        )
        older = older_rows(
            said,
            recordings=seen.recordings.values(),
            redactions=redactions.values(),
            objections=objections,
            policy=self.policy,
            filed_before=seen.now - STALE_AFTER,
        )
        for code, subject in (*differing, *older):
            yield breach(code, subject)
        yield from self._undone(said)
        for portion in _portions(said.taken - seen.recordings.keys()):
            with self.catalogue.snapshot() as tx:  # some may have come since
                there = tx.recordings.get(portion).keys()
            yield from (breach(NotBorneOut.RECORDING_GONE, name) for name in portion if name not in there)
        for portion in _portions(said.certified):
            with self.catalogue.snapshot() as tx:
                certified = {certificate.recording_id for certificate in tx.certificates.get(portion)}
            yield from (breach(NotBorneOut.CERTIFICATE_GONE, name) for name in portion if name not in certified)

    def _undone(self, said: LogSays) -> Iterator[Breach]:
        """What was decided of cases and requests, against their rows, read after the journal."""
        items = {act.recording_id for act in said.decided.values() if isinstance(act, RequestItem)}
        cases = [act.case_id for act in said.decided.values() if isinstance(act, Case)]
        with self.catalogue.snapshot() as tx:
            rows: list[Stepwise] = [*tx.cases.all(), *tx.requests.all()]
            rows += [placement for case in cases for placement in tx.placements.of_case(case)]
            rows += [item for portion in _portions(items) for item in tx.requests.about(portion)]
        for code, act in undone(said, rows):
            yield breach(code, self._case(act.case_id) if isinstance(act, Case) else subject_of(act))

    def _held(self, tx: Transaction) -> set[Held]:
        return {(hold.recording_id, self._case(hold.case_id)) for hold in tx.holds.find()}

    def _approved(self, tx: Transaction, now: datetime) -> list[str]:
        return approved_by_rows(
            glasses=tx.break_glass.find(unended=True),
            permissions=tx.permissions.find(unended=True),
            changes=tx.policy_changes.all(),
            now=now,
        )

    def _acts(self) -> Iterator[Act]:
        with suppress(JournalDamagedError):  # a breach of its own
            for record in self.journal.iterate():
                if isinstance(record, ActsRecord):
                    yield from record.acts

    def _case(self, case_id: CaseId) -> str:
        return log_case(case_id, self.keys.pseudonym("case", case_id))


def _portions(ids: Iterable[str]) -> Iterator[list[RecordingId]]:
    rest = [RecordingId(name) for name in sorted(ids)]
    for start in range(0, len(rest), _PORTION):
        yield rest[start : start + _PORTION]
