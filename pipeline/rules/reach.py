"""What somebody may find for a purpose, said of rows: what the databases narrow by before the rule of reading is asked
of each call that is shown.

It lets out nothing by itself. Tests hold `covers` to `callwarden.rules.reading.decide`, and the databases to `covers`.
"""

from collections.abc import Collection
from datetime import datetime

from callwarden.model.access import Actor, Readable
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.policy import Policy
from callwarden.model.purpose import DUTIES, Purpose
from callwarden.model.reach import Narrowed, Reach
from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.reading import NO_CONTENT


def reach(
    actor: Actor, purpose: Purpose, *, policy: Policy, now: datetime, included: frozenset[RecordingId] | None = None
) -> Reach:
    """What this actor may find of redacted transcripts: of these `included`, where they are all that may be read. What
    only an open request opens is not in it."""
    what = Readable.REDACTED_TRANSCRIPT
    within: dict[Narrowed, None] = {}
    for grant in policy.access:
        if grant.role is not actor.role or grant.role in NO_CONTENT or grant.break_glass:
            continue
        if what not in grant.artefacts or purpose not in grant.purposes or (grant.team_only and actor.agents is None):
            continue
        agents = actor.agents
        if grant.own_calls_only:
            own = frozenset() if actor.agent_id is None else frozenset({actor.agent_id})
            agents = own if agents is None else own & agents
        lines = _both(actor.lines, grant.lines or None)
        within[Narrowed(lines=lines, agents=agents)] = None
    return Reach(
        within=tuple(within),
        now=now,
        latest=now + policy.limits.max_clock_ahead,
        purpose=None if purpose in DUTIES else purpose,
        dispute=purpose is Purpose.DISPUTE,
        included=included,
    )


def covers(reach: Reach, recording: Recording) -> bool:
    """Whether a recording is within it, by its row alone."""
    if recording.state is not RecordingState.STORED or recording.restricted:
        return False
    if recording.ended_at is None or recording.ended_at > reach.latest:
        return False
    if reach.included is not None and recording.recording_id not in reach.included:
        return False
    if not any(_is_within(recording, each) for each in reach.within):
        return False
    if reach.dispute and recording.holds:
        return True
    if recording.keep_until is None or recording.keep_until <= reach.now:
        return False
    return reach.purpose is None or reach.purpose not in recording.objected


def _is_within(recording: Recording, narrowed: Narrowed) -> bool:
    if narrowed.lines is not None and recording.line not in narrowed.lines:
        return False
    return narrowed.agents is None or (recording.agent_id is not None and recording.agent_id in narrowed.agents)


def _both(one: Collection[LineId] | None, other: Collection[LineId] | None) -> frozenset[LineId] | None:
    if one is None or other is None:
        return None if one is other else frozenset(one or other or ())
    return frozenset(one) & frozenset(other)
