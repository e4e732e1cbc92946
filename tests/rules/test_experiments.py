"""What an experiment may ask for and take (U5): exactly what the rule of reading opens, and what was asked for."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.errors import UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.criteria import Criteria
from callwarden.model.experiment import Carried, ExperimentState, Wish
from callwarden.model.ids import LineId, Pseudonym
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import RecordingState
from callwarden.rules.experiments import (
    Count,
    ExperimentRefusal,
    Unfit,
    carries_of,
    checked,
    drawn,
    goes_no_further,
    may_know,
    readables,
    reader_of,
    why_not,
)
from callwarden.rules.reading import Allow, Deny, Question, ReadRefusal, decide
from callwarden.wiring import shipped_config
from tests.contracts.test_experiments_contract import EXPERIMENT
from tests.support.catalogue_rows import NOON, at, rec, recording
from tests.support.quick import policy_of

LINE = LineId("customer-service")
TODAY = date(2026, 4, 1)
WISH = Wish(
    name="silences-2026",
    purpose="Mesurer les silences",
    owner="ada",
    line=LINE,
    first=date(2026, 3, 1),
    last=date(2026, 3, 31),
    until=date(2026, 6, 1),
    carries=frozenset({Carried.TEXT}),
    sample=10,
    seed=7,
)
WANTED = Criteria(line=LINE, since=at(-24), until=at(24))
LABEL = Pseudonym("lab-k1-aa")


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policy_of(shipped_config() / "policy.yaml")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"last": date(2026, 2, 28)}, "before it begins"),
        ({"until": TODAY}, "day to come"),
        ({"until": TODAY - timedelta(days=90)}, "day to come"),
        ({"first": date(2026, 7, 1), "last": date(2026, 7, 2)}, "before its first call"),
        ({"k": 1}, "points at a person"),
        ({"k": 0}, "points at a person"),
        ({"line": LineId("elsewhere")}, "customer-service"),
        ({"sample": 0}, "a sample has 1"),
        ({"sample": None}, "a seed"),
        ({"seed": -1}, "a seed"),
        ({"seed": 2**63}, "a seed"),
        ({"carries": frozenset({Carried.AUDIO})}, "redacted text at least"),
        ({"name": "../elsewhere"}, "a name"),
        ({"name": "06.39.98.00.01"}, "could be a telephone number"),
        ({"name": "y-2027-01-31-2026-10-01"}, "put letters between them"),
        ({"owner": "Élise"}, "without accents"),
        ({"purpose": " \n"}, "what it is for"),
        ({"hypothesis": "x" * 1001}, "1000 characters"),
        ({"labels": frozenset({"alarm_id"})}, "alarm_id=A-17"),
        ({"labels": frozenset({"=A"})}, "alarm_id=A-17"),
    ],
)
def test_what_cannot_be_meant_or_may_not_be_is_refused_and_says_so(change: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        checked(replace(WISH, **change), lines={LINE}, today=TODAY)  # type: ignore[arg-type]


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = replace(WISH, name="a name", purpose="", owner="Élise", until=TODAY, k=1)
    with pytest.raises(UsageError) as told:
        checked(wrong, lines=set(), today=TODAY)
    asked = ("name", "what it is for", "account", "unknown line", "k is from", "lies in the past")
    assert len(told.value.faults) == len(asked)
    assert all(words in fault for words, fault in zip(asked, told.value.faults, strict=True))


def test_what_may_be_is_kept_without_what_surrounds_its_texts() -> None:
    kept = checked(replace(WISH, purpose="  Mesurer \n", k=2, until=date(2026, 4, 2)), lines={LINE}, today=TODAY)
    assert (kept.purpose, kept.k) == ("Mesurer", 2)


def test_items_carry_words_there_are() -> None:
    assert carries_of(["text", " metadata"]) == {Carried.TEXT, Carried.METADATA}
    with pytest.raises(UsageError, match="'voice'"):
        carries_of(["text", "voice"])


def test_nothing_is_built_before_the_approval_nor_from_the_end_date_on() -> None:
    approved = replace(EXPERIMENT, state=ExperimentState.APPROVED)
    over = ExperimentRefusal.EXPERIMENT_OVER
    assert goes_no_further(EXPERIMENT, now=NOON) is ExperimentRefusal.NOT_APPROVED
    assert goes_no_further(approved, now=EXPERIMENT.ends_at - timedelta(microseconds=1)) is None
    assert goes_no_further(approved, now=EXPERIMENT.ends_at) is over
    for state in (ExperimentState.CLOSED, ExperimentState.ENDED):
        assert goes_no_further(replace(approved, state=state), now=NOON) is over


def test_who_is_narrowed_knows_of_experiments_on_their_lines_and_with_agents_of_none() -> None:
    """U2."""
    ada = Actor(role=Role.ANALYST, name="ada")
    assert may_know(EXPERIMENT, ada)
    assert may_know(EXPERIMENT, replace(ada, lines=frozenset({EXPERIMENT.line})))
    assert not may_know(EXPERIMENT, replace(ada, lines=frozenset({LineId("there")})))
    assert not may_know(EXPERIMENT, replace(ada, agents=frozenset({"a-1"})))


FLAGS = st.booleans()


@given(
    state=st.sampled_from(RecordingState),
    line=st.sampled_from([LINE, LineId("monitoring-centre")]),
    objected=st.sets(st.sampled_from([purpose.value for purpose in Purpose])),
    hours=st.floats(-100, 100),
    keep=st.none() | st.floats(-100, 100),
    restricted=FLAGS,
    altered=FLAGS,
    held=FLAGS,
    released=FLAGS,
    labelled=FLAGS,
    asks_label=FLAGS,
    audio=FLAGS,
)
def test_what_is_taken_could_be_read_by_an_analyst_for_an_experiment_and_is_what_was_asked_for(
    policy: Policy,
    state: RecordingState,
    line: LineId,
    objected: set[str],
    hours: float,
    keep: float | None,
    restricted: bool,
    altered: bool,
    held: bool,
    released: bool,
    labelled: bool,
    asks_label: bool,
    audio: bool,
) -> None:
    """U5: and whatever is not taken says why."""
    row = recording(
        state=state,
        line=line,
        objected=frozenset(objected),
        started_at=at(hours - 0.1),
        ended_at=at(hours),
        keep_until=None if keep is None else at(keep),
        restricted=restricted,
        altered=altered,
        holds=("case-1",) if held else (),
    )
    carries = frozenset({Carried.TEXT, *([Carried.AUDIO] if audio else [])})
    readings = [
        decide(
            Question(
                actor=reader_of(WISH),
                purpose=Purpose.AI_EXPERIMENT,
                what=what,
                recording=row,
                redaction_complete=released,
                glass_broken=False,
                now=NOON,
            ),
            policy=policy,
        )
        for what in readables(carries)
    ]
    wanted = replace(WANTED, labels=frozenset({LABEL} if asks_label else ()))
    reasons = why_not(row, {LABEL} if labelled else (), readings, wanted=wanted)
    readable = all(isinstance(reading, Allow) for reading in readings)
    asked_for = line == LINE and hours >= -24 and hours - 0.1 < 24 and (labelled or not asks_label)
    assert (not reasons) == (readable and asked_for)
    assert len(set(reasons)) == len(reasons)
    if not reasons:
        assert state is RecordingState.STORED
        assert released
        assert not restricted
        assert not altered
        assert "ai_experiment" not in objected
        assert keep is not None
        assert keep > 0
    assert set(reasons) <= {one.value for one in (*Unfit, *ReadRefusal)}


def test_each_reason_not_to_take_a_call_has_its_code() -> None:
    allow = [Allow(grant=policy_of(shipped_config() / "policy.yaml").access[0])]
    row = recording()
    assert why_not(row, (), allow, wanted=WANTED) == ()
    assert why_not(None, (), allow, wanted=WANTED) == ("unknown",)
    assert why_not(replace(row, line=LineId("x")), (), allow, wanted=WANTED) == ("other_line",)
    assert why_not(row, (), allow, wanted=replace(WANTED, since=at(1))) == ("out_of_dates",)
    assert why_not(row, (), allow, wanted=replace(WANTED, labels=frozenset({LABEL}))) == ("label_missing",)
    denied = [Deny(reasons=(ReadRefusal.OBJECTED,)), Deny(reasons=(ReadRefusal.OBJECTED, ReadRefusal.DISPOSED))]
    assert why_not(row, (), denied, wanted=WANTED) == ("objected", "disposed")


IDS = st.sets(st.integers(0, 10_000).map(rec), max_size=60)
SEEDS = st.integers(0, 2**63 - 1)


@given(ids=IDS, sample=st.integers(1, 20), seed=SEEDS, shuffled=st.randoms(use_true_random=False))
def test_one_seed_draws_one_sample_whatever_the_order(ids: set[str], sample: int, seed: int, shuffled: object) -> None:
    order = sorted(ids)
    first = drawn(order, sample=sample, seed=seed)  # type: ignore[arg-type]
    shuffled.shuffle(order)  # type: ignore[attr-defined]
    assert drawn(iter(order), sample=sample, seed=seed) == first  # type: ignore[arg-type]
    assert len(first) == min(sample, len(ids))
    assert set(first) <= ids
    assert list(first) == sorted(first)


@given(ids=IDS, sample=st.integers(1, 20), seed=SEEDS, data=st.data())
def test_a_call_outside_the_sample_may_go_and_one_of_it_changes_nothing_else(
    ids: set[str], sample: int, seed: int, data: st.DataObject
) -> None:
    if not ids:
        return
    goes = data.draw(st.sampled_from(sorted(ids)))
    before = set(drawn(ids, sample=sample, seed=seed))  # type: ignore[arg-type]
    after = set(drawn(ids - {goes}, sample=sample, seed=seed))  # type: ignore[arg-type]
    assert before - {goes} <= after
    assert len(after - before) <= (goes in before)


def test_seeds_differ_in_what_they_draw() -> None:
    population = [rec(number) for number in range(200)]
    samples = {drawn(population, sample=10, seed=seed) for seed in range(20)}
    assert len(samples) == 20
    counted = sum(rec(3) in one for one in (drawn(population, sample=100, seed=seed) for seed in range(200)))
    assert 70 < counted < 130  # one in two, five standard deviations


def test_every_call_is_counted_once() -> None:
    count = Count.nothing()
    for number, reasons in zip(
        range(6), itertools.cycle([(), ("objected", "restricted"), ("restricted",)]), strict=False
    ):
        count.add(recording(number, ended_at=at(number)), reasons)
    assert (count.eligible, count.excluded) == (2, {"objected": 2, "restricted": 2})
    assert (count.oldest, count.newest, count.lines) == (at(0), at(3), {LINE: 2})


def test_audio_is_asked_for_where_it_is_carried() -> None:
    assert readables({Carried.TEXT, Carried.METADATA}) == (Readable.REDACTED_TRANSCRIPT,)
    assert readables({Carried.AUDIO, Carried.TEXT}) == (Readable.REDACTED_TRANSCRIPT, Readable.BEEPED_AUDIO)
