"""Tokens: digests, roles, scopes and times; never a secret."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import token as table
from callwarden.model.access import Role
from callwarden.model.token import Token, TokenId

_SELECT: Final = select(*table.c)
NAMES: Final = (
    lambda names: None if names is None else json.dumps(sorted(names)),
    lambda text: None if text is None else frozenset(json.loads(text)),
)
"""A column of names, or NULL for no narrowing."""
_TOKEN: Final = Mapped(table, Token, role=word(Role), lines=NAMES, agents=NAMES)
_SAVE: Final = _TOKEN.insert(key=("token_id",), clash=Clash.REPLACE)


class TokenRows(Rows):
    """`callwarden.ports.catalogue.decisions.Tokens`."""

    def get(self, token_id: TokenId, *, lock: bool = False) -> Token | None:
        wanted = _SELECT.where(table.c.token_id == token_id)
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(self._session.read(_TOKEN, rows)), None)

    def all(self) -> Sequence[Token]:
        found = self._session.run(_SELECT.order_by(table.c.issued_at.desc(), table.c.token_id))
        return self._session.read(_TOKEN, found)

    def spend(self, token_id: TokenId, *, at: datetime) -> bool:
        token = self.get(token_id, lock=True)
        if token is None or not token.once or token.spent_at is not None:
            return False
        self.save(replace(token, spent_at=at))
        return True

    def save(self, token: Token) -> None:
        self._session.save(_SAVE, _TOKEN, [token])
