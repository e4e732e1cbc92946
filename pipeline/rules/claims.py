"""Whom does the identity provider speak of, and what may they do here? By the mapping in the settings (U2).

What the provider does not say is never taken for everything: where scopes come from a claim and it is missing, somebody
sees no line, or no agent's calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId
from callwarden.rules.people import is_account_name
from callwarden.rules.sessions import SignInRefusal

EVERYTHING: Final = "*"
"""The value of a claim that narrows to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMapping:
    """Which claims say what; one inside another is written with a dot, as ``realm_access.roles``. `roles` are the
    values that give a role: the first of them that somebody has counts."""

    name: str
    roles_claim: str
    roles: tuple[tuple[str, Role], ...]
    lines: str | None = None
    agents: str | None = None
    agent_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Somebody, as the provider says. `subject` is issuer and subject: the same person for good, whatever they are
    called."""

    actor: Actor
    subject: str = field(repr=False)


def recognised(claims: Mapping[str, object], mapping: ClaimMapping) -> Recognised | SignInRefusal:
    """Who this is, by claims of a token that was found to be genuine, and with what rights."""
    name, issuer, subject = claims.get(mapping.name), claims.get("iss"), claims.get("sub")
    if not (isinstance(name, str) and is_account_name(name)):
        return SignInRefusal.PROVIDER_NAME
    if not (isinstance(issuer, str) and isinstance(subject, str) and subject):
        return SignInRefusal.PROVIDER_TOKEN
    has = _texts(claims, mapping.roles_claim)
    role = next((role for value, role in mapping.roles if value in has), None)
    if role is None:
        return SignInRefusal.PROVIDER_NO_ROLE
    lines = _scope(claims, mapping.lines)
    own = None if mapping.agent_id is None else _at(claims, mapping.agent_id)
    return Recognised(
        actor=Actor(
            role=role,
            name=name,
            lines=None if lines is None else frozenset(LineId(line) for line in lines),
            agents=_scope(claims, mapping.agents),
            agent_id=own if isinstance(own, str) and own else None,
        ),
        subject=f"{issuer} {subject}",
    )


def _scope(claims: Mapping[str, object], path: str | None) -> frozenset[str] | None:
    if path is None:
        return None
    has = _texts(claims, path)
    return None if EVERYTHING in has else has


def _texts(claims: Mapping[str, object], path: str) -> frozenset[str]:
    found = _at(claims, path)
    values = found if isinstance(found, list) else [found]
    return frozenset(value for value in values if isinstance(value, str) and value)


def _at(claims: Mapping[str, object], path: str) -> object:
    if path in claims:  # names that are addresses have dots of their own
        return claims[path]
    found: object = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
