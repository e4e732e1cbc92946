"""A trainer's way through the portal on Apache Kafka, Ceph and PostgreSQL, in a browser."""

import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from callwarden.model.access import Actor, Role
from tests.faults.real import RealSite
from tests.support.browsers import launched, looking_at
from tests.support.reviewed import ALARM, BILL, review
from tests.support.web import served, token_of


def test_a_trainer_finds_hears_notes_and_withdraws_a_call_on_real_servers(
    real: RealSite, chromium_browser: Path
) -> None:
    now = real.clock.now()
    rec = review(real, ALARM, ended=now - timedelta(hours=2))
    review(real, BILL, ended=now - timedelta(hours=3))
    token = token_of(real.system, Actor(role=Role.TRAINER, name="alice"))
    with (
        served(real.system) as address,
        launched(chromium_browser) as browser,
        looking_at(browser, address.rstrip("/"), token) as page,
    ):
        page.goto("/calls?purpose=training")
        expect(page.locator(".results li")).to_have_count(2)
        page.get_by_label("Mots de l’appel").fill("adresse")
        page.get_by_role("button", name="Rechercher").click()
        expect(page.locator("mark")).to_have_text("adresse")
        page.keyboard.press("n")
        expect(page).to_have_url(re.compile(f"/calls/{rec}"))
        page.locator("li.caller").nth(1).hover()
        page.locator("li.caller .word").nth(-3).click()  # a part of the sound comes from the bucket
        page.wait_for_function("() => document.querySelector('#sound').currentTime > 14")
        page.get_by_label("Une note").fill("Adresse relue")
        page.locator("#note").get_by_role("button", name="Garder").click()
        expect(page.locator(".notes")).to_contain_text("Adresse relue")
        page.locator("h1").click()
        page.keyboard.press("m")  # no single key withdraws: it leads to the button
        expect(page.locator("#missed button")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Retiré.")).to_be_visible()
        page.goto("/calls?purpose=training")
        expect(page.locator(".results li")).to_have_count(1)
