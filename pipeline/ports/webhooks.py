"""Sending a notice to a receiver over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from callwarden.model.webhook import Answer, DeliveryId


class WebhookPoster(Protocol):
    """Thread-safe."""

    def post(self, url: str, body: bytes, *, delivery_id: DeliveryId, secrets: Sequence[str], at: datetime) -> Answer:
        """Sign and send one notice, once, and wait for the answer's status; its body is not read.

        Connects only to an address that may be reached, follows no redirection, and ends within a stated time whatever
        the receiver does. `at` is the instant that is signed. Whatever goes wrong is in the answer: raises nothing of
        its own.
        """
        ...
