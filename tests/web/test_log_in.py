"""Logging in and out in the portal, and what nobody gets by pretending (U2, L1)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from callwarden.model.access import Actor, Role
from callwarden.model.log_entry import Operation
from callwarden.model.service_url import ServiceUrl
from tests.fakes.transaction import Rows
from tests.support.passwords import PlainPasswords
from tests.support.site import NOON, Site
from tests.support.web import OLGA, client, csrf_of, logged_in, served
from tests.support.workshop import Workshop

ALICE = Actor(role=Role.TRAINER, name="alice")
GOOD = "trois chevaux bleus"


@pytest.fixture(scope="module")
def one_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with Workshop(tmp_path_factory.mktemp("log-in")) as made:
        made.system.stand_in(passwords=PlainPasswords())
        yield made


@pytest.fixture
def site(one_site: Workshop) -> Workshop:
    """As new, with nobody in it; its application is made once, for that takes a while."""
    one_site.parts["catalogue"].rows = Rows()
    one_site.clock.instant = NOON
    return one_site


@pytest.fixture
def asking(site: Workshop) -> TestClient:
    """A browser of somebody who may log in, and has not."""
    site.system.people_desk.add(OLGA, ALICE, GOOD)
    return client(site.system)


def form(asking: TestClient, password: str = GOOD, **more: str) -> dict[str, str]:
    return {"name": "alice", "password": password, "csrf": csrf_of(asking.get("/login").text), "next": "/", **more}


def refusals(site: Workshop) -> list[tuple[str, ...]]:
    return [one.reasons for one in site.parts["catalogue"].log if one.operation is Operation.ACCESS_REFUSED]


def test_who_is_not_logged_in_is_asked_to_and_comes_to_the_page_they_wanted(asking: TestClient) -> None:
    wanted = asking.get("/me?lang=en")
    assert wanted.status_code == 401
    assert "Log in to see this page." in wanted.text
    answer = asking.post("/login", data={**form(asking), "next": "/me?lang=en"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me?lang=en")
    page = asking.get("/me?lang=en")
    assert page.status_code == 200
    assert "trainer:alice" in page.text
    assert "session.begun" in page.text, "what I have done"


def test_a_system_with_nobody_yet_says_what_to_do(site: Workshop) -> None:
    assert "callwarden people add alice --role trainer" in client(site.system).get("/login").text
    site.system.people_desk.add(OLGA, ALICE, GOOD)
    assert "callwarden people add" not in client(site.system).get("/login").text


@pytest.mark.parametrize("name", ["alice", "nobody", "<script>alert(1)</script>", "a\r\nSet-Cookie: x=1"])
def test_a_wrong_name_and_a_wrong_password_get_the_same_page(asking: TestClient, name: str) -> None:
    answer = asking.post("/login", data=form(asking, "not the password", name=name))
    assert answer.status_code == 401
    assert "Le nom ou le mot de passe n’est pas le bon." in answer.text
    assert "<script>" not in answer.text
    assert "x=1" not in str(answer.headers)


def test_guessing_is_answered_with_how_long_to_wait(asking: TestClient) -> None:
    statuses = [asking.post("/login", data=form(asking, "guess after guess")).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    answer = asking.post("/login", data=form(asking))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert "60 secondes" in answer.text


@pytest.mark.parametrize("encrypted", [False, True])
def test_the_session_is_out_of_reach_of_scripts_and_of_other_sites(tmp_path: Path, encrypted: bool) -> None:
    overrides = {"public_url": ServiceUrl("https://calls.example")} if encrypted else {}
    with Workshop(tmp_path, overrides=overrides) as site:
        site.system.stand_in(passwords=PlainPasswords())
        site.system.people_desk.add(OLGA, ALICE, GOOD)
        asking = client(site.system, base_url="https://calls.example" if encrypted else "http://127.0.0.1")
        answer = asking.post("/login", data=form(asking))
        cookies = answer.headers.get_list("set-cookie")
        assert len(cookies) == 2
        [session] = [one for one in cookies if "callwarden-session" in one]
        assert "HttpOnly" in session
        assert "SameSite=lax" in session
        assert "Path=/" in session
        assert "Domain" not in session
        assert session.startswith("__Host-") is encrypted
        assert ("Secure" in session) is encrypted
        assert ("strict-transport-security" in answer.headers) is encrypted
        assert asking.get("/me").status_code == 200


def test_an_id_planted_before_the_log_in_is_nobodys_afterwards(site: Workshop, asking: TestClient) -> None:
    planted = f"cs1.{'0' * 32}.{'A' * 43}"
    asking.cookies.set("callwarden-session", planted, domain="127.0.0.1")
    assert asking.get("/me").status_code == 401
    asking.cookies.set("callwarden-session", planted, domain="127.0.0.1")
    asking.post("/login", data=form(asking))
    assert planted not in {one.value for one in asking.cookies.jar}
    thief = client(site.system)
    thief.cookies.set("callwarden-session", planted)
    assert thief.get("/me").status_code == 401
    assert ("session_invalid",) in refusals(site)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1.evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["/logout", "/me/sign-out", "/me/password"])
def test_a_form_of_another_site_does_nothing_and_is_written_down(
    site: Workshop, path: str, headers: dict[str, str]
) -> None:
    """CSRF"""
    asking = logged_in(site.system, ALICE)
    token = csrf_of(asking.get("/me").text)
    assert asking.post(path, data={"csrf": token}, headers=headers).status_code == 403
    assert asking.get("/me").status_code == 200
    assert ("form_forged",) in refusals(site)


@pytest.mark.parametrize("token", [None, "", "x", "é", "another session's"])
@pytest.mark.parametrize("path", ["/logout", "/me/sign-out", "/me/password"])
def test_a_form_without_the_token_of_this_session_does_nothing(site: Workshop, path: str, token: str | None) -> None:
    """CSRF"""
    asking = logged_in(site.system, ALICE)
    if token == "another session's":
        token = csrf_of(logged_in(site.system, replace(ALICE, name="amir")).get("/me").text)
    assert asking.post(path, data={} if token is None else {"csrf": token}).status_code == 403
    assert asking.get("/me").status_code == 200


def test_a_script_of_ours_sends_the_token_in_a_header(site: Workshop) -> None:
    asking = logged_in(site.system, ALICE)
    token = csrf_of(asking.get("/me").text)
    assert asking.post("/me/sign-out", headers={"x-csrf-token": token}).status_code == 303


def test_a_session_sends_nothing_to_the_api_without_its_token(site: Workshop) -> None:
    """CSRF, with the cookie alone, in a body that a form of another site can send."""
    asking = logged_in(site.system, replace(ALICE, role=Role.LEGAL))
    for path in ("/api/v1/calls",):
        answer = asking.post(path, content=b"{}", headers={"content-type": "text/plain"})
        assert answer.status_code in {403, 404, 405}


@pytest.mark.parametrize("changed", [{"csrf": "x"}, {"csrf": ""}])
def test_nobody_is_logged_in_by_another_sites_form(asking: TestClient, changed: dict[str, str]) -> None:
    """Log-in CSRF: a reader must not work in an attacker's account."""
    answer = asking.post("/login", data=form(asking, **changed))
    assert answer.status_code == 403
    assert asking.get("/me").status_code == 401
    assert asking.post("/login", data=form(asking), headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http:evil.example",
        "evil.example",
        "/me\r\nSet-Cookie: x=1",
        "/logout",
        "/login?next=/login",
        "",
        "/" + "a" * 3000,
    ],
)
def test_after_the_log_in_nobody_is_sent_elsewhere(asking: TestClient, address: str) -> None:
    """Open redirect, header injection"""
    answer = asking.post("/login", data={**form(asking), "next": address})
    assert answer.headers.get("location") == "/" or answer.status_code == 422
    assert "x=1" not in str(answer.headers)
    assert "evil" not in answer.headers.get("location", "")


