"""A system in memory for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.workshop import Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Workshop(tmp_path) as built:
        yield built
