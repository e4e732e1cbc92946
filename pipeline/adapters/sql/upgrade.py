"""Bring a database's tables up to date, at start."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from callwarden.adapters.sql.engine import READ_ONLY
from callwarden.adapters.sql.faults import translated
from callwarden.errors import ConfigurationError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_ADVISORY_LOCK: Final = 0x63616C6C77  # any number of our own: one migration at a time on PostgreSQL


def upgrade(engine: Engine) -> None:
    """Create or migrate the tables, in one transaction. Several processes may call it at once.

    Raises ConfigurationError, having changed nothing, for a database that a newer version has written;
    RetryableError while the database is out of reach.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = ScriptDirectory.from_config(config)
    with translated(), engine.execution_options(**{READ_ONLY: True}).begin() as connection:
        if set(MigrationContext.configure(connection).get_current_heads()) == set(known.get_heads()):
            return  # nearly always: so no start waits for whoever is writing
    with translated(), engine.begin() as connection:
        _wait_for_turn(connection)
        present = set(MigrationContext.configure(connection).get_current_heads())
        if present == set(known.get_heads()):
            return
        unknown = sorted(present - {revision.revision for revision in known.walk_revisions()})
        if unknown:
            raise ConfigurationError(
                f"the catalogue is at revision {', '.join(unknown)}, which this version of callwarden does not know: "
                "a newer version has written it. Install that version or a later one, or restore a backup."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")


def _wait_for_turn(connection: Connection) -> None:
    """On SQLite the transaction holds the one write lock already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT set_config('statement_timeout', '0', true)"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
