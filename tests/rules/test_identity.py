"""Names that tell nobody which call or person is meant, and are never one for two."""

from hypothesis import assume, given
from hypothesis import strategies as st

from callwarden.model.event import CallRecorded
from callwarden.model.ids import CallId, EventId, LineId, Pseudonym
from callwarden.rules.identity import call_reference, log_actor, log_case, recording_id, recording_identity

names = st.text(min_size=1, max_size=12)
parts = st.tuples(names, names, names, st.integers(0, 50), st.text(max_size=3))


def identity(of: tuple[str, str, str, int, str]) -> str:
    tenant, call, leg, segment, conflict = of
    event = CallRecorded(event_id=EventId("e"), call_id=CallId(call), leg=leg, segment=segment, line=LineId("l"))
    return recording_identity(event, tenant=tenant, conflict=conflict)


@given(one=parts, other=parts)
def test_two_recordings_are_never_one_however_their_names_are_cut(
    one: tuple[str, str, str, int, str], other: tuple[str, str, str, int, str]
) -> None:
    assume(one != other)
    assert identity(one) != identity(other)


@given(call=names, leg=names)
def test_what_is_moved_from_one_name_to_the_next_makes_another_recording(call: str, leg: str) -> None:
    assert identity(("t", call + leg[0], leg[1:] or "x", 0, "")) != identity(("t", call, leg, 0, ""))


@given(secret=st.text("0123456789abcdef", min_size=8, max_size=64))
def test_what_stands_in_the_log_shows_nothing_of_a_pseudonym_but_its_key(secret: str) -> None:
    pseudonym = Pseudonym(f"k7:{secret}")
    shown = (
        recording_id(pseudonym),
        log_actor("dpo", pseudonym),
        call_reference(pseudonym),
        log_case("nom", pseudonym),
    )
    assert not [one for one in shown if secret in one]
    assert shown[1].startswith("dpo:k7-")
    assert len({one.rpartition("-")[2] for one in shown}) == 1, "the same digest, so that they can be matched"


@given(case=st.text(max_size=24))
def test_a_case_stands_as_itself_only_where_it_is_a_reference(case: str) -> None:
    shown = log_case(case, Pseudonym("k1:x"))
    if shown == case:
        assert any(one.isdigit() for one in case)
        assert "-" in case or "_" in case
        assert case.isascii()
        assert not any(one.isspace() for one in case)
    else:
        assert shown.startswith("case-")
