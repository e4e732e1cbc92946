"""Legal and the data protection officer in a real browser: by keyboard only, with JavaScript off (K3, D1)."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page

from callwarden.model.access import Actor, Role
from callwarden.model.ids import CaseId
from callwarden.workers.web.assets import address as asset
from tests.support.browsers import looking_at
from tests.support.site import Site
from tests.support.web import OLGA, served, token_of

pytestmark = pytest.mark.tier("chromium")

BRUNO = Actor(role=Role.LEGAL, name="bruno")
BRIGITTE = Actor(role=Role.LEGAL, name="brigitte")
CHLOE = Actor(role=Role.DPO, name="chloe")
MOST_TABS: Final = 150


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("days")) as made:
        made.publish(made.event("c-1"), made.event("c-2", caller={"number": "+33639980009"}))
        made.drain("objections", "ingest", "holds")
        yield made


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    with served(site.system) as found:
        yield found.rstrip("/")


def _reach(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus, as somebody without a mouse does."""
    wanted.wait_for()
    for _ in range(MOST_TABS):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted}")


def _types(page: Page, label: str, text: str) -> None:
    _reach(page, page.get_by_label(label, exact=True))
    page.keyboard.type(text)


def _presses(page: Page, wanted: Locator) -> None:
    _reach(page, wanted)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _presses_button(page: Page, name: str) -> None:
    _presses(page, page.get_by_role("button", name=name, exact=True))


def test_a_case_is_opened_filled_and_released_without_a_mouse_and_without_a_script(
    browser: Browser, site: Site, address: str
) -> None:
    # Not strict: a form that comes back is told of as an error.
    with looking_at(browser, address, token_of(site.system, BRUNO), strict=False, java_script_enabled=False) as page:
        page.goto("/")
        _presses(page, page.get_by_role("link", name="Dossiers", exact=True))
        _presses(page, page.get_by_role("link", name="Ouvrir un dossier").first)
        _types(page, "Nom", "RG 26/00345")
        _types(page, "Motif", "intervention contestée")
        _types(page, "Personnes, outre vous", "brigitte")
        _presses_button(page, "Ouvrir le dossier")
        assert page.title().startswith("RG 26/00345")
        _types(page, "Numéro de l’appelant", "06 39 98 00 01")
        with page.expect_navigation():
            page.keyboard.press("Enter")  # what a form does first is count
        assert "1" in page.locator("#preview strong").inner_text()
        assert page.get_by_label("Numéro de l’appelant").input_value() == "06 39 98 00 01"
        _presses_button(page, "Les retenir pour ce dossier")
        assert "1 appel est retenu ainsi." in page.get_by_role("status").first.inner_text()
        _types(page, "Pour confirmer, tapez RG 26/00345", "un autre")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        alert = page.get_by_role("alert")
        assert alert.evaluate("(element) => element === document.activeElement")  # where the eye goes
        assert "Le nom tapé pour confirmer est un autre" in alert.inner_text()
        _types(page, "Pour confirmer, tapez RG 26/00345", "RG 26/00345")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    with looking_at(browser, address, token_of(site.system, BRIGITTE), java_script_enabled=False) as page:
        page.goto("/")
        _presses(page, page.get_by_role("link", name="RG 26/00345"))
        _types(page, "Pour confirmer, tapez RG 26/00345", "RG 26/00345")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "Levé par bruno et brigitte" in page.locator("#release").inner_text()


def test_a_request_is_answered_without_a_mouse_and_without_a_script(browser: Browser, site: Site, address: str) -> None:
    site.system.people_desk.add(OLGA, CHLOE, "trois chevaux bleus")
    with looking_at(browser, address, None, strict=False, java_script_enabled=False) as page:
        page.goto("/requests")
        _types(page, "Nom", "chloe")
        _types(page, "Mot de passe", "trois chevaux bleus")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        _presses(page, page.get_by_role("link", name="Saisir une demande").first)
        _types(page, "Quel droit", "info")
        _types(page, "Numéro de téléphone", "06 39 98 00 09")
        _presses_button(page, "La saisir")
        assert "il reste 30 jours" in page.locator("main").inner_text()
        _types(page, "Comment vous le savez", "rappelée au numéro du dossier")
        _presses_button(page, "Le noter")
        _presses_button(page, "Regarder de nouveau")
        _reach(page, page.get_by_role("checkbox").first)
        page.keyboard.press("Space")
        _presses_button(page, "Accorder")
        assert "accordé" in page.locator("#decide").inner_text()
        _types(page, "Adresse sur la lettre", "Mme Marchand")
        _presses_button(page, "Préparer la réponse")
        while page.get_by_role("link", name="Enregistrer l’archive").count() == 0:
            _presses(page, page.get_by_role("link", name="Regarder de nouveau"))
        _reach(page, page.get_by_role("link", name="Enregistrer l’archive"))
        with page.expect_download() as saved:
            page.keyboard.press("Enter")
        assert saved.value.suggested_filename.endswith("-answer.zip")


def test_criteria_are_counted_as_one_types(browser: Browser, site: Site, address: str) -> None:
    if asset("vendor/htmx.min.js") is None:
        pytest.skip("what npm brings is not here: make assets")
    site.system.case_desk.open(BRUNO, CaseId("DOSSIER-2026-001"), reason="a dispute")
    with looking_at(browser, address, token_of(site.system, BRUNO)) as page:
        page.goto("/cases/DOSSIER-2026-001")
        page.get_by_label("Numéro de l’appelant").fill("06 39 98 00 09")
        page.keyboard.press("Tab")
        page.locator("#preview strong").wait_for()
        assert page.locator("#preview strong").inner_text() == "1"
        assert page.url.endswith("/cases/DOSSIER-2026-001")
