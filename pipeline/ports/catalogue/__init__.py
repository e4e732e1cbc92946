"""The catalogue: what is known of every event, recording, objection and hold, and what is still to be published."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from callwarden.model.ids import CallId, RecordingId
from callwarden.model.outcome import EventOutcome, Outcome, Position
from callwarden.model.recording import Artefact, Recording
from callwarden.ports.catalogue.closings import Closings
from callwarden.ports.catalogue.decisions import (
    BreakGlasses,
    Cases,
    Holds,
    ObjectionReference,
    Objections,
    Tokens,
    UnappliedHolds,
)
from callwarden.ports.catalogue.disclosures import Disclosures
from callwarden.ports.catalogue.events import OutcomeFilter, Outcomes, Waiting, WaitingEvent, Waits
from callwarden.ports.catalogue.experiments import ExperimentExports, ExperimentItems, ExperimentKeys, Experiments
from callwarden.ports.catalogue.given_answers import GivenAnswers
from callwarden.ports.catalogue.keys import DESTROYED_MASTER, KeyOf, Keys, KnownKeys, OtherKey, OtherKeys, WrappedKey
from callwarden.ports.catalogue.origins import Origins
from callwarden.ports.catalogue.people import People, Sessions, Tries
from callwarden.ports.catalogue.permissions import Permissions
from callwarden.ports.catalogue.placements import Labels, Placements
from callwarden.ports.catalogue.policy_changes import PolicyChanges
from callwarden.ports.catalogue.receipts import Receipts
from callwarden.ports.catalogue.recordings import Artefacts, RecordingFilter, Recordings, Redactions
from callwarden.ports.catalogue.records import Certificates, Landmarks, Log, Outbox, OutboxEntry
from callwarden.ports.catalogue.rectifications import RecipientNotices, Rectifications
from callwarden.ports.catalogue.requests import Requests
from callwarden.ports.catalogue.reviews import Courses, Evaluations, Notes
from callwarden.ports.catalogue.set_aside import ActReasons, DeadLetters
from callwarden.ports.catalogue.webhooks import WebhookDeliveries, Webhooks
from callwarden.ports.search import Findable, SearchIndex

__all__ = [
    "DESTROYED_MASTER",
    "AlteredRow",
    "Catalogue",
    "KeyOf",
    "ObjectionReference",
    "OtherKey",
    "OutboxEntry",
    "OutcomeFilter",
    "RecordingFilter",
    "Transaction",
    "WaitingEvent",
    "Waits",
    "WrappedKey",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredRow:
    """A row that is not what was sealed: its table, and its key as text."""

    table: str
    key: str


class Transaction(Protocol):
    """Reads and writes, by subject, that become durable together, or not at all. Reads see this transaction's writes.

    Rows read with ``lock=True`` stay as they are for everybody else until the transaction ends; locks are taken
    in the order of ids, so two transactions cannot wait for each other.
    """

    @property
    def recordings(self) -> Recordings: ...
    @property
    def artefacts(self) -> Artefacts: ...
    @property
    def redactions(self) -> Redactions: ...
    @property
    def search(self) -> SearchIndex: ...
    @property
    def findable(self) -> Findable: ...
    @property
    def keys(self) -> Keys: ...
    @property
    def other_keys(self) -> OtherKeys: ...
    @property
    def known_keys(self) -> KnownKeys: ...
    @property
    def outcomes(self) -> Outcomes: ...
    @property
    def waiting(self) -> Waiting: ...
    @property
    def dead_letters(self) -> DeadLetters: ...
    @property
    def act_reasons(self) -> ActReasons: ...
    @property
    def objections(self) -> Objections: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def holds(self) -> Holds: ...
    @property
    def placements(self) -> Placements: ...
    @property
    def labels(self) -> Labels: ...
    @property
    def policy_changes(self) -> PolicyChanges: ...
    @property
    def closings(self) -> Closings: ...
    @property
    def permissions(self) -> Permissions: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def notices(self) -> RecipientNotices: ...
    @property
    def rectifications(self) -> Rectifications: ...
    @property
    def origins(self) -> Origins: ...
    @property
    def receipts(self) -> Receipts: ...
    @property
    def given_answers(self) -> GivenAnswers: ...
    @property
    def unapplied(self) -> UnappliedHolds: ...
    @property
    def disclosures(self) -> Disclosures: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def evaluations(self) -> Evaluations: ...
    @property
    def courses(self) -> Courses: ...
    @property
    def experiments(self) -> Experiments: ...
    @property
    def experiment_items(self) -> ExperimentItems: ...
    @property
    def experiment_exports(self) -> ExperimentExports: ...
    @property
    def experiment_keys(self) -> ExperimentKeys: ...
    @property
    def break_glass(self) -> BreakGlasses: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def people(self) -> People: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def attempts(self) -> Tries: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def webhook_deliveries(self) -> WebhookDeliveries: ...
    @property
    def certificates(self) -> Certificates: ...
    @property
    def landmarks(self) -> Landmarks: ...
    @property
    def log(self) -> Log: ...
    @property
    def outbox(self) -> Outbox: ...


class Catalogue(Protocol):
    """Durable, transactional store of rows. Thread-safe; one transaction belongs to one thread.

    Rows that decide something are sealed: what comes back ``altered`` was written past the system. Saving such a value
    does not make it genuine.
    """

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Durable when the block ends without an error; rolled back when it raises. Raises RetryableError when
        the database is out of reach, locked for too long, or asks to try again (nothing changed then)."""
        ...

    def snapshot(self) -> AbstractContextManager[Transaction]:
        """A transaction to read in: waits for no writer, locks nothing, and its writes are refused or lost. Raises
        RetryableError."""
        ...

    def is_empty(self) -> bool:
        """Whether no recording is on record, present or past, and no key was ever used."""
        ...

    def unsent(self, *, older_than_s: float, limit: int) -> Sequence[OutboxEntry]:
        """Outbox entries nobody has marked as sent within this many seconds, oldest first."""
        ...

    def mark_sent(self, entries: Sequence[OutboxEntry]) -> None:
        """The bus has them."""
        ...

    def list_outcomes(
        self,
        *,
        limit: int | None = None,
        call_id: CallId | None = None,
        recording_id: RecordingId | None = None,
        wanted: OutcomeFilter | None = None,
        after: Position | None = None,
    ) -> Sequence[EventOutcome]:
        """Outcomes in the order they were decided; only those decided after the one at this position, where given
        (all of them where nothing was decided there)."""
        ...

    def count_outcomes(self, topic: str) -> Mapping[Outcome, int]:
        """How many events of a topic ended each way; every outcome is a key."""
        ...

    def outcomes_from(self, topic: str, partition: int, offset: int, *, before: int | None = None) -> int:
        """How many positions of this partition at or after `offset`, and below `before`, have an outcome already."""
        ...

    def count_waiting(self, topic: str, *, partition: int | None = None, before: int | None = None) -> int:
        """How many events of this topic wait, for word of an objection or for a place; only those of this partition, or
        at offsets below `before`, where asked."""
        ...

    def waits(self) -> Sequence[Waits]:
        """What events wait for, by place and reason."""
        ...

    def all_artefacts(self) -> Iterator[Artefact]:
        """Every stored object, by key, read in portions (I2)."""
        ...

    def all_recordings(self) -> Iterator[Recording]:
        """Every recording, by id, read in portions."""
        ...

    def altered_rows(self) -> Iterator[AlteredRow]:
        """Every sealed row that is not what was sealed, read in portions. Costs a pass over the rows."""
        ...

    def close(self) -> None: ...
