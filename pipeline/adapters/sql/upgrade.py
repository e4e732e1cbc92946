"""Make a database's tables, or bring them up to date, at start."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, insert, select, text

from callwarden.adapters.sql.engine import READ_ONLY
from callwarden.adapters.sql.faults import translated
from callwarden.adapters.sql.schema import metadata
from callwarden.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """One chain of Alembic's revisions: ``<prefix>NNNN`` is `folder`/NNNN_*.py. `metadata` are the tables as the newest
    one has them, `tables` says in a fault what they are; `advisory_lock` is any number of its own: one migration at a
    time on PostgreSQL."""

    folder: Path
    metadata: MetaData
    tables: str
    version_table: str
    advisory_lock: int
    prefix: str = ""

    @property
    def known(self) -> frozenset[str]:
        """The revisions this version of callwarden has. Read from the names: Alembic takes a while to load, and has
        something to do after an upgrade only."""
        return frozenset(self.prefix + file.name.partition("_")[0] for file in self.folder.glob("[0-9]*.py"))

    @property
    def versions(self) -> Table:
        """Where a database says at which revision it is, as Alembic reads and writes it."""
        return Table(self.version_table, MetaData(), Column("version_num", String(32), primary_key=True))


CATALOGUE: Final = Revisions(
    folder=Path(__file__).parent / "migrations" / "versions",
    metadata=metadata,
    tables="the catalogue",
    version_table="alembic_version",
    advisory_lock=0x63616C6C77,
)


def upgrade(engine: Engine, revisions: Revisions = CATALOGUE) -> None:
    """Make the tables whole, or migrate them, in one transaction. Several processes may call it at once.

    Raises ConfigurationError, having changed nothing, for tables that a newer version has written, or one before the
    first release; RetryableError while the database is out of reach.
    """
    known = revisions.known
    with translated(), engine.execution_options(**{READ_ONLY: True}).begin() as connection:
        if _present(connection, revisions) == {max(known)}:
            return  # nearly always: so no start waits for whoever is writing
    with translated(), engine.begin() as connection:
        _wait_for_turn(connection, revisions.advisory_lock)
        present = _present(connection, revisions)
        if unknown := sorted(present - known):
            raise ConfigurationError(
                f"{revisions.tables} is at revision {', '.join(unknown)}, which this version of callwarden does not "
                "know: another version has written it. Install that version or a later one, or restore a backup."
            )
        if not present:
            revisions.metadata.create_all(connection, checkfirst=False)
            revisions.versions.create(connection)
            connection.execute(insert(revisions.versions).values(version_num=max(known)))
        elif present != {max(known)}:
            _migrate(connection, revisions)


def _present(connection: Connection, revisions: Revisions) -> frozenset[str]:
    """The revisions the database says it is at: one, or none where it is new."""
    if not connection.dialect.has_table(connection, revisions.version_table):
        return frozenset()
    return frozenset(connection.scalars(select(revisions.versions.c.version_num)))


def _wait_for_turn(connection: Connection, advisory_lock: int) -> None:
    """On SQLite the transaction holds the one write lock already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT set_config('statement_timeout', '0', true)"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": advisory_lock})


def _migrate(connection: Connection, revisions: Revisions) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("version_locations", str(revisions.folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = revisions.version_table
    command.upgrade(config, "heads")
