"""One catalogue on PostgreSQL for all contract tests, emptied for each: tables and statements are made ready once."""

import uuid
from collections.abc import Iterator

import pytest

from callwarden.adapters.sql.catalogue import SqlCatalogue, open_catalogue
from callwarden.adapters.sql.engine import open_engine
from tests.servers.postgres import RunningPostgres
from tests.support.seals import SEALS


class Kept(SqlCatalogue):
    """Its connections stay open: on a busy machine a new one may take longer than the product waits for it."""

    def close(self) -> None:
        """The next test has it."""


@pytest.fixture(scope="session")
def postgresql_catalogue(postgres_server: RunningPostgres) -> Iterator[SqlCatalogue]:
    import psycopg

    name = f"contracts_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    url = postgres_server.database(name)
    open_catalogue(url, seals=SEALS).close()
    kept = Kept(open_engine(url), seals=SEALS)
    yield kept
    kept.engine.dispose()
