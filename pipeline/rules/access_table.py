"""What is open to whom in each state a recording can be in: asked of the rule that decides every reading (U1, U2)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import CallId, CaseId, LineId, RecordingId
from callwarden.model.policy import Policy
from callwarden.model.purpose import OBJECTABLE, Purpose
from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.reading import Allow, Question, decide

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_AGENT = "agent-1"
_CONTENT = tuple(what for what in Readable if what is not Readable.LOG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """In this state these artefacts are open to a role for these purposes; only on `lines`, where these are not all
    of the policy's, and only once glass is broken where `break_glass` says so. Own calls or a team's are as the
    grant has it: who asks here has taken the call, and is in charge of who took it."""

    state: str
    role: Role
    purposes: tuple[Purpose, ...]
    artefacts: tuple[Readable, ...]
    lines: tuple[LineId, ...]
    break_glass: bool


def access_table(policy: Policy) -> list[Opening]:
    """Every state × role × purpose × artefact that is allowed, those alike taken together. A state that is not in
    it opens nothing."""
    return [opening for state in _states(policy) for role in Role for opening in _of(state, role, policy)]


STATES = (
    "live",
    "past its period",
    "past its period and held",
    "restricted",
    "objected to for that purpose",
    "in quarantine",
    "redaction incomplete",
)
"""Of an objection to a purpose the table says what is left of that purpose; the others stay as they are."""


def _states(policy: Policy) -> Iterator[tuple[str, Recording, bool]]:
    """Each state, a recording in it, and whether its redaction is released."""
    live = Recording(
        recording_id=RecordingId("rec-1"),
        call_id=CallId("c-1"),
        leg="0",
        segment=0,
        line=next(iter(policy.lines)),
        state=RecordingState.STORED,
        started_at=_NOW - timedelta(hours=2),
        ended_at=_NOW - timedelta(hours=1),
        keep_until=_NOW + timedelta(days=1),
        caller=None,
        customer=None,
        agent_id=_AGENT,
        objected=frozenset(),
        restricted=False,
        quarantine_reason=None,
        policy_version=policy.version,
        source_sha256=None,
    )
    past = replace(live, keep_until=_NOW)
    recordings = (
        live,
        past,
        replace(past, holds=(CaseId("CASE-1"),)),
        replace(live, restricted=True),
        replace(live, objected=frozenset(OBJECTABLE)),
        replace(live, state=RecordingState.QUARANTINED),
        live,
    )
    for state, recording in zip(STATES, recordings, strict=True):
        yield state, recording, state != "redaction incomplete"


def _of(state: tuple[str, Recording, bool], role: Role, policy: Policy) -> Iterator[Opening]:
    name, recording, released = state
    actor = Actor(role=role, name="somebody", agent_id=_AGENT, agents=frozenset({_AGENT}))
    on_lines = [replace(recording, line=line) for line in policy.lines]
    lines_of: dict[tuple[Purpose, Readable, bool], list[LineId]] = defaultdict(list)
    for purpose in Purpose:
        for what in _CONTENT:
            for row in on_lines:
                glass = _glass_needed(actor, purpose, what, row, policy, released=released)
                if glass is not None:
                    lines_of[purpose, what, glass].append(row.line)
    artefacts_of: dict[tuple[Purpose, bool, tuple[LineId, ...]], list[Readable]] = defaultdict(list)
    for (purpose, opened, glass), lines in lines_of.items():
        narrowed = () if len(lines) == len(policy.lines) else tuple(lines)
        artefacts_of[purpose, glass, narrowed].append(opened)
    purposes_of: dict[tuple[bool, tuple[LineId, ...], tuple[Readable, ...]], list[Purpose]] = defaultdict(list)
    for (purpose, glass, narrowed), artefacts in artefacts_of.items():
        purposes_of[glass, narrowed, tuple(artefacts)].append(purpose)
    for (glass, narrowed, artefacts_alike), purposes in purposes_of.items():
        yield Opening(
            state=name,
            role=role,
            purposes=tuple(purposes),
            artefacts=artefacts_alike,
            lines=narrowed,
            break_glass=glass,
        )


def _glass_needed(
    actor: Actor, purpose: Purpose, what: Readable, recording: Recording, policy: Policy, *, released: bool
) -> bool | None:
    """Whether glass has to be broken for it; None where not even that opens it."""
    for glass in (False, True):
        question = Question(
            actor=actor,
            purpose=purpose,
            what=what,
            recording=recording,
            redaction_complete=released,
            glass_broken=glass,
            now=_NOW,
            included=True,
        )
        if isinstance(decide(question, policy=policy), Allow):
            return glass
    return None
