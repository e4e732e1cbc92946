"""Putting right what is known of a call: what it then says, and what speaks against it (GDPR, article 16). Pure."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from callwarden.model.event import CallRecorded
from callwarden.model.outcome import Reason
from callwarden.model.policy import Policy
from callwarden.model.recording import Recording
from callwarden.model.rectification import Correction
from callwarden.rules.audio_period import audio_until
from callwarden.rules.retention import credible_time, keep_until

Change = Mapping[str, str | None]
"""``was`` and ``now``, as text."""

FIELDS: Final = frozenset({"number", "customer", "name", "agent", "line", "started_at", "ended_at", "labels"})
TIMES: Final = frozenset({"started_at", "ended_at"})
WHOSE: Final = frozenset({"number", "customer"})
"""Fields that say whose a recording is."""
OF_OTHERS: Final = frozenset({"agent", "labels"})
"""Fields that may name others than the person concerned: of these a letter says only that they were put right."""


def corrected(event: CallRecorded, correction: Correction) -> CallRecorded:
    """The event as it ought to have been."""
    labels = dict(event.labels) | {name: text for name, text in correction.labels if text is not None}
    for name, text in correction.labels:
        if text is None:
            labels.pop(name, None)
    caller = replace(
        event.caller,
        number=correction.number or event.caller.number,
        customer_id=correction.customer or event.caller.customer_id,
        name=correction.name or event.caller.name,
    )
    return replace(
        event,
        caller=caller,
        agent=replace(event.agent, id=correction.agent or event.agent.id),
        line=correction.line or event.line,
        started_at=correction.started_at or event.started_at,
        ended_at=correction.ended_at or event.ended_at,
        labels=tuple(sorted(labels.items())),
    )


def changes(before: CallRecorded, after: CallRecorded) -> dict[str, Change]:
    """What differs, field by field; empty where nothing does."""
    was, now = _said(before), _said(after)
    return {name: {"was": was[name], "now": now[name]} for name in was if was[name] != now[name]}


def refused_because(after: CallRecorded, *, stored_at: datetime | None, policy: Policy, now: datetime) -> Reason | None:
    """Why a call cannot have been so: a line no policy knows, times that cannot be believed, or an end after its audio
    was stored, by which it would only be kept longer."""
    if after.line not in policy.lines:
        return Reason.UNKNOWN_LINE
    if why := credible_time(after.started_at, after.ended_at, now=now, limits=policy.limits):
        return why
    assert after.ended_at is not None  # a credible time has both
    ahead = stored_at is not None and after.ended_at - stored_at > policy.limits.max_clock_ahead
    return Reason.FUTURE_TIME if ahead else None


def row_after(row: Recording, after: CallRecorded, *, policy: Policy) -> Recording:
    """The recording's times, line and agent as the event has them now. Its period counts anew where line or end are
    others; the pseudonyms of the caller are not known here."""
    until, audio, offered, line = row.keep_until, row.audio_until, row.objection_offered, policy.lines[after.line]
    if after.ended_at is not None and (after.line, after.ended_at) != (row.line, row.ended_at):
        until = keep_until(after.ended_at, line.retention, policy.time_zone)
        audio = audio_until(after.ended_at, line, policy.time_zone, until=until)
    if after.line != row.line:
        offered = line.objection_honoured
    return replace(
        row,
        line=after.line,
        started_at=after.started_at,
        ended_at=after.ended_at,
        agent_id=after.agent.id,
        keep_until=until,
        audio_until=audio,
        objection_offered=offered,
    )


def _said(event: CallRecorded) -> dict[str, str | None]:
    return {
        "number": event.caller.number,
        "customer": event.caller.customer_id,
        "name": event.caller.name,
        "agent": event.agent.id,
        "line": event.line,
        "started_at": None if event.started_at is None else event.started_at.isoformat(),
        "ended_at": None if event.ended_at is None else event.ended_at.isoformat(),
        "labels": json.dumps(dict(event.labels), ensure_ascii=False, sort_keys=True) if event.labels else None,
    }
