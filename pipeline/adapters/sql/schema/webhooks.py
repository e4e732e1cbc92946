"""Webhooks: receivers, and notices on their way. Both sealed: what they say is signed and sent."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from callwarden.adapters.sql.columns import INSTANT, KEY_TEXT, one_of
from callwarden.adapters.sql.encrypted import Encrypted
from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.seals import seal_column
from callwarden.model.webhook import DeliveryState

webhook = Table(
    "webhook",
    metadata,
    Column("webhook_id", KEY_TEXT, primary_key=True),
    Column("url", Encrypted("webhook_url"), nullable=False),
    Column("events", Text, nullable=False),
    Column("line", Text),
    Column("secret", Encrypted("webhook_secret"), nullable=False),
    Column("former_secret", Encrypted("webhook_secret")),
    Column("former_until", INSTANT),
    Column("added_by", Encrypted("account"), nullable=False),
    Column("added_at", INSTANT, nullable=False),
    Column("rotated_at", INSTANT),
    Column("ended", Text),
    Column("ended_at", INSTANT),
    seal_column(),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("delivery_id", KEY_TEXT, primary_key=True),
    Column("webhook_id", KEY_TEXT, ForeignKey("webhook.webhook_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", KEY_TEXT),
    Column("body", Encrypted("webhook_body"), nullable=False),
    Column("state", Text, nullable=False),
    Column("due_since", INSTANT, nullable=False),
    Column("again_at", INSTANT, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("status", Integer),
    Column("fault", Text),
    Column("tried_at", INSTANT),
    Column("ended_at", INSTANT),
    seal_column(),
    one_of("state", DeliveryState),
)
Index("ix_webhook_delivery_webhook_id", webhook_delivery.c.webhook_id)
Index("ix_webhook_delivery_again_at", webhook_delivery.c.state, webhook_delivery.c.again_at)
