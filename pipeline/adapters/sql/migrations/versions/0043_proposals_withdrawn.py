"""A proposal of a policy can be withdrawn. The table is made anew with one state more; NULL in its new column, so that
the seals of the rows there are stay.

Revision ID: 0043
Revises: 0042
"""

from alembic import op

from callwarden.adapters.sql.schema import policy_change

revision = "0043"
down_revision = "0042"

KEPT = (
    *("change_id", "version", "former", "time_zone", "lines", "told", "sooner", "later", "proposed_by", "proposed_at"),
    *("state", "approved_by", "approved_at", "began_at", "reached", "changed", "ended_at", "seal"),
)


def upgrade() -> None:
    columns = ", ".join(KEPT)
    op.execute(f"CREATE TEMPORARY TABLE proposals AS SELECT {columns} FROM policy_change")  # noqa: S608 -- our names
    policy_change.drop(op.get_bind())
    policy_change.create(op.get_bind())
    op.execute(f"INSERT INTO policy_change ({columns}) SELECT {columns} FROM proposals")  # noqa: S608 -- our names
    op.execute("DROP TABLE proposals")
