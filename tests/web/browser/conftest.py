"""A real browser over a served embedded system with a trainer's calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from callwarden.model.access import Actor, Role
from callwarden.model.ids import RecordingId
from tests.support.browsers import launched
from tests.support.reviewed import ALARM, BILL, review
from tests.support.site import Site
from tests.support.web import served, token_of

ALICE = Actor(role=Role.TRAINER, name="alice")


@dataclass(frozen=True, slots=True)
class Portal:
    """A served system: where, its calls (newest first), and a token of a trainer's."""

    site: Site
    address: str
    calls: tuple[RecordingId, ...]
    token: str


@pytest.fixture(scope="package")
def browser(chromium_browser: Path) -> Iterator[Browser]:
    with launched(chromium_browser) as found:
        yield found


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Yesterday's third call with a wrong address read back is the fifth of all."""
    with Site(tmp_path_factory.mktemp("portal")) as site:
        now = site.clock.now()
        stories = [(ALARM, 2), (BILL, 18), (ALARM, 20), (ALARM, 22), (ALARM, 25), (BILL, 26), (ALARM, 60)]
        calls = [review(site, said, ended=now - timedelta(hours=hours)) for said, hours in stories]
        with served(site.system) as address:
            yield Portal(site, address.rstrip("/"), tuple(calls), token_of(site.system, ALICE))
