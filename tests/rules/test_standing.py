"""What the journal's acts say still stands (I4, D4, K3)."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.act import Act, HoldReleased
from callwarden.model.criteria import Criteria
from callwarden.model.hold import Case, CaseState, Hold, Placement, PlacementState
from callwarden.model.ids import CaseId, Pseudonym
from callwarden.model.objection import ScopeKind
from callwarden.model.recording import Recording
from callwarden.model.request import FoundBy, Request, RequestId, RequestItem, RequestState, RequestType
from callwarden.rules.requests import is_frozen
from callwarden.rules.standing import Standing
from tests.support.catalogue_rows import recording

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROWS = [recording(n, caller=f"k1:{n % 2}", keep_until=NOON + timedelta(n - 2)) for n in range(1, 5)]
IDS = st.sampled_from([row.recording_id for row in ROWS])
CASES = st.sampled_from([CaseId("A"), CaseId("B")])
REQUESTS = st.builds(
    Request,
    request_id=st.sampled_from([RequestId("req-1"), RequestId("req-2")]),
    type=st.sampled_from([RequestType.ACCESS, RequestType.INFORMATION]),
    scope=st.just(ScopeKind.NUMBER),
    reference=st.sampled_from([Pseudonym("k1:0"), Pseudonym("k1:1"), Pseudonym("k1:2")]),
    received_at=st.just(NOON),
    due_on=st.just(date(2026, 12, 20)),
    state=st.just(RequestState.RECEIVED),
    answered_at=st.sampled_from([None, None, NOON]),
)
ITEMS = st.builds(
    RequestItem,
    request_id=st.sampled_from([RequestId("req-1"), RequestId("req-2")]),
    recording_id=IDS,
    found_by=st.just(FoundBy.CALL),
    found_at=st.just(NOON),
)
PLACEMENTS = st.builds(
    Placement,
    placement_id=st.sampled_from(["crit-1", "crit-2"]),
    case_id=CASES,
    criteria=st.builds(Criteria, caller=st.sampled_from([Pseudonym("k1:0"), Pseudonym("k1:1")])),
    once=st.booleans(),
    state=st.sampled_from(PlacementState),
    placed_by=st.just("bruno"),
    placed_at=st.just(NOON),
    matched=st.just(1),
    kept=st.just(9),
)
RELEASES = st.builds(
    Case,
    case_id=CASES,
    reason=st.just("dispute"),
    opened_by=st.just("bruno"),
    opened_at=st.just(NOON),
    state=st.sampled_from(CaseState),
)
HOLDS = st.builds(Hold, case_id=CASES, recording_id=IDS, placed_by=st.just("bruno"), placed_at=st.just(NOON))
LET_GO = st.builds(HoldReleased, case_id=CASES, recording_id=IDS)
ACTS = st.lists(st.one_of(REQUESTS, ITEMS, PLACEMENTS, RELEASES, HOLDS, LET_GO), max_size=12)


def told(acts: list[Act]) -> Standing:
    standing = Standing()
    for act in acts:
        standing.note(act)
    return standing


@given(ACTS)
def test_an_open_request_keeps_by_the_journal_what_the_rule_says_it_keeps(acts: list[Act]) -> None:
    last = {act.request_id: act for act in acts if isinstance(act, Request)}
    standing = told(acts)
    for row in ROWS:
        expected = {name for name, request in last.items() if is_frozen(row, request, found=_found(acts, name, row))}
        kept = standing.asked_for(row)
        assert (kept in expected) if expected else kept is None
        others = expected - {kept}
        assert (standing.asked_for(row, but_for=kept) in others) if others and kept else True


def _found(acts: list[Act], name: RequestId, row: Recording) -> bool:
    """An item counts since its request was last opened: an answer ends what was found before it."""
    found = False
    is_open = False
    for act in acts:
        if isinstance(act, Request) and act.request_id == name:
            is_open = act.answered_at is None and act.type is not RequestType.INFORMATION
            found = found and is_open
        elif isinstance(act, RequestItem) and act.request_id == name and act.recording_id == row.recording_id:
            found = found or is_open
    return found


@given(ACTS, st.sampled_from(["", "crit-1"]))
def test_criteria_catch_by_the_journal_while_their_case_is_open_and_they_are_in_force(
    acts: list[Act], there: str
) -> None:
    in_force: dict[str, Placement] = {}
    for act in acts:
        if isinstance(act, Placement):
            over = act.state is PlacementState.WAITING or (act.once and act.state is PlacementState.DONE)
            in_force = {**in_force, act.placement_id: act}
            if over:
                del in_force[act.placement_id]
        elif isinstance(act, Case) and act.state is CaseState.RELEASED:
            in_force = {name: one for name, one in in_force.items() if one.case_id != act.case_id}
    standing = told(acts)
    for row in ROWS:
        caught = {one.placement_id for one in standing.caught_by(row, (), but_for={there})}
        assert caught == {n for n, one in in_force.items() if n != there and one.criteria.caller == row.caller}


@given(ACTS)
def test_a_recording_is_held_by_the_cases_that_placed_it_last(acts: list[Act]) -> None:
    standing = told(acts)
    for row in ROWS:
        about = [one for one in acts if isinstance(one, Hold | HoldReleased) and one.recording_id == row.recording_id]
        last = {one.case_id: isinstance(one, Hold) for one in about}
        assert standing.holds.get(row.recording_id, set()) == {case for case, held in last.items() if held}
        assert (row.recording_id in standing.holds) == bool(about)
