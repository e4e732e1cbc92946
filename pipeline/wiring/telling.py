"""Parts of a system by which something leaves it: others are told over HTTP what becomes of calls, people take tables
away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwarden.wiring.experiments import Experiments
from callwarden.wiring.part import part

if TYPE_CHECKING:
    from callwarden.custody.courier import Courier
    from callwarden.desks.exports import ExportDesk
    from callwarden.desks.webhooks import WebhookDesk
    from callwarden.ports.webhooks import WebhookPoster
    from callwarden.rules.webhooks import Reach
    from callwarden.steps.webhooks import Webhooks


class Telling(Experiments):
    """See `Parts`."""

    @part
    def webhook_reach(self) -> Reach:
        from callwarden.rules.webhooks import reach_of

        return reach_of(self.settings.webhook_networks, loopback=self.settings.is_embedded)

    @part
    def webhook_poster(self) -> WebhookPoster:
        from callwarden.adapters.webhooks import HttpWebhookPoster

        return HttpWebhookPoster(reach=self.webhook_reach)

    @part
    def courier(self) -> Courier:
        from callwarden.custody.courier import Courier

        return Courier(catalogue=self.catalogue, poster=self.webhook_poster, clock=self.machine_clock)

    @part
    def webhook_desk(self) -> WebhookDesk:
        from callwarden.desks.webhooks import WebhookDesk

        return WebhookDesk(
            acts=self.acts,
            clock=self.machine_clock,
            courier=self.courier,
            lines=frozenset(self.policy.lines),
            reach=self.webhook_reach,
        )

    @part
    def export_desk(self) -> ExportDesk:
        from callwarden.desks.exports import ExportDesk

        return ExportDesk(acts=self.acts, clock=self.clock)

    @part
    def webhooks(self) -> Webhooks:
        from callwarden.steps.webhooks import Webhooks

        return Webhooks(catalogue=self.catalogue, courier=self.courier, desk=self.webhook_desk, clock=self.clock)
