"""People, sessions and attempts: digests, roles, scopes and times; never a password or a secret."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import attempts as attempts_table
from callwarden.adapters.sql.schema import person as person_table
from callwarden.adapters.sql.schema import session as session_table
from callwarden.adapters.sql.tokens import NAMES
from callwarden.model.access import Role
from callwarden.model.ids import Pseudonym
from callwarden.model.person import Attempts, Person, PersonId, Session, SessionId
from callwarden.model.purpose import Purpose

_PERSON: Final = Mapped(person_table, Person, role=word(Role), lines=NAMES, agents=NAMES)
_SELECT_PEOPLE: Final = select(*person_table.c)
_GET_PERSON: Final = _SELECT_PEOPLE.where(person_table.c.person_id == bindparam("id"))
_LOCK_PERSON: Final = _GET_PERSON.with_for_update()
_ANY_WITH_PASSWORD: Final = select(person_table.c.person_id).where(person_table.c.password.is_not(None)).limit(1)
_SAVE_PERSON: Final = _PERSON.insert(key=("person_id",), clash=Clash.REPLACE)
_SESSION: Final = Mapped(session_table, Session, purpose=word(Purpose))
_SELECT_SESSIONS: Final = select(*session_table.c)
_GET_SESSION: Final = _SELECT_SESSIONS.where(session_table.c.session_id == bindparam("id"))
_LOCK_SESSION: Final = _GET_SESSION.with_for_update()
_SAVE_SESSION: Final = _SESSION.insert(key=("session_id",), clash=Clash.REPLACE)
_ATTEMPTS: Final = Mapped(attempts_table, Attempts)
_SELECT_ATTEMPTS: Final = (
    select(*attempts_table.c)
    .where(among(attempts_table.c.key, bindparam("keys", type_=TextSet())))
    .order_by(attempts_table.c.key)
)
_SAVE_ATTEMPTS: Final = _ATTEMPTS.insert(key=("key",), clash=Clash.REPLACE)


class PersonRows(Rows):
    """`callwarden.ports.catalogue.people.People`."""

    def get(self, person_id: PersonId, *, lock: bool = False) -> Person | None:
        rows = self._session.run(_LOCK_PERSON if lock else _GET_PERSON, {"id": person_id})
        return next(iter(self._session.read(_PERSON, rows)), None)

    def all(self) -> Sequence[Person]:
        found = self._session.run(_SELECT_PEOPLE.order_by(person_table.c.added_at, person_table.c.person_id))
        return self._session.read(_PERSON, found)

    def any_with_password(self) -> bool:
        return self._session.run(_ANY_WITH_PASSWORD).first() is not None

    def save(self, person: Person) -> None:
        self._session.save(_SAVE_PERSON, _PERSON, [person])


class SessionRows(Rows):
    """`callwarden.ports.catalogue.people.Sessions`."""

    def get(self, session_id: SessionId, *, lock: bool = False) -> Session | None:
        rows = self._session.run(_LOCK_SESSION if lock else _GET_SESSION, {"id": session_id})
        return next(iter(self._session.read(_SESSION, rows)), None)

    def of(self, person_id: PersonId) -> Sequence[Session]:
        wanted = _SELECT_SESSIONS.where(session_table.c.person_id == person_id)
        newest_first = wanted.order_by(session_table.c.began_at.desc(), session_table.c.session_id)
        return self._session.read(_SESSION, self._session.run(newest_first))

    def save(self, session: Session) -> None:
        self._session.save(_SAVE_SESSION, _SESSION, [session])

    def forget(self, *, before: datetime) -> None:
        self._session.run(delete(session_table).where(session_table.c.ends_at < before))


class AttemptRows(Rows):
    """`callwarden.ports.catalogue.people.Tries`."""

    def get(self, keys: Sequence[Pseudonym], *, lock: bool = False) -> Sequence[Attempts]:
        wanted = _SELECT_ATTEMPTS.with_for_update() if lock else _SELECT_ATTEMPTS
        return _ATTEMPTS.values(self._session.run(wanted, {"keys": keys}))

    def save(self, attempts: Sequence[Attempts]) -> None:
        self._session.save(_SAVE_ATTEMPTS, _ATTEMPTS, attempts)

    def forget(self, *, before: datetime) -> None:
        self._session.run(delete(attempts_table).where(attempts_table.c.free_at < before))
