"""Whom does a presented token speak for? Every presentation that is refused is in the access log (U2, L1)."""

from dataclasses import dataclass

from callwarden.custody.scribe import Scribe
from callwarden.errors import RefusedError
from callwarden.model.access import Actor, service
from callwarden.model.ids import Pseudonym
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.token import Token, TokenId
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyStore
from callwarden.ports.log import LogReader
from callwarden.rules.people import person
from callwarden.rules.rights import ActRefusal
from callwarden.rules.tokens import TokenRefusal, holder_of, read_token, speaker

_DESK = service("token-desk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorkeeper:
    """Recognises people before they do anything. Thread-safe."""

    catalogue: Catalogue
    clock: Clock
    keys: KeyStore
    scribe: Scribe
    log: LogReader

    def actor_of(self, presented: str | None, *, named: Actor | None = None) -> Actor:
        """Who a presented token speaks for, who has to be the one `named` where somebody was. One that is good once is
        spent by this, durably, whatever is then done with the answer: of any number of callers, in any number of
        processes, one gets it. Every refusal is an entry of the access log, one for each presentation, also where
        nothing was presented (None): whoever lets strangers present tokens over a network bounds how often.

        Raises RefusedError; RetryableError while the catalogue or the keys are out of reach.
        """
        if presented is None:
            raise self._refused(
                None,
                ActRefusal.NOT_PERMITTED,
                "this system needs a token: set CALLWARDEN_TOKEN to one of `callwarden token issue`",
            )
        read = read_token(presented)
        token_id, secret = read if read is not None else (TokenId("tok-" + "0" * 32), "")
        digest = self.keys.pseudonym("token", secret)
        with self.catalogue.snapshot() as tx:
            token = tx.tokens.get(token_id)
        found = speaker(token, digest, now=self.clock.now())
        ended = self._ended(token_id) if isinstance(found, Actor) else None
        if ended is not None:
            found = ended
        elif isinstance(found, Actor) and named is not None and not _is_holder(named, found):
            found = TokenRefusal.OTHER_HOLDER
        elif token is not None and token.once and (isinstance(found, Actor) or found is TokenRefusal.USED):
            found = self._spend(token_id, digest)
        if found is TokenRefusal.OTHER_HOLDER:
            raise self._refused(
                token, found, "CALLWARDEN_TOKEN is the token of somebody other than --as: leave --as out"
            )
        if isinstance(found, TokenRefusal):
            raise self._refused(token, found, "the token is not accepted; ask for a new one: callwarden token issue")
        return found

    def _ended(self, token_id: TokenId) -> TokenRefusal | None:
        """What was done with a token stands in the log, also where an older row of it was put back."""
        if self.log.noted(token_id, Operation.TOKEN_SPENT):
            return TokenRefusal.USED
        return TokenRefusal.REVOKED if self.log.noted(token_id, Operation.TOKEN_REVOKED) else None

    def _spend(self, token_id: TokenId, digest: Pseudonym) -> Actor | TokenRefusal:
        now = self.clock.now()
        with self.catalogue.transaction() as tx:
            token = tx.tokens.get(token_id, lock=True)
            found = speaker(token, digest, now=now)
            if isinstance(found, Actor) and not tx.tokens.spend(token_id, at=now):
                found = TokenRefusal.USED
            if isinstance(found, Actor):
                tx.log.append([self.scribe.entry(found, Operation.TOKEN_SPENT, subject=token_id)])
        return found

    def _refused(self, token: Token | None, reason: TokenRefusal | ActRefusal, words: str) -> RefusedError:
        with self.catalogue.transaction() as tx:
            tx.log.append([self._refusal(token, reason)])
        return RefusedError((reason.value,), words)

    def _refusal(self, token: Token | None, reason: TokenRefusal | ActRefusal) -> LogEntry:
        """In whose name a token was presented, where its secret was true: who did it is not known. Otherwise in this
        desk's own, about the token whose id was used, if there is one: nothing a stranger wrote gets into the log."""
        return self.scribe.entry(
            _DESK if token is None or reason is TokenRefusal.INVALID else holder_of(token),
            Operation.ACCESS_REFUSED,
            EntryOutcome.REFUSED,
            subject=None if token is None else token.token_id,
            reasons=(reason.value,),
        )


def _is_holder(named: Actor, holder: Actor) -> bool:
    return named.role is holder.role and person(named.name) == person(holder.name)
