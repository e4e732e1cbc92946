"""Opens each catalogue for the contract suite."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import delete

from callwarden.adapters.sql.catalogue import SqlCatalogue, open_catalogue
from callwarden.adapters.sql.engine import open_engine
from callwarden.adapters.sql.schema import metadata
from callwarden.ports.catalogue import Catalogue
from tests.fakes.catalogue import FakeCatalogue
from tests.fakes.transaction import Rows
from tests.support.seals import SEALS

DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """`catalogue` is open and empty; `clear` empties it again; `unreachable` gives one whose database is away."""

    name: str
    catalogue: Catalogue
    clear: Callable[[], None]
    unreachable: Callable[[], Catalogue]


def database_url(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if name == "sqlite":
        return f"sqlite:///{tmp_path / 'catalogue.db'}"
    dsn: str = request.getfixturevalue("postgres_dsn")
    return dsn


def backend_named(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    if name == "memory":
        return _memory()
    if name == "postgresql":
        catalogue: SqlCatalogue = request.getfixturevalue("postgresql_catalogue")
        _empty(catalogue)
    else:
        catalogue = open_catalogue(database_url(name, request, tmp_path), seals=SEALS)
    return Backend(
        name=name,
        catalogue=catalogue,
        clear=lambda: _empty(catalogue),
        unreachable=lambda: _unreachable(name, tmp_path),
    )


def _memory() -> Backend:
    catalogue = FakeCatalogue()

    def clear() -> None:
        catalogue.rows = Rows()

    def unreachable() -> Catalogue:
        cut_off = FakeCatalogue()
        cut_off.out_of_reach = True
        return cut_off

    return Backend(name="memory", catalogue=catalogue, clear=clear, unreachable=unreachable)


def _empty(catalogue: SqlCatalogue) -> None:
    with catalogue.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))


def _unreachable(name: str, tmp_path: Path) -> Catalogue:
    if name == "sqlite":
        return SqlCatalogue(open_engine(f"sqlite:///{tmp_path / 'no-such-folder' / 'catalogue.db'}"), seals=SEALS)
    nothing_there = "postgresql://nobody@127.0.0.1:9/nowhere"  # nothing listens on port 9
    return SqlCatalogue(open_engine(nothing_there), seals=SEALS)
