"""Letting people in: by password, or by what the company's identity provider says of them (U2, L1).

A wrong name and a wrong password get the same answer after the same time. What is tried is counted before it is looked
at, by account and by address, in the catalogue: every process counts the same.
"""

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from callwarden.custody.scribe import Scribe
from callwarden.custody.sessions import SIGN_IN, SessionKeeper, person_id_of
from callwarden.custody.throttle import Throttle, Tried
from callwarden.errors import RefusedError, TooOftenError
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.person import Person, PersonId
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.keys import KeyStore
from callwarden.ports.passwords import Passwords
from callwarden.rules.attempts import Pace
from callwarden.rules.claims import Recognised
from callwarden.rules.people import person
from callwarden.rules.sessions import SignInRefusal

BY_PASSWORD: Final = "password"  # noqa: S105 -- how somebody was recognised
_HERE: Final = Pace(burst=5, each=timedelta(minutes=1))
"""At one account, from one address: who has forgotten their password waits a minute for each further try."""
_ACCOUNT: Final = Pace(burst=50, each=timedelta(minutes=10))
"""At one account, wherever from: strangers cannot shut its owner out from where they are."""
_ADDRESS: Final = Pace(burst=30, each=timedelta(seconds=20))
_WORDS: Final = "the name or the password is wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Thread-safe. `sessions` begins and ends them."""

    catalogue: Catalogue
    clock: Clock
    keys: KeyStore
    scribe: Scribe
    passwords: Passwords
    throttle: Throttle
    sessions: SessionKeeper

    def person_id(self, name: str) -> PersonId:
        """The id of the account of this name, whether there is one or not."""
        return person_id_of(self.keys.pseudonym("person", person(name)))

    def has_anybody(self) -> bool:
        """Whether there is anybody who could log in with a password."""
        with self.catalogue.snapshot() as tx:
            return tx.people.any_with_password()

    def by_password(self, name: str, password: str, *, address: str, replacing: str | None = None) -> str:
        """A session for whoever knows this account's password: what their browser keeps of it.

        Raises RefusedError (``login_failed``), an entry about the account, if there is one;
        TooOftenError; RetryableError.
        """
        name = name.strip()
        person_id = self.person_id(name)
        tried = [
            Tried(kind="account", value=person_id, pace=_ACCOUNT),
            Tried(kind="address", value=address, pace=_ADDRESS),
            Tried(kind="account from", value=f"{person_id} {address}", pace=_HERE),
        ]
        self._count(tried, person_id)
        with self.catalogue.snapshot() as tx:
            known = _usable(tx.people.get(person_id))
        fits = self.passwords.fits(None if known is None else known.password, password)
        with self.catalogue.transaction() as tx:
            now_known = tx.people.get(person_id, lock=True)
            if fits and known is not None and now_known == known:
                self.throttle.refund(tx, tried)
                return self.sessions.begin(tx, known, origin=BY_PASSWORD, replacing=replacing)
            self._refuse(tx, SignInRefusal.FAILED, now_known)
        raise RefusedError((SignInRefusal.FAILED.value,), _WORDS)

    def by_provider(
        self,
        who: Recognised | SignInRefusal,
        *,
        origin: str,
        provider_token: str | None,
        address: str,
        replacing: str | None = None,
    ) -> str:
        """A session for whom the identity provider has recognised; as `by_password`. Somebody who was not known here
        is from now on; roles and scopes are what the provider says, in sessions begun before, too.

        Raises RefusedError, which is an entry while that address is not refused too often: a reason that was found
        already, an account that was removed here, or one that belongs to somebody else than who bears this name at the
        provider.
        """
        with self.catalogue.transaction() as tx:
            known = None if isinstance(who, SignInRefusal) else tx.people.get(self.person_id(who.actor.name), lock=True)
            refused = who if isinstance(who, SignInRefusal) else _shut_out(known, who)
            if refused is None and not isinstance(who, SignInRefusal):
                person = self._as_recognised(tx, known, who)
                return self.sessions.begin(
                    tx, person, origin=origin, replacing=replacing, provider_token=provider_token
                )
        assert refused is not None
        charged = self.throttle.charge([Tried(kind="provider from", value=address, pace=_ADDRESS)])
        if not charged.wait:
            with self.catalogue.transaction() as tx:
                self._refuse(tx, refused, known)
        raise RefusedError((refused.value,))

    def own_password_fits(self, person: Person | None, password: str) -> bool:
        """Whether somebody who is logged in knows their password. Raises TooOftenError."""
        person_id = PersonId("") if person is None else person.person_id
        tried = [Tried(kind="own password", value=person_id, pace=_HERE)]
        self._count(tried, person_id)
        fits = self.passwords.fits(None if person is None else person.password, password)
        if fits:
            with self.catalogue.transaction() as tx:
                self.throttle.refund(tx, tried)
        return fits

    def _as_recognised(self, tx: Transaction, known: Person | None, who: Recognised) -> Person:
        now, is_new = self.clock.now(), known is None
        if known is None:
            known = Person(
                person_id=self.person_id(who.actor.name),
                name=who.actor.name,
                role=who.actor.role,
                version=0,
                added_by=SIGN_IN.name,
                added_at=now,
                changed_at=now,
            )
        person = replace(known.may_as(who.actor), subject=who.subject)
        if person == known:
            return known
        person = replace(person, changed_at=now, version=known.version + 1)
        tx.people.save(person)
        operation = Operation.PERSON_ADDED if is_new else Operation.PERSON_CHANGED
        tx.log.append([self.scribe.entry(SIGN_IN, operation, subject=person.person_id)])
        return person

    def _count(self, tried: list[Tried], person_id: PersonId) -> None:
        charged = self.throttle.charge(tried)
        if not charged.wait:
            return
        if charged.tell:
            with self.catalogue.transaction() as tx:
                self._refuse(tx, SignInRefusal.TOO_OFTEN, tx.people.get(person_id))
        raise TooOftenError(
            (SignInRefusal.TOO_OFTEN.value,), "tried too often", retry_after_s=math.ceil(charged.wait.total_seconds())
        )

    def _refuse(self, tx: Transaction, reason: SignInRefusal, about: Person | None) -> None:
        """Nothing a stranger wrote gets into the log: of an account that does not exist, not even that."""
        entry = self.scribe.entry(
            SIGN_IN,
            Operation.ACCESS_REFUSED,
            EntryOutcome.REFUSED,
            subject=None if about is None else about.person_id,
            reasons=(reason.value,),
        )
        tx.log.append([entry])


def _usable(person: Person | None) -> Person | None:
    return None if person is None or person.altered or person.removed_at is not None else person


def _shut_out(known: Person | None, who: Recognised) -> SignInRefusal | None:
    """An account with a password is not the provider's, until somebody here says so by taking the password away."""
    if known is None:
        return None
    if known.altered or known.password is not None or known.subject not in (None, who.subject):
        return SignInRefusal.PROVIDER_OTHER_ACCOUNT
    return None if known.removed_at is None else SignInRefusal.PERSON_REMOVED
