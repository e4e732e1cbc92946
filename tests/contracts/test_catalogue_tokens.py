"""Tokens in the catalogue, on every database: what is kept, replaced and listed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.model.access import Role
from pipeline.model.ids import LineId, Pseudonym
from pipeline.model.token import Token, TokenId
from tests.contracts.catalogue_backends import DATABASES, Backend, backend_named

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
        tx.save_token(TOKEN)
    with backend.catalogue.transaction() as tx:
        assert tx.token(TOKEN.token_id, lock=True) == TOKEN
        assert tx.token(TokenId("tok-" + "2" * 32)) is None


def test_a_token_is_replaced_by_its_id_and_the_newest_is_listed_first(backend: Backend) -> None:
    newer = replace(TOKEN, token_id=TokenId("tok-" + "0" * 32), issued_at=NOON + timedelta(days=1), lines=None)
    revoked = replace(TOKEN, revoked_at=NOON + timedelta(hours=1))
    with backend.catalogue.transaction() as tx:
        for one in (TOKEN, newer, revoked):
            tx.save_token(one)
    with backend.catalogue.transaction() as tx:
        assert tx.tokens() == [newer, revoked]
