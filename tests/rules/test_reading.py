"""May they read it? Every role, purpose, artefact and state against the shipped policy, from tables written by hand.

The tables below are the second, independent statement of the access matrix: who may read what in words, and what each
state of a recording does to that. U1, U2, U4, U5, U9, D4; I5, I8.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from callwarden.adapters.policy.file import load_policy, read_policy
from callwarden.errors import ConfigurationError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import CaseId, LineId
from callwarden.model.policy import Grant, Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.reading import Allow, Deny, Question, Reading, decide, is_granted
from tests.support.catalogue_rows import NOON, at, recording

SHIPPED = Path(__file__).parents[2] / "config" / "policy.yaml"
POLICY = load_policy(SHIPPED)

# Who may read what, in an order a data protection officer can check line by line: role, purposes, artefacts.
MAY = """
trainer       training quality                       beeped-audio redacted-transcript waveform
supervisor    quality training staff_protection      beeped-audio redacted-transcript waveform metadata
legal         dispute                                original-audio original-transcript beeped-audio redacted-transcript waveform metadata
dpo           rights_request                         original-audio original-transcript beeped-audio redacted-transcript waveform metadata log
investigator  fraud_control                          original-audio original-transcript metadata
analyst       ai_experiment                          beeped-audio redacted-transcript waveform
auditor       quality dispute staff_protection rights_request fraud_control    metadata log
transcriber   training quality dispute staff_protection ai_experiment rights_request fraud_control    original-audio metadata
redactor      training quality dispute staff_protection ai_experiment rights_request fraud_control    original-audio original-transcript metadata
"""  # noqa: E501 -- one role a line

# Only once glass is broken.
IN_AN_EMERGENCY = """
supervisor    staff_protection    original-audio
"""

NOBODY_READS_ANYTHING_AS = {"operator", "telephony", "service"}


def rows_of(table: str) -> set[tuple[str, str, str]]:
    purposes, artefacts = {str(one) for one in Purpose}, {str(one) for one in Readable}
    cells = set()
    for line in table.strip().splitlines():
        role, *words = line.split()
        cells |= {
            (role, purpose, what) for purpose in words if purpose in purposes for what in words if what in artefacts
        }
    return cells


OPEN, EMERGENCY = rows_of(MAY), rows_of(IN_AN_EMERGENCY)
REDACTED_ONES = {"beeped-audio", "redacted-transcript", "waveform"}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A recording as it may stand, and what that state is expected to add to the reasons."""

    name: str
    recording: Recording | None
    expected: str
    """Reasons for everybody; ``*`` for purposes other than dispute, ``@`` for redacted artefacts, ``!`` for the
    purpose ``quality`` alone."""
    redaction_complete: bool = True


LIVE = recording(1, keep_until=at(1), started_at=at(-2), ended_at=at(-1))
HELD = (CaseId("DOSSIER-1"),)
STATES = [
    State(name="live", recording=LIVE, expected=""),
    State(
        name="at its last microsecond",
        recording=replace(LIVE, keep_until=NOON + timedelta(microseconds=1)),
        expected="",
    ),
    State(name="at the end of its period", recording=replace(LIVE, keep_until=NOON), expected="past_retention"),
    State(name="past its period", recording=replace(LIVE, keep_until=at(-1)), expected="past_retention"),
    State(name="without a period", recording=replace(LIVE, keep_until=None), expected="past_retention"),
    State(name="held", recording=replace(LIVE, holds=HELD), expected=""),
    State(
        name="held past its period",
        recording=replace(LIVE, keep_until=at(-1), holds=HELD),
        expected="*held_for_dispute_only",
    ),
    State(name="restricted", recording=replace(LIVE, restricted=True), expected="restricted"),
    State(
        name="objected to for quality", recording=replace(LIVE, objected=frozenset({"quality"})), expected="!objected"
    ),
    State(name="in quarantine", recording=replace(LIVE, state=RecordingState.QUARANTINED), expected="quarantined"),
    State(name="redaction incomplete", recording=LIVE, expected="@redaction_incomplete", redaction_complete=False),
    State(name="from the future", recording=replace(LIVE, ended_at=at(1), keep_until=at(99)), expected="future_time"),
    State(name="being destroyed", recording=replace(LIVE, state=RecordingState.DISPOSING), expected="disposed"),
    State(name="destroyed", recording=replace(LIVE, state=RecordingState.DISPOSED), expected="disposed"),
    State(name="being dropped", recording=replace(LIVE, state=RecordingState.DROPPING), expected="disposed"),
    State(name="dropped", recording=replace(LIVE, state=RecordingState.DROPPED), expected="disposed"),
    State(name="on its way", recording=replace(LIVE, state=RecordingState.PENDING), expected="unknown"),
    State(name="refused", recording=replace(LIVE, state=RecordingState.REFUSED), expected="unknown"),
    State(name="no such recording", recording=None, expected="unknown"),
    State(
        name="restricted, objected to, set aside, past and unredacted",
        recording=replace(
            LIVE,
            restricted=True,
            objected=frozenset({"quality"}),
            state=RecordingState.QUARANTINED,
            keep_until=at(-1),
        ),
        expected="restricted !objected quarantined past_retention @redaction_incomplete",
        redaction_complete=False,
    ),
]


