"""The log on every database it can stand on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sql_log import SqlLog, opened_log


@pytest.fixture(params=["sqlite", "postgres"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlLog]:
    url = f"sqlite:///{tmp_path}/catalogue.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_dsn")
    with opened_log(url, tmp_path / "outside") as opened:
        yield opened


@pytest.fixture
def embedded_log(tmp_path: Path) -> Iterator[SqlLog]:
    with opened_log(f"sqlite:///{tmp_path}/catalogue.db", tmp_path / "outside") as opened:
        yield opened
