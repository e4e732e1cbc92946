"""One entry of the access log: who did what to which recording, when, for which purpose (U3, L1).

An entry never holds content, a name or a telephone number. That is enforced here by the shape of every
field: closed vocabularies where there is one, opaque identifiers everywhere else. Its bytes are in
`callwarden.accesslog.proof.encoding`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from callwarden.model.purpose import Purpose

EntryId = NewType("EntryId", str)
"""26 characters of Crockford's base 32: 48 bits of milliseconds, 80 random bits. Sorts by time."""

MAX_REASONS: Final = 16

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ENTRY_ID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
# A person is a role and a keyed pseudonym (key id, hyphen, hash); a program is `service:` and its name.
_ACTOR: Final = re.compile(
    r"service:[a-z][a-z0-9_-]{1,39}"
    r"|(?!service:)[a-z][a-z_]{1,31}:[A-Za-z0-9_]{1,40}-(?=[a-z]*[0-9])[0-9a-z]{32,64}"
)
_SUBJECT: Final = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z][A-Za-z0-9]{0,15}[-_:][A-Za-z0-9][A-Za-z0-9._:-]{0,110}")
_REFERENCE: Final = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_PHONE: Final = re.compile(r"(?<![0-9A-Za-z])(?:0033|33|0)[1-9](?:[._-]?[0-9]{2}){4}(?![0-9A-Za-z])")
_PURPOSES: Final = frozenset(purpose.value for purpose in Purpose)
_CODE: Final = re.compile(r"[a-z][a-z0-9_.-]{0,47}")
_POLICY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,79}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class InvalidEntryError(ValueError):
    """A value may not stand in a log entry. Names the field and the rule, never the value."""

    def __init__(self, field: str, rule: str) -> None:
        self.field = field
        self.rule = rule
        super().__init__(f"log entry field {field!r}: {rule}")


