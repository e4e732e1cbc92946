"""Permissions to test on real calls in the catalogue, on every database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from callwarden.model.access import Role
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.permission import Permission, PermissionId
from tests.support.catalogue_backends import DATABASES, backend_named

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
PERMISSION = Permission(
    permission_id=PermissionId("testing-1"),
    line=LineId("customer-service"),
    first=date(2026, 11, 1),
    last=date(2026, 11, 15),
    number=3,
    until=date(2026, 12, 1),
    reason="des mots coupés",
    role=Role.ANALYST,
    asked_by="ada",
    asked_at=NOON,
    ends_at=NOON + timedelta(days=10),
)


@pytest.mark.parametrize("database", ["memory", *DATABASES])
def test_a_permission_comes_back_as_it_was_kept_newest_first(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    made = backend_named(database, request, tmp_path)
    ended = replace(PERMISSION, permission_id=PermissionId("testing-2"), ended_at=NOON)
    drawn = (RecordingId("rec-1"), RecordingId("rec-2"))
    approved = replace(PERMISSION, recordings=drawn, approved_by="chloe", approved_at=NOON)
    with made.catalogue.transaction() as tx:
        tx.permissions.save(PERMISSION)
        tx.permissions.save(ended)
        assert tx.permissions.get(PermissionId("testing-1"), lock=True) == PERMISSION
        tx.permissions.save(approved)
    with made.catalogue.transaction() as tx:
        assert tx.permissions.find() == [ended, approved]
        assert tx.permissions.find(unended=True) == [approved]
        assert tx.permissions.get(PermissionId("testing-3")) is None
    made.catalogue.close()
