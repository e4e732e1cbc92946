"""Sessions of the portal: begun at log-in, asked for at every request, over at once when they are ended (U2, L1)."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from callwarden.custody.scribe import Scribe
from callwarden.custody.throttle import Throttle, Tried
from callwarden.errors import RefusedError, RetryableError
from callwarden.model.access import Actor, service
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.person import Person, PersonId, Session, SessionId
from callwarden.model.purpose import Purpose
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.rules.attempts import Pace
from callwarden.rules.sessions import (
    Lasting,
    SignInRefusal,
    digest_of,
    form_token,
    purpose_now,
    read_session,
    speaks_for,
    written,
)

SIGN_IN: Final = service("sign-in")
_KEPT_AFTERWARDS: Final = timedelta(days=30)
_TOLD: Final = Pace(burst=20, each=timedelta(minutes=1))
"""How many presentations of sessions that are none get into the log, by address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who asks, in which session, and what its forms carry."""

    actor: Actor
    session: Session
    form_token: str
    purpose: Purpose | None
    """What they chose last, while it is offered again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKeeper:
    """`origins` are how people may be recognised at present: another identity provider, or another mapping of its
    roles, ends the sessions from before. Thread-safe."""

    catalogue: Catalogue
    clock: Clock
    scribe: Scribe
    throttle: Throttle
    lasting: Lasting
    origins: frozenset[str]

    def begin(
        self, tx: Transaction, person: Person, *, origin: str, replacing: str | None, provider_token: str | None = None
    ) -> str:
        """A new session, and what the browser keeps of it. Its id and secret are new each time, whatever the browser
        had before; the session it had, `replacing`, ends."""
        now = self.clock.now()
        self._end(tx, self._presented(tx, replacing))
        secret = secrets.token_urlsafe(32)
        session = Session(
            session_id=SessionId(f"ses-{secrets.token_hex(16)}"),
            digest=digest_of(secret),
            person_id=person.person_id,
            credential=person.credential,
            origin=origin,
            began_at=now,
            seen_at=now,
            ends_at=now + self.lasting.altogether,
            provider_token=provider_token,
        )
        tx.sessions.forget(before=now - _KEPT_AFTERWARDS)
        tx.sessions.save(session)
        tx.log.append([self.scribe.entry(person.actor, Operation.SESSION_BEGUN, subject=session.session_id)])
        return written(session.session_id, secret)

    def who(self, presented: str, *, address: str = "") -> SignedIn:
        """Who asks, with the rights they have now: two rows are read. That the session is used is kept every now and
        then. Raises RefusedError, an entry of the log while that address does not present too many; RetryableError.
        """
        read = read_session(presented)
        now = self.clock.now()
        session_id, secret = read if read is not None else (SessionId(""), "")
        with self.catalogue.snapshot() as tx:
            session = tx.sessions.get(session_id)
            person = None if session is None else tx.people.get(session.person_id)
        found = speaks_for(session, person, digest_of(secret), now=now, lasting=self.lasting, origins=self.origins)
        if isinstance(found, SignInRefusal) or session is None:
            reason = found if isinstance(found, SignInRefusal) else SignInRefusal.SESSION_INVALID
            raise self._refused(reason, session, person, address)
        if now - session.seen_at >= self.lasting.notices_use:
            self._seen(session.session_id)
        return SignedIn(
            actor=found, session=session, form_token=form_token(secret), purpose=purpose_now(session, now=now)
        )

    def check_form(self, signed: SignedIn, sent: str | None) -> None:
        """Raises RefusedError, an entry of the log, unless a page of this session sent it."""
        if sent is None or not secrets.compare_digest(signed.form_token.encode(), sent.encode()):
            self._refused(SignInRefusal.FORM_FORGED, signed.session, None, signed.session.session_id)
            raise RefusedError((SignInRefusal.FORM_FORGED.value,), "open the page again, and send the form from there")

    def end(self, presented: str) -> Session | None:
        """Log out: the session is over, durably. None where there was none to end."""
        with self.catalogue.transaction() as tx:
            session = self._presented(tx, presented)
            self._end(tx, session)
        return session

    def remember_purpose(self, session: Session, purpose: Purpose) -> None:
        """Offer this purpose again for a while. It allows nothing: the gate is asked with it each time."""
        until = self.clock.now() + self.lasting.purpose
        with self.catalogue.transaction() as tx:
            kept = tx.sessions.get(session.session_id, lock=True)
            if kept is not None and kept.ended_at is None:
                tx.sessions.save(replace(kept, purpose=purpose, purpose_until=until))

    def living(self, tx: Transaction, person: Person) -> Sequence[Session]:
        """The sessions of somebody that speak for them now, the newest first."""
        now, found = self.clock.now(), tx.sessions.of(person.person_id)
        return [
            one
            for one in found
            if isinstance(
                speaks_for(one, person, one.digest, now=now, lasting=self.lasting, origins=self.origins), Actor
            )
        ]

    def _presented(self, tx: Transaction, presented: str | None) -> Session | None:
        """The session of a browser, whose secret is true."""
        read = None if presented is None else read_session(presented)
        if read is None:
            return None
        session = tx.sessions.get(read[0], lock=True)
        if session is None or session.altered or not secrets.compare_digest(session.digest, digest_of(read[1])):
            return None
        return session

    def _end(self, tx: Transaction, session: Session | None) -> None:
        if session is None or session.ended_at is not None:
            return
        tx.sessions.save(replace(session, ended_at=self.clock.now()))
        who = self._named(tx.people.get(session.person_id))
        tx.log.append([self.scribe.entry(who, Operation.SESSION_ENDED, subject=session.session_id)])

    def _seen(self, session_id: SessionId) -> None:
        with suppress(RetryableError), self.catalogue.transaction() as tx:  # nobody waits for this, or fails by it
            kept = tx.sessions.get(session_id, lock=True)
            if kept is not None and kept.ended_at is None:
                tx.sessions.save(replace(kept, seen_at=self.clock.now()))

    def _refused(
        self, reason: SignInRefusal, session: Session | None, person: Person | None, address: str
    ) -> RefusedError:
        """In the name of whose session it was, where its secret was true."""
        true = reason is not SignInRefusal.SESSION_INVALID
        if not self.throttle.charge([Tried(kind="session from", value=address, pace=_TOLD)]).wait:
            entry = self.scribe.entry(
                self._named(person) if true else SIGN_IN,
                Operation.ACCESS_REFUSED,
                EntryOutcome.REFUSED,
                subject=None if session is None else session.session_id,
                reasons=(reason.value,),
            )
            with self.catalogue.transaction() as tx:
                tx.log.append([entry])
        return RefusedError((reason.value,), "log in again")

    @staticmethod
    def _named(person: Person | None) -> Actor:
        return SIGN_IN if person is None or person.altered else person.actor


def person_id_of(pseudonym: str) -> PersonId:
    """The id of the account whose name has this pseudonym."""
    return PersonId(f"per-{digest_of(pseudonym)[:32]}")
