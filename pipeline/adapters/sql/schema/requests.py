"""What people ask of their own data, and the recordings it is about."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT, index_where, one_of
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column
from callwarden.model.objection import ScopeKind
from callwarden.model.request import Decision, FoundBy, RequestState, RequestType

request = Table(
    "request",
    metadata,
    Column("request_id", KEY_TEXT, primary_key=True),
    Column("type", Text, nullable=False),
    Column("scope", Text, nullable=False),
    # A keyed pseudonym in clear, as in the rows of recordings: the sweep compares them.
    Column("reference", Text, nullable=False),
    Column("received_at", INSTANT, nullable=False),
    Column("due_on", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("purposes", Text, nullable=False),
    Column("verified_at", INSTANT),
    Column("extended_at", INSTANT),
    Column("preview", Text),
    Column("previewed_by", Encrypted("account")),
    Column("refused", Text),
    Column("answered_at", INSTANT),
    Column("lifted_at", INSTANT),
    Column("history", Encrypted("history"), nullable=False),
    seal_column(),
    one_of("type", RequestType),
    one_of("scope", ScopeKind),
    one_of("state", RequestState),
)
Index("ix_request_reference", request.c.reference)
index_where("answered_at IS NULL", "ix_request_open", request.c.received_at)

request_item = Table(
    "request_item",
    metadata,
    Column("request_id", KEY_TEXT, ForeignKey("request.request_id"), nullable=False),
    # Of a recording a restored backup may not know.
    Column("recording_id", KEY_TEXT, nullable=False),
    Column("found_by", Text, nullable=False),
    Column("found_at", INSTANT, nullable=False),
    Column("decision", Text),
    Column("reason", Text),
    Column("decided_by", Encrypted("account")),
    Column("decided_at", INSTANT),
    Column("approved_at", INSTANT),
    Column("done_at", INSTANT),
    Column("backends", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    seal_column(),
    PrimaryKeyConstraint("request_id", "recording_id"),
    one_of("found_by", FoundBy),
    one_of("decision", Decision),
)
Index("ix_request_item_recording_id", request_item.c.recording_id)

request_evidence = Table(
    "request_evidence",
    metadata,
    Column("request_id", KEY_TEXT, ForeignKey("request.request_id"), primary_key=True),
    Column("how", Encrypted("evidence"), nullable=False),
)
