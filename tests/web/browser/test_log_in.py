"""Logging in and out in a real browser, without a script."""

import pytest
from playwright.sync_api import Browser

from callwarden.model.access import Actor, Role
from tests.support.browsers import looking_at
from tests.support.web import OLGA
from tests.web.browser.conftest import Portal

pytestmark = pytest.mark.tier("chromium")


def test_somebody_logs_in_by_keyboard_comes_to_the_page_they_wanted_and_logs_out(
    browser: Browser, portal: Portal
) -> None:
    """The browser says itself where the forms come from; none of them is taken for another site's."""
    portal.site.system.people_desk.add(OLGA, Actor(role=Role.AUDITOR, name="aude"), "trois chevaux bleus")
    with looking_at(browser, portal.address, None, strict=False, java_script_enabled=False) as page:
        page.goto("/me?tab=1")
        assert page.inner_text("h1") == "Se connecter"
        page.focus("#f-name")
        for typed in ("aude", "not the password"):
            page.keyboard.type(typed)
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=status]")
        assert page.input_value("#f-name") == "aude"
        page.focus("#f-password")
        page.keyboard.type("trois chevaux bleus")
        page.keyboard.press("Enter")
        page.wait_for_url("**/me?tab=1")
        assert "auditor:aude" in page.inner_text("header")
        cookies = {one["name"]: one for one in page.context.cookies()}
        assert cookies["callwarden-session"]["httpOnly"]
        page.click("header >> text=Se déconnecter")
        assert page.inner_text("h1") == "Vous êtes déconnecté"
        page.goto("/me")
        assert page.inner_text("h1") == "Se connecter"
