"""Experiments and their items. Free text and a name may say who somebody is."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT, one_of
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column
from callwarden.model.experiment import ExperimentState, ItemState

experiment = Table(
    "experiment",
    metadata,
    Column("experiment_id", KEY_TEXT, primary_key=True),
    Column("name", Encrypted("experiment_name"), nullable=False),
    Column("purpose", Encrypted("experiment"), nullable=False),
    Column("hypothesis", Encrypted("experiment")),
    Column("owner", Encrypted("account"), nullable=False),
    Column("dpia", Encrypted("experiment")),
    Column("line", Encrypted("line"), nullable=False),
    Column("first", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("carries", Text, nullable=False),
    Column("labels", Encrypted("experiment"), nullable=False),
    Column("sample", BigInteger),
    Column("seed", BigInteger),
    Column("k", Integer, nullable=False),
    Column("with_agents", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_by", Encrypted("account"), nullable=False),
    Column("opened_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    Column("approved_by", Encrypted("account")),
    Column("approved_at", INSTANT),
    Column("generation", Integer, nullable=False),
    Column("built_at", INSTANT),
    Column("left_out", Text),
    Column("over_by", Encrypted("account")),
    Column("over_at", INSTANT),
    Column("cleared_at", INSTANT),
    seal_column(),
    UniqueConstraint("name"),
    one_of("state", ExperimentState),
)
Index("ix_experiment_ends_at", experiment.c.state, experiment.c.ends_at)

experiment_item = Table(
    "experiment_item",
    metadata,
    Column("experiment_id", KEY_TEXT, ForeignKey("experiment.experiment_id"), primary_key=True),
    # Of a recording that may be gone.
    Column("recording_id", KEY_TEXT, primary_key=True),
    Column("item_id", KEY_TEXT, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("generation", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("included_at", INSTANT, nullable=False),
    Column("changed_at", INSTANT, nullable=False),
    seal_column(),
    one_of("state", ItemState),
)
Index("ix_experiment_item_recording_id", experiment_item.c.recording_id)

experiment_export = Table(
    "experiment_export",
    metadata,
    Column("export_id", KEY_TEXT, primary_key=True),
    Column("experiment_id", KEY_TEXT, ForeignKey("experiment.experiment_id"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("made_by", Encrypted("account"), nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("items", Text, nullable=False),
    Column("taken_out", Text, nullable=False),
    Column("acknowledged_at", INSTANT),
    seal_column(),
)
Index("ix_experiment_export_experiment_id", experiment_export.c.experiment_id)

experiment_key = Table(
    "experiment_key",
    metadata,
    Column("experiment_id", KEY_TEXT, ForeignKey("experiment.experiment_id"), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("master_key_id", KEY_TEXT, nullable=False),
)
