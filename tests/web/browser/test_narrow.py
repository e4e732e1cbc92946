"""On a telephone a page scrolls down, never sideways: what is wide scrolls in a box of its own."""

import pytest
from playwright.sync_api import Browser

from callwarden.model.access import Actor, Role
from tests.support.browsers import looking_at
from tests.support.web import token_of
from tests.web.browser.conftest import Portal

pytestmark = pytest.mark.tier("chromium")


def test_no_page_is_wider_than_a_telephone(browser: Browser, portal: Portal) -> None:
    token = token_of(portal.site.system, Actor(role=Role.DPO, name="denise"))
    with looking_at(browser, portal.address, token, viewport={"width": 375, "height": 800}) as page:
        for path in (
            "/policy",
            "/me",
            "/policy/acts",
            "/register",
            "/register/matrices",
            "/register/notice",
            "/figures?by=team&report=durations",
        ):
            page.goto(path)
            assert page.evaluate("() => document.documentElement.scrollWidth") <= 375, path
