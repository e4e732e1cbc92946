"""What became of events, and what is stored of a call."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from callwarden.custody.balance import Balance
from callwarden.model.consultation import Consultation
from callwarden.model.event import Notice
from callwarden.model.outcome import EventOutcome
from callwarden.model.recording import GONE, Recording, RecordingState
from callwarden.ports.catalogue import Waits
from callwarden.workers.shapes import Row

if TYPE_CHECKING:
    from callwarden.desks.calls import Calls


class CallShape(TypedDict):
    """Everything known of one call or recording."""

    events: list[Row]
    recordings: list[Row]
    artefacts: list[Row]


def call_shape(found: "Calls") -> CallShape:
    """One call or recording: its events, its state, what is stored of it."""
    return {
        "events": [event_row(outcome, found) for outcome in found.outcomes],
        "recordings": [recording_row(row, found) for row in found.recordings.values()],
        "artefacts": [
            {
                "recording_id": artefact.recording_id,
                "kind": artefact.kind,
                "bytes": artefact.size,
                "sha256": artefact.sha256,
            }
            for artefact in found.artefacts
        ],
    }


def event_row(one: EventOutcome, found: "Calls") -> Row:
    """One event as `calls list` shows it."""
    row = None if one.recording_id is None else found.recordings.get(one.recording_id)
    return {
        "event_id": one.event_id,
        "type": one.type,
        "call_id": one.call_id,
        "leg": one.leg,
        "segment": one.segment,
        "line": one.line,
        "outcome": one.outcome,
        "reason": one.reason,
        "field": one.field or None,
        "noted": [{"field": note.field, "was": note.kind, "why": note.why} for note in one.notes],
        "recording_id": one.recording_id,
        "started_at": None if row is None else row.started_at,
        "ended_at": None if row is None else row.ended_at,
        "keep_until": None if row is None else _keep_until(row),
        "gone_at": None if row is None else row.disposed_at,
        "held": one.recording_id in found.held,
        "holds": [] if row is None else list(row.holds),
        "state": None if row is None else row.state,
        "untranscribed": None if row is None else row.untranscribed,
        "policy_version": one.policy_version,
        "decided_at": one.decided_at,
        "topic": one.position.topic,
        "partition": one.position.partition,
        "offset": one.position.offset,
    }


def _keep_until(row: Recording) -> datetime | None:
    """How long it will be kept; None for what is gone, or on its way out."""
    return row.keep_until if row.state in _KEPT else None


_NO_AUDIO = GONE | {RecordingState.REFUSED}
_KEPT = frozenset({RecordingState.PENDING, RecordingState.STORED, RecordingState.QUARANTINED})


def _notice(notice: Notice) -> Row:
    """What the caller was told of the recording."""
    return {
        "version": notice.version,
        "played": notice.played,
        "at": notice.at,
        "completed": notice.completed,
    }


def recording_row(row: Recording, found: "Calls") -> Row:
    """One recording as `calls show` shows it."""
    return {
        "recording_id": row.recording_id,
        "call_id": row.call_id,
        "leg": row.leg,
        "segment": row.segment,
        "line": row.line,
        "state": row.state,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "keep_until": _keep_until(row),
        "gone_at": row.disposed_at,
        "held": row.recording_id in found.held,
        "holds": list(row.holds),
        "objected_to": sorted(row.objected),
        "restricted": row.restricted,
        "audio_until": row.audio_until,
        "audio": None if row.state in _NO_AUDIO else row.audio,
        "notice": None if row.notice is None else _notice(row.notice),
        "objection_offered": row.objection_offered,
        "quarantine_reason": row.quarantine_reason,
        "untranscribed": row.untranscribed,
        "disposed_at": row.disposed_at,
        "policy_version": row.policy_version,
    }


def sums_shape(balance: Balance, waits: Sequence[Waits]) -> dict[str, object]:
    """The sums: events published, what became of them, and what those in flight wait for."""
    return {
        "published": balance.published,
        "outcomes": {outcome.value: count for outcome, count in balance.outcomes.items()},
        "in_flight": balance.in_flight,
        "deleted_unread": sum(balance.deleted_unread.values()),
        "waiting": waiting_rows(waits),
        "balanced": balance.balanced,
    }


def waiting_rows(waits: Sequence[Waits]) -> list[Row]:
    """What events in flight wait for, since when, and why."""
    return [
        {
            "waits_for": wait.place or "objection",
            "events": wait.events,
            "since": wait.since,
            "why": wait.why or "the policy says how long an objection is waited for",
        }
        for wait in waits
    ]


def consultation_row(one: Consultation) -> Row:
    """When a call was consulted and what for, as the person concerned is told: no names of staff."""
    return {
        "day": one.day.isoformat(),
        "purpose": one.purpose,
        "operation": one.operation,
        "artefact": one.artefact,
        "by_machine": one.by_machine,
        "call_ended_at": one.call_ended_at,
        "line": one.line,
        "recording_id": one.recording_id,
        "times": one.times,
    }


def due_recording_row(row: Recording) -> Row:
    """A recording that a sweep would destroy, or the audio of."""
    return {"recording_id": row.recording_id, "line": row.line, "keep_until": row.keep_until, "state": "due"}
