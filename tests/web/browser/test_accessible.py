"""axe-core finds nothing serious on any page that anybody's menu leads to, nor on those behind them (WCAG 2.2 AA)."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from callwarden.model.access import MACHINES, Actor, Role
from callwarden.workers.web.portal.menu import menu
from tests.support.browsers import looking_at
from tests.support.office import Office, furnish
from tests.support.site import Site
from tests.support.web import served, token_of

pytestmark = pytest.mark.tier("chromium")

PEOPLE: Final = sorted(frozenset(Role) - MACHINES)
_RULES: Final = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_A_FILE: Final = re.compile(r"\.[a-z]{2,5}($|\?)|[?&]format=")
_A_NAME: Final = re.compile(r"rec-[0-9a-f]+|[A-Za-z]+-[0-9A-Za-z-]{4,}|\?.*|#.*")
_MOST: Final = 10


class Rounds:
    """A served office, and the kinds of pages somebody has looked at already."""

    def __init__(self, address: str, site: Site, office: Office) -> None:
        self.address, self.site, self.office = address, site, office
        self.seen: set[str] = set()

    def is_new(self, path: str) -> bool:
        kind = _A_NAME.sub("*", path)
        known = kind in self.seen
        self.seen.add(kind)
        return not known


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    with Site(tmp_path_factory.mktemp("office")) as site:
        office = furnish(site)
        with served(site.system) as address:
            yield Rounds(address.rstrip("/"), site, office)


def serious(page: Page) -> list[str]:
    """What axe finds, in a line each: where, which rule, and the first element."""
    found: list[dict[str, Any]] = Axe().run(page, options=_RULES).response["violations"]
    return [
        f"{page.url}: {one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def links(page: Page) -> list[str]:
    """Pages of ours that this one leads to."""
    found: list[str] = page.eval_on_selector_all(
        "main a[href], nav a[href]",
        "all => all.filter(a => !a.hasAttribute('download')).map(a => a.getAttribute('href'))",
    )
    ours = [one for one in found if one.startswith("/") and not one.startswith(("/api/", "/static/", "/logout"))]
    return [one for one in ours if not _A_FILE.search(one)]


@pytest.mark.parametrize("role", PEOPLE)
def test_every_page_can_be_used_by_everybody(browser: Browser, rounds: Rounds, role: Role) -> None:
    rec = rounds.office.calls[1]
    begin = ["/", "/me", f"/calls/{rec}?purpose=training", f"/calls/{rec}?purpose=dispute", "/calls?purpose="]
    wrong, visited = list[str](), 0
    actor = Actor(role=role, name="quentin")
    with looking_at(browser, rounds.address, token_of(rounds.site.system, actor), strict=False) as page:
        menus = [address for address, _ in menu(actor)]
        waiting = [*(begin if role is Role.TRAINER else ()), *menus]
        while waiting and visited < _MOST:
            path = waiting.pop(0)
            if not rounds.is_new(path):
                continue
            answer = page.goto(path)
            if answer is None or "text/html" not in answer.headers.get("content-type", ""):
                continue
            visited += 1
            wrong += [f"{path}: {answer.status}"] * (answer.status >= 500 or (answer.status == 404 and path in menus))
            wrong += serious(page)
            waiting += links(page)
    assert wrong == []


def test_a_page_in_the_dark_and_on_a_telephone_has_contrast_enough(browser: Browser, rounds: Rounds) -> None:
    token = token_of(rounds.site.system, Actor(role=Role.TRAINER, name="theo"))
    small = {"viewport": {"width": 390, "height": 844}}
    with looking_at(browser, rounds.address, token, color_scheme="dark", **small) as page:
        page.goto(f"/calls/{rounds.office.calls[1]}?purpose=training")
        assert serious(page) == []
        width: int = page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= 390  # nothing is wider than the telephone
