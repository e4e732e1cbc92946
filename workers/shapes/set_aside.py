"""What was set aside: recordings in quarantine and dead letters, as codes, sizes, digests and times."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from callwarden.desks.quarantine import Discarded, SetAside, Shown
from callwarden.model.event import CallRecorded
from callwarden.model.recording import Recording
from callwarden.model.set_aside import ActReason, DeadLetter
from callwarden.rules.dead_letter import dead_letter_place
from callwarden.workers.shapes import Row

Opened = tuple[bytes, CallRecorded, Sequence[tuple[ActReason, str | None]]]
"""A recording's event as bytes and as a value, and the reasons people gave."""


def set_aside_row(one: SetAside, now: datetime) -> dict[str, object]:
    """One recording in quarantine as a list has it."""
    row, outcome = one.recording, one.outcome
    since = None if outcome is None else outcome.decided_at
    return {
        "recording_id": row.recording_id,
        "event_id": None if outcome is None else outcome.event_id,
        "call_id": row.call_id,
        "leg": row.leg,
        "segment": row.segment,
        "line": row.line or None,
        "reason": row.quarantine_reason,
        "field": (outcome.field or None) if outcome is not None else None,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "since": since,
        "age_days": None if since is None else (now - since).days,
        "keep_until": row.keep_until,
        "holds": list(row.holds),
        "audio_kept": row.source_sha256 is not None,
    }


def set_aside_parts(
    shown: Shown, *, now: datetime, opened: Opened | None = None
) -> tuple[dict[str, Any], list[Row], list[Row], list[Row]]:
    """One recording in quarantine; where it differs from what was expected; what was noted; what was done about it.
    With what was `opened` for those who may: the event itself, what stood in wrong fields, and the reasons."""
    thing = {**set_aside_row(SetAside(recording=shown.recording, outcome=shown.outcome), now), **_stored(shown)}
    found: list[Row] = [
        {"field": difference.field, "expected": difference.expected, "found": difference.found}
        for difference in shown.differences
    ]
    notes = () if shown.outcome is None else shown.outcome.notes
    noted: list[Row] = [
        {"field": note.field, "was": note.kind, "why": note.why, "needed": note.needed} for note in notes
    ]
    if opened is None:
        return thing, found, noted, [act_row(act) for act in shown.acts]
    raw, event, reasons = opened
    noted = [
        {"field": note.field, "was": note.was or note.kind, "why": note.why, "needed": note.needed}
        for note in event.notes
    ]
    return {**thing, "event": raw.decode()}, found, noted, [act_row(reason, text) for reason, text in reasons]


def set_aside_shape(shown: Shown, *, now: datetime, opened: Opened | None = None) -> dict[str, Any]:
    """The same as one thing."""
    thing, found, noted, acts = set_aside_parts(shown, now=now, opened=opened)
    return {**thing, "differences": found, "noted": noted, "acts": acts}


def cleared_row(row: Recording) -> Row:
    """A recording that is stored after all."""
    return {
        "recording_id": row.recording_id,
        "call_id": row.call_id,
        "leg": row.leg,
        "segment": row.segment,
        "line": row.line,
        "state": row.state,
        "keep_until": row.keep_until,
    }


def discarded_row(gone: Discarded) -> Row:
    """What is left of a recording that was destroyed in quarantine."""
    row = gone.recording
    return {
        "recording_id": row.recording_id,
        "state": row.state,
        "gone_at": row.disposed_at,
        "certificate": gone.certificate,
    }


def dead_letter_row(one: DeadLetter) -> dict[str, object]:
    """One message that was no event, without what stood in it."""
    gone, again = one.discarded_at, one.retried_at
    return {
        "place": dead_letter_place(one.position),
        "event_id": one.event_id,
        "call_id": one.call_id,
        "reason": one.reason,
        "field": one.field or None,
        "bytes": one.size,
        "at": one.at,
        "state": "discarded" if gone is not None else "waiting" if again is None else "retried",
        "retried_at": again,
        "gone_at": gone,
        "keep_until": None if gone is not None else one.keep_until,
    }


def act_row(one: ActReason, text: str | None = None) -> Row:
    """One thing that was done, with the reason where it was opened."""
    return {"at": one.at, "act": one.act, "act_id": one.act_id, "reason": text}


def _stored(shown: Shown) -> dict[str, object]:
    audio = shown.audio
    return {
        "bytes": None if audio is None else audio.size,
        "media_type": None if audio is None else audio.media_type,
    }
