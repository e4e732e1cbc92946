"""Bring the log's tables up to date, at start. The catalogue's own come first (`callwarden.adapters.sql.upgrade`)."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from callwarden.adapters.sql.engine import READ_ONLY
from callwarden.adapters.sql.faults import translated
from callwarden.errors import ConfigurationError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
VERSION_TABLE: Final = "log_version"
_ADVISORY_LOCK: Final = 0x63616C6C6C6F67  # any number of our own: one migration at a time on PostgreSQL


def upgrade_log(engine: Engine) -> None:
    """Create or migrate the log's tables, in one transaction. Several processes may call it at once.

    Raises: `ConfigurationError`, having changed nothing, for tables that a newer version has written;
    RetryableError while the database is out of reach.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["version_table"] = VERSION_TABLE
    known = ScriptDirectory.from_config(config)
    versions = {"version_table": VERSION_TABLE}
    with translated(), engine.execution_options(**{READ_ONLY: True}).begin() as connection:
        if set(MigrationContext.configure(connection, opts=versions).get_current_heads()) == set(known.get_heads()):
            return  # nearly always: so no start waits for whoever is writing
    with translated(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT set_config('statement_timeout', '0', true)"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
        context = MigrationContext.configure(connection, opts=versions)
        present = set(context.get_current_heads())
        if present == set(known.get_heads()):
            return
        unknown = sorted(present - {revision.revision for revision in known.walk_revisions()})
        if unknown:
            raise ConfigurationError(
                f"the access log is at revision {', '.join(unknown)}, which this version of callwarden does not "
                "know: a newer version has written it. Install that version or a later one."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")
