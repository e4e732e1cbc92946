"""Bring the log's tables up to date, at start. The catalogue's own come first."""

from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from callwarden.accesslog.book.tables import metadata
from callwarden.adapters.sql.upgrade import Revisions, upgrade

LOG: Final = Revisions(
    folder=Path(__file__).parent / "migrations",
    metadata=metadata,
    tables="the access log",
    version_table="log_version",
    advisory_lock=0x63616C6C6C6F67,
    prefix="log_",
)


def upgrade_log(engine: Engine) -> None:
    """As `callwarden.adapters.sql.upgrade.upgrade`, of the log's tables."""
    upgrade(engine, LOG)