def test_logging_out_ends_the_session_also_for_who_has_a_copy_of_it(site: Workshop) -> None:
    asking = logged_in(site.system, ALICE)
    copied = client(site.system)
    copied.cookies.update({one.name: one.value or "" for one in asking.cookies.jar})
    assert copied.get("/me").status_code == 200
    answer = asking.post("/logout", data={"csrf": csrf_of(asking.get("/me").text)})
    assert answer.status_code == 200
    assert "cache" in answer.headers["clear-site-data"]
    assert not [one for one in asking.cookies.jar if one.name == "callwarden-session"]
    page = copied.get("/me")
    assert page.status_code == 401
    assert "Votre session a été fermée." in page.text


def test_a_page_that_says_no_has_the_way_out_too(site: Workshop) -> None:
    asking = logged_in(site.system, ALICE)
    for path in ("/me", "/log"):
        assert 'action="/logout"' in asking.get(path).text
    assert 'action="/logout"' not in asking.post("/logout", data={"csrf": csrf_of(asking.get("/me").text)}).text


def test_logging_out_everywhere_ends_every_session_at_its_next_request(site: Workshop) -> None:
    here, there = logged_in(site.system, ALICE), logged_in(site.system, ALICE)
    assert here.get("/me").text.count('name="session"') == 2
    here.post("/me/sign-out", data={"csrf": csrf_of(here.get("/me").text)})
    assert [one.get("/me").status_code for one in (here, there)] == [401, 401]


