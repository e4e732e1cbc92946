"""Webhooks, and notices on their way, as JSON."""

from callwarden.model.webhook import Webhook, WebhookDelivery


def webhook_row(webhook: Webhook) -> dict[str, object]:
    """A receiver; never its secret."""
    return {
        "webhook": webhook.webhook_id,
        "url": webhook.url,
        "events": sorted(webhook.events),
        "line": webhook.line,
        "added_at": webhook.added_at,
        "rotated_at": webhook.rotated_at,
        "former_secret_until": webhook.former_until,
        "ended": webhook.ended,
        "ended_at": webhook.ended_at,
    }


def delivery_row(notice: WebhookDelivery) -> dict[str, object]:
    """A notice; its body is the receiver's."""
    return {
        "delivery": notice.delivery_id,
        "webhook": notice.webhook_id,
        "type": notice.kind,
        "recording_id": notice.subject,
        "state": notice.state,
        "tries": notice.tries,
        "status": notice.status,
        "fault": notice.fault,
        "due_since": notice.due_since,
        "tried_at": notice.tried_at,
        "again_at": notice.again_at if notice.state == "waiting" else None,
        "ended_at": notice.ended_at,
    }
