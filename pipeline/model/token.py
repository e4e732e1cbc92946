"""Tokens: how a person or a telephone system is known where nobody's word is taken for it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from callwarden.model.access import Role
from callwarden.model.ids import LineId, Pseudonym

TokenId = NewType("TokenId", str)
"""``tok-`` and 32 hexadecimal digits; not secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is kept of a token: never the secret, only a keyed digest of it. Scopes narrow what the role may see (None:
    no narrowing); `agent_id` is the person's own id on the telephone system. One that is good ``once`` is spent by its
    first acceptance, at `spent_at`."""

    token_id: TokenId
    digest: Pseudonym = field(repr=False)
    role: Role
    name: str = field(repr=False)
    lines: frozenset[LineId] | None = None
    agents: frozenset[str] | None = None
    agent_id: str | None = None
    issued_by: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    once: bool = False
    spent_at: datetime | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
