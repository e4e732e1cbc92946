"""People, sessions and attempts in the catalogue, on every database: what is kept, replaced, listed and forgotten."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwarden.model.access import Role
from callwarden.model.ids import LineId, Pseudonym
from callwarden.model.person import Attempts, Person, PersonId, Session, SessionId
from callwarden.model.purpose import Purpose
from tests.support.catalogue_backends import DATABASES, Backend, backend_named

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
PERSON = Person(
    person_id=PersonId("per-" + "1" * 32),
    name="alice",
    role=Role.SUPERVISOR,
    lines=frozenset({LineId("customer-service")}),
    agents=frozenset(),
    agent_id="a-7",
    password="$argon2id$…",
    subject="https://idp.example u1",
    credential=3,
    version=5,
    added_by="command-line",
    added_at=NOON,
    changed_at=NOON + timedelta(days=1),
    removed_at=NOON + timedelta(days=2),
)
SESSION = Session(
    session_id=SessionId("ses-" + "1" * 32),
    digest="d" * 64,
    person_id=PERSON.person_id,
    credential=3,
    origin="password",
    began_at=NOON,
    seen_at=NOON,
    ends_at=NOON + timedelta(hours=10),
    ended_at=NOON + timedelta(hours=1),
    purpose=Purpose.TRAINING,
    purpose_until=NOON + timedelta(hours=1),
    provider_token="e30.e30.",
)


@pytest.fixture(params=["memory", *DATABASES])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    made = backend_named(request.param, request, tmp_path)
    yield made
    made.catalogue.close()


def test_an_account_comes_back_as_it_was_kept_and_is_replaced_by_its_id(backend: Backend) -> None:
    other = replace(PERSON, person_id=PersonId("per-0"), name="bruno", added_at=NOON - timedelta(days=1), lines=None)
    changed = replace(PERSON, role=Role.AUDITOR, password=None, removed_at=None)
    with backend.catalogue.transaction() as tx:
        assert not tx.people.any_with_password()
        for one in (PERSON, other):
            tx.people.save(one)
        assert tx.people.any_with_password()
        assert tx.people.get(PERSON.person_id, lock=True) == PERSON
        tx.people.save(changed)
        tx.people.save(replace(other, password=None))
        assert not tx.people.any_with_password()
        tx.people.save(other)
    with backend.catalogue.snapshot() as tx:
        assert tx.people.get(PERSON.person_id) == changed
        assert tx.people.get(PersonId("per-2")) is None
        assert list(tx.people.all()) == [other, changed]


def test_sessions_are_found_by_their_person_and_forgotten_when_they_are_long_over(backend: Backend) -> None:
    newer = replace(
        SESSION, session_id=SessionId("ses-2"), began_at=NOON + timedelta(days=1), ends_at=NOON + timedelta(days=2)
    )
    others = replace(SESSION, session_id=SessionId("ses-3"), person_id=PersonId("per-2"), ended_at=None, purpose=None)
    with backend.catalogue.transaction() as tx:
        for one in (SESSION, newer, others):
            tx.sessions.save(one)
        assert tx.sessions.get(SESSION.session_id, lock=True) == SESSION
        assert list(tx.sessions.of(PERSON.person_id)) == [newer, SESSION]
        tx.sessions.forget(before=SESSION.ends_at)
        assert tx.sessions.get(others.session_id) == others
        tx.sessions.forget(before=newer.ends_at)
    with backend.catalogue.snapshot() as tx:
        assert list(tx.sessions.of(PERSON.person_id)) == [newer]
        assert tx.sessions.get(others.session_id) is None


def test_attempts_are_kept_by_key_until_they_say_nothing_any_more(backend: Backend) -> None:
    first, second = (
        Attempts(key=Pseudonym(f"k1:{letter}"), free_at=NOON + timedelta(minutes=minutes))
        for letter, minutes in (("a", 1), ("b", 2))
    )
    told = replace(second, told_until=NOON + timedelta(hours=1))
    with backend.catalogue.transaction() as tx:
        tx.attempts.save([first, second])
        tx.attempts.save([told])
        assert list(tx.attempts.get([told.key, first.key, Pseudonym("k1:c")], lock=True)) == [first, told]
        tx.attempts.forget(before=told.free_at)
    with backend.catalogue.snapshot() as tx:
        assert list(tx.attempts.get([first.key, told.key])) == [told]
