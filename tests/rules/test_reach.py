"""What is found and counted is what may be read: `reach`, of which the databases make conditions, against the rule of
reading itself (U1, U2, U4, U9)."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import CaseId, LineId
from callwarden.model.policy import Grant
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.reach import covers, reach
from callwarden.rules.reading import Allow, Question, decide
from tests.rules.test_reading import POLICY
from tests.support.catalogue_rows import NOON, at, recording

LINES = st.sampled_from(["here", "there", "elsewhere"]).map(LineId)
AGENTS = st.sampled_from(["a-1", "a-2", "a-3"])
ROLES = st.sampled_from([Role.TRAINER, Role.SUPERVISOR, Role.LEGAL, Role.OPERATOR])
PURPOSES = st.sampled_from(Purpose)
GRANTS = st.builds(
    Grant,
    role=ROLES,
    purposes=st.frozensets(PURPOSES, min_size=1),
    artefacts=st.frozensets(st.sampled_from([Readable.REDACTED_TRANSCRIPT, Readable.METADATA]), min_size=1),
    lines=st.frozensets(LINES, max_size=2),
    own_calls_only=st.booleans(),
    team_only=st.booleans(),
    break_glass=st.booleans(),
)
ACTORS = st.builds(
    Actor,
    role=ROLES,
    name=st.just("somebody"),
    lines=st.none() | st.frozensets(LINES),
    agents=st.none() | st.frozensets(AGENTS),
    agent_id=st.none() | AGENTS,
)
MOMENTS = st.sampled_from([-2, -1, 0, 1, 2]).map(at)


def calls() -> st.SearchStrategy[Recording]:
    return st.builds(
        lambda **changes: recording(1, **changes),
        line=LINES,
        agent_id=st.none() | AGENTS,
        state=st.sampled_from(RecordingState),
        started_at=st.just(at(-3)),
        ended_at=MOMENTS,
        keep_until=st.none() | MOMENTS,
        objected=st.frozensets(PURPOSES.map(lambda purpose: purpose.value), max_size=2),
        restricted=st.booleans(),
        holds=st.sampled_from([(), (CaseId("DOSSIER-1"),)]),
    )


@given(row=calls(), actor=ACTORS, purpose=PURPOSES, grants=st.lists(GRANTS, max_size=3).map(tuple))
def test_what_is_within_reach_is_what_the_rule_allows(
    row: Recording, actor: Actor, purpose: Purpose, grants: tuple[Grant, ...]
) -> None:
    policy = replace(POLICY, access=grants)
    verdict = decide(
        Question(
            actor=actor,
            purpose=purpose,
            what=Readable.REDACTED_TRANSCRIPT,
            recording=row,
            redaction_complete=True,
            glass_broken=False,
            now=NOON,
        ),
        policy=policy,
    )
    assert covers(reach(actor, purpose, policy=policy, now=NOON), row) == isinstance(verdict, Allow)


def test_the_last_microsecond_of_a_period_is_within_reach_and_its_end_is_not() -> None:
    trainer = Actor(role=Role.TRAINER, name="t")
    row = recording(1, ended_at=at(-1), keep_until=NOON)
    just_before = NOON - timedelta(microseconds=1)
    assert covers(reach(trainer, Purpose.TRAINING, policy=POLICY, now=just_before), row)
    assert not covers(reach(trainer, Purpose.TRAINING, policy=POLICY, now=NOON), row)