def _may_be_tested_on(cell: tuple[str, str, str]) -> bool:
    """By a permission, which nobody has here."""
    return cell[:2] == ("analyst", "quality") and cell[2] in REDACTED_ONES


def expected(role: str, purpose: str, what: str, state: State, *, broken: bool) -> set[str] | None:
    """The reasons to refuse, None to allow: read off the tables, not off the rule."""
    cell = (role, purpose, what)
    if cell not in OPEN and cell not in EMERGENCY:
        return {"testing_not_open"} if _may_be_tested_on(cell) else {"not_permitted"}
    if what == "log":
        return None
    reasons = set()
    for word in state.expected.split():
        mark, code = (word[0], word[1:]) if word[0] in "*@!" else ("", word)
        applies = {"": True, "*": purpose != "dispute", "@": what in REDACTED_ONES, "!": purpose == "quality"}[mark]
        reasons |= {code} if applies else set()
    if cell not in OPEN and not broken and reasons != {"unknown"}:
        reasons.add("break_glass_needed")
    return reasons or None


def verdict(
    role: str,
    purpose: str,
    what: str,
    state: State,
    *,
    broken: bool = False,
    set_aside: bool = False,
    included: bool = False,
    policy: Policy = POLICY,
    **scopes: object,
) -> Reading:
    return decide(
        Question(
            actor=Actor(role=Role(role), name="somebody", **scopes),  # type: ignore[arg-type]  # lines, agents, agent_id
            purpose=Purpose(purpose),
            what=Readable(what),
            recording=state.recording,
            redaction_complete=state.redaction_complete,
            glass_broken=broken,
            now=NOON,
            set_aside=set_aside,
            included=included,
        ),
        policy=policy,
    )


def reasons_of(reading: Reading) -> set[str] | None:
    return {reason.value for reason in reading.reasons} if isinstance(reading, Deny) else None


def cells() -> Iterator[tuple[str, str, str]]:
    yield from product(map(str, Role), map(str, Purpose), map(str, Readable))


