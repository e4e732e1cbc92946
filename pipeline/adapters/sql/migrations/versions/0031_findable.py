"""What redacted calls are listed, narrowed and counted by.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.schema import findable

revision = "0031"
down_revision = "0030"

_COPIED = "recording_id, line, agent_id, state, started_at, ended_at, keep_until, objected, restricted, held"


def upgrade() -> None:
    op.add_column("recording_label", sa.Column("named", sa.Text()))
    findable.create(op.get_bind())
    copied = ", ".join(f"recording.{name.strip()}" for name in _COPIED.split(","))
    op.execute(
        f"INSERT INTO findable (number, {_COPIED}) SELECT searchable.number, {copied}"  # noqa: S608 -- names of columns
        " FROM searchable JOIN recording ON recording.recording_id = searchable.recording_id"
    )
