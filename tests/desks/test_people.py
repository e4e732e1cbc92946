"""Who may log in, how often one may try, and what ends a session (U2, L1)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.errors import RefusedError, TooOftenError, UsageError
from callwarden.model.access import Actor, Role, service
from callwarden.model.ids import LineId
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.model.person import SessionId
from callwarden.model.purpose import Purpose
from callwarden.rules.claims import Recognised
from callwarden.rules.sessions import SignInRefusal
from tests.support.passwords import PlainPasswords
from tests.support.workshop import Workshop

OPERATOR = Actor(role=Role.OPERATOR, name="olga")
ALICE = Actor(role=Role.TRAINER, name="alice")
GOOD, OTHER = "trois chevaux bleus", "deux ponts sur la Loire"
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Workshop(tmp_path) as built:
        built.parts["passwords"] = PlainPasswords()
        built.system.stand_in(passwords=built.parts["passwords"])
        built.system.people_desk.add(OPERATOR, ALICE, GOOD)
        yield built


def refusal(call: Callable[..., object], *arguments: Any, **more: Any) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        call(*arguments, **more)
    return refused.value.reasons


def log_in(shop: Workshop, password: str = GOOD, *, name: str = "alice", address: str = HERE, **more: Any) -> str:
    return shop.system.sign_in.by_password(name, password, address=address, **more)


def entries(shop: Workshop, operation: Operation) -> list[LogEntry]:
    return [one for one in shop.parts["catalogue"].log if one.operation is operation]


def test_whoever_knows_the_password_acts_as_the_account_and_the_log_has_it_without_a_name(shop: Workshop) -> None:
    presented = log_in(shop)
    signed = shop.system.sessions.who(presented)
    assert signed.actor == ALICE
    [begun] = entries(shop, Operation.SESSION_BEGUN)
    assert (begun.subject, begun.actor.split(":")[0]) == (signed.session.session_id, "trainer")
    kept = repr(shop.parts["catalogue"].rows)
    assert presented.split(".")[2] not in kept, "only a digest of the session's secret is kept"
    assert not any("alice" in repr(one) for one in shop.parts["catalogue"].log)


@pytest.mark.parametrize("name", ["Alice", " alice ", "ALICE"])
def test_an_account_is_found_however_its_name_is_written(shop: Workshop, name: str) -> None:
    assert shop.system.sessions.who(log_in(shop, name=name)).actor == ALICE


@pytest.mark.parametrize("name", ["nobody", "", "\0", "<script>", "a" * 5000, "élise"])
def test_a_wrong_name_and_a_wrong_password_get_one_answer_and_the_same_work(shop: Workshop, name: str) -> None:
    answers = []
    for who in ("alice", name):
        with pytest.raises(RefusedError) as refused:
            log_in(shop, "not the password", name=who)
        answers.append((refused.value.reasons, str(refused.value)))
    assert answers[0] == answers[1]
    assert [kept is None for kept in shop.parts["passwords"].compared] == [False, True], "both were compared"
    told = entries(shop, Operation.ACCESS_REFUSED)
    assert [one.reasons for one in told] == [("login_failed",)] * 2
    assert [one.subject is None for one in told] == [False, True], "nothing a stranger wrote gets into the log"


def test_an_account_holds_out_against_guessing_and_its_owner_gets_in_from_elsewhere(shop: Workshop) -> None:
    for _ in range(5):
        assert refusal(log_in, shop, "guess after guess") == ("login_failed",)
    for _ in range(3):
        with pytest.raises(TooOftenError) as refused:
            log_in(shop)
        assert (refused.value.reasons, refused.value.retry_after_s) == (("login_too_often",), 60)
    assert len(shop.parts["passwords"].compared) == 5, "what is tried too often is not even looked at"
    told = [one.reasons for one in entries(shop, Operation.ACCESS_REFUSED)]
    assert told == [("login_failed",)] * 5 + [("login_too_often",)], "one entry: nobody fills the log"
    assert shop.system.sessions.who(log_in(shop, address=ELSEWHERE)).actor == ALICE
    shop.clock.move(timedelta(seconds=60))
    assert shop.system.sessions.who(log_in(shop)).actor == ALICE


def test_an_address_that_tries_one_account_after_the_other_is_shut_out(shop: Workshop) -> None:
    answers = [refusal(log_in, shop, "guess after guess", name=f"user-{number}") for number in range(40)]
    assert answers == [("login_failed",)] * 30 + [("login_too_often",)] * 10


def test_whoever_gets_in_has_used_up_nothing(shop: Workshop) -> None:
    assert [shop.system.sessions.who(log_in(shop)).actor for _ in range(40)] == [ALICE] * 40


def test_a_log_in_gives_a_new_session_and_ends_the_one_the_browser_had(shop: Workshop) -> None:
    """Session fixation: an id that somebody planted is never anybody's."""
    planted = f"cs1.{'0' * 32}.{'A' * 43}"
    first = log_in(shop, replacing=planted)
    second = log_in(shop, replacing=first)
    assert len({planted, first, second}) == 3
    assert refusal(shop.system.sessions.who, planted) == ("session_invalid",)
    assert refusal(shop.system.sessions.who, first) == ("session_ended",)
    assert shop.system.sessions.who(second).actor == ALICE


