"""Does this token still speak for somebody? (U2)"""

import re
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest

from callwarden.model.access import Actor
from callwarden.model.ids import Pseudonym
from callwarden.model.token import Token, TokenId

_FORM = re.compile(r"cw1\.([0-9a-f]{32})\.([A-Za-z0-9_-]{43})")


class TokenRefusal(StrEnum):
    """Why a token speaks for nobody; closed vocabulary, documented in docs/reasons.md."""

    INVALID = "token_invalid"
    EXPIRED = "token_expired"
    REVOKED = "token_revoked"
    USED = "token_used"
    OTHER_HOLDER = "token_of_another"


def written(token_id: TokenId, secret: str) -> str:
    """A token as it is handed to its holder, once."""
    return f"cw1.{token_id.removeprefix('tok-')}.{secret}"


def read_token(text: str) -> tuple[TokenId, str] | None:
    """Id and secret of what somebody presents; None when it is no token at all."""
    match = _FORM.fullmatch(text.strip())
    return None if match is None else (TokenId(f"tok-{match[1]}"), match[2])


def speaker(token: Token | None, digest: Pseudonym, *, now: datetime) -> Actor | TokenRefusal:
    """Who a presented token speaks for. `token` is what is kept under its id, `digest` that of the secret presented.

    A wrong secret, an unknown id and an altered row get the same answer: only who holds a true token learns what became
    of it. A clock set back before its issue refuses it too. A second presentation of one that was good once is
    reported before anything else of it: somebody may have stolen it.
    """
    if token is None or token.altered or not compare_digest(token.digest, digest):
        return TokenRefusal.INVALID
    if token.spent_at is not None:
        return TokenRefusal.USED
    if token.revoked_at is not None:
        return TokenRefusal.REVOKED
    if not token.issued_at <= now < token.expires_at:
        return TokenRefusal.EXPIRED
    return holder_of(token)


def holder_of(token: Token) -> Actor:
    """Whom it was issued to."""
    return Actor(role=token.role, name=token.name, lines=token.lines, agents=token.agents, agent_id=token.agent_id)
