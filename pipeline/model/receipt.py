"""What a telephone system is given for a call it has handed over."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from callwarden.model.ids import Pseudonym

ReceiptId = NewType("ReceiptId", str)
"""``rcp-`` and 32 hexadecimal digits, the same for the same event of the same part of a call; tells nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A call that was pushed, and whose event is published or on its way.

    `content` is a keyed digest of the event and its audio: it tells the same call from another under its name. `upload`
    is the last part of the name its audio was landed under; `key` a keyed digest of the sender's ``Idempotency-Key``.
    """

    receipt_id: ReceiptId
    content: Pseudonym
    upload: str
    received_at: datetime
    key: Pseudonym | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
