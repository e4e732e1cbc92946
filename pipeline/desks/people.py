"""The desk where people are let in, narrowed and sent away (U2, L1)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from callwarden.custody.sign_in import SignIn
from callwarden.desks.acts import Acts, Doing
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import MACHINES, Actor
from callwarden.model.ids import LineId
from callwarden.model.person import Person, PersonId
from callwarden.model.token import Token
from callwarden.ports.clock import Clock
from callwarden.rules.passwords import WORDS, password_faults
from callwarden.rules.people import ACCOUNT_RULE, is_account_name
from callwarden.rules.people import person as bearer
from callwarden.rules.rights import Act, ActRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleDesk:
    """Thread-safe. `lines` are those of the policy."""

    acts: Acts
    clock: Clock
    sign_in: SignIn
    lines: frozenset[LineId]

    def admit(self, actor: Actor, holder: Actor) -> None:
        """Before the password is asked for. Raises as `add`."""
        self.acts.admit(Act.PEOPLE_ADD, actor)
        self._check(holder)

    def add(self, actor: Actor, holder: Actor, password: str | None) -> Person:
        """Somebody who may log in from now on, with this password, or (None) at the identity provider, which then says
        what they may do. A name that somebody had who was removed is theirs again.

        Raises RefusedError; UsageError for a name, role, line or password that will not do, and for a name that
        somebody has.
        """
        self._check(holder)
        digest = self._digest(password, name=holder.name)
        person_id, now = self.sign_in.person_id(holder.name), self.clock.now()
        with self.acts.perform(Act.PEOPLE_ADD, actor, subject=person_id) as doing:
            known = doing.tx.people.get(person_id, lock=True)
            if known is not None and known.removed_at is None:
                raise UsageError("somebody has this name: callwarden people change changes what they may do")
            person = Person(
                person_id=person_id,
                name=holder.name,
                role=holder.role,
                lines=holder.lines,
                agents=holder.agents,
                agent_id=holder.agent_id,
                password=digest,
                credential=1 if known is None else known.credential + 1,
                version=1 if known is None else known.version + 1,
                added_by=actor.name,
                added_at=now,
                changed_at=now,
            )
            doing.tx.people.save(person)
        return person

    def change(self, actor: Actor, name: str, how: Callable[[Actor], Actor]) -> Person:
        """What somebody may do from now on, in sessions they have already, too: from their next request on. `how`
        makes it of what they may do now. Raises as `add`; RefusedError, ``unknown`` where there is nobody of this
        name."""
        with self.acts.perform(Act.PEOPLE_CHANGE, actor, subject=self.sign_in.person_id(name)) as doing:
            person = self._known(doing)
            holder = how(person.actor)
            self._check(holder)
            return self._save(doing, person.may_as(holder))

    def set_password(self, actor: Actor, name: str, password: str) -> Person:
        """Another password; every session of theirs ends. Raises as `change`; UsageError where the identity provider
        has their password."""
        digest = self._digest(password, name=name)
        with self.acts.perform(Act.PEOPLE_PASSWORD, actor, subject=self.sign_in.person_id(name)) as doing:
            person = self._known(doing)
            if person.password is None:
                raise UsageError("they log in at the identity provider, which has their password")
            return self._save(doing, replace(person, password=digest, credential=person.credential + 1))

    def sign_out(self, actor: Actor, name: str) -> Person:
        """End every session somebody has. Raises as `change`."""
        with self.acts.perform(Act.PEOPLE_SIGN_OUT, actor, subject=self.sign_in.person_id(name)) as doing:
            person = self._known(doing)
            return self._save(doing, replace(person, credential=person.credential + 1))

    def remove(self, actor: Actor, name: str) -> tuple[Person, Sequence[Token]]:
        """Somebody does not get in any more: their sessions end, their password is forgotten, their tokens are revoked.
        Removing who was removed gives them as they are. Raises as `change`."""
        now = self.clock.now()
        with self.acts.perform(Act.PEOPLE_REMOVE, actor, subject=self.sign_in.person_id(name)) as doing:
            person = self._known(doing, removed=True)
            if person.removed_at is not None:
                doing.silent = True
                doing.looks(Act.PEOPLE_LIST)
                return person, ()
            person = self._save(doing, replace(person, password=None, removed_at=now, credential=person.credential + 1))
            tokens = [one for one in doing.tx.tokens.all() if self._is_open(one, person)]
            for token in tokens:
                doing.tx.tokens.save(replace(token, revoked_at=now))
            doing.looks(Act.TOKEN_REVOKE, [token.token_id for token in tokens])
        return person, tokens

    def listed(self, actor: Actor) -> Sequence[Person]:
        """Everybody who may log in or might once, the oldest account first. Raises RefusedError."""
        with self.acts.perform(Act.PEOPLE_LIST, actor) as doing:
            people = doing.tx.people.all()
            doing.count = len(people)
        return people

    def _is_open(self, token: Token, person: Person) -> bool:
        ended = token.revoked_at is not None or token.expires_at <= self.clock.now()
        return not ended and bearer(token.name) == bearer(person.name)

    def _known(self, doing: Doing, *, removed: bool = False) -> Person:
        person = doing.tx.people.get(PersonId(doing.subject or ""), lock=True)
        if person is None or person.altered or (person.removed_at is not None and not removed):
            doing.subject = None
            raise RefusedError(
                (ActRefusal.UNKNOWN.value,), "there is nobody of this name: callwarden people list shows everybody"
            )
        return person

    def _save(self, doing: Doing, person: Person) -> Person:
        person = replace(person, version=person.version + 1, changed_at=self.clock.now())
        doing.tx.people.save(person)
        return person

    def _check(self, holder: Actor) -> None:
        if holder.role in MACHINES:
            raise UsageError(f"{holder.role} is a machine's role: nobody logs in with it")
        if not is_account_name(holder.name):
            raise UsageError(f"that is not an account name: a name is {ACCOUNT_RULE}")
        if unknown := sorted((holder.lines or frozenset()) - self.lines):
            raise UsageError(f"the policy has no line {', '.join(unknown)}: {', '.join(sorted(self.lines))}")

    def _digest(self, password: str | None, *, name: str) -> str | None:
        return None if password is None else digest_of_new(self.sign_in, password, name=name)


def digest_of_new(sign_in: SignIn, password: str, *, name: str) -> str:
    """What is kept of a new password. Raises UsageError saying what is wrong with it."""
    if faults := password_faults(password, name=name):
        raise UsageError("this password is not taken: " + "; ".join(WORDS[fault] for fault in faults))
    return sign_in.passwords.digest(password)