class Operation(StrEnum):
    """What was done; something that the product does writes each. One that was ever written stays: an old log has to be
    readable for as long as it is kept."""

    CONTENT_READ = "content.read"
    CONTENT_RANGE = "content.range"
    SEARCH = "search"
    CALL_MONITORED = "call.monitored"
    LOG_READ = "log.read"
    LOG_EXPORTED = "log.exported"
    CHECKPOINT_PUBLISHED = "checkpoint.published"
    LOG_SEGMENT_SEALED = "log.segment_sealed"
    LOG_SEGMENT_EXPIRED = "log.segment_expired"
    LOG_EXPIRY_ORDERED = "log.expiry_ordered"
    LOG_BEGINNING_REQUESTED = "log.beginning_requested"
    LOG_BEGUN_ANEW = "log.begun_anew"
    RECORDING_STORED = "recording.stored"
    RECORDING_REFUSED = "recording.refused"
    RECORDING_QUARANTINED = "recording.quarantined"
    RECORDING_RELEASED = "recording.released"
    RECORDING_DISPOSED = "recording.disposed"
    AUDIO_DISPOSED = "recording.audio_disposed"
    ARTEFACT_DESTROYED = "artefact.destroyed"
    RECORDING_TRANSCRIBED = "recording.transcribed"
    TRANSCRIPTION_RETRIED = "transcription.retried"
    RECORDING_REDACTED = "recording.redacted"
    RECORDING_RESTRICTED = "recording.restricted"
    RECORDING_UNRESTRICTED = "recording.unrestricted"
    RECORDING_REDATED = "recording.redated"
    CALL_RECEIVED = "call.received"
    EVENT_TRIED = "event.tried"
    CALLS_LISTED = "calls.listed"
    CALLS_SHOWN = "calls.shown"
    CALLS_COUNTED = "calls.counted"
    HOLDS_LISTED = "hold.listed"
    HOLD_OPENED = "hold.opened"
    HOLD_SHOWN = "hold.shown"
    HOLD_EDITED = "hold.edited"
    HOLD_EVENT_ENTERED = "hold.event_entered"
    HOLD_EVENT_UNDONE = "hold.event_undone"
    HOLD_REVIEWED = "hold.reviewed"
    HOLD_CALENDAR_EXPORTED = "hold.calendar_exported"
    HOLD_PREVIEWED = "hold.previewed"
    HOLD_CRITERIA_REQUESTED = "hold.criteria_requested"
    HOLD_CRITERIA_PLACED = "hold.criteria_placed"
    HOLD_CRITERIA_ENDED = "hold.criteria_ended"
    HOLD_PLACED = "hold.placed"
    HOLD_RELEASE_REQUESTED = "hold.release_requested"
    HOLD_RELEASE_WITHDRAWN = "hold.release_withdrawn"
    HOLD_RELEASED = "hold.released"
    EVIDENCE_DISCLOSED = "evidence.disclosed"
    EVIDENCE_PACKED = "evidence.packed"
    EVIDENCE_LISTED = "evidence.listed"
    OBJECTIONS_LISTED = "objection.listed"
    OBJECTION_RECORDED = "objection.recorded"
    OBJECTION_APPLIED = "objection.applied"
    OBJECTION_WITHDRAWN = "objection.withdrawn"
    OBJECTION_DECIDED = "objection.decided"
    KEY_DESTROYED = "key.destroyed"
    KEY_ROTATED = "key.rotated"
    KEY_REWRAPPED = "key.rewrapped"
    ACCESS_REFUSED = "access.refused"
    ANSWER_REPEATED = "answer.repeated"
    BREAKGLASS_REQUESTED = "breakglass.requested"
    BREAKGLASS_APPROVED = "breakglass.approved"
    BREAKGLASS_ENDED = "breakglass.ended"
    BREAKGLASS_LISTED = "breakglass.listed"
    CERTIFICATE_SHOWN = "certificate.shown"
    QUARANTINE_LISTED = "quarantine.listed"
    QUARANTINE_SHOWN = "quarantine.shown"
    QUARANTINE_OPENED = "quarantine.opened"
    QUARANTINE_RETRIED = "quarantine.retried"
    QUARANTINE_DISCARDED = "quarantine.discarded"
    DEADLETTERS_LISTED = "deadletters.listed"
    DEADLETTER_SHOWN = "deadletter.shown"
    DEADLETTER_OPENED = "deadletter.opened"
    DEADLETTER_RETRIED = "deadletter.retried"
    DEADLETTER_DISCARDED = "deadletter.discarded"
    SWEEP_STOPPED = "sweep.stopped"
    DISPOSAL_PREVIEWED = "disposal.previewed"
    DISPOSAL_ORDERED = "disposal.ordered"
    DISPOSAL_REQUESTED = "disposal.requested"
    DISPOSAL_CONFIRMED = "disposal.confirmed"
    LANDING_SWEPT = "landing.swept"
    RECONCILED = "reconciled"
    POLICY_CHANGED = "policy.changed"
    POLICY_PROPOSED = "policy.proposed"
    POLICY_APPROVED = "policy.approved"
    POLICY_WITHDRAWN = "policy.withdrawn"
    POLICY_CHANGES_LISTED = "policy.changes_listed"
    TESTING_ASKED = "testing.asked"
    TESTING_APPROVED = "testing.approved"
    TESTING_LISTED = "testing.listed"
    TESTING_ENDED = "testing.ended"
    JOURNAL_ADOPTED = "journal.adopted"
    TOKEN_ISSUED = "token.issued"  # noqa: S105 -- the name of an operation, not a secret
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 -- the name of an operation, not a secret
    TOKEN_SPENT = "token.spent"  # noqa: S105 -- the name of an operation, not a secret
    PERSON_ADDED = "person.added"
    PERSON_CHANGED = "person.changed"
    PERSON_REMOVED = "person.removed"
    PASSWORD_SET = "person.password_set"  # noqa: S105 -- the name of an operation, not a secret
    PEOPLE_LISTED = "person.listed"
    SESSION_BEGUN = "session.begun"
    SESSION_ENDED = "session.ended"
    SESSIONS_LISTED = "session.listed"
    LIFECYCLE_APPLIED = "lifecycle.applied"
    BACKUP_ORDERED = "backup.ordered"
    BACKUP_RESTORED = "backup.restored"
    REDACTION_SHOWN = "redaction.shown"
    REDACTION_LISTED = "redaction.listed"
    REDACTION_REPORTED = "redaction.reported"
    NOTE_WRITTEN = "note.written"
    NOTE_REMOVED = "note.removed"
    NOTES_SHOWN = "note.shown"
    EVALUATION_MADE = "evaluation.made"
    EVALUATION_SHOWN = "evaluation.shown"
    EVALUATIONS_LISTED = "evaluation.listed"
    EVALUATION_ENDED = "evaluation.ended"
    COURSE_MADE = "course.made"
    COURSE_CHANGED = "course.changed"
    COURSE_SHOWN = "course.shown"
    COURSES_LISTED = "course.listed"
    COURSE_REMOVED = "course.removed"
    REQUEST_OPENED = "request.opened"
    REQUEST_LISTED = "request.listed"
    REQUEST_SHOWN = "request.shown"
    REQUEST_IDENTITY_ASKED = "request.identity_asked"
    REQUEST_VERIFIED = "request.verified"
    REQUEST_FOUND = "request.found"
    REQUEST_ORIGINALS_SEARCHED = "request.originals_searched"
    REQUEST_PREVIEWED = "request.previewed"
    REQUEST_DECIDED = "request.decided"
    REQUEST_APPROVED = "request.approved"
    REQUEST_EXTENDED = "request.extended"
    REQUEST_ANSWERED = "request.answered"
    REQUEST_LIFT_TOLD = "request.lift_told"
    REQUEST_LIFTED = "request.lifted"
    REQUEST_CLOSED = "request.closed"
    REQUEST_LETTER = "request.letter_written"
    REQUEST_RECTIFIED = "request.rectified"
    RECTIFICATIONS_SHOWN = "request.rectifications_shown"
    RECIPIENTS_LISTED = "recipient.listed"
    RECIPIENT_TOLD = "recipient.told"
    RECIPIENT_ACKNOWLEDGED = "recipient.acknowledged"
    TOKEN_LISTED = "token.listed"  # noqa: S105 -- the name of an operation, not a secret
    TABLE_EXPORTED = "table.exported"
    OPERATIONS_SHOWN = "operations.shown"
    WEBHOOK_ADDED = "webhook.added"
    WEBHOOK_ROTATED = "webhook.rotated"
    WEBHOOK_ENDED = "webhook.ended"
    WEBHOOK_LISTED = "webhook.listed"
    WEBHOOK_TESTED = "webhook.tested"
    WEBHOOK_RETRIED = "webhook.retried"
    FIGURES_CLOSED = "figures.closed"
    REPORT_SHOWN = "report.shown"
    EXPERIMENT_OPENED = "experiment.opened"
    EXPERIMENT_PREVIEWED = "experiment.previewed"
    EXPERIMENT_APPROVED = "experiment.approved"
    EXPERIMENT_BUILT = "experiment.built"
    EXPERIMENT_EXPORTED = "experiment.exported"
    EXPERIMENT_INCLUDED = "experiment.included"
    EXPERIMENT_REVOKED = "experiment.revoked"
    EXPERIMENT_DESTROYED = "experiment.destroyed"
    EXPERIMENT_REVOCATIONS_SIGNED = "experiment.revocations_signed"
    EXPERIMENT_ACKNOWLEDGED = "experiment.acknowledged"
    EXPERIMENT_CLOSED = "experiment.closed"
    EXPERIMENT_ENDED = "experiment.ended"
    EXPERIMENT_SHOWN = "experiment.shown"
    EXPERIMENTS_LISTED = "experiment.listed"


