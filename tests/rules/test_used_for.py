"""What is made of a recording, shown in a search or heard live: only what an allowed use asks for (R2, R4, I8)."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.policy.file import load_policy
from callwarden.model.access import MACHINES, Actor, Readable, Role
from callwarden.model.event import CallMonitored, Listener
from callwarden.model.ids import CallId, EventId, LineId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import ArtefactKind, RecordingState, Untranscribed
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.search import Hit
from callwarden.rules.derivation import DERIVED_FOR, purpose_of_deriving
from callwarden.rules.live_listening import may_listen
from callwarden.rules.readable_hits import readable_hits
from callwarden.rules.reading import NEVER_ORIGINALS, NO_CONTENT
from callwarden.wiring import shipped_config
from tests.support.catalogue_rows import NOON, artefact, rec, recording

POLICY = load_policy(shipped_config() / "policy.yaml")
OBJECTED = st.frozensets(st.sampled_from([one.value for one in Purpose]))


@given(
    objected=OBJECTED,
    state=st.sampled_from(RecordingState),
    restricted=st.booleans(),
    left=st.none() | st.timedeltas(timedelta(days=-1), timedelta(days=1)),
)
def test_a_machine_listens_only_to_what_is_stored_and_for_a_use_nobody_objected_to(
    objected: frozenset[str], state: RecordingState, restricted: bool, left: timedelta | None
) -> None:
    until = None if left is None else NOON + left
    one = recording(objected=objected, state=state, restricted=restricted, keep_until=until)
    found = purpose_of_deriving(one, policy=POLICY, now=NOON)
    if isinstance(found, Purpose):
        assert found in DERIVED_FOR
        assert found.value not in objected
        assert state is RecordingState.STORED
        assert not restricted
        assert until is not None
        assert until > NOON
    else:
        assert (found is None) is (state is not RecordingState.STORED)
        everything = {each.value for each in DERIVED_FOR} <= objected
        assert found is not Untranscribed.OBJECTED or everything


def test_nothing_is_made_on_a_line_the_policy_does_not_know() -> None:
    one = recording(line=LineId("nowhere"))
    assert purpose_of_deriving(one, policy=POLICY, now=NOON) is Untranscribed.TRANSCRIPTION_OFF


@given(role=st.sampled_from([*(each.value for each in Role), "stranger"]), purpose=st.sampled_from(Purpose))
def test_a_call_is_listened_to_live_only_by_roles_the_policy_grants_its_content(role: str, purpose: Purpose) -> None:
    event = CallMonitored(
        event_id=EventId("e"),
        call_id=CallId("c"),
        listener=Listener(id="a-1", role=role),
        purpose=purpose,
        started_at=NOON,
        ended_at=NOON,
    )
    allowed = may_listen(event, policy=POLICY)
    if role == "stranger" or Role(role) in MACHINES | NO_CONTENT:
        assert not allowed
        return
    granted = [grant for grant in POLICY.access if grant.role.value == role and purpose in grant.purposes]
    if allowed:
        assert granted
    if allowed and role != Role.SUPERVISOR:
        assert Role(role) not in NEVER_ORIGINALS
        assert any(Readable.ORIGINAL_AUDIO in grant.artefacts and not grant.break_glass for grant in granted)
    assert not may_listen(event, policy=replace(POLICY, access=())), "nobody, where the policy grants nothing"


def redaction(status: RedactionStatus, generation: int) -> RedactionRecord:
    return RedactionRecord(
        recording_id=rec(1), generation=generation, version="v1", status=status, reasons=(), decided_at=NOON
    )


@given(
    status=st.sampled_from(RedactionStatus),
    indexed=st.integers(1, 2),
    released=st.integers(1, 2),
    stored=st.integers(1, 2),
    known=st.booleans(),
)
def test_a_hit_is_shown_only_where_its_words_are_of_the_generation_that_was_released(
    status: RedactionStatus, indexed: int, released: int, stored: int, known: bool
) -> None:
    hit = Hit(recording_id=rec(1), generation=indexed, snippet="…", rank=1.0)
    rows = {rec(1): recording()} if known else {}
    shown = list(
        readable_hits(
            [hit],
            actor=Actor(role=Role.TRAINER, name="alice"),
            purpose=Purpose.TRAINING,
            recordings=rows,
            redactions={rec(1): redaction(status, released)},
            artefacts=[artefact(kind=ArtefactKind.REDACTED_TRANSCRIPT, generation=stored)],
            now=NOON,
            policy=POLICY,
        )
    )
    right = known and status is RedactionStatus.RELEASED and indexed == released == stored
    assert shown == ([hit] if right else [])
