"""The one author of object keys and tags. Nothing a telephone system wrote ever becomes part of a key."""

import re

from callwarden.model.ids import LineId, RecordingId
from callwarden.model.policy import Policy
from callwarden.model.recording import ArtefactKind, Recording, RecordingState
from callwarden.rules.retention import keep_until

_RECORDING_ID = re.compile(r"rec-([0-9a-f]{32})")
_KEY = re.compile(r"recordings/([0-9a-f]{2})/(rec-[0-9a-f]{32})/([a-z-]+)\.([0-9]+)")

RETENTION_TAG = "callwarden-retention"
"""Its value is the line's period; the lifecycle backstop expires by it, later than any due date."""

HELD_TAG = "callwarden-held"
"""On every version of a recording that is held, restricted or asked for, which then carries no retention tag: no
lifecycle rule matches it."""


def recording_prefix(recording_id: RecordingId) -> str:
    """Everything stored of a recording lies under this prefix, and nothing else does. Spread over 256 folders."""
    match = _RECORDING_ID.fullmatch(recording_id)
    if match is None:
        raise ValueError("not a recording id")
    return f"recordings/{match[1][:2]}/{recording_id}/"


def object_key(recording_id: RecordingId, kind: ArtefactKind, generation: int) -> str:
    """The key of one artefact."""
    return f"{recording_prefix(recording_id)}{kind.value}.{generation}"


def read_key(key: str) -> tuple[RecordingId, ArtefactKind, int] | None:
    """Whose artefact a key is; None when `object_key` never wrote it."""
    match = _KEY.fullmatch(key)
    if match is None or match[2][4:6] != match[1] or match[3] not in set(ArtefactKind):
        return None
    return RecordingId(match[2]), ArtefactKind(match[3]), int(match[4])


def tags_for(line: LineId, *, quarantined: bool, excluded: bool, policy: Policy) -> dict[str, str]:
    """The tags of a new object: its retention period; or, while it is kept or past its period, the exclusion from every
    lifecycle rule, which knows nothing of the policy's delays."""
    if excluded:
        return {HELD_TAG: "yes"}
    known = policy.lines.get(line)
    return {RETENTION_TAG: str(policy.quarantine if quarantined or known is None else known.retention)}


def tags_of(recording: Recording, *, excluded: bool, policy: Policy) -> dict[str, str]:
    """The tags of an object of a recording whose date another policy may have given: a period that is over no earlier
    than that date, whatever it is counted from; where the policy knows none, no lifecycle rule acts on it."""
    tags = tags_for(
        recording.line, quarantined=recording.state is RecordingState.QUARANTINED, excluded=excluded, policy=policy
    )
    if excluded or recording.keep_until is None or recording.ended_at is None:
        return tags
    if recording.state is RecordingState.QUARANTINED:
        return tags  # counted from its arrival, as the bucket counts
    zone, ended_at, until = policy.time_zone, recording.ended_at, recording.keep_until
    known = policy.lines.get(recording.line)
    own = [] if known is None else [known.retention]
    others = sorted((line.retention for line in policy.lines.values()), key=lambda period: period.at_most_days())
    for period in (*own, *others):
        if keep_until(ended_at, period, zone) >= until:
            return {RETENTION_TAG: str(period)}
    return {HELD_TAG: "yes"}
