"""Webhooks: who is told over HTTP what became of calls, and how far each notice has come.

By the Standard Webhooks convention: a signed JSON body that carries ids, an outcome, a reason and instants, never
content, names or telephone numbers.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NewType

from callwarden.model.form import Says, Text, Whole, Word
from callwarden.model.ids import LineId

WebhookId = NewType("WebhookId", str)
"""``wh-`` and 32 hexadecimal digits; not secret."""
DeliveryId = NewType("DeliveryId", str)
"""``msg_`` and 32 hexadecimal digits: the ``webhook-id`` of every try, by which a receiver knows a repetition."""


class Told(StrEnum):
    """What somebody can be told of."""

    STORED = "stored"
    REFUSED = "refused"
    QUARANTINED = "quarantined"
    DISPOSED = "disposed"


class WebhookEnd(StrEnum):
    """Why nothing more is sent to a receiver."""

    REMOVED = "removed"
    GONE = "gone"
    """It has answered 410: it wants no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Who is told. `secret` (``whsec_…``) signs; for a while after a rotation `former_secret` signs as well."""

    webhook_id: WebhookId
    url: str = field(repr=False)
    events: frozenset[Told]
    line: LineId | None = None
    """Only of this line; None: of every one."""
    secret: str = field(repr=False)
    former_secret: str | None = field(default=None, repr=False)
    former_until: datetime | None = None
    added_by: str = field(repr=False)
    added_at: datetime
    rotated_at: datetime | None = None
    ended: WebhookEnd | None = None
    ended_at: datetime | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: nothing is sent by it."""


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up: `webhook retry` sends it again."""


class DeliveryFault(StrEnum):
    """Why a try was none that the receiver has taken; documented in docs/webhooks.md."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    ADDRESS_REFUSED = "address_refused"
    UNTRUSTED = "untrusted"
    REDIRECTED = "redirected"
    REJECTED = "rejected"
    GONE = "gone"
    NOT_HTTP = "not_http"
    WEBHOOK_ENDED = "webhook_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one try. `fault` None: the receiver has it."""

    status: int | None = None
    fault: DeliveryFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    """One notice for one receiver. Its instants are this machine's own time."""

    delivery_id: DeliveryId
    webhook_id: WebhookId
    kind: str
    """Its ``type``, such as ``call.stored``."""
    subject: str | None
    """The recording it is about; None where there is none."""
    body: str = field(repr=False)
    state: DeliveryState = DeliveryState.WAITING
    due_since: datetime
    """From when the time until it is given up runs."""
    again_at: datetime
    """Before this instant it is not tried; while somebody is at it, when somebody else may be."""
    tries: int = 0
    status: int | None = None
    """Of the last answer."""
    fault: DeliveryFault | None = None
    tried_at: datetime | None = None
    ended_at: datetime | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: it is not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellsOfCall:
    """What became of a call."""

    recording_id: Annotated[str | None, Text(36), Says("The recording; null where none was begun.")] = None
    call_id: Annotated[
        str | None,
        Text(256),
        Says("The telephone system's name of the call; null where it may hold a telephone number."),
    ] = None
    leg: Annotated[str | None, Text(64)] = None
    segment: Annotated[int | None, Whole()] = None
    line: Annotated[LineId | None, Text(256)] = None
    outcome: Annotated[Told, Word(Told)]
    reason: Annotated[str | None, Text(48), Says("Why, by a closed list of words; null for a stored call.")] = None
    at: Annotated[datetime, Says("When it was decided.")]
    keep_until: Annotated[datetime | None, Says("Until when a stored call is kept; later where it is held.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellsNothing:
    """Nothing: the receiver is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNotice:
    """The body of a notice of what became of a call: ids, an outcome, a reason and instants; never content, a name or a
    telephone number."""

    type: Annotated[str, Word(tuple(f"call.{told}" for told in Told))]
    timestamp: Annotated[datetime, Says("When it happened.")]
    data: TellsOfCall


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialNotice:
    """The body of what `callwarden webhook test` sends: nothing has happened."""

    type: Annotated[Literal["webhook.test"], Word(("webhook.test",))]
    timestamp: datetime
    data: TellsNothing


Notice = CallNotice | TrialNotice
