"""What cases hold by criteria, and the labels of calls those may ask for."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT, one_of
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column
from callwarden.model.hold import PlacementState

placement = Table(
    "placement",
    metadata,
    Column("placement_id", KEY_TEXT, primary_key=True),
    Column("case_id", Encrypted("case"), ForeignKey("litigation_case.case_id"), nullable=False),
    Column("criteria", Encrypted("criteria"), nullable=False),
    Column("once", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("placed_by", Encrypted("account"), nullable=False),
    Column("placed_at", INSTANT, nullable=False),
    Column("matched", BigInteger, nullable=False),
    Column("kept", BigInteger, nullable=False),
    Column("justification", Encrypted("reason")),
    Column("confirmed_by", Encrypted("account")),
    Column("confirmed_at", INSTANT),
    Column("reached", KEY_TEXT),
    seal_column(),
    one_of("state", PlacementState),
)
Index("ix_placement_case_id", placement.c.case_id)

recording_label = Table(
    "recording_label",
    metadata,
    Column("recording_id", KEY_TEXT, ForeignKey("recording.recording_id"), nullable=False),
    # A keyed pseudonym of name and value together.
    Column("label", KEY_TEXT, nullable=False),
    # ``name=value``, to be shown to who may see it; NULL in rows of older versions.
    Column("named", Encrypted("label")),
    seal_column(),
    PrimaryKeyConstraint("recording_id", "label"),
)
Index("ix_recording_label_label", recording_label.c.label)