@pytest.mark.parametrize("broken", [False, True], ids=["", "glass broken"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_every_role_purpose_and_artefact_is_answered_as_the_tables_say(state: State, broken: bool) -> None:
    wrong = [
        (*cell, found, wanted)
        for cell in cells()
        if (found := reasons_of(verdict(*cell, state, broken=broken)))
        != (wanted := expected(*cell, state, broken=broken))
    ]
    assert wrong == []


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_asked_for_as_set_aside_it_opens_what_is_and_nothing_that_is_not(state: State) -> None:
    """The same tables, but that being in quarantine is what it takes."""
    as_written = set(state.expected.split())
    gone = as_written & {"disposed", "unknown"}
    turned = as_written - {"quarantined"} if "quarantined" in as_written else as_written | {"not_quarantined"}
    other = replace(state, expected=" ".join(as_written if gone else turned))
    wrong = [
        (*cell, found, wanted)
        for cell in cells()
        if (found := reasons_of(verdict(*cell, state, set_aside=True)))
        != (wanted := expected(*cell, other, broken=False))
    ]
    assert wrong == []


@pytest.mark.parametrize("included", [False, True], ids=["", "included"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_where_experiments_open_their_calls_alone_an_analyst_reads_these_as_before_and_no_others(
    state: State, included: bool
) -> None:
    """U5: the same tables, but for people and AI experiments."""
    strict = replace(POLICY, only_included=True)
    closed = {cell for cell in OPEN if cell[:2] == ("analyst", "ai_experiment")}
    wrong = [
        (*cell, found, wanted)
        for cell in cells()
        if (found := reasons_of(verdict(*cell, state, included=included, policy=strict)))
        != (wanted := {"not_included"} if cell in closed and not included else expected(*cell, state, broken=False))
    ]
    assert wrong == []


def test_what_was_set_aside_for_an_unreadable_objection_is_heard_by_nobody() -> None:
    """R3"""
    row = replace(LIVE, state=RecordingState.QUARANTINED, quarantine_reason="objection_unreadable")
    state = State(name="unreadable", recording=row, expected="")
    allowed = [cell for cell in cells() if reasons_of(verdict(*cell, state, set_aside=True)) is None]
    assert {what for _, _, what in allowed} == {"log"}


def test_the_table_covers_every_role_and_tells_apart_more_than_a_few_answers() -> None:
    named = {role for role, _, _ in OPEN} | NOBODY_READS_ANYTHING_AS
    assert named == {str(role) for role in Role}
    allowed = [cell for cell in cells() if expected(*cell, STATES[0], broken=False) is None]
    assert len(allowed) == len(OPEN) == 82
    assert len(list(cells())) == 12 * 7 * 7


def test_a_trainer_never_reaches_an_original_whatever_a_policy_grants() -> None:
    """U4, I8: even a policy that was never loaded through the file's checks."""
    everything = Grant(role=Role.TRAINER, purposes=frozenset(Purpose), artefacts=frozenset(Readable), break_glass=False)
    generous = replace(POLICY, access=(everything, replace(everything, break_glass=True)))
    for purpose, what, state in product(Purpose, ("original-audio", "original-transcript"), STATES):
        answer = verdict("trainer", purpose, what, state, broken=True, policy=generous)
        assert reasons_of(answer) == {"not_permitted"}
        assert not is_granted(Actor(role=Role.TRAINER, name="t"), purpose, Readable(what), policy=generous)


@pytest.mark.parametrize("role", ["operator", "telephony"])
def test_those_who_run_the_machines_reach_no_content_whatever_a_policy_grants(role: str) -> None:
    """U2"""
    everything = Grant(role=Role(role), purposes=frozenset(Purpose), artefacts=frozenset(Readable))
    generous = replace(POLICY, access=(everything, replace(everything, break_glass=True)))
    for what in REDACTED_ONES | {"original-audio", "original-transcript"}:
        assert reasons_of(verdict(role, "quality", what, STATES[0], broken=True, policy=generous)) == {"not_permitted"}


@pytest.mark.parametrize(
    ("grant", "says"),
    [
        ("role: trainer\n    purposes: [training]\n    artefacts: [original-audio]", "is never given an original"),
        ("role: trainer\n    purposes: [training]\n    artefacts: [original-audio]\n    break_glass: yes", "a trainer is never"),  # noqa: E501 -- one grant a line
        ("role: operator\n    purposes: [quality]\n    artefacts: [beeped-audio]", "operator is given no content"),
        ("role: supervisor\n    purposes: [quality]\n    artefacts: [original-transcript]", "only by emergency access"),
        ("role: janitor\n    purposes: [quality]\n    artefacts: [metadata]", "'janitor'; it must be"),
        ("role: auditor\n    purposes: [curiosity]\n    artefacts: [metadata]", "'curiosity'; it must be"),
    ],
)  # fmt: skip
def test_a_policy_that_promises_what_is_never_given_fails_at_load_with_line_and_field(grant: str, says: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8").rstrip("\n") + f"\n  - {grant}\n"
    line = text[: text.index(f"  - {grant}")].count("\n") + 1
    with pytest.raises(ConfigurationError) as refused:
        read_policy(text, name="mine.yaml")
    message = str(refused.value)
    assert says in message
    assert "access.10" in message
    assert any(f"mine.yaml, line {number}" in message for number in range(line, line + 4))


# scopes

ELSEWHERE = State(name="elsewhere", recording=replace(LIVE, line=LineId("monitoring-centre")), expected="")
OTHER_AGENT = State(name="another agent's", recording=replace(LIVE, agent_id="a-999"), expected="")
NO_AGENT = State(name="nobody's", recording=replace(LIVE, agent_id=None), expected="")


def granting(**scope: object) -> Policy:
    grant = Grant(
        role=Role.TRAINER,
        purposes=frozenset({Purpose.TRAINING}),
        artefacts=frozenset({Readable.BEEPED_AUDIO}),
        **scope,  # type: ignore[arg-type]  # lines, own_calls_only, team_only
    )
    return replace(POLICY, access=(grant,))


def test_a_recording_out_of_scope_is_answered_like_one_that_does_not_exist() -> None:
    here = {"lines": frozenset({LineId("customer-service")})}
    narrow = granting(**here)
    nothing = State(name="none", recording=None, expected="unknown")
    ask = ("trainer", "training", "beeped-audio")
    assert reasons_of(verdict(*ask, STATES[0], policy=narrow)) is None
    for answer in (
        verdict(*ask, ELSEWHERE, policy=narrow),
        verdict(*ask, ELSEWHERE, policy=granting(), **here),
        verdict(*ask, nothing, policy=narrow),
        verdict(*ask, replace(ELSEWHERE, recording=replace(LIVE, line=LineId("x"), restricted=True)), policy=narrow),
    ):
        assert answer == verdict(*ask, nothing, policy=granting())


def test_own_calls_are_those_one_took_oneself() -> None:
    own = granting(own_calls_only=True)
    ask = ("trainer", "training", "beeped-audio")
    assert isinstance(verdict(*ask, STATES[0], policy=own, agent_id="a-104"), Allow)
    for state, agent in ((OTHER_AGENT, "a-104"), (NO_AGENT, "a-104"), (STATES[0], None), (NO_AGENT, None)):
        assert reasons_of(verdict(*ask, state, policy=own, agent_id=agent)) == {"unknown"}


def test_a_team_is_the_agents_in_ones_charge() -> None:
    team = granting(team_only=True)
    ask = ("trainer", "training", "beeped-audio")
    assert isinstance(verdict(*ask, STATES[0], policy=team, agents=frozenset({"a-104"})), Allow)
    for state, agents in (
        (OTHER_AGENT, frozenset({"a-104"})),
        (NO_AGENT, frozenset({"a-104"})),
        (STATES[0], frozenset()),
        (STATES[0], None),
    ):
        assert reasons_of(verdict(*ask, state, policy=team, agents=agents)) == {"unknown"}


def test_an_actor_narrowed_to_agents_sees_no_others_whatever_the_grant() -> None:
    ask = ("trainer", "training", "beeped-audio")
    assert isinstance(verdict(*ask, STATES[0], policy=granting(), agents=frozenset({"a-104"})), Allow)
    assert reasons_of(verdict(*ask, OTHER_AGENT, policy=granting(), agents=frozenset({"a-104"}))) == {"unknown"}


def test_the_widest_of_several_grants_counts() -> None:
    """One that needs no glass broken beats one that does, in any order."""
    audio = frozenset({Readable.ORIGINAL_AUDIO})
    emergency = Grant(role=Role.LEGAL, purposes=frozenset({Purpose.DISPUTE}), artefacts=audio, break_glass=True)
    plain = replace(emergency, break_glass=False, lines=frozenset({LineId("customer-service")}))
    for access in ((emergency, plain), (plain, emergency)):
        both = replace(POLICY, access=access)
        assert isinstance(verdict("legal", "dispute", "original-audio", STATES[0], policy=both), Allow)
        answer = verdict("legal", "dispute", "original-audio", ELSEWHERE, policy=both)
        assert reasons_of(answer) == {"break_glass_needed"}


def test_an_instant_without_its_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        decide(
            Question(
                actor=Actor(role=Role.LEGAL, name="b"),
                purpose=Purpose.DISPUTE,
                what=Readable.ORIGINAL_AUDIO,
                recording=LIVE,
                redaction_complete=True,
                glass_broken=False,
                now=NOON.replace(tzinfo=None),
            ),
            policy=POLICY,
        )
