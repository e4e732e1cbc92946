"""The desk about oneself: my sessions, my password, what I have read (U2, U3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice, takewhile
from typing import Final

from callwarden.custody.sign_in import SignIn
from callwarden.desks.acts import Acts, Doing
from callwarden.desks.people import digest_of_new
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.person import Person, Session, SessionId
from callwarden.ports.clock import Clock
from callwarden.ports.log import LoggedEntry, LogReader
from callwarden.rules.rights import Act, ActRefusal
from callwarden.rules.sessions import SignInRefusal

LOOKS_BACK: Final = timedelta(days=30)
MOST: Final = 200
"""Entries of one's own that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDesk:
    """Thread-safe."""

    acts: Acts
    clock: Clock
    sign_in: SignIn
    log: LogReader

    def mine(self, actor: Actor) -> Sequence[Session]:
        """The sessions I have now, the newest first; none for who is known by a token alone."""
        with self.acts.perform(Act.ME_SESSIONS, actor) as doing:
            person = self._me(doing, actor)
            sessions = [] if person is None else list(self.sign_in.sessions.living(doing.tx, person))
            doing.count = len(sessions)
        return sessions

    def sign_out(self, actor: Actor, session_id: SessionId | None = None) -> None:
        """End one of my sessions, or (None) all of them, this one too. Raises RefusedError, ``unknown`` for one that is
        not mine, or that nobody has."""
        with self.acts.perform(Act.ME_SIGN_OUT, actor) as doing:
            person = self._me(doing, actor)
            if person is None:
                raise RefusedError((ActRefusal.UNKNOWN.value,), "you are known by a token: it has no sessions")
            if session_id is None:
                doing.subject = person.person_id
                self._save(doing, replace(person, credential=person.credential + 1))
                return
            session = doing.tx.sessions.get(session_id, lock=True)
            if session is None or session.person_id != person.person_id:
                raise RefusedError((ActRefusal.UNKNOWN.value,), "you have no such session")
            doing.subject = session_id
            if session.ended_at is None:
                doing.tx.sessions.save(replace(session, ended_at=self.clock.now()))

    def change_password(self, actor: Actor, old: str, new: str) -> None:
        """Another password of my own; every session of mine ends, this one too. Raises UsageError for one that will
        not do; RefusedError, ``login_failed``, for a wrong old one; TooOftenError."""
        person_id = self.sign_in.person_id(actor.name)
        with self.acts.catalogue.snapshot() as tx:
            person = tx.people.get(person_id)
        kept = None if person is None else person.password
        fits = self.sign_in.own_password_fits(person, old)
        digest = digest_of_new(self.sign_in, new, name=actor.name) if fits else None
        with self.acts.perform(Act.ME_PASSWORD, actor, subject=person_id) as doing:
            person = self._me(doing, actor)
            if person is None or person.password is None:
                raise UsageError("your password is not kept here")
            if digest is None or person.password != kept:
                raise RefusedError((SignInRefusal.FAILED.value,), "the old password is wrong")
            self._save(doing, replace(person, password=digest, credential=person.credential + 1))

    def accesses(self, actor: Actor) -> Sequence[LoggedEntry]:
        """What the log says that I did in the last 30 days, in whichever role, the newest first, 200 at most; this
        reading is the newest of them. Raises RefusedError, RetryableError."""
        with self.acts.perform(Act.ME_ACCESSES, actor):
            pass
        me = self._pseudonym(actor)
        since = self.clock.now() - LOOKS_BACK
        mine = (
            one
            for one in takewhile(lambda one: one.entry.at >= since, self.log.entries())
            if one.entry.actor.partition(":")[2] == me
        )
        return list(islice(mine, MOST))

    def _pseudonym(self, actor: Actor) -> str:
        return self.acts.scribe.actor_reference(actor).partition(":")[2]

    def _me(self, doing: Doing, actor: Actor) -> Person | None:
        person = doing.tx.people.get(self.sign_in.person_id(actor.name), lock=True)
        return None if person is None or person.altered or person.removed_at is not None else person

    def _save(self, doing: Doing, person: Person) -> None:
        doing.tx.people.save(replace(person, version=person.version + 1, changed_at=self.clock.now()))
