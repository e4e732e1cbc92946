"""What was answered to something that may be sent again."""

from dataclasses import dataclass, field
from datetime import datetime

from callwarden.model.ids import Pseudonym


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """Something that is being done once, or was. `key` is of who asks, for what, under which word of theirs; `body` a
    keyed digest of what they sent; `attempt` tells whoever began it from whoever came second. `status` is None while it
    is being done, and `answer` where it was shown once and is kept nowhere."""

    key: Pseudonym
    body: Pseudonym
    attempt: str
    begun_at: datetime
    status: int | None = None
    answer: str | None = field(default=None, repr=False)
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
