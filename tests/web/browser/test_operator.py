"""An operator at three in the morning, and an emergency, in a browser; without a script it is the same."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from callwarden.model.access import Actor, Role
from callwarden.model.ids import RecordingId
from tests.support.browsers import looking_at
from tests.support.receiver import Receiver, receiver
from tests.support.site import Site
from tests.support.web import served, token_of

pytestmark = pytest.mark.tier("chromium")

OTTO = Actor(role=Role.OPERATOR, name="otto")
CHLOE = Actor(role=Role.DPO, name="chloe")
SONIA = Actor(role=Role.SUPERVISOR, name="sonia")


@dataclass(frozen=True, slots=True)
class Night:
    """A served system in which something went wrong."""

    site: Site
    address: str
    kept: RecordingId
    aside: tuple[RecordingId, ...]
    receiver: Receiver

    def token(self, actor: Actor) -> str:
        return token_of(self.site.system, actor)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with Site(tmp_path_factory.mktemp("night")) as site, receiver(tmp_path_factory.mktemp("receiver")) as running:
        site.publish(*(site.event(line="nowhere") for _ in range(3)), site.event("c-kept"), b"no event", b"nor this")
        site.drain("objections", "ingest", "holds")
        rows = list(site.system.catalogue.all_recordings())
        [kept] = [row.recording_id for row in rows if row.call_id == "c-kept"]
        aside = tuple(row.recording_id for row in rows if row.recording_id != kept)
        with served(site.system) as address:
            yield Night(site, address.rstrip("/"), kept, aside, running)


def accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}] == []


def test_what_wants_a_person_leads_to_why_and_is_dealt_with_by_forms(browser: Browser, night: Night) -> None:
    first, second, _ = night.aside
    with looking_at(browser, night.address, night.token(CHLOE), java_script_enabled=False) as page:
        page.goto("/operations")
        expect(page.get_by_text("le compte y est")).to_be_visible()
        expect(page.locator("svg.chart rect.quarantined")).to_have_count(1)
        page.get_by_role("link", name="Des enregistrements en quarantaine attendent quelqu’un.").click()
        page.get_by_role("link", name="En quarantaine", exact=True).click()
        page.get_by_role("link", name=first).click()
        expect(page.get_by_role("cell", name="customer-service, monitoring-centre")).to_be_visible()
        page.get_by_label("Ligne").select_option("customer-service")
        page.locator("#clear textarea").fill("la ligne du standard")
        page.get_by_role("button", name="Conserver").click()
        expect(page.get_by_text("Il est conservé.")).to_be_visible()
        page.get_by_role("link", name=second).click()
        page.locator(".danger-zone textarea").fill("un essai")
        page.get_by_label(f"Pour confirmer, tapez {second}").fill(second)
        page.get_by_role("button", name="Détruire").click()
        expect(page.get_by_text("un certificat l’atteste")).to_be_visible()
        page.goto("/operations/dead-letters")
        page.locator("tbody a").first.click()
        page.get_by_role("button", name="Renvoyer").click()
        expect(page.get_by_text("Il a été renvoyé")).to_be_visible()


def test_a_receiver_is_added_tried_and_given_a_new_secret(browser: Browser, night: Night) -> None:
    with looking_at(browser, night.address, night.token(OTTO)) as page:
        page.goto("/operations/webhooks")
        page.get_by_label("Adresse").fill(night.receiver.url)
        page.get_by_role("button", name="Ajouter", exact=True).click()
        secret = page.locator(".banner code").inner_text()
        night.receiver.knows(secret)
        page.get_by_role("button", name="Essayer").click()
        expect(page.get_by_text("Il a pris l’avis.")).to_be_visible()
        assert night.receiver.received()[-1]["by"] == [0]
        assert secret not in page.content()
        page.get_by_role("button", name="Nouveau secret").click()
        assert page.locator(".banner code").inner_text() not in ("", secret)


def test_an_original_is_asked_for_by_one_and_approved_by_another(browser: Browser, night: Night) -> None:
    with looking_at(browser, night.address, night.token(SONIA)) as page:
        page.goto(f"/breakglass?recording={night.kept}")
        page.get_by_label("Pourquoi c’est une urgence").fill("menaces contre l’agent")
        page.get_by_role("button", name="Demander", exact=True).click()
        expect(page.get_by_text("Quelqu’un d’autre doit approuver.")).to_be_visible()
        assert page.get_by_role("button", name="Approuver").count() == 0
    with looking_at(browser, night.address, night.token(CHLOE)) as page:
        page.goto("/breakglass")
        expect(page.get_by_text("menaces contre l’agent")).to_be_visible()
        page.get_by_role("button", name="Approuver").press("Enter")
        expect(page.get_by_text("C’est ouvert, à la seule personne qui l’a demandé.")).to_be_visible()
        page.get_by_role("button", name="Fermer").press("Enter")
        expect(page.get_by_text("C’est refermé.")).to_be_visible()


def test_none_of_these_pages_keeps_anybody_out(browser: Browser, night: Night) -> None:
    with looking_at(
        browser, night.address, night.token(CHLOE), color_scheme="dark", viewport={"width": 390, "height": 844}
    ) as page:
        for path in ("/operations", f"/operations/quarantine/{night.aside[2]}", "/operations/webhooks", "/breakglass"):
            page.goto(path)
            accessible(page)
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), path
