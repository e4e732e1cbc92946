"""The desk of webhooks: who is told over HTTP what becomes of calls, and what of it has not arrived (U2, L1)."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from callwarden.custody.courier import LEASE, Courier
from callwarden.desks.acts import Acts, Doing
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, service
from callwarden.model.ids import LineId
from callwarden.model.webhook import (
    DeliveryFault,
    DeliveryId,
    DeliveryState,
    TellsNothing,
    Told,
    TrialNotice,
    Webhook,
    WebhookDelivery,
    WebhookEnd,
    WebhookId,
)
from callwarden.ports.clock import Clock
from callwarden.rules.rights import Act, ActRefusal
from callwarden.rules.webhooks import (
    FORMER_SECRET_SIGNS,
    SECRET_BYTES,
    Reach,
    delivery,
    secret_of,
    sent_again,
    url_fault,
)

WEBHOOKS: Final = service("webhooks")
MOST = 100
"""Receivers at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A receiver, without its secret, and how many of its notices stand how."""

    webhook: Webhook
    waiting: int
    delivered: int
    dead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDesk:
    """Each method is an act of somebody. `clock` is the machine's own; `lines` are the policy's. Raises RefusedError,
    RetryableError. Thread-safe."""

    acts: Acts
    clock: Clock
    courier: Courier
    lines: frozenset[LineId]
    reach: Reach

    def add(
        self, actor: Actor, url: str, events: frozenset[Told], *, line: LineId | None = None
    ) -> tuple[Webhook, str]:
        """Tell whoever is at this address, from now on; with the secret its receiver checks by, which is shown this
        once. Raises UsageError for an address nothing may be sent to, a line that the policy does not have, no event,
        or a receiver too many."""
        with self.acts.perform(Act.WEBHOOK_ADD, actor) as doing:
            if fault := url_fault(url, self.reach):
                raise UsageError(f"{url!r} is no address to send to: {fault}")
            if not events:
                raise UsageError(f"say what to tell: one or several of {', '.join(Told)}")
            if line is not None and line not in self.lines:
                raise UsageError(f"the policy has no line {line}: {', '.join(sorted(self.lines))}")
            if sum(one.ended is None for one in doing.tx.webhooks.all()) >= MOST:
                raise UsageError(f"there are {MOST} webhooks, which is the most: remove one")
            secret = _new_secret()
            webhook = Webhook(
                webhook_id=WebhookId(f"wh-{secrets.token_hex(16)}"),
                url=url,
                events=events,
                line=line,
                secret=secret,
                added_by=actor.name,
                added_at=self.clock.now(),
            )
            doing.tx.webhooks.save(webhook)
            doing.subject = webhook.webhook_id
        return _shown(webhook), secret

    def rotate(self, actor: Actor, webhook_id: WebhookId) -> tuple[Webhook, str]:
        """A new secret, shown this once. For a day the former one signs as well, so that the receiver has time. One
        that ended because it answered that it is gone begins again by this, with the new secret alone. Raises
        UsageError for one that was removed, or where there would be one too many."""
        with self.acts.perform(Act.WEBHOOK_ROTATE, actor, subject=webhook_id) as doing:
            webhook = _known(doing, webhook_id)
            if webhook.ended is not WebhookEnd.GONE:
                webhook = _open(doing, webhook_id)
            elif sum(one.ended is None for one in doing.tx.webhooks.all()) >= MOST:
                raise UsageError(f"there are {MOST} webhooks, which is the most: remove one")
            now, secret = self.clock.now(), _new_secret()
            webhook = replace(
                webhook,
                secret=secret,
                former_secret=webhook.secret if webhook.ended is None else None,
                former_until=now + FORMER_SECRET_SIGNS if webhook.ended is None else None,
                rotated_at=now,
                ended=None,
                ended_at=None,
            )
            doing.tx.webhooks.save(webhook)
        return _shown(webhook), secret

    def remove(self, actor: Actor, webhook_id: WebhookId) -> Webhook:
        """Tell them nothing more; what still waits for them is dead. One that has ended stays as it is."""
        with self.acts.perform(Act.WEBHOOK_REMOVE, actor, subject=webhook_id) as doing:
            webhook = _known(doing, webhook_id)
            if webhook.ended is not None:
                doing.silent = True
                doing.looks(Act.WEBHOOK_LIST)
                return _shown(webhook)
            return self._end(doing, webhook, WebhookEnd.REMOVED)

    def end_gone(self, actor: Actor, webhook_id: WebhookId) -> None:
        """It has answered that it is gone: tell it nothing more."""
        with self.acts.perform(Act.WEBHOOK_END, actor, subject=webhook_id) as doing:
            webhook = _known(doing, webhook_id)
            if webhook.ended is not None:
                doing.silent = True
                return
            doing.reasons = (DeliveryFault.GONE.value,)
            self._end(doing, webhook, WebhookEnd.GONE)

    def listed(self, actor: Actor) -> Sequence[Listed]:
        """Every receiver there ever was, newest first, without its secret."""
        with self.acts.perform(Act.WEBHOOK_LIST, actor) as doing:
            found, counts = doing.tx.webhooks.all(), doing.tx.webhook_deliveries.count()
            doing.count = len(found)
        return [
            Listed(
                webhook=_shown(one),
                waiting=counts.get((one.webhook_id, DeliveryState.WAITING), 0),
                delivered=counts.get((one.webhook_id, DeliveryState.DELIVERED), 0),
                dead=counts.get((one.webhook_id, DeliveryState.DEAD), 0),
            )
            for one in found
        ]

    def test(self, actor: Actor, webhook_id: WebhookId) -> WebhookDelivery:
        """Send a notice that nothing has happened, now, and how it went; one that failed is tried again like any other.
        Raises UsageError for a receiver that has ended."""
        with self.acts.perform(Act.WEBHOOK_TEST, actor, subject=webhook_id) as doing:
            _open(doing, webhook_id)
            now = self.clock.now()
            notice = TrialNotice(type="webhook.test", timestamp=now, data=TellsNothing())
            waiting = delivery(webhook_id, notice, about=secrets.token_hex(16), now=now)
            doing.tx.webhook_deliveries.add([replace(waiting, again_at=now + LEASE)])
        tried = self.courier.attempt(waiting.delivery_id) or waiting
        if tried.fault is DeliveryFault.GONE:
            self.end_gone(WEBHOOKS, webhook_id)
        with self.acts.catalogue.transaction() as tx:
            self.courier.keep(tx, [tried])
        return tried

    def deliveries(
        self,
        actor: Actor,
        *,
        webhook_id: WebhookId | None = None,
        state: DeliveryState | None = None,
        limit: int | None = None,
    ) -> Sequence[WebhookDelivery]:
        """Notices, newest first: waiting ones, those delivered within a week, dead ones of a month."""
        with self.acts.perform(Act.WEBHOOK_DELIVERIES, actor, subject=webhook_id) as doing:
            if webhook_id is not None:
                _known(doing, webhook_id)
            found = doing.tx.webhook_deliveries.find(webhook_id=webhook_id, state=state, limit=limit)
            doing.count = len(found)
        return found

    def retry(self, actor: Actor, delivery_id: DeliveryId) -> WebhookDelivery:
        """Send a dead notice again, under its id, from the beginning. Raises UsageError for one that is not dead, or
        whose receiver has ended."""
        with self.acts.perform(Act.WEBHOOK_RETRY, actor, subject=_subject(delivery_id)) as doing:
            dead = doing.tx.webhook_deliveries.get(delivery_id, lock=True)
            if dead is None:
                raise RefusedError(
                    (ActRefusal.UNKNOWN.value,), "there is no such notice: callwarden webhook deliveries --dead"
                )
            if dead.state is not DeliveryState.DEAD:
                raise UsageError(f"{delivery_id} is {dead.state}: only a dead notice is sent again by hand")
            _open(doing, dead.webhook_id)
            again = sent_again(dead, now=self.clock.now())
            doing.tx.webhook_deliveries.save([again])
        return again

    def retry_all(self, actor: Actor, webhook_id: WebhookId) -> int:
        """Send every dead notice of a receiver again; how many. Raises as `retry`."""
        with self.acts.perform(Act.WEBHOOK_RETRY, actor, subject=webhook_id) as doing:
            _open(doing, webhook_id)
            dead = doing.tx.webhook_deliveries.find(webhook_id=webhook_id, state=DeliveryState.DEAD)
            doing.tx.webhook_deliveries.save([sent_again(each, now=self.clock.now()) for each in dead])
            doing.count = len(dead)
        return len(dead)

    def _end(self, doing: Doing, webhook: Webhook, why: WebhookEnd) -> Webhook:
        webhook = replace(
            webhook, ended=why, ended_at=self.clock.now(), secret="", former_secret=None, former_until=None
        )
        doing.tx.webhooks.save(webhook)
        return _shown(webhook)


def _known(doing: Doing, webhook_id: WebhookId) -> Webhook:
    webhook = doing.tx.webhooks.get(webhook_id, lock=True)
    if webhook is None:
        raise RefusedError((ActRefusal.UNKNOWN.value,), "there is no such webhook: callwarden webhook list")
    return webhook


def _open(doing: Doing, webhook_id: WebhookId) -> Webhook:
    webhook = _known(doing, webhook_id)
    if webhook.ended is WebhookEnd.GONE:
        raise UsageError(f"{webhook_id} has ended (gone): callwarden webhook rotate begins it again")
    if webhook.ended is not None:
        raise UsageError(f"{webhook_id} has ended ({webhook.ended}): add it again to get a new secret")
    return webhook


def _shown(webhook: Webhook) -> Webhook:
    return replace(webhook, secret="", former_secret=None)


def _subject(delivery_id: DeliveryId) -> str:
    """As an entry names it."""
    return delivery_id.replace("msg_", "msg-", 1)


def _new_secret() -> str:
    return secret_of(os.urandom(SECRET_BYTES))
