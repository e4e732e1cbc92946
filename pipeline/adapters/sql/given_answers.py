"""Answers to what may be sent again."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.mapped import Mapped
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import given_answer as table
from callwarden.model.given_answer import GivenAnswer
from callwarden.model.ids import Pseudonym

_ANSWER: Final = Mapped(table, GivenAnswer)
_LOCKED: Final = select(*table.c).where(table.c.key == bindparam("key_given")).with_for_update()
_ADD: Final = _ANSWER.insert(key=("key",), clash=Clash.KEEP)
_SAVE: Final = _ANSWER.insert(key=("key",), clash=Clash.REPLACE)


class GivenAnswerRows(Rows):
    """`callwarden.ports.catalogue.given_answers.GivenAnswers`."""

    def begin(self, wanted: GivenAnswer) -> GivenAnswer:
        self._session.save(_ADD, _ANSWER, [wanted])
        found = self._session.read(_ANSWER, self._session.run(_LOCKED, {"key_given": wanted.key}))
        return next(iter(found))

    def save(self, given: GivenAnswer) -> None:
        self._session.save(_SAVE, _ANSWER, [given])

    def remove(self, key: Pseudonym) -> None:
        self._session.run(delete(table).where(table.c.key == key))

    def forget(self, *, before: datetime) -> None:
        self._session.run(delete(table).where(table.c.begun_at < before))
