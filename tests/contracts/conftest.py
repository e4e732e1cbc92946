"""One catalogue on PostgreSQL for all contract tests, emptied for each: tables and statements are made ready once."""

import uuid
from collections.abc import Iterator

import pytest

from callwarden.adapters.sql.catalogue import SqlCatalogue, open_catalogue
from tests.servers.postgres import RunningPostgres
from tests.support.seals import SEALS


@pytest.fixture(scope="session")
def postgresql_catalogue(postgres_server: RunningPostgres) -> Iterator[SqlCatalogue]:
    import psycopg

    name = f"contracts_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    opened = open_catalogue(postgres_server.database(name), seals=SEALS)
    yield opened
    opened.close()