def test_a_session_ends_unused_and_in_any_case_after_its_time(shop: Workshop) -> None:
    presented = log_in(shop)
    for _ in range(20):
        shop.clock.move(timedelta(minutes=29))
        shop.system.sessions.who(presented)
    shop.clock.move(timedelta(minutes=21))
    assert refusal(shop.system.sessions.who, presented) == ("session_expired",)
    unused = log_in(shop)
    shop.clock.move(timedelta(minutes=30))
    assert refusal(shop.system.sessions.who, unused) == ("session_expired",)
    told = entries(shop, Operation.ACCESS_REFUSED)
    assert [(one.reasons, one.actor.split(":")[0]) for one in told] == [(("session_expired",), "trainer")] * 2


def test_what_a_request_needs_is_two_rows_and_its_use_is_written_once_a_minute(shop: Workshop) -> None:
    presented = log_in(shop)
    committed = []
    for _ in range(10):
        shop.clock.move(timedelta(seconds=6))
        shop.system.sessions.who(presented)
        committed.append(shop.parts["catalogue"].rows)
    assert [one is committed[0] for one in committed] == [True] * 9 + [False]


@pytest.mark.parametrize(
    "ends",
    [
        lambda shop, presented: shop.system.sessions.end(presented),
        lambda shop, presented: shop.system.people_desk.remove(OPERATOR, "alice"),
        lambda shop, presented: shop.system.people_desk.set_password(OPERATOR, "alice", OTHER),
        lambda shop, presented: shop.system.people_desk.sign_out(OPERATOR, "alice"),
        lambda shop, presented: shop.system.session_desk.sign_out(ALICE),
        lambda shop, presented: shop.system.session_desk.change_password(ALICE, GOOD, OTHER),
        lambda shop, presented: shop.system.session_desk.sign_out(
            ALICE, shop.system.sessions.who(presented).session.session_id
        ),
    ],
    ids=["log out", "removed", "another password", "signed out", "log out everywhere", "own password", "one of mine"],
)
def test_a_session_that_was_ended_is_over_at_the_next_request_and_does_not_come_back_with_a_backup(
    shop: Workshop, ends: Callable[[Workshop, str], object]
) -> None:
    presented = log_in(shop)
    rows = shop.parts["catalogue"].rows.snapshot()
    assert shop.system.sessions.who(presented).actor == ALICE
    shop.clock.move(timedelta(seconds=1))
    ends(shop, presented)
    assert refusal(shop.system.sessions.who, presented) == ("session_ended",)
    shop.parts["catalogue"].rows = rows  # the backup that was made before
    shop.system.journal_replay.run(from_start=True)
    assert refusal(shop.system.sessions.who, presented) == ("session_ended",)


def test_log_out_everywhere_ends_the_sessions_of_nobody_else(shop: Workshop) -> None:
    shop.system.people_desk.add(OPERATOR, replace(ALICE, name="amir"), GOOD)
    mine, theirs = log_in(shop), log_in(shop, name="amir")
    shop.system.session_desk.sign_out(ALICE)
    assert refusal(shop.system.sessions.who, mine) == ("session_ended",)
    assert shop.system.sessions.who(theirs).actor.name == "amir"
    stranger = shop.system.sessions.who(theirs).session.session_id
    for wanted in (stranger, SessionId("ses-" + "9" * 32), SessionId("\0"), SessionId("06 12 34 56 78")):
        assert refusal(shop.system.session_desk.sign_out, ALICE, wanted) == ("unknown",)


def test_a_right_that_is_narrowed_or_taken_holds_at_the_next_request(shop: Workshop) -> None:
    presented = log_in(shop)
    narrow = replace(ALICE, lines=frozenset({LineId("customer-service")}))
    shop.system.people_desk.change(OPERATOR, "alice", lambda before: narrow)
    assert shop.system.sessions.who(presented).actor == narrow
    shop.system.people_desk.change(OPERATOR, "alice", lambda before: replace(before, role=Role.AUDITOR, lines=None))
    assert shop.system.sessions.who(presented).actor == replace(ALICE, role=Role.AUDITOR)


