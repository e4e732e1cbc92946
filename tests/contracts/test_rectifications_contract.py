"""What was put right, and who was told of what changed: the same in every catalogue."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.rectification import Rectification
from callwarden.model.request import RequestId
from tests.support.catalogue_backends import DATABASES, Backend, backend_named
from tests.support.catalogue_rows import rec

T0 = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REQUEST = RequestId("req-20261120-0a1b2c3d")


@pytest.fixture(params=["memory", *DATABASES])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened = backend_named(request.param, request, tmp_path)
    yield opened
    opened.clear()
    opened.catalogue.close()


def test_a_notice_is_replaced_by_a_later_word_on_it(backend: Backend) -> None:
    told = RecipientNotice(request_id=REQUEST, disclosure_id="disclosure-1", told_at=T0, told_by="chloe")
    known = replace(told, acknowledged_at=T0 + timedelta(days=1))
    with backend.catalogue.transaction() as tx:
        tx.notices.save(told)
        tx.notices.save(replace(told, disclosure_id="disclosure-0"))
        tx.notices.save(known)
        assert tx.notices.of(REQUEST) == [replace(told, disclosure_id="disclosure-0"), known]
        assert tx.notices.of(RequestId("req-0")) == []


FIXED = Rectification(
    rectification_id="fix-2",
    recording_id=rec(1),
    request_id=REQUEST,
    at=T0,
    by="chloe",
    fields=frozenset({"number", "name"}),
    sealed=b"\x00\xff",
)


def test_rectifications_stay_as_they_were_made_oldest_first(backend: Backend) -> None:
    first = FIXED
    second = replace(first, rectification_id="fix-1", at=T0 + timedelta(hours=1))
    with backend.catalogue.transaction() as tx:
        for one in (
            second,
            first,
            replace(first, sealed=b"another"),
            replace(first, rectification_id="fix-3", recording_id=rec(2)),
        ):
            tx.rectifications.add(one)
        assert tx.rectifications.of([rec(1)]) == [first, second]
        assert tx.rectifications.of([]) == []
