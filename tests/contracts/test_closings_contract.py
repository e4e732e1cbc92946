"""`callwarden.ports.catalogue.closings` on every database, and in memory."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from callwarden.model.figure import Closing, Figure, Subject, TeamId, Week
from callwarden.model.ids import LineId, PolicyVersion
from tests.support.catalogue_backends import DATABASES, backend_named
from tests.support.catalogue_rows import NOON, at

WEEK = Week(date(2026, 3, 16))
LINE = LineId("customer-service")
FIGURE = Figure(
    subject=Subject.CALLS, line=LINE, team=None, first=WEEK, last=WEEK, count=40, amounts={"duration_s": 1234}
)
CLOSING = Closing(
    subject=Subject.CALLS,
    week=WEEK,
    figures=(FIGURE, replace(FIGURE, team=TeamId("équipe de nuit"), count=None, amounts={})),
    waiting={LINE: WEEK.after()},
    silent=frozenset({LineId("télésurveillance")}),
    closed_at=NOON,
    policy_version=PolicyVersion("sha256:1"),
)


@pytest.mark.parametrize("database", ["memory", *DATABASES])
def test_a_week_is_closed_once_and_comes_back_as_it_was_told(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    made = backend_named(database, request, tmp_path)
    later = replace(CLOSING, week=WEEK.after(), figures=(), waiting={}, closed_at=at(1))
    other = replace(CLOSING, subject=Subject.OBJECTIONS)
    with made.catalogue.transaction() as tx:
        assert [tx.closings.add(one) for one in (later, CLOSING, other)] == [True, True, True]
        assert not tx.closings.add(replace(CLOSING, figures=(), closed_at=at(2)))
    with made.catalogue.snapshot() as tx:
        assert list(tx.closings.of(Subject.CALLS)) == [CLOSING, later]
        assert tx.closings.newest(Subject.CALLS) == later
        assert tx.closings.newest(Subject.SPEECH) is None
    made.catalogue.close()