def test_who_is_removed_stays_out_with_their_tokens_until_they_are_added_again(shop: Workshop) -> None:
    token, text = shop.system.token_desk.issue(OPERATOR, replace(ALICE, name="Alice"), lasts=timedelta(days=9))
    before = log_in(shop)
    person, revoked = shop.system.people_desk.remove(OPERATOR, "alice")
    assert (person.password, [one.token_id for one in revoked]) == (None, [token.token_id])
    assert refusal(log_in, shop) == ("login_failed",)
    assert refusal(shop.system.doorkeeper.actor_of, text) == ("token_revoked",)
    assert shop.system.people_desk.remove(OPERATOR, "alice")[1] == ()
    assert refusal(shop.system.people_desk.change, OPERATOR, "alice", lambda before: before) == ("unknown",)
    shop.system.people_desk.add(OPERATOR, replace(ALICE, role=Role.SUPERVISOR), OTHER)
    assert shop.system.sessions.who(log_in(shop, OTHER)).actor.role is Role.SUPERVISOR
    assert refusal(shop.system.sessions.who, before) == ("session_ended",)
    told = [one.operation for one in shop.parts["catalogue"].log if one.operation.startswith(("person", "token"))]
    assert told == [
        "person.added",
        "token.issued",
        "person.removed",
        "token.revoked",
        "person.listed",
        "person.added",
    ]