def test_one_of_my_sessions_is_ended_and_nobody_elses(site: Workshop) -> None:
    here, there = logged_in(site.system, ALICE), logged_in(site.system, ALICE)
    other = logged_in(site.system, replace(ALICE, name="amir"))
    [amirs] = site.system.session_desk.mine(replace(ALICE, name="amir"))
    [_, older] = site.system.session_desk.mine(ALICE)
    token = csrf_of(here.get("/me").text)
    assert here.post("/me/sign-out", data={"csrf": token, "session": amirs.session_id}).status_code == 404
    assert here.post("/me/sign-out", data={"csrf": token, "session": older.session_id}).status_code == 303
    assert sorted(one.get("/me").status_code for one in (here, there)) == [200, 401]
    assert other.get("/me").status_code == 200


def test_who_changes_their_password_says_the_old_one_and_logs_in_again(site: Workshop) -> None:
    asking = logged_in(site.system, ALICE)
    token = csrf_of(asking.get("/me").text)
    new = "deux ponts sur la Loire"
    wrong = {"csrf": token, "old": "not the password", "new": new, "again": new}
    assert asking.post("/me/password", data=wrong).status_code == 403
    assert "pas identiques" in asking.post("/me/password", data={**wrong, "old": GOOD, "again": "x"}).text
    short = asking.post("/me/password", data={**wrong, "old": GOOD, "new": "a", "again": "a"}).text
    assert "de 15 à 128 caractères" in short
    assert asking.post("/me/password", data={**wrong, "old": GOOD}).headers["location"] == "/login"
    assert asking.get("/me").status_code == 401
    assert logged_in(site.system, ALICE, new).get("/me").status_code == 200


def test_a_right_that_was_taken_is_gone_at_the_next_request(site: Workshop) -> None:
    asking = logged_in(site.system, replace(ALICE, role=Role.LEGAL))
    assert asking.get("/api/v1/calls/c-none").status_code == 404
    site.system.people_desk.change(OLGA, "alice", lambda before: ALICE)
    assert asking.get("/api/v1/calls/c-none").status_code == 403
    site.system.people_desk.remove(OLGA, "alice")
    assert asking.get("/api/v1/calls/c-none").status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example"])
def test_what_is_addressed_to_somebody_else_is_not_answered(site: Workshop, host: str) -> None:
    """Host header, DNS rebinding; no address of an answer is made of it either."""
    answer = client(site.system).get("/login", headers={"host": host})
    assert answer.status_code == 421
    assert "evil" not in answer.text


