"""Full-text search over redacted transcripts: tsvector and GIN on PostgreSQL, a table of words on SQLite.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBERED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "searchable",
        sa.Column("number", NUMBERED, sa.Identity(always=False), nullable=False),
        sa.Column("recording_id", KEY_TEXT, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.recording_id"], name=op.f("fk_searchable_recording_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_searchable")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_searchable_recording_id")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE searchable ADD COLUMN lexemes tsvector NOT NULL")
        op.execute("CREATE INDEX ix_searchable_lexemes ON searchable USING gin (lexemes)")
    else:
        op.execute(
            "CREATE TABLE search_word (word TEXT NOT NULL, number INTEGER NOT NULL, times INTEGER NOT NULL, "
            "PRIMARY KEY (word, number)) WITHOUT ROWID"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        op.execute("DROP TABLE search_word")
    op.drop_table("searchable")
