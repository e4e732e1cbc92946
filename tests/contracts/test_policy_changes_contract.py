"""Changes of the policy in the catalogue, on every database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwarden.model.ids import LineId, PolicyVersion
from callwarden.model.policy_change import ChangeState, LinePeriods, PolicyChange, Told
from tests.support.catalogue_backends import DATABASES, backend_named

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
CHANGE = PolicyChange(
    change_id="pol-1",
    version=PolicyVersion("sha256:1"),
    former=None,
    time_zone="Europe/Paris",
    lines=(LinePeriods(line=LineId("customer-service"), retention="P3M", ground="décret"),),
    told=(Told(about="callers", code="retention", subject="customer-service", was="P6M", now="P3M"),),
    sooner=2,
    later=0,
    proposed_by="otto",
    proposed_at=NOON,
)


@pytest.mark.parametrize("database", ["memory", *DATABASES])
def test_a_change_comes_back_as_it_was_kept_newest_first(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    made = backend_named(database, request, tmp_path)
    other = replace(CHANGE, change_id="pol-2", proposed_at=NOON + timedelta(minutes=1))
    approved = replace(CHANGE, state=ChangeState.APPROVED, approved_by="chloe", approved_at=NOON)
    with made.catalogue.transaction() as tx:
        tx.policy_changes.save(CHANGE)
        tx.policy_changes.save(other)
        assert tx.policy_changes.get("pol-1", lock=True) == CHANGE
        tx.policy_changes.save(approved)
    withdrawn = replace(other, state=ChangeState.WITHDRAWN, withdrawn_by="otto", ended_at=NOON)
    with made.catalogue.transaction() as tx:
        assert tx.policy_changes.all() == [other, approved]
        tx.policy_changes.save(withdrawn)
    with made.catalogue.transaction() as tx:
        assert tx.policy_changes.all() == [withdrawn, approved]
        assert tx.policy_changes.get("pol-3") is None
    made.catalogue.close()