@pytest.mark.parametrize(
    ("holder", "password", "fault"),
    [
        (ALICE, OTHER, "somebody has this name"),
        (replace(ALICE, name="ALICE"), OTHER, "somebody has this name"),
        (replace(ALICE, name="élise"), OTHER, "not an account name"),
        (replace(ALICE, name="a b"), OTHER, "not an account name"),
        (replace(ALICE, name="<b>"), OTHER, "not an account name"),
        (service("ingest"), OTHER, "a machine's role"),
        (replace(ALICE, name="amir", lines=frozenset({LineId("nowhere")})), OTHER, "no line nowhere"),
        (replace(ALICE, name="amir"), "court", "fewer than 15"),
        (replace(ALICE, name="amir"), "motdepasse202620", "tried first"),
        (replace(ALICE, name="amir"), "amir et ses amis", "the account's name"),
    ],
)
def test_what_will_not_do_lets_nobody_in(shop: Workshop, holder: Actor, password: str, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        shop.system.people_desk.add(OPERATOR, holder, password)
    assert [one.name for one in shop.system.people_desk.listed(OPERATOR)] == ["alice"]


def test_my_own_password_is_changed_by_who_knows_it(shop: Workshop) -> None:
    desk = shop.system.session_desk
    assert refusal(desk.change_password, ALICE, "not the password", OTHER) == ("login_failed",)
    with pytest.raises(UsageError, match="fewer than 15"):
        desk.change_password(ALICE, GOOD, "court")
    desk.change_password(ALICE, GOOD, OTHER)
    assert refusal(log_in, shop) == ("login_failed",)
    assert shop.system.sessions.who(log_in(shop, OTHER)).actor == ALICE


def test_i_see_my_sessions_and_what_i_did_and_of_others_nothing(shop: Workshop) -> None:
    shop.system.people_desk.add(OPERATOR, replace(ALICE, name="amir", role=Role.DPO), GOOD)
    sessions = [log_in(shop), log_in(shop)]
    shop.system.sessions.end(sessions[0])
    log_in(shop, name="amir")
    desk = shop.system.session_desk
    assert [one.session_id for one in desk.mine(ALICE)] == [shop.system.sessions.who(sessions[1]).session.session_id]
    told = [one.entry.operation for one in desk.accesses(ALICE)]
    assert told == ["log.read", "session.listed", "session.ended", "session.begun", "session.begun"]
    shop.clock.move(timedelta(days=31))
    assert [one.entry.operation for one in desk.accesses(ALICE)] == ["log.read"]
    assert desk.mine(Actor(role=Role.OPERATOR, name="olga")) == [], "somebody with a token has no sessions"


def test_a_purpose_chosen_is_remembered_for_its_time(shop: Workshop) -> None:
    presented = log_in(shop)
    shop.system.sessions.remember_purpose(shop.system.sessions.who(presented).session, Purpose.TRAINING)
    assert shop.system.sessions.who(presented).purpose is Purpose.TRAINING
    for _ in range(3):
        shop.clock.move(timedelta(minutes=20))
        signed = shop.system.sessions.who(presented)
    assert signed.purpose is None


@pytest.mark.parametrize("forged", ["", "x", "cs1.\0.\0", f"cs1.{'0' * 32}.{'A' * 43}", "legal:bruno", "é" * 90])
def test_a_forged_session_speaks_for_nobody_and_a_stranger_fills_no_log(shop: Workshop, forged: str) -> None:
    for _ in range(50):
        assert refusal(shop.system.sessions.who, forged, address=HERE) == ("session_invalid",)
    assert [one.reasons for one in entries(shop, Operation.ACCESS_REFUSED)] == [("session_invalid",)] * 20


def test_a_true_session_id_with_another_secret_is_forged(shop: Workshop) -> None:
    head, session_id, secret = log_in(shop).split(".")
    assert refusal(shop.system.sessions.who, f"{head}.{session_id}.{secret[::-1]}") == ("session_invalid",)
    [entry] = entries(shop, Operation.ACCESS_REFUSED)
    assert (entry.actor, entry.subject) == ("service:sign-in", f"ses-{session_id}")


CLARA = Recognised(actor=Actor(role=Role.DPO, name="clara"), subject="https://idp.example 42")


def by_provider(shop: Workshop, who: Recognised | SignInRefusal) -> str:
    return shop.system.sign_in.by_provider(who, origin="password", provider_token=None, address=HERE)


def test_whom_the_provider_recognises_is_known_here_from_then_on_by_what_it_says(shop: Workshop) -> None:
    first = by_provider(shop, CLARA)
    assert shop.system.sessions.who(first).actor == CLARA.actor
    narrowed = replace(CLARA, actor=replace(CLARA.actor, role=Role.TRAINER, agents=frozenset()))
    by_provider(shop, narrowed)
    assert shop.system.sessions.who(first).actor == narrowed.actor, "in sessions begun before, too"
    by_provider(shop, narrowed)
    told = [one.operation for one in shop.parts["catalogue"].log if one.actor == "service:sign-in"]
    assert told == ["person.added", "person.changed"]
    assert refusal(log_in, shop, "", name="clara") == ("login_failed",), "no password opens it"


def test_an_account_here_is_nobody_elses_who_calls_themselves_so_at_the_provider(shop: Workshop) -> None:
    by_provider(shop, CLARA)
    impostor = replace(CLARA, subject="https://idp.example 43")
    assert refusal(by_provider, shop, impostor) == ("provider_other_account",)
    assert refusal(by_provider, shop, replace(CLARA, actor=ALICE)) == ("provider_other_account",)
    shop.system.people_desk.remove(OPERATOR, "clara")
    assert refusal(by_provider, shop, CLARA) == ("person_removed",)
    assert refusal(by_provider, shop, SignInRefusal.PROVIDER_NO_ROLE) == ("provider_no_role",)
    shop.system.people_desk.add(OPERATOR, CLARA.actor, None)
    assert shop.system.sessions.who(by_provider(shop, CLARA)).actor == CLARA.actor
    told = [one.reasons for one in entries(shop, Operation.ACCESS_REFUSED)]
    assert told == [
        ("provider_other_account",),
        ("provider_other_account",),
        ("person_removed",),
        ("provider_no_role",),
    ]


def test_a_stranger_who_comes_from_no_provider_again_and_again_fills_no_log(shop: Workshop) -> None:
    for _ in range(50):
        assert refusal(by_provider, shop, SignInRefusal.PROVIDER_STATE) == ("provider_state",)
    assert len(entries(shop, Operation.ACCESS_REFUSED)) == 30


def test_whoever_sits_at_somebody_elses_session_does_not_find_out_their_password(shop: Workshop) -> None:
    desk = shop.system.session_desk
    for _ in range(5):
        assert refusal(desk.change_password, ALICE, "guess after guess", OTHER) == ("login_failed",)
    assert refusal(desk.change_password, ALICE, GOOD, OTHER) == ("login_too_often",)
    shop.clock.move(timedelta(minutes=1))
    desk.change_password(ALICE, GOOD, OTHER)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OPERATOR, Role.DPO, Role.SERVICE)])
def test_whoever_may_not_let_others_in_is_refused_with_an_entry(shop: Workshop, role: Role) -> None:
    if role in (Role.TRANSCRIBER, Role.REDACTOR):
        return
    desk, eve = shop.system.people_desk, Actor(role=role, name="eve")
    attempts = [
        lambda: desk.add(eve, replace(ALICE, name="amir"), GOOD),
        lambda: desk.admit(eve, ALICE),
        lambda: desk.change(eve, "alice", lambda before: replace(before, role=Role.DPO)),
        lambda: desk.set_password(eve, "alice", OTHER),
        lambda: desk.sign_out(eve, "alice"),
        lambda: desk.remove(eve, "alice"),
    ]
    for attempt in attempts:
        assert refusal(attempt) == ("not_permitted",)
    assert len(entries(shop, Operation.ACCESS_REFUSED)) == len(attempts)
    assert shop.system.sessions.who(log_in(shop)).actor == ALICE
