"""Tokens in the catalogue, on every database: what is kept, replaced and listed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwarden.model.access import Role
from callwarden.model.ids import LineId, Pseudonym
from callwarden.model.token import Token, TokenId
from tests.support.catalogue_backends import DATABASES, Backend, backend_named

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
TOKEN = Token(
    token_id=TokenId("tok-" + "1" * 32),
    digest=Pseudonym("k1:digest"),
    role=Role.SUPERVISOR,
    name="élise",
    lines=frozenset({LineId("customer-service")}),
    agents=frozenset(),
    agent_id="a-7",
    issued_by="command-line",
    issued_at=NOON,
    expires_at=NOON + timedelta(days=90),
)


@pytest.fixture(params=["memory", *DATABASES])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    made = backend_named(request.param, request, tmp_path)
    yield made
    made.catalogue.close()


def test_a_token_comes_back_as_it_was_kept(backend: Backend) -> None:
    with backend.catalogue.transaction() as tx:
        tx.tokens.save(TOKEN)
    with backend.catalogue.transaction() as tx:
        assert tx.tokens.get(TOKEN.token_id, lock=True) == TOKEN
        assert tx.tokens.get(TokenId("tok-" + "2" * 32)) is None


def test_a_token_is_replaced_by_its_id_and_the_newest_is_listed_first(backend: Backend) -> None:
    newer = replace(TOKEN, token_id=TokenId("tok-" + "0" * 32), issued_at=NOON + timedelta(days=1), lines=None)
    revoked = replace(TOKEN, revoked_at=NOON + timedelta(hours=1))
    with backend.catalogue.transaction() as tx:
        for one in (TOKEN, newer, revoked):
            tx.tokens.save(one)
    with backend.catalogue.transaction() as tx:
        assert tx.tokens.all() == [newer, revoked]


def test_a_token_good_once_is_spent_by_one_caller_and_stays_spent(backend: Backend) -> None:
    one, many = replace(TOKEN, once=True), replace(TOKEN, token_id=TokenId("tok-" + "3" * 32))
    later = NOON + timedelta(minutes=5)
    with backend.catalogue.transaction() as tx:
        for token in (one, many):
            tx.tokens.save(token)
    with backend.catalogue.transaction() as tx:
        assert tx.tokens.spend(one.token_id, at=later)
        assert not tx.tokens.spend(one.token_id, at=later)
    with backend.catalogue.transaction() as tx:
        assert not tx.tokens.spend(one.token_id, at=NOON + timedelta(days=1))
        assert not tx.tokens.spend(many.token_id, at=later)
        assert not tx.tokens.spend(TokenId("tok-" + "4" * 32), at=later)
        assert tx.tokens.get(one.token_id) == replace(one, spent_at=later)
        assert tx.tokens.get(many.token_id) == many


def test_a_spending_that_is_rolled_back_has_not_happened(backend: Backend) -> None:
    with backend.catalogue.transaction() as tx:
        tx.tokens.save(replace(TOKEN, once=True))

    def spend_and_fail() -> None:
        with backend.catalogue.transaction() as tx:
            assert tx.tokens.spend(TOKEN.token_id, at=NOON)
            raise KeyError

    with pytest.raises(KeyError):
        spend_and_fail()
    with backend.catalogue.transaction() as tx:
        assert tx.tokens.spend(TOKEN.token_id, at=NOON)
