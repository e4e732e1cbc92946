"""Tokens: digests, roles, scopes and times; never a secret."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.rows import AnyRow, Rows
from callwarden.adapters.sql.schema import token as table
from callwarden.model.access import Role
from callwarden.model.ids import LineId, Pseudonym
from callwarden.model.token import Token, TokenId

_SELECT: Final = select(*table.c)
_SAVE: Final = BulkInsert(table, [column.name for column in table.c], key=("token_id",), clash=Clash.REPLACE)


class TokenRows(Rows):
    """`callwarden.ports.catalogue.decisions.Tokens`."""

    def get(self, token_id: TokenId, *, lock: bool = False) -> Token | None:
        wanted = _SELECT.where(table.c.token_id == token_id)
        row = self._session.run(wanted.with_for_update() if lock else wanted).one_or_none()
        return None if row is None else self._token_of(row)

    def all(self) -> Sequence[Token]:
        found = self._session.run(_SELECT.order_by(table.c.issued_at.desc(), table.c.token_id))
        return [self._token_of(row) for row in found]

    def spend(self, token_id: TokenId, *, at: datetime) -> bool:
        token = self.get(token_id, lock=True)
        if token is None or not token.once or token.spent_at is not None:
            return False
        self.save(replace(token, spent_at=at))
        return True

    def save(self, token: Token) -> None:
        self._session.insert(_SAVE, [self._session.sealed(table, _row(token), altered=token.altered)])

    def _token_of(self, row: AnyRow) -> Token:
        return replace(_token_of(row), altered=self._session.altered(table, row))


def _row(token: Token) -> Row:
    return {
        "token_id": token.token_id,
        "digest": token.digest,
        "role": token.role.value,
        "name": token.name,
        "lines": None if token.lines is None else json.dumps(sorted(token.lines)),
        "agents": None if token.agents is None else json.dumps(sorted(token.agents)),
        "agent_id": token.agent_id,
        "issued_by": token.issued_by,
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "once": token.once,
        "spent_at": token.spent_at,
    }


def _token_of(row: AnyRow) -> Token:
    return Token(
        token_id=TokenId(row.token_id),
        digest=Pseudonym(row.digest),
        role=Role(row.role),
        name=row.name,
        lines=None if row.lines is None else frozenset(LineId(one) for one in json.loads(row.lines)),
        agents=None if row.agents is None else frozenset(json.loads(row.agents)),
        agent_id=row.agent_id,
        issued_by=row.issued_by,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        once=row.once,
        spent_at=row.spent_at,
    )
