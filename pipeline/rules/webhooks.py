"""Who is told what, where a notice may be sent, and when it is tried again (Standard Webhooks 1.0)."""

import ipaddress
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from callwarden.model.form_writing import as_json, written
from callwarden.model.ids import LineId
from callwarden.model.webhook import (
    Answer,
    CallNotice,
    DeliveryFault,
    DeliveryId,
    DeliveryState,
    Notice,
    TellsOfCall,
    Told,
    Webhook,
    WebhookDelivery,
    WebhookId,
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
)
"""After the first try, the second …; the last of them from then on."""
GIVEN_UP_AFTER: Final = timedelta(days=3)
"""So long after it was due first a notice is a dead letter."""
FORMER_SECRET_SIGNS: Final = timedelta(days=1)
DELIVERED_KEPT: Final = timedelta(days=7)
DEAD_KEPT: Final = timedelta(days=30)
SECRET_BYTES: Final = 32

_FIRST_REST, _LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
_DOWN: Final = frozenset(
    {
        DeliveryFault.UNREACHABLE,
        DeliveryFault.TIMEOUT,
        DeliveryFault.ADDRESS_REFUSED,
        DeliveryFault.UNTRUSTED,
        DeliveryFault.NOT_HTTP,
    }
)
_OVERLOADED: Final = frozenset({429, *range(500, 600)})
_LONGEST_URL: Final = 2000
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# As telephone numbers are written in France, and any in the international form.
_NUMBER: Final = re.compile(r"(?<!\d)(?:(?:\+|00)[1-9](?:[ ._-]?\d){7,14}|(?:33|0)[1-9](?:[ ._-]?\d\d){4})(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which addresses notices may be sent to besides those of the internet: this machine's own where `loopback`, as on
    an embedded system, and `networks` of the house."""

    loopback: bool
    networks: tuple[Network, ...] = ()


def reach_of(networks: Iterable[str], *, loopback: bool) -> Reach:
    """Networks as the settings write them."""
    return Reach(loopback=loopback, networks=tuple(map(ipaddress.ip_network, networks)))


def url_fault(url: str, reach: Reach) -> str | None:
    """What is wrong with the address of a receiver, in words; None: nothing. Which addresses its name stands for is
    asked at every try."""
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return f"it is ASCII without spaces, of {_LONGEST_URL} characters at most"
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        return "it is no URL"
    if not host or port == 0:
        return "it names no host, such as https://hooks.example.com/callwarden"
    if parts.username is not None or parts.password is not None:
        return "it carries a user or a password: the signature says who sends"
    if parts.fragment:
        return "it ends in a fragment, which is never sent"
    address = _literal(host)
    if address is not None and not may_be_reached(address, reach):
        return "nothing may be sent to this address: CALLWARDEN_WEBHOOK_NETWORKS lists the networks of your own"
    here = host == "localhost" or (address is not None and address.is_loopback)
    if parts.scheme == "https" or (parts.scheme == "http" and reach.loopback and here):
        return None
    return "it has to begin with https://" + (", or be http to this machine" if reach.loopback else "")


def may_be_reached(address: Address, reach: Reach) -> bool:
    """Whether a notice may be sent to this address. What is a private address in another's clothes is private."""
    inner = _within(address)
    for each in (address, inner):
        if any(each.version == network.version and each in network for network in reach.networks):
            return True
    if inner.is_loopback:
        return reach.loopback
    return inner.is_global and not inner.is_multicast and address.is_global


def _within(address: Address) -> Address:
    """The IPv4 address that one of IPv6 stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def secret_of(random: bytes) -> str:
    """A secret as the convention writes it."""
    return f"whsec_{b64encode(random).decode()}"


def signing(webhook: Webhook, *, now: datetime) -> tuple[str, ...]:
    """The secrets that sign now, the newest first."""
    if webhook.former_secret is None or webhook.former_until is None or webhook.former_until <= now:
        return (webhook.secret,)
    return webhook.secret, webhook.former_secret


def is_told(webhook: Webhook, told: Told, line: LineId | None) -> bool:
    """Whether this receiver hears of that. One limited to a line hears nothing of what has none."""
    if webhook.altered or webhook.ended is not None or told not in webhook.events:
        return False
    return webhook.line is None or webhook.line == line


def without_number(name: str | None) -> str | None:
    """A telephone system's name of a call; None where a telephone number may stand in it."""
    return None if name is None or _NUMBER.search(name) else name


def delivery_id(webhook_id: WebhookId, kind: str, about: str) -> DeliveryId:
    """The same for the same fact and receiver, however often it is heard of."""
    digest = sha256("\0".join((webhook_id, kind, about)).encode()).hexdigest()
    return DeliveryId(f"msg_{digest[:32]}")


def call_deliveries(
    webhooks: Sequence[Webhook], tells: TellsOfCall, *, about: str, now: datetime
) -> list[WebhookDelivery]:
    """A notice for each receiver that is to hear of it. `about` names the fact."""
    kind = f"call.{tells.outcome}"
    notice = CallNotice(type=kind, timestamp=tells.at, data=tells)
    return [
        delivery(webhook.webhook_id, notice, about=about, subject=tells.recording_id, now=now)
        for webhook in webhooks
        if is_told(webhook, tells.outcome, tells.line)
    ]


def delivery(
    webhook_id: WebhookId, notice: Notice, *, about: str, subject: str | None = None, now: datetime
) -> WebhookDelivery:
    """A notice that is due now."""
    return WebhookDelivery(
        delivery_id=delivery_id(webhook_id, notice.type, about),
        webhook_id=webhook_id,
        kind=notice.type,
        subject=subject,
        body=as_json(written(notice)).decode(),
        due_since=now,
        again_at=now,
    )


def after(tried: WebhookDelivery, answer: Answer, *, now: datetime) -> WebhookDelivery:
    """How a notice stands after a try."""
    tried = replace(tried, tries=tried.tries + 1, status=answer.status, fault=answer.fault, tried_at=now)
    if answer.fault is None:
        return replace(tried, state=DeliveryState.DELIVERED, ended_at=now)
    again = now + PAUSES[min(tried.tries, len(PAUSES)) - 1]
    if answer.fault is DeliveryFault.GONE or again > tried.due_since + GIVEN_UP_AFTER:
        return replace(tried, state=DeliveryState.DEAD, ended_at=now)
    return replace(tried, again_at=again)


def rest(answer: Answer, failures: int) -> timedelta:
    """How long a receiver is left alone that has failed so often in a row: what is wrong with one notice is not wrong
    with the next, but a receiver that does not work is not asked with each. Zero: go on."""
    down = answer.fault in _DOWN or (answer.status or 0) in _OVERLOADED
    return min(_FIRST_REST * 2 ** min(failures, 10), _LONGEST_REST) if down else timedelta()


def ended(waiting: WebhookDelivery, *, now: datetime) -> WebhookDelivery:
    """A notice whose receiver is told nothing more."""
    return replace(waiting, state=DeliveryState.DEAD, fault=DeliveryFault.WEBHOOK_ENDED, ended_at=now)


def sent_again(dead: WebhookDelivery, *, now: datetime) -> WebhookDelivery:
    """A dead letter as a person sends it again: from the beginning, under the same id."""
    return replace(dead, state=DeliveryState.WAITING, tries=0, due_since=now, again_at=now, ended_at=None)
