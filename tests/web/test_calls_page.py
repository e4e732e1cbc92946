"""The list of calls is its address: found, narrowed, and gone through one by one (U1, U3, U4)."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from callwarden.model.access import Actor, Role
from callwarden.model.log_entry import Operation
from callwarden.ports.log import LoggedEntry
from callwarden.workers.web.assets import address as asset
from tests.support.reviewed import ALARM, BILL, review
from tests.support.site import Site
from tests.support.web import client, logged_in

ALICE = Actor(role=Role.TRAINER, name="alice")
FOR = "/calls?purpose=training"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("calls")) as made:
        now = made.clock.now()
        for number, said in enumerate((ALARM, BILL, ALARM)):
            review(made, said, ended=now - timedelta(hours=20 + number), agent=f"a-{number}")
        review(made, ALARM, ended=now - timedelta(days=9), line="monitoring-centre")
        yield made


@pytest.fixture(scope="module")
def alice(site: Site) -> TestClient:
    return client(site.system, ALICE)


def results(page: str) -> list[str]:
    """Addresses of the calls of a list, in its order."""
    return re.findall(r'<a href="(/calls/rec-[^"]+)"', page.replace("&amp;", "&"))


def test_a_list_opens_after_a_purpose_was_chosen(site: Site, alice: TestClient) -> None:
    assert results(alice.get("/calls?q=adresse").text) == []
    assert 'name="q" value="adresse"' in alice.get("/calls?q=adresse").text
    assert len(results(alice.get(FOR).text)) == 4


def test_words_are_marked_and_what_was_taken_out_is_named(alice: TestClient) -> None:
    page = alice.get(f"{FOR}&q=adresse").text
    assert len(results(page)) == 3
    assert "relis l’<mark>adresse</mark> : <em>adresse 1</em>" in page


def test_a_facet_says_how_many_there_are_and_is_an_address(alice: TestClient) -> None:
    page = alice.get(f"{FOR}&q=adresse&counts=now").text.replace("&amp;", "&")
    yesterday = re.search(r'href="(/calls\?[^"]+)"[^>]*><span>hier</span> <span[^>]*>(\d)<', page)
    assert yesterday is not None
    assert yesterday[2] == "2"
    narrowed = alice.get(yesterday[1]).text
    assert len(results(narrowed)) == 2
    assert 'aria-current="true"><span>hier' in narrowed
    assert len(results(alice.get(f"{FOR}&line=monitoring-centre").text)) == 1
    assert alice.get(f"{FOR}&from=20-11-2026").status_code == 422


def test_the_list_stands_before_anything_is_counted_where_a_script_can_ask_for_it(
    site: Site, alice: TestClient
) -> None:
    def searches() -> list[LoggedEntry]:
        return list(site.system.log_reader.entries(operations=[Operation.SEARCH]))

    before = len(searches())
    part = alice.get(f"{FOR.replace('/calls', '/calls/counts')}&q=adresse").text
    assert '<span>hier</span> <span class="number quiet">2<' in part
    assert '<span id="counted" hx-swap-oob="true">3 appels, ' in part
    assert "<html" not in part
    assert results(part) == []
    assert len(searches()) == before + 1, "counting is a search, written down"
    nobody = client(site.system, Actor(role=Role.OPERATOR, name="olga"))
    assert nobody.get("/calls/counts?purpose=training").status_code == 403
    if asset("vendor/htmx.min.js") is not None:
        page = alice.get(f"{FOR}&q=adresse").text
        assert 'hx-get="/calls/counts?purpose=training&amp;q=adresse" hx-trigger="load"' in page
        assert "<span>hier</span>" not in page
        assert 'counts=now">Combien' in page, "without a script, a link"


def test_results_are_gone_through_one_by_one_and_end(alice: TestClient) -> None:
    found = results(alice.get(f"{FOR}&q=adresse").text)
    here, seen = found[0], [found[0].partition("?")[0]]
    while True:
        page = alice.get(here).text.replace("&amp;", "&")
        link = re.search(r'href="(/calls/next\?[^"]+)" aria-keyshortcuts="n"', page)
        assert link is not None
        here = alice.get(link[1]).headers["location"]
        if "end=last" in here:
            break
        seen.append(here.partition("?")[0])
    assert seen == [each.partition("?")[0] for each in found]
    assert "C’était le dernier résultat." in alice.get(here).text


def test_the_list_says_which_entry_it_is(site: Site, alice: TestClient) -> None:
    named = re.search(r"inscription <code[^>]*>([0-9A-Z]+)</code>", alice.get(FOR).text)
    assert named is not None
    [entry] = [one.entry for one in site.system.log_reader.entries() if one.entry.entry_id == named[1]]
    assert (entry.operation, entry.purpose, entry.count) == (Operation.SEARCH, "training", 4)


def test_who_may_read_nothing_finds_nothing_and_is_told_so(site: Site) -> None:
    answer = client(site.system, Actor(role=Role.OPERATOR, name="olga")).get(FOR)
    assert answer.status_code == 403
    assert "Votre rôle n’a pas cet accès" in answer.text


def test_a_page_with_nothing_says_what_would_be_there(alice: TestClient) -> None:
    assert "Aucun appel que vous pouvez lire ne correspond" in alice.get(f"{FOR}&q=introuvable").text


def test_a_purpose_is_kept_in_the_address_and_offered_again_in_this_session(site: Site) -> None:
    browser = logged_in(site.system, Actor(role=Role.TRAINER, name="tom"))
    assert "Pour quoi lisez-vous ?" in browser.get("/calls").text
    browser.get("/calls?purpose=quality&q=adresse")
    again = browser.get("/calls?q=adresse")
    assert (again.status_code, again.headers["location"]) == (303, "/calls?q=adresse&purpose=quality")
    assert "Pour quoi lisez-vous ?" in browser.get("/calls?q=adresse&purpose=").text
