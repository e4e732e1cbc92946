"""Tests on real calls in the portal and over HTTP: asked for by one, approved by another, ended by either (U8)."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from tests.support.experiments import ADA, redact
from tests.support.site import Site
from tests.support.web import client

CHLOE = Actor(role=Role.DPO, name="chloe")
API, PAGE = "/api/v1/testing", "/testing"
REASON = "words of <Paul> are cut"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("testing")) as made:
        made.publish(made.event("c-1"))
        made.drain("objections", "ingest", "holds")
        [row] = made.system.catalogue.all_recordings()
        redact(made, row.recording_id, "Bonjour.")
        yield made


def form(site: Site) -> dict[str, str]:
    today = site.clock.now().date()
    return {
        "line": "customer-service",
        "from": str(today - timedelta(days=3)),
        "to": str(today),
        "number": "5",
        "until": str(today + timedelta(days=3)),
        "reason": REASON,
    }


def opens(site: Site) -> bool:
    [row] = site.system.catalogue.all_recordings()
    try:
        site.system.gate.read(ADA, Purpose.QUALITY, RecordingId(row.recording_id), Readable.REDACTED_TRANSCRIPT)
    except RefusedError:
        return False
    return True


def test_it_is_asked_for_approved_and_ended_in_the_page(site: Site) -> None:
    ada, chloe = client(site.system, ADA), client(site.system, CHLOE)
    assert "Ask for real calls" in ada.get(f"{PAGE}?lang=en").text
    assert "Ask for real calls" not in chloe.get(f"{PAGE}?lang=en").text, "who approves asks for nothing"
    wrong = ada.post(f"{PAGE}/ask?lang=fr", data=form(site) | {"number": "51"})
    assert wrong.status_code == 422
    assert "Demandez moins d’appels" in wrong.text
    assert "&lt;Paul&gt;" in wrong.text, "what was typed is kept"
    assert ada.post(f"{PAGE}/ask", data=form(site)).headers["location"] == "/testing?done=asked"
    assert not opens(site)
    assert "Tests on real calls to approve" in chloe.get("/?lang=en").text
    page = chloe.get(f"{PAGE}?lang=fr").text
    assert "attend une seconde personne" in page
    assert "<Paul>" not in page
    [which] = set(re.findall(r"/testing/(testing-[0-9A-Z]+)/approve", page))
    assert ada.post(f"{PAGE}/{which}/approve").status_code == 403
    assert chloe.post(f"{PAGE}/{which}/approve").headers["location"] == "/testing?done=approved"
    assert opens(site)
    [address] = set(re.findall(r'href="(/calls/rec-[^"]+)"', ada.get(f"{PAGE}?lang=en").text))
    assert "Bonjour." in ada.get(address).text
    assert 'href="/calls/' not in chloe.get(f"{PAGE}?lang=en").text, "they open to who asked alone"
    assert ada.post(f"{PAGE}/{which}/end").headers["location"] == "/testing?done=ended"
    assert not opens(site)
    closed = ada.get(f"{address}&lang=fr")
    assert closed.status_code == 403
    assert "autorisation d’essai" in closed.text


def test_over_http_it_is_the_same(site: Site) -> None:
    ada, chloe = client(site.system, ADA), client(site.system, CHLOE)
    asked = ada.post(API, json=form(site) | {"number": 5})
    assert asked.status_code == 201, asked.text
    which = asked.json()["permission"]
    assert chloe.post(f"{API}/{which}/approve").json()["recordings"] != []
    assert opens(site)
    assert [one["state"] for one in ada.get(API).json()["items"] if one["permission"] == which] == ["open"]
    assert chloe.post(f"{API}/{which}/end").json()["ended_at"] is not None
    assert not opens(site)
    backwards = ada.post(API, json=form(site) | {"number": 5, "to": "2020-01-01"})
    assert backwards.status_code == 422
