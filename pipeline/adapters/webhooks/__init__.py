"""Notices over HTTP by the Standard Webhooks convention."""

from callwarden.adapters.webhooks.http import HttpWebhookPoster

__all__ = ["HttpWebhookPoster"]
