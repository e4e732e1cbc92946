"""What holds of every route and every answer (U2)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from callwarden.model.access import Actor, Role
from callwarden.workers.web.app import application
from callwarden.workers.web.routes import table
from callwarden.workers.web.words import FOLDER, Language, translations
from tests.support.site import Site
from tests.support.web import client, served

AUDREY = Actor(role=Role.AUDITOR, name="audrey")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("web")) as made:
        yield made


def test_every_route_names_its_act_or_reading(site: Site) -> None:
    routes = list(table(application(site.system)))
    assert ("GET", "/healthz") in {(method, path) for method, path, _ in routes}
    assert all(done for _, _, done in routes)


def test_who_is_unknown_gets_nothing_but_how_to_log_in(site: Site) -> None:
    stranger = client(site.system)
    for path in ("/api/v1/calls/c-1", "/"):
        answer = stranger.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert stranger.get("/api/v1/calls/c-1").json()["code"] == "refused"


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/calls/c-1", "/nothing", "/static/0/portal.css"])
def test_every_answer_has_the_headers_that_protect_a_browser(site: Site, path: str) -> None:
    headers = client(site.system, AUDREY).get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_what_is_not_there_is_told_as_a_problem(site: Site) -> None:
    answer = client(site.system, AUDREY).get("/api/v1/calls/c-none")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["reasons"] == ["unknown"]


def test_pages_are_in_french_unless_english_is_preferred(site: Site) -> None:
    asking = client(site.system, AUDREY)
    assert "Aujourd’hui" in asking.get("/").text
    assert "Today" in asking.get("/", headers={"accept-language": "en-GB,en;q=0.9"}).text
    assert "Today" in asking.get("/?lang=en").text
    assert "Today" in asking.get("/", headers={"accept-language": "fr"}).text  # kept


def test_a_served_page_names_its_style_by_a_digest_that_is_kept_for_ever(site: Site) -> None:
    asking = client(site.system, AUDREY)
    page = asking.get("/").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    style = asking.get(address)
    assert style.status_code == 200
    assert "immutable" in style.headers["cache-control"]


_SERVES_AND_STOPS = """
import gc
from threading import Event
from callwarden.settings import load_settings
from callwarden.wiring import open_system
from callwarden.workers.web.serving import serve_web

stop = Event()
stop.set()
with open_system(load_settings()) as system:
    serve_web(system, stop)
print(gc.get_freeze_count())
"""


def test_a_served_page_does_not_wait_for_a_collection_of_all_there_is(site: Site) -> None:
    """Of the application itself, which nothing of is ever let go."""
    environment = {**os.environ, "CALLWARDEN_HOME": str(site.home), "CALLWARDEN_PORTAL_PORT": "0"}
    served = subprocess.run(
        [sys.executable, "-c", _SERVES_AND_STOPS], env=environment, capture_output=True, check=True, timeout=120
    )
    assert int(served.stdout.splitlines()[-1]) > 50_000


def test_it_answers_on_a_port(site: Site) -> None:
    with served(site.system) as address:
        assert address.startswith("http://127.0.0.1:")


def test_every_word_of_every_page_is_in_french() -> None:
    from babel.messages.extract import extract_from_dir

    pages = Path(FOLDER).parent / "portal"
    messages = {
        message if isinstance(message, str) else message[0]
        for _, _, message, _, _ in extract_from_dir(
            pages, method_map=[("**.html", "jinja2")], options_map={"**.html": {"silent": "false"}}
        )
    }
    catalogue = getattr(translations(Language.FRENCH), "_catalog", {})
    assert messages
    assert {one for one in messages if one not in catalogue and (one, 0) not in catalogue} == set()
