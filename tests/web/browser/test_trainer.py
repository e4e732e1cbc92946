"""A trainer's day in a browser: with the mouse, by keyboard alone, and without a script."""

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsers import looking_at
from tests.support.reviewed import review
from tests.web.browser.conftest import Portal

pytestmark = pytest.mark.tier("chromium")


def now(page: Page) -> float:
    at: float = page.evaluate("() => document.querySelector('#sound').currentTime")
    return at


def ready(page: Page) -> None:
    page.wait_for_load_state()  # its keys answer from then on
    expect(page.locator("#controls")).to_be_visible()
    page.wait_for_function("() => document.querySelector('#sound').readyState > 0")


def drawn(page: Page) -> None:
    """Twice: while a dialog closes, a key goes nowhere."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_the_third_call_of_yesterday_with_a_wrong_address_is_found_within_a_minute(
    browser: Browser, portal: Portal
) -> None:
    began = time.monotonic()
    with looking_at(browser, portal.address, portal.token) as page:
        page.goto("/calls")
        page.get_by_role("button", name="formation").click()
        page.get_by_label("Mots de l’appel").fill("adresse numéro")
        page.get_by_role("button", name="Rechercher").click()
        expect(page.locator("mark").first).to_be_visible()
        page.get_by_role("link", name="hier").click()
        expect(page.locator(".results li")).to_have_count(3)
        expect(page.locator("#counted")).to_contain_text("3 appels")
        page.locator(".results a").nth(2).click()
        expect(page).to_have_url(re.compile(f"/calls/{portal.calls[4]}"))
        ready(page)
        turn = page.locator("li.agent", has_text="Je relis")
        turn.hover()
        word = turn.locator(".word", has_text="relis")
        word.click()
        page.wait_for_function("() => !document.querySelector('#sound').paused")
        page.keyboard.press(" ")
        expect(page.locator(".word.now")).to_have_count(1)  # marked also when paused
        page.get_by_role("button", name="Occultation suivante").click()
        expect(page.locator("em.here")).to_have_text("adresse 1")
    assert time.monotonic() - began < 60


def test_by_keyboard_alone_a_call_is_found_heard_and_withdrawn(browser: Browser, portal: Portal) -> None:
    rec = review(portal.site)
    with looking_at(browser, portal.address, portal.token) as page:
        page.goto(f"/calls?purpose=training&from={portal.site.clock.now():%Y-%m-%d}")
        for key in ("/", *"alarme", "Enter"):
            page.keyboard.press(key)
        page.wait_for_selector("mark")
        page.wait_for_load_state()
        page.keyboard.press("n")
        expect(page).to_have_url(re.compile(f"/calls/{rec}"))
        ready(page)
        for key, at in (("ArrowRight", 5.0), (".", 5.5), (",", 5.0), ("ArrowLeft", 0.0)):
            page.keyboard.press(key)
            assert now(page) == pytest.approx(at, abs=0.05)
        page.keyboard.press("Control+ArrowRight")  # the browser's own
        page.keyboard.press("Alt+]")
        assert now(page) == pytest.approx(0, abs=0.05)
        page.keyboard.press("]")
        expect(page.locator("em.here")).to_have_text("nom 1")
        page.keyboard.press("]")
        expect(page.locator("em.here")).to_have_text("secret 1")
        page.keyboard.press("[")
        expect(page.locator("em.here")).to_have_text("nom 1")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        drawn(page)
        page.keyboard.press(" ")
        page.wait_for_function("() => !document.querySelector('#sound').paused")
        page.keyboard.press(" ")
        page.keyboard.press("m")
        expect(page.locator("#missed button")).to_be_focused()
        expect(page).to_have_url(re.compile(f"/calls/{rec}\\?"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Un oubli a été signalé")
        expect(page.get_by_text("plus personne ne lit, n’écoute ni ne trouve cet appel")).to_be_visible()
        page.goto(f"/calls?purpose=training&from={portal.site.clock.now():%Y-%m-%d}")
        assert rec not in page.content()


def test_without_a_script_everything_works_by_form_and_page(browser: Browser, portal: Portal) -> None:
    rec = review(portal.site, ended=portal.site.clock.now() - timedelta(minutes=20))
    with looking_at(browser, portal.address, portal.token, java_script_enabled=False) as page:
        page.goto("/calls?q=alarme")
        page.get_by_role("button", name="formation").click()
        page.locator(".results a").first.click()
        expect(page).to_have_url(re.compile(f"/calls/{rec}"))
        expect(page.locator("audio[controls]")).to_be_visible()
        expect(page.locator("#wave .lane")).to_have_count(2)
        page.locator(".turns .time").nth(3).click()
        assert re.search(r"#t=[0-9.]+$", page.url)
        page.locator("#missed [name=from_s]").fill("15.2")
        page.locator("#missed [name=to_s]").fill("16")
        page.get_by_role("button", name="Retirer cet appel").click()
        expect(page.get_by_text("Retiré.")).to_be_visible()
        page.get_by_role("link", name="Retour aux appels").click()
        assert rec not in page.content()


def test_a_link_to_a_moment_opens_there_and_results_follow_each_other(browser: Browser, portal: Portal) -> None:
    with looking_at(browser, portal.address, portal.token) as page:
        page.goto(f"/calls/{portal.calls[2]}?purpose=training&q=adresse#t=27.5")
        page.wait_for_function("() => document.querySelector('#sound').currentTime > 27")
        expect(page.locator("li.now")).to_contain_text("je corrige")
        page.get_by_label("Sauter les silences").check()
        page.get_by_label("Enchaîner les résultats").check()
        page.locator("#position").fill("44")
        page.get_by_role("button", name="Écouter").click()
        expect(page).to_have_url(re.compile(f"/calls/{portal.calls[3]}.*play=1"))


def test_two_channels_have_a_volume_each_and_a_loop_repeats(browser: Browser, portal: Portal) -> None:
    with looking_at(browser, portal.address, portal.token) as page:
        page.goto(f"/calls/{portal.calls[2]}?purpose=training")
        ready(page)
        page.get_by_label("Volume appelant").fill("0")
        page.get_by_label("Vitesse").select_option("2")
        page.locator("#position").fill("1")
        page.keyboard.press("b")
        page.locator("#position").fill("2")
        page.keyboard.press("b")
        expect(page.locator("#ab")).to_have_text("Finir la boucle")
        again = "sound.addEventListener('seeking', () => { sound.dataset.again = sound.currentTime })"
        page.evaluate(f"() => {{ const sound = document.querySelector('#sound'); {again} }}")
        page.get_by_role("button", name="Écouter").click()
        page.wait_for_function("() => 'again' in document.querySelector('#sound').dataset")
        assert now(page) == pytest.approx(1.5, abs=0.7)


def test_a_note_is_kept_while_the_sound_plays_on(browser: Browser, portal: Portal) -> None:
    with looking_at(browser, portal.address, portal.token) as page:
        page.goto(f"/calls/{portal.calls[3]}?purpose=training#t=18")
        page.wait_for_function("() => document.querySelector('#sound').currentTime >= 18")
        page.get_by_role("button", name="Écouter").click()
        page.get_by_label("Une note").fill("Relire sans se presser")
        page.locator("#note").get_by_role("button", name="Garder").click()
        expect(page.locator(".notes")).to_contain_text("Relire sans se presser")
        page.wait_for_function(
            "() => !document.querySelector('#sound').paused && document.querySelector('#sound').currentTime > 18"
        )
        expect(page.locator("#note-text")).to_have_value("")


def test_a_place_that_was_typed_stays_when_a_word_is_heard_again(browser: Browser, portal: Portal) -> None:
    with looking_at(browser, portal.address, portal.token) as page:
        page.goto(f"/calls/{portal.calls[5]}?purpose=training")
        ready(page)
        turn = page.locator("#turns li[data-s]").nth(2)

        def heard() -> None:
            page.evaluate("() => document.activeElement.blur()")
            turn.hover()
            turn.locator(".word").first.click()
            expect(turn.locator(".word.now").first).to_be_visible()
            page.wait_for_function("() => document.querySelector('#sound').currentTime > 1")

        page.locator("#missed [name=from_s]").fill("2.5")
        page.locator("#missed [name=to_s]").fill("3.25")
        page.locator("#note [name=from_s]").fill("4.5")
        heard()
        expect(page.locator("#missed [name=from_s]")).to_have_value("2.5")
        expect(page.locator("#missed [name=to_s]")).to_have_value("3.25")
        expect(page.locator("#note [name=from_s]")).to_have_value("4.5")
        assert page.locator("#course [name=from_s]").input_value() != ""  # nobody typed there: it goes with the head


def test_a_note_sent_after_the_session_has_ended_stays_in_its_form_and_says_so(
    browser: Browser, portal: Portal
) -> None:
    with looking_at(browser, portal.address, portal.token, strict=False) as page:
        page.goto(f"/calls/{portal.calls[3]}?purpose=training")
        ready(page)
        page.context.set_extra_http_headers({})  # nobody is known any more
        page.get_by_label("Une note").fill("Ne pas perdre ceci")
        page.locator("#note").get_by_role("button", name="Garder").click()
        expect(page.get_by_role("alert")).to_contain_text("rien n’a été gardé")
        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.locator("#note-text")).to_have_value("Ne pas perdre ceci")
