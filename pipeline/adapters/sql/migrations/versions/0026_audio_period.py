"""The audio may have a period of its own. NULL in the rows there are, so that their seals stay.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from callwarden.adapters.sql.columns import BYTES, INSTANT

revision = "0026"
down_revision = "0025"

DUE = "audio_until IS NOT NULL AND audio IS NULL AND state = 'stored' AND NOT restricted AND NOT held"
UNFINISHED = "audio = 'ending' AND state = 'stored'"


def upgrade() -> None:
    op.add_column("recording", sa.Column("audio_until", INSTANT))
    op.add_column("recording", sa.Column("audio", sa.Text()))
    op.add_column("recording", sa.Column("sealed_audio_key", BYTES))
    for name, column, where in (
        ("ix_recording_audio_due", "audio_until", DUE),
        ("ix_recording_audio_unfinished", "recording_id", UNFINISHED),
    ):
        condition = sa.text(where)
        op.create_index(name, "recording", [column], sqlite_where=condition, postgresql_where=condition)
