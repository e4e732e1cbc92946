"""Passwords, attempts, sessions and what an identity provider says: whom a rule takes at their word (U2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId
from callwarden.model.person import Person, PersonId, Session, SessionId
from callwarden.model.purpose import Purpose
from callwarden.rules.attempts import Pace, charged, left, wait
from callwarden.rules.claims import ClaimMapping, Recognised, recognised
from callwarden.rules.passwords import LONGEST, SHORTEST, PasswordFault, password_faults
from callwarden.rules.sessions import (
    Lasting,
    SignInRefusal,
    digest_of,
    form_token,
    purpose_now,
    read_session,
    speaks_for,
    written,
)

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
SECRET = "s" * 43
LASTING = Lasting(idle=timedelta(minutes=30), altogether=timedelta(hours=10), purpose=timedelta(hours=1))
ORIGINS = frozenset({"password"})
PERSON = Person(
    person_id=PersonId("per-1"), name="alice", role=Role.TRAINER, added_by="o", added_at=NOW, changed_at=NOW
)
SESSION = Session(
    session_id=SessionId("ses-" + "1" * 32),
    digest=digest_of(SECRET),
    person_id=PERSON.person_id,
    credential=1,
    origin="password",
    began_at=NOW,
    seen_at=NOW,
    ends_at=NOW + timedelta(hours=10),
)
moments = st.datetimes(datetime(2026, 11, 19), datetime(2026, 11, 22), timezones=st.just(UTC))  # noqa: DTZ001
some = st.none() | moments


@given(digits=st.text("0123456789abcdef", min_size=32, max_size=32), secret=st.text("aZ0_-", min_size=43, max_size=43))
def test_a_session_is_read_back_as_it_was_written_and_nothing_else_is_one(digits: str, secret: str) -> None:
    text = written(SessionId(f"ses-{digits}"), secret)
    assert read_session(text) == (f"ses-{digits}", secret)
    for other in (text[:-1], f"{text}x", f" {text}", f"{text}\n", "", "\0"):
        assert read_session(other) is None


@given(
    now=moments,
    seen=moments,
    ended=some,
    removed=some,
    credential=st.integers(1, 2),
    altered=st.booleans(),
    altered_person=st.booleans(),
    secret=st.sampled_from([SECRET, "x" * 43]),
    origin=st.sampled_from(["password", "oidc-1"]),
)
def test_a_session_speaks_while_it_is_used_unended_and_its_person_is_there_with_the_same_credential(
    now: datetime,
    seen: datetime,
    ended: datetime | None,
    removed: datetime | None,
    credential: int,
    altered: bool,
    altered_person: bool,
    secret: str,
    origin: str,
) -> None:
    session = replace(SESSION, seen_at=seen, ended_at=ended, altered=altered, origin=origin)
    person = replace(PERSON, removed_at=removed, credential=credential, altered=altered_person)
    answer = speaks_for(session, person, digest_of(secret), now=now, lasting=LASTING, origins=ORIGINS)
    genuine = secret == SECRET and not altered and not altered_person
    stands = ended is None and removed is None and credential == 1 and origin == "password"
    in_time = NOW <= now < SESSION.ends_at and now - seen < LASTING.idle
    assert isinstance(answer, Actor) is (genuine and stands and in_time)
    if not genuine:
        assert answer is SignInRefusal.SESSION_INVALID, "only who holds the true secret learns what became of it"


def test_a_session_has_the_rights_its_person_has_now_and_nobody_elses() -> None:
    narrowed = replace(PERSON, role=Role.AUDITOR, lines=frozenset({LineId("customer-service")}))

    def of(person: Person | None) -> Actor | SignInRefusal:
        return speaks_for(SESSION, person, SESSION.digest, now=NOW, lasting=LASTING, origins=ORIGINS)

    assert of(narrowed) == narrowed.actor
    assert of(replace(PERSON, person_id=PersonId("per-2"))) is SignInRefusal.SESSION_INVALID
    assert of(None) is SignInRefusal.SESSION_INVALID


def test_a_purpose_is_offered_again_for_its_time_only() -> None:
    chosen = replace(SESSION, purpose=Purpose.TRAINING, purpose_until=NOW + LASTING.purpose)
    assert purpose_now(chosen, now=NOW) is Purpose.TRAINING
    assert purpose_now(chosen, now=NOW + LASTING.purpose) is None
    assert purpose_now(SESSION, now=NOW) is None


def test_what_a_form_carries_tells_nothing_of_the_secret_and_is_the_sessions_own() -> None:
    assert form_token(SECRET) == form_token(SECRET) != form_token("t" * 43)
    assert SECRET not in form_token(SECRET)
    assert digest_of(SECRET) not in form_token(SECRET)


PACE = Pace(burst=3, each=timedelta(minutes=1))


@given(st.lists(st.integers(0, 300), max_size=60))
def test_no_more_is_tried_than_the_burst_and_one_each_time_since(pauses_s: list[int]) -> None:
    free_at, now, admitted = NOW, NOW, 0
    for pause in pauses_s:
        now += timedelta(seconds=pause)
        if not wait(free_at, PACE, now=now):
            free_at, admitted = charged(free_at, PACE, now=now), admitted + 1
    assert admitted <= PACE.burst + (now - NOW) / PACE.each


@given(st.integers(0, 300), st.integers(-300, 300))
def test_what_is_left_is_as_many_as_may_be_tried_one_after_the_other(used_s: int, later_s: int) -> None:
    free_at, now = NOW + timedelta(seconds=used_s), NOW + timedelta(seconds=later_s)
    there, count = left(free_at, PACE, now=now), 0
    at_once = charged(free_at, PACE, now=now, count=there)
    while not wait(free_at, PACE, now=now):
        free_at, count = charged(free_at, PACE, now=now), count + 1
    assert count == there
    assert not there or free_at == at_once


@given(st.integers(0, 10), st.integers(-(10**6), 10**6))
def test_whoever_waits_as_long_as_they_are_told_may_try_and_nobody_waits_longer_than_a_full_bucket(
    times: int, skew_s: int
) -> None:
    free_at, now = NOW, NOW
    for _ in range(times):
        if not wait(free_at, PACE, now=now):
            free_at = charged(free_at, PACE, now=now)
    now += timedelta(seconds=skew_s)  # a clock that jumps, either way
    pause = wait(free_at, PACE, now=now)
    assert timedelta() <= pause <= PACE.fills_in
    if skew_s >= 0:
        assert not wait(free_at, PACE, now=now + pause)


@pytest.mark.parametrize(
    "password",
    [
        "password12345678",
        "P@ssw0rd!2026!!!",
        "motdepasse202620",
        "Azerty123456789!",
        "AZERTYUIOP123456",
        "1a2z3e4r5t6y7u8i",
        "qazwsxedcrfvtgb",
        "123456789012345",
        "abcdefghijklmnop",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "familiyafamiliya",
        "soleilsoleilsoleil",
        "jetaimejetaimejetaime",
        "callwarden202611",
        "Bienvenue2026!!!",
        "correct horse battery staple",
    ],
)
def test_what_is_tried_first_is_no_password(password: str) -> None:
    assert password_faults(password, name="alice") == (PasswordFault.COMMON,)


@pytest.mark.parametrize(
    "password", ["trois chevaux bleus", "le pont de Sèvres à 7 h", "vJ8!kqPz2wLmT5x", "日本の海と山の物語です。夏の夜"]
)
def test_several_words_or_many_different_characters_are_one_of_whatever_kind(password: str) -> None:
    assert password_faults(password, name="alice") == ()


def test_a_password_has_a_length_and_does_not_hold_the_accounts_name() -> None:
    assert password_faults("x" * (SHORTEST - 1), name="a") == (PasswordFault.SHORT,)
    assert password_faults("x" * (LONGEST + 1), name="a") == (PasswordFault.LONG,)
    assert password_faults("mon Bruno.Martin à moi", name="bruno.martin") == (PasswordFault.NAMES_ACCOUNT,)


MAPPING = ClaimMapping(
    name="preferred_username",
    roles_claim="realm_access.roles",
    roles=(("cw-dpo", Role.DPO), ("cw-trainers", Role.TRAINER)),
    lines="lines",
    agents="https://example.com/agents",
    agent_id="agent",
)
CLAIMS = {
    "iss": "https://idp.example",
    "sub": "u1",
    "preferred_username": "alice",
    "realm_access": {"roles": ["staff", "cw-trainers"]},
    "lines": ["customer-service"],
    "https://example.com/agents": "*",
    "agent": "a-7",
}


def test_roles_and_scopes_are_what_the_mapping_makes_of_the_claims() -> None:
    actor = Actor(
        role=Role.TRAINER, name="alice", lines=frozenset({LineId("customer-service")}), agents=None, agent_id="a-7"
    )
    assert recognised(CLAIMS, MAPPING) == Recognised(actor=actor, subject="https://idp.example u1")


def test_of_several_roles_the_first_in_the_settings_counts() -> None:
    both = recognised({**CLAIMS, "realm_access": {"roles": ["cw-trainers", "cw-dpo"]}}, MAPPING)
    assert isinstance(both, Recognised)
    assert both.actor.role is Role.DPO


@pytest.mark.parametrize("said", [..., None, [], "", 7, {"a": 1}, [7]])
def test_what_the_provider_does_not_say_is_never_taken_for_everything(said: object) -> None:
    claims = {name: value for name, value in CLAIMS.items() if name not in ("lines", "https://example.com/agents")}
    if said is not ...:
        claims |= {"lines": said, "https://example.com/agents": said}
    found = recognised(claims, MAPPING)
    assert isinstance(found, Recognised)
    assert (found.actor.lines, found.actor.agents) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"realm_access": {"roles": ["staff"]}}, SignInRefusal.PROVIDER_NO_ROLE),
        ({"realm_access": "cw-dpo"}, SignInRefusal.PROVIDER_NO_ROLE),
        ({"preferred_username": "élise"}, SignInRefusal.PROVIDER_NAME),
        ({"preferred_username": "<script>alert(1)</script>"}, SignInRefusal.PROVIDER_NAME),
        ({"preferred_username": None}, SignInRefusal.PROVIDER_NAME),
        ({"sub": ""}, SignInRefusal.PROVIDER_TOKEN),
        ({"sub": 7}, SignInRefusal.PROVIDER_TOKEN),
    ],
)
def test_who_has_no_role_or_no_usable_name_is_refused(changed: dict[str, object], reason: SignInRefusal) -> None:
    assert recognised({**CLAIMS, **changed}, MAPPING) is reason
