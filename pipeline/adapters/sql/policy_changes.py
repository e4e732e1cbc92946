"""Changes of the policy, as rows."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final, TypeVar

from sqlalchemy import select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.mapped import Codec, Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import policy_change
from callwarden.model.policy_change import ChangeState, LinePeriods, PolicyChange, Told

Each = TypeVar("Each", LinePeriods, Told)


def _list_of(make: Callable[..., Each]) -> Codec:
    def written(values: Sequence[Each]) -> str:
        return json.dumps([asdict(one) for one in values], ensure_ascii=False, separators=(",", ":"))

    def read(text: str) -> tuple[Each, ...]:
        try:
            said: list[dict[str, Any]] = json.loads(text)
            return tuple(make(**one) for one in said)
        except (ValueError, TypeError):
            return ()  # somebody else has written it: the row's seal does not fit

    return written, read


_CHANGE: Final = Mapped(
    policy_change, PolicyChange, state=word(ChangeState), lines=_list_of(LinePeriods), told=_list_of(Told)
)
_SELECT: Final = select(*policy_change.c)
_SAVE: Final = _CHANGE.insert(key=("change_id",), clash=Clash.REPLACE)


class PolicyChangeRows(Rows):
    """`callwarden.ports.catalogue.policy_changes.PolicyChanges`."""

    def get(self, change_id: str, *, lock: bool = False) -> PolicyChange | None:
        wanted = _SELECT.where(policy_change.c.change_id == change_id)
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(self._session.read(_CHANGE, rows)), None)

    def all(self) -> Sequence[PolicyChange]:
        found = self._session.run(_SELECT.order_by(policy_change.c.proposed_at.desc(), policy_change.c.change_id))
        return self._session.read(_CHANGE, found)

    def save(self, change: PolicyChange) -> None:
        self._session.save(_SAVE, _CHANGE, [change])
