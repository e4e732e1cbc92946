"""Tokens, broken glass and live listening: whom a rule takes at their word, and for how long (U2, U4, R2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.access import Actor, Readable, Role
from callwarden.model.break_glass import BreakGlass, GlassId, GlassState
from callwarden.model.ids import Pseudonym, RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.token import Token, TokenId
from callwarden.rules.break_glass import glass_state, opening
from callwarden.rules.dialled import is_number
from callwarden.rules.tokens import TokenRefusal, read_token, speaker, written

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
SECRET = Pseudonym("k1:secret")
TOKEN = Token(
    token_id=TokenId("tok-" + "0" * 32),
    digest=SECRET,
    role=Role.TRAINER,
    name="alice",
    issued_by="operator:o",
    issued_at=NOW - timedelta(days=1),
    expires_at=NOW + timedelta(days=1),
)
moments = st.datetimes(datetime(2026, 11, 10), datetime(2026, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    hexadecimal=st.text("0123456789abcdef", min_size=32, max_size=32), secret=st.text("aZ0_-", min_size=43, max_size=43)
)
def test_a_token_is_read_back_as_it_was_written_and_nothing_else_is_one(hexadecimal: str, secret: str) -> None:
    text = written(TokenId(f"tok-{hexadecimal}"), secret)
    assert read_token(f" {text}\n") == (f"tok-{hexadecimal}", secret)
    assert read_token(text[:-1]) is None
    assert read_token(f"{text}x") is None


@given(now=moments, spent=st.none() | moments, revoked=st.none() | moments, altered=st.booleans(), known=st.booleans())
def test_a_token_speaks_only_while_it_is_unspent_unrevoked_in_time_and_as_it_was_written(
    now: datetime, spent: datetime | None, revoked: datetime | None, altered: bool, known: bool
) -> None:
    token = replace(TOKEN, spent_at=spent, revoked_at=revoked, altered=altered)
    answer = speaker(token, SECRET if known else Pseudonym("k1:other"), now=now)
    good = known and not altered and spent is None and revoked is None and token.issued_at <= now < token.expires_at
    assert isinstance(answer, Actor) is good
    if not known or altered:
        assert answer is TokenRefusal.INVALID, "only who holds a true token learns what became of it"


def test_a_token_nobody_knows_gets_the_answer_of_a_wrong_one() -> None:
    assert speaker(None, SECRET, now=NOW) is TokenRefusal.INVALID


GLASS = BreakGlass(
    request_id=GlassId("glass-1"),
    recording_id=RecordingId("rec-1"),
    what=Readable.ORIGINAL_AUDIO,
    purpose=Purpose.STAFF_PROTECTION,
    role=Role.SUPERVISOR,
    requested_by="sonia",
    requested_at=NOW,
    lapses_at=NOW + timedelta(hours=1),
    sealed_reason=b"",
)
hours = st.timedeltas(min_value=timedelta(hours=-3), max_value=timedelta(hours=6))


@given(after=hours, approved=st.none() | st.timedeltas(timedelta(0), timedelta(hours=1)), altered=st.booleans())
def test_glass_is_open_from_its_approval_to_its_end_and_never_without_one(
    after: timedelta, approved: timedelta | None, altered: bool
) -> None:
    begins = None if approved is None else NOW + approved
    ends = None if begins is None else begins + timedelta(hours=2)
    request = replace(GLASS, approved_at=begins, open_until=ends, altered=altered)
    now = NOW + after
    within = begins is not None and ends is not None and begins <= now < ends
    assert (glass_state(request, now=now) is GlassState.OPEN) is (within and not altered)


@given(
    role=st.sampled_from([Role.SUPERVISOR, Role.DPO]),
    name=st.sampled_from(["sonia", "SONIA", "denise"]),
    purpose=st.sampled_from([Purpose.STAFF_PROTECTION, Purpose.DISPUTE]),
    what=st.sampled_from([Readable.ORIGINAL_AUDIO, Readable.ORIGINAL_TRANSCRIPT]),
)
def test_glass_is_broken_for_the_person_purpose_and_artefact_it_was_approved_for_alone(
    role: Role, name: str, purpose: Purpose, what: Readable
) -> None:
    request = replace(GLASS, approved_at=NOW, open_until=NOW + timedelta(hours=2))
    found = opening([request], Actor(role=role, name=name), purpose, what, now=NOW)
    theirs = (role, purpose, what) == (request.role, request.purpose, request.what) and name.casefold() == "sonia"
    assert (found is request) is theirs


@given(digits=st.text("0123456789", min_size=3), letters=st.text("abcé", min_size=1))
def test_a_number_is_what_the_plan_could_read_or_bare_digits(digits: str, letters: str) -> None:
    assert is_number(digits, canonical=digits)
    assert is_number(f"{letters} {digits}", canonical=f"+{digits}")
    assert not is_number(f"{letters} {digits}", canonical=digits)
    assert not is_number(digits[:2], canonical=digits[:2])
    assert not is_number(letters, canonical="")