class EntryOutcome(StrEnum):
    """``allowed`` and ``refused`` answer a wish to read; ``done`` records an act."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """The bytes released: from ``first`` up to but not including ``end``. Zero-based, of the artefact in clear."""

    first: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.end < 2**63:
            raise InvalidEntryError("byte_range", "must be 0 <= first <= end < 2**63")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A fact that stays. Building one checks every field (raises `InvalidEntryError`).

    ``actor`` is ``service:<program>`` or ``<role>:<key id>-<hex>``, a pseudonym under a key kept elsewhere.
    ``subject`` is ``<kind>-<id>`` (``rec-…``, ``req-…``); ``case`` and ``correlation`` are opaque identifiers. Each
    holds at least one digit and no telephone number.
    ``digest`` is the hex SHA-256 of a document the act produced (a certificate, an answer, an export).
    ``count`` is a number of things concerned (results of a search, recordings in a hold).
    """

    entry_id: EntryId
    at: datetime
    actor: str
    operation: Operation
    outcome: EntryOutcome
    purpose: str | None = None
    artefact: str | None = None
    subject: str | None = None
    reasons: tuple[str, ...] = ()
    policy_version: str | None = None
    byte_range: ByteRange | None = None
    case: str | None = None
    correlation: str | None = None
    count: int | None = None
    digest: str | None = None

    def __post_init__(self) -> None:
        _must_match("entry_id", _ENTRY_ID, self.entry_id, "26 characters of Crockford's base 32")
        if self.at.utcoffset() != timedelta(0):
            raise InvalidEntryError("at", "must be an aware instant in UTC")
        _must_match("actor", _ACTOR, self.actor, "service:<program> or <role>:<key id>-<hex pseudonym>")
        if self.purpose is not None and self.purpose not in _PURPOSES:
            raise InvalidEntryError("purpose", "must be one of the closed purposes")
        if self.artefact is not None:
            _must_match("artefact", _CODE, self.artefact, "a lower-case code")
        _must_be_opaque("subject", _SUBJECT, self.subject)
        _must_be_opaque("case", _REFERENCE, self.case)
        _must_be_opaque("correlation", _REFERENCE, self.correlation)
        if len(self.reasons) > MAX_REASONS:
            raise InvalidEntryError("reasons", f"at most {MAX_REASONS}")
        for reason in self.reasons:
            _must_match("reasons", _CODE, reason, "lower-case codes")
        if self.policy_version is not None:
            _must_match("policy_version", _POLICY, self.policy_version, "a version, without spaces")
        if self.count is not None and not 0 <= self.count < 2**63:
            raise InvalidEntryError("count", "must be 0 <= count < 2**63")
        if self.digest is not None:
            _must_match("digest", _DIGEST, self.digest, "64 lower-case hexadecimal digits")


def make_entry_id(at: datetime, entropy: bytes) -> EntryId:
    """The identifier for an entry of the instant ``at`` (aware) and ten random bytes."""
    if len(entropy) != 10:
        raise ValueError("an entry id takes ten random bytes")
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    number = (milliseconds << 80) | int.from_bytes(entropy)
    return EntryId("".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5)))


def is_entry_id(text: str) -> bool:
    """Whether this can be the identifier of an entry at all."""
    return _ENTRY_ID.fullmatch(text) is not None


def entry_instant(entry_id: EntryId) -> datetime:
    """The instant an identifier was made for, to the millisecond, in UTC."""
    number = 0
    for letter in entry_id[:10]:
        number = number * 32 + _CROCKFORD.index(letter)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number)


def _must_match(field: str, pattern: re.Pattern[str], value: str, rule: str) -> None:
    if not pattern.fullmatch(value):
        raise InvalidEntryError(field, f"must be {rule}")


def _must_be_opaque(field: str, pattern: re.Pattern[str], value: str | None) -> None:
    if value is None:
        return
    _must_match(field, pattern, value, "an opaque identifier with at least one digit")
    if _PHONE.search(value):
        raise InvalidEntryError(field, "must not hold a telephone number")
