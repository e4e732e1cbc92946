"""The tables. Foreign text (call ids, event ids) is only ever a value here, never a name or a path; like whatever else
may name a person it is `Encrypted`."""

from typing import Final

from callwarden.adapters.sql.schema.base import metadata
from callwarden.adapters.sql.schema.cases import placement, recording_label
from callwarden.adapters.sql.schema.closings import figure_week
from callwarden.adapters.sql.schema.disclosures import disclosure
from callwarden.adapters.sql.schema.events import NOT_DUPLICATE, dead_letter, outcome, waiting
from callwarden.adapters.sql.schema.experiments import experiment, experiment_export, experiment_item, experiment_key
from callwarden.adapters.sql.schema.given_answers import given_answer
from callwarden.adapters.sql.schema.objections import objection, withdrawal
from callwarden.adapters.sql.schema.people import act_reason, break_glass, hold, litigation_case, token, unapplied
from callwarden.adapters.sql.schema.permissions import testing_permission
from callwarden.adapters.sql.schema.policy_changes import policy_change
from callwarden.adapters.sql.schema.receipts import origin, receipt
from callwarden.adapters.sql.schema.recordings import (
    AUDIO_SWEPT,
    AUDIO_UNFINISHED,
    KEPT,
    LONG,
    SWEPT,
    UNFINISHED,
    artefact,
    data_key,
    findable,
    known_key,
    recording,
    redaction,
    searchable,
)
from callwarden.adapters.sql.schema.records import certificate, landmark, log_staged, outbox
from callwarden.adapters.sql.schema.rectifications import recipient_notice, rectification
from callwarden.adapters.sql.schema.requests import request, request_evidence, request_item
from callwarden.adapters.sql.schema.reviews import course, evaluation, note
from callwarden.adapters.sql.schema.signing_in import attempts, person, session
from callwarden.adapters.sql.schema.webhooks import webhook, webhook_delivery

__all__ = [
    "AUDIO_SWEPT",
    "AUDIO_UNFINISHED",
    "KEPT",
    "LONG",
    "NOT_DUPLICATE",
    "SEALED",
    "SWEPT",
    "UNFINISHED",
    "act_reason",
    "artefact",
    "attempts",
    "break_glass",
    "certificate",
    "course",
    "data_key",
    "dead_letter",
    "disclosure",
    "evaluation",
    "experiment",
    "experiment_export",
    "experiment_item",
    "experiment_key",
    "figure_week",
    "findable",
    "given_answer",
    "hold",
    "known_key",
    "landmark",
    "litigation_case",
    "log_staged",
    "metadata",
    "note",
    "objection",
    "origin",
    "outbox",
    "outcome",
    "person",
    "placement",
    "policy_change",
    "receipt",
    "recipient_notice",
    "recording",
    "recording_label",
    "rectification",
    "redaction",
    "request",
    "request_evidence",
    "request_item",
    "searchable",
    "session",
    "testing_permission",
    "token",
    "unapplied",
    "waiting",
    "webhook",
    "webhook_delivery",
    "withdrawal",
]

SEALED: Final = tuple(table for table in metadata.sorted_tables if "seal" in table.c)
"""Tables whose rows are sealed (`callwarden.adapters.sql.seals`)."""
