"""Changes of the policy. Sealed: what they say moves the dates of what is stored."""

from sqlalchemy import BigInteger, Column, Table, Text

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT, one_of
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column
from callwarden.model.policy_change import ChangeState

policy_change = Table(
    "policy_change",
    metadata,
    Column("change_id", KEY_TEXT, primary_key=True),
    Column("version", Text, nullable=False),
    Column("former", Text),
    Column("time_zone", Text, nullable=False),
    # JSON lists of `LinePeriods` and `Told`.
    Column("lines", Text, nullable=False),
    Column("told", Text, nullable=False),
    Column("sooner", BigInteger, nullable=False),
    Column("later", BigInteger, nullable=False),
    Column("proposed_by", Encrypted("account"), nullable=False),
    Column("proposed_at", INSTANT, nullable=False),
    Column("state", Text, nullable=False),
    Column("approved_by", Encrypted("account")),
    Column("approved_at", INSTANT),
    Column("began_at", INSTANT),
    Column("reached", KEY_TEXT),
    Column("changed", BigInteger, nullable=False),
    Column("ended_at", INSTANT),
    Column("withdrawn_by", Encrypted("account")),
    seal_column(),
    one_of("state", ChangeState),
)
