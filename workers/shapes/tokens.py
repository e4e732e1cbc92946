"""Tokens, without their secrets."""

from callwarden.model.token import Token
from callwarden.workers.shapes import Row


def token_row(token: Token) -> Row:
    """One token: whose it is, for what, until when, and whether it has ended."""
    return {
        "token_id": token.token_id,
        "role": token.role,
        "name": token.name,
        "lines": None if token.lines is None else sorted(token.lines),
        "agents": None if token.agents is None else sorted(token.agents),
        "own_agent_id": token.agent_id,
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "once": token.once,
        "spent_at": token.spent_at,
    }
