"""People who log in, their sessions, and how often somebody has tried to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from callwarden.model.ids import Pseudonym
from callwarden.model.person import Attempts, Person, PersonId, Session, SessionId


class People(Protocol):
    """Every account there is or was."""

    def get(self, person_id: PersonId, *, lock: bool = False) -> Person | None: ...

    def all(self) -> Sequence[Person]:
        """The oldest first."""
        ...

    def any_with_password(self) -> bool:
        """Whether there is anybody who has one; costs the same however many there are."""
        ...

    def save(self, person: Person) -> None:
        """Insert, or replace the one of the same id."""
        ...


class Sessions(Protocol):
    """Who is logged in, or was until lately."""

    def get(self, session_id: SessionId, *, lock: bool = False) -> Session | None: ...

    def of(self, person_id: PersonId) -> Sequence[Session]:
        """The newest first; ended ones too, while they are kept."""
        ...

    def save(self, session: Session) -> None:
        """Insert, or replace the one of the same id."""
        ...

    def forget(self, *, before: datetime) -> None:
        """Remove those that ended by themselves before this instant."""
        ...


class Tries(Protocol):
    """How much of what may be tried is used up, by key."""

    def get(self, keys: Sequence[Pseudonym], *, lock: bool = False) -> Sequence[Attempts]:
        """Those there are."""
        ...

    def save(self, attempts: Sequence[Attempts]) -> None:
        """Insert, or replace those of the same key."""
        ...

    def forget(self, *, before: datetime) -> None:
        """Remove what says nothing any more: all of it was free again before this instant."""
        ...
