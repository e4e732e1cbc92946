"""The desk where tokens are issued and revoked (U2, L1)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from callwarden.desks.acts import Acts, Doing
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import MACHINES, Actor
from callwarden.model.ids import LineId
from callwarden.model.token import Token, TokenId
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyStore
from callwarden.rules.rights import RIGHTS, Act, ActRefusal, refusals
from callwarden.rules.tokens import speaker, written

LONGEST = timedelta(days=366)
"""A token nobody looks at again must end by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDesk:
    """Thread-safe. `lines` are those of the policy."""

    acts: Acts
    clock: Clock
    keys: KeyStore
    lines: frozenset[LineId]

    def issue(self, actor: Actor, holder: Actor, *, lasts: timedelta, once: bool = False) -> tuple[Token, str]:
        """A new token for `holder`, and the text to hand over; the text is kept nowhere. One good ``once`` is spent by
        the first thing it is presented for.

        Raises RefusedError; UsageError for a machine's role, a line that the policy does not have, or a time that is
        is longer than a year, or no time at all.
        """
        with self.acts.perform(Act.TOKEN_ISSUE, actor) as doing:
            return self._issued(doing, holder, lasts, once=once)

    def issue_first(self, actor: Actor, holder: Actor, *, lasts: timedelta, once: bool = False) -> tuple[Token, str]:
        """As `issue`, by whoever is at the machine, while nobody has a token that others can be issued with: on a new
        system, or once they have all ended. It is for somebody who issues the others then."""
        with self.acts.perform(Act.TOKEN_ISSUE_FIRST, actor) as doing:
            now = self.clock.now()
            known = (speaker(token, token.digest, now=now) for token in doing.tx.tokens.all())
            if any(isinstance(holder, Actor) and _issues(holder) for holder in known):
                raise RefusedError(
                    (ActRefusal.NOT_PERMITTED.value,),
                    "somebody has a token that others are issued with: set CALLWARDEN_TOKEN to it",
                )
            if not _issues(holder):
                raise RefusedError(
                    (ActRefusal.NOT_PERMITTED.value,),
                    "the others are issued with the first token: let it be for one of "
                    f"{', '.join(sorted(RIGHTS[Act.TOKEN_ISSUE].roles))}, and for every line and agent",
                )
            return self._issued(doing, holder, lasts, once=once)

    def revoke(self, actor: Actor, token_id: TokenId) -> Token:
        """End a token now; ending one that has ended gives it as it is. Raises RefusedError, ``unknown`` where there is
        none of this id."""
        with self.acts.perform(Act.TOKEN_REVOKE, actor, subject=token_id) as doing:
            token = doing.tx.tokens.get(token_id, lock=True)
            if token is None:
                raise RefusedError(
                    (ActRefusal.UNKNOWN.value,), "there is no such token: callwarden token list shows every one"
                )
            if token.revoked_at is not None:
                doing.silent = True
                doing.looks(Act.TOKEN_LIST)
                return token
            token = replace(token, revoked_at=self.clock.now())
            doing.tx.tokens.save(token)
        return token

    def listed(self, actor: Actor) -> Sequence[Token]:
        """Every token ever issued, newest first. Raises RefusedError."""
        with self.acts.perform(Act.TOKEN_LIST, actor) as doing:
            tokens = doing.tx.tokens.all()
            doing.count = len(tokens)
        return tokens

    def _issued(self, doing: Doing, holder: Actor, lasts: timedelta, *, once: bool) -> tuple[Token, str]:
        if holder.role in MACHINES:
            raise UsageError(f"{holder.role} is a machine's role: no token is issued for it")
        if not timedelta() < lasts <= LONGEST:
            raise UsageError(f"a token lasts from P1D to P{LONGEST.days}D")
        if unknown := sorted((holder.lines or frozenset()) - self.lines):
            raise UsageError(f"the policy has no line {', '.join(unknown)}: {', '.join(sorted(self.lines))}")
        now = self.clock.now()
        secret = secrets.token_urlsafe(32)
        token = Token(
            token_id=TokenId(f"tok-{secrets.token_hex(16)}"),
            digest=self.keys.pseudonym("token", secret),
            role=holder.role,
            name=holder.name,
            lines=holder.lines,
            agents=holder.agents,
            agent_id=holder.agent_id,
            issued_by=doing.actor.name,
            issued_at=now,
            expires_at=now + lasts,
            once=once,
        )
        doing.tx.tokens.save(token)
        doing.subject = token.token_id
        return token, written(token.token_id, secret)


def _issues(holder: Actor) -> bool:
    return not refusals(holder, RIGHTS[Act.TOKEN_ISSUE])
