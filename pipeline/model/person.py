"""People who log in, their sessions in the portal, and how often somebody has tried to."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NewType

from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId, Pseudonym
from callwarden.model.purpose import Purpose

PersonId = NewType("PersonId", str)
"""``per-`` and 32 hexadecimal digits, made of the account's name; a name has one, whoever bears it."""
SessionId = NewType("SessionId", str)
"""``ses-`` and 32 hexadecimal digits; not secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account. Somebody logs in with a password, of which the Argon2id digest is kept, or at the identity provider,
    whose issuer and subject are then `subject`. `credential` grows whenever every session of the account is to end;
    `version` with every change. Scopes narrow what the role may see (None: no narrowing)."""

    person_id: PersonId
    name: str = field(repr=False)
    role: Role
    lines: frozenset[LineId] | None = None
    agents: frozenset[str] | None = None
    agent_id: str | None = None
    password: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)
    credential: int = 1
    version: int = 1
    added_by: str = field(repr=False)
    added_at: datetime
    changed_at: datetime
    removed_at: datetime | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""

    @property
    def actor(self) -> Actor:
        """Who acts when this person does."""
        return Actor(role=self.role, name=self.name, lines=self.lines, agents=self.agents, agent_id=self.agent_id)

    def may_as(self, holder: Actor) -> "Person":
        """The account with what `holder` may do."""
        return replace(self, role=holder.role, lines=holder.lines, agents=holder.agents, agent_id=holder.agent_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is logged in. Of the secret in their browser only a digest is kept. It ends at `ends_at` at the
    latest, earlier when it is not used, when somebody ends it, or with the person's `credential`. `origin` says how
    they were recognised, and by which settings. A purpose once chosen is offered again until `purpose_until`."""

    session_id: SessionId
    digest: str = field(repr=False)
    person_id: PersonId
    credential: int
    origin: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    purpose: Purpose | None = None
    purpose_until: datetime | None = None
    provider_token: str | None = field(default=None, repr=False)
    """The identity provider's own token of this log-in, to log out there as well."""
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """How much of what somebody may try is used up: all of it until `free_at`. `key` is a pseudonym; `told_until`:
    refusals until then are in the log already."""

    key: Pseudonym
    free_at: datetime
    told_until: datetime | None = None
