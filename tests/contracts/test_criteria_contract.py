"""What criteria match is the same in every catalogue and in the rule (K3): each against the others, over anything."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callwarden.model.court import CourtKind, Party, Residence
from callwarden.model.criteria import Criteria, Tally
from callwarden.model.hold import Case, CaseEdit, CaseState, PlacementState
from callwarden.model.ids import CallId, CaseId, LineId, Pseudonym, RecordingId
from callwarden.model.procedure import CaseEvent, EnteredEvent, EventType, Instance
from callwarden.model.recording import KEEPABLE, LOST, Recording, RecordingState
from callwarden.rules.criteria import matches
from tests.support.catalogue_backends import DATABASES, Backend, backend_named
from tests.support.catalogue_rows import artefact, placement, rec, recording

T0 = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FEW_OF = {
    "call_id": st.sampled_from(["c-1", "c-2"]).map(CallId),
    "caller": st.sampled_from(["k:1", "k:2"]).map(Pseudonym),
    "customer": st.sampled_from(["k:1", "k:2"]).map(Pseudonym),
    "agent_id": st.sampled_from(["a-1", "a-2"]),
    "line": st.sampled_from(["here", "there"]).map(LineId),
}
LABELS = st.sampled_from(["k:x", "k:y", "k:z"]).map(Pseudonym)
HOURS = st.sampled_from([0, 1, 2, 3, 24, 25, 49, 50]).map(lambda hours: T0 + timedelta(hours=hours))
"""Some of them more than a day apart: an index of its own finds such calls."""
OPTIONAL = {name: st.none() | one for name, one in FEW_OF.items()}
CRITERIA = st.builds(
    Criteria,
    recordings=st.frozensets(st.integers(1, 8).map(rec), max_size=3),
    labels=st.frozensets(LABELS, max_size=2),
    since=st.none() | HOURS,
    until=st.none() | HOURS,
    **OPTIONAL,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            **OPTIONAL,
            "call_id": FEW_OF["call_id"],
            "line": FEW_OF["line"],
            "started_at": st.none() | HOURS,
            "ended_at": st.none() | HOURS,
            "state": st.sampled_from(RecordingState),
            "labels": st.frozensets(LABELS),
        }
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(params=["memory", *DATABASES])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened = backend_named(request.param, request, tmp_path)
    yield opened
    opened.clear()
    opened.catalogue.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, asked=st.lists(CRITERIA, min_size=1, max_size=6))
def test_every_catalogue_matches_what_the_rule_matches(
    backend: Backend, rows: list[dict[str, Any]], asked: list[Criteria]
) -> None:
    backend.clear()
    labels = {rec(n): row["labels"] for n, row in enumerate(rows, 1)}
    known = [
        recording(n, **{name: value for name, value in row.items() if name != "labels"})
        for n, row in enumerate(rows, 1)
    ]
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert(known)
        tx.artefacts.add([artefact(n, stored_size=n) for n in range(1, len(known) + 1)])
        tx.labels.add({name: dict.fromkeys(each) for name, each in labels.items()})
    with backend.catalogue.snapshot() as tx:
        for criteria in asked:
            rule = [one for one in known if matches(criteria, one, labels[one.recording_id])]
            kept, gone = (sorted(one.recording_id for one in rule if one.state in those) for those in (KEEPABLE, LOST))
            assert tx.placements.matching(criteria, limit=99) == kept
            assert tx.placements.matching(criteria, gone=True, limit=99) == gone
            assert tx.placements.tally(criteria) == tally_of(known, kept, gone)


def tally_of(known: list[Recording], kept: list[RecordingId], gone: list[RecordingId]) -> Tally:
    times = [when for one in known if one.recording_id in kept and (when := one.ended_at or one.started_at)]
    return Tally(
        count=len(kept),
        kept=sum(one.state in KEEPABLE for one in known),
        gone=len(gone),
        oldest=min(times, default=None),
        newest=max(times, default=None),
        size=sum(n for n in range(1, len(known) + 1) if rec(n) in kept),
    )


def test_a_long_match_is_read_in_portions(backend: Backend) -> None:
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert([recording(n) for n in range(1, 6)])
        assert tx.placements.matching(Criteria(), limit=2) == [rec(1), rec(2)]
        assert tx.placements.matching(Criteria(), after=rec(2), limit=2) == [rec(3), rec(4)]
        assert tx.placements.matching(Criteria(), after=rec(4), limit=2) == [rec(5)]


CASE = Case(
    case_id=CaseId("case-1"),
    reason="dispute",
    opened_by="bruno",
    opened_at=T0,
    state=CaseState.OPEN,
    court=CourtKind.PRUDHOMMES,
    seat="57",
    parties=(
        Party(party_id="claimant", residence=Residence.OVERSEAS, collectivity="974", appeared=False),
        Party(party_id="p2", residence=Residence.METROPOLE),
    ),
    people=("brigitte", "hugo"),
    responsible="brigitte",
    history=(CaseEdit(at=T0, by="bruno", field="seat", before="", after="57"),),
    events=(
        EnteredEvent(
            at=T0,
            by="bruno",
            event=CaseEvent(type=EventType.DECISION, on=date(2026, 3, 2), instance=Instance.FIRST, last_instance=True),
        ),
        EnteredEvent(
            at=T0,
            by="hugo",
            event=CaseEvent(type=EventType.NOTIFIED, on=date(2026, 3, 9), party="claimant", by="p2"),
        ),
        EnteredEvent(at=T0, by="brigitte", undoes=2),
    ),
)


def test_a_case_comes_back_as_it_was_saved(backend: Backend) -> None:
    with backend.catalogue.transaction() as tx:
        tx.cases.save(CASE)
    with backend.catalogue.snapshot() as tx:
        assert tx.cases.get(CASE.case_id) == CASE
        assert not tx.cases.all()[0].altered


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(criteria=CRITERIA, state=st.sampled_from(PlacementState), confirmed=st.booleans())
def test_criteria_come_back_as_they_were_saved(
    backend: Backend, criteria: Criteria, state: PlacementState, *, confirmed: bool
) -> None:
    more = {"confirmed_by": "hugo", "confirmed_at": T0, "justification": "all of them", "reached": rec(1)}
    one = placement(1, criteria=criteria, state=state, **(more if confirmed else {}))
    with backend.catalogue.transaction() as tx:
        tx.cases.save(CASE)
        tx.placements.save(one)
    with backend.catalogue.snapshot() as tx:
        assert tx.placements.get("crit-1") == one
        assert [each.altered for each in tx.placements.of_case(CASE.case_id)] == [False]


def test_criteria_stand_while_their_case_is_open_and_once_until_they_are_done(backend: Backend) -> None:
    waiting, running = PlacementState.WAITING, PlacementState.RUNNING
    with backend.catalogue.transaction() as tx:
        tx.cases.save(CASE)
        tx.cases.save(replace(CASE, case_id=CaseId("OVER-1"), state=CaseState.RELEASED))
        for one in (
            placement(1),
            placement(2, state=waiting),
            placement(3, state=running, once=True),
            placement(4, once=True),
            placement(5, case_id=CaseId("OVER-1")),
        ):
            tx.placements.save(one)
    with backend.catalogue.snapshot() as tx:
        assert [one.placement_id for one in tx.placements.standing()] == ["crit-1", "crit-3"]


def test_labels_are_added_to_and_go_together(backend: Backend) -> None:
    x, y = Pseudonym("k:x"), Pseudonym("k:y")
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert([recording(1), recording(2)])
        tx.labels.add({rec(1): {x: "x"}, rec(2): {y: "y"}})
        tx.labels.add({rec(1): {x: "x", y: None}})
        assert tx.labels.of([rec(1), rec(2), rec(3)]) == {rec(1): {x, y}, rec(2): {y}}
        tx.labels.remove([rec(1)])
        assert tx.labels.of([rec(1), rec(2)]) == {rec(2): {y}}