@pytest.mark.parametrize("path", ["/", "/login/", "/healthz/", "/api/v1/calls", "/api/v1/calls/", "/api/openapi.json"])
def test_no_address_is_answered_or_led_elsewhere_for_another_name(site: Workshop, path: str) -> None:
    assert client(site.system).get(path, headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("path", ["/login/", "/healthz/", "/api/v1/calls/"])
def test_an_address_with_a_stroke_too_many_is_none(site: Workshop, path: str) -> None:
    answer = client(site.system).get(path)
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


def test_a_watcher_may_ask_by_any_address(site: Workshop) -> None:
    assert client(site.system).get("/healthz", headers={"host": "10.0.3.7:8710"}).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8710", "localhost", "[::1]:8710", "LOCALHOST:1"])
def test_it_is_reached_by_its_own_names(site: Workshop, host: str) -> None:
    assert client(site.system).get("/login", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/login", "/me", "/logout", "/"])
def test_no_page_is_framed_sniffed_kept_or_run_with_scripts_of_others(site: Workshop, path: str) -> None:
    """Clickjacking"""
    headers = logged_in(site.system, ALICE).get(path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "CONNECT"])
def test_a_page_answers_no_method_it_has_no_use_for(site: Workshop, method: str) -> None:
    assert client(site.system).request(method, "/login").status_code == 405


def test_every_cookie_is_for_this_portal_alone(tmp_path: Path) -> None:
    with Workshop(tmp_path, overrides={"public_url": ServiceUrl("https://calls.example")}) as site:
        answer = client(site.system, base_url="https://calls.example").get("/login?lang=en")
        cookies = answer.headers.get_list("set-cookie")
        assert [one.partition("=")[0] for one in cookies] == ["__Host-callwarden-language", "__Host-callwarden-login"]
        assert all("Secure" in one and "HttpOnly" in one and "SameSite=lax" in one for one in cookies)


@pytest.mark.parametrize("proxies", [(), ("127.0.0.1",)])
def test_who_asks_is_what_a_trusted_proxy_says_and_nobody_else(tmp_path: Path, proxies: tuple[str, ...]) -> None:
    with Workshop(tmp_path, overrides={"trusted_proxies": proxies}) as site:
        site.system.stand_in(passwords=PlainPasswords())
        site.system.people_desk.add(OLGA, ALICE, GOOD)
        with served(site.system) as address, httpx.Client(base_url=address, timeout=30) as asking:
            statuses = []
            for number in range(7):
                sent = {"name": "alice", "password": "guess after guess", "csrf": csrf_of(asking.get("/login").text)}
                statuses.append(
                    asking.post("/login", data=sent, headers={"x-forwarded-for": f"192.0.2.{number}"}).status_code
                )
        assert statuses == ([401] * 7 if proxies else [401] * 5 + [429] * 2), "seven places, or one"


def test_what_goes_wrong_inside_is_not_told_and_is_answered_with_every_header(site: Workshop) -> None:
    asking, desk = logged_in(site.system, ALICE), site.system.session_desk
    site.system.stand_in(session_desk=object())  # nobody foresaw this
    answer = asking.get("/me")
    site.system.stand_in(session_desk=desk)
    assert answer.status_code == 500
    assert "attribute" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["cache-control"] == "no-store"


def test_what_one_has_done_is_theirs_as_a_file(site: Workshop) -> None:
    asking = logged_in(site.system, ALICE)
    rows = asking.get("/me?table=my-accesses&format=json").json()
    assert "session.begun" in {row["operation"] for row in rows}
    assert asking.get("/me?table=my-sessions&format=csv").text.startswith("\ufeffbegan_at;seen_at;ends_at\r\n")
    assert asking.get("/me?table=others&format=csv").status_code == 404


def test_no_other_site_may_read_an_answer(site: Workshop) -> None:
    """CORS"""
    for path in ("/login", "/me", "/api/v1/calls/c-1", "/api/openapi.json"):
        headers = logged_in(site.system, ALICE).get(path, headers={"origin": "https://evil.example"}).headers
        assert not [name for name in headers if name.startswith("access-control-")]


def test_what_somebody_is_called_or_narrowed_to_is_text_on_a_page(site: Workshop) -> None:
    """Stored script: names are ASCII without brackets; agents are foreign text."""
    asking = logged_in(site.system, replace(ALICE, agents=frozenset({"<script>alert(1)</script>"})))
    page = asking.get("/me").text
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_form_nobody_would_fill_in_is_not_read(site: Workshop, asking: TestClient) -> None:
    large = asking.post("/login", content=b"x" * (64 * 1024 + 1), headers={"accept-language": "fr"})
    assert large.status_code == 413
    assert "16 Mo" in large.text

    def endless() -> Iterator[bytes]:
        for _ in range(20):
            yield b"name=x&" * 1000

    answer = asking.post("/login", content=endless(), headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 413


def test_a_stranger_with_one_false_token_after_the_other_is_stopped(site: Workshop) -> None:
    stranger = client(site.system)
    statuses = {stranger.get("/", headers={"authorization": f"Bearer {n}"}).status_code for n in range(205)}
    assert statuses == {401, 429}
    before = len(refusals(site))
    assert stranger.get("/").status_code == 401, "who presents nothing is told to log in"
    assert len(refusals(site)) == before


def test_sessions_and_attempts_are_the_same_in_every_process(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site, Site(tmp_path / "home", clock=site.clock) as other:
        for one in (site, other):
            one.system.stand_in(passwords=PlainPasswords())
        site.system.people_desk.add(OLGA, ALICE, GOOD)
        asking, elsewhere = client(site.system), client(other.system)
        for number in range(5):
            one_of_both = asking if number % 2 else elsewhere
            assert one_of_both.post("/login", data=form(one_of_both, "guess after guess")).status_code == 401
        assert elsewhere.post("/login", data=form(elsewhere)).status_code == 429
        site.clock.move(timedelta(minutes=2))
        asking.post("/login", data=form(asking))
        elsewhere.cookies.update({one.name: one.value or "" for one in asking.cookies.jar})
        assert elsewhere.get("/me").status_code == 200
        asking.post("/logout", data={"csrf": csrf_of(asking.get("/me").text)})
        assert elsewhere.get("/me").status_code == 401


def test_a_form_sent_after_the_session_has_ended_is_given_back_and_leads_back_to_its_page(site: Workshop) -> None:
    asking, text = logged_in(site.system, ALICE), "relire <b>l’adresse</b>"
    address = "/calls/rec-1/notes?purpose=training&q=a"
    sent = {"csrf": csrf_of(asking.get("/me").text), "text": text, "password": "hush"}
    site.clock.move(timedelta(days=2))
    cookies = [(one.name, one.value or "") for one in asking.cookies.jar]
    by_script = asking.post(address, data=sent, headers={"hx-request": "true"})
    assert (by_script.status_code, by_script.headers["hx-retarget"]) == (401, "#beside")
    assert "hx-redirect" not in by_script.headers
    assert "<html" not in by_script.text
    assert "rien n’a été gardé" in by_script.text
    assert 'href="/login?next=%2Fcalls%2Frec-1%3Fpurpose%3Dtraining%26q%3Da"' in by_script.text
    for name, value in cookies:
        asking.cookies.set(name, value, domain="127.0.0.1")
    page = asking.post(address, data=sent)
    assert page.status_code == 401
    assert "Votre session est terminée" in page.text
    assert "rien n’en a été gardé" in page.text
    assert "relire &lt;b&gt;l’adresse&lt;/b&gt;</textarea>" in page.text
    assert "hush" not in page.text
    assert 'name="next" value="/calls/rec-1?purpose=training&amp;q=a"' in page.text
    foreign = asking.post(address, data=sent, headers={"sec-fetch-site": "cross-site"})
    assert "relire" not in foreign.text


def test_a_script_is_told_in_place_that_its_form_is_of_an_earlier_session(site: Workshop) -> None:
    asking = logged_in(site.system, ALICE)
    answer = asking.post("/calls/rec-1/notes", data={"text": "x", "csrf": "old"}, headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-retarget"]) == (403, "#beside")
    assert "session précédente" in answer.text
    assert 'href="/calls/rec-1"' in answer.text
    assert asking.get("/me").status_code == 200
