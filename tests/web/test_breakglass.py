"""Emergency access in the portal and over HTTP: asked for by one, approved by another, closed by either (U4)."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from tests.support.site import Site
from tests.support.web import client

IRIS = Actor(role=Role.SUPERVISOR, name="iris")
ALICE = Actor(role=Role.TRAINER, name="alice")
CHLOE = Actor(role=Role.DPO, name="chloe")
API, PAGE = "/api/v1/breakglass", "/breakglass"
REASON = "a caller has threatened <Paul> & his family"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("glass")) as made:
        made.publish(made.event("c-1"))
        made.drain("objections", "ingest", "holds")
        yield made


@pytest.fixture(scope="module")
def rec(site: Site) -> RecordingId:
    [row] = site.system.catalogue.all_recordings()
    return row.recording_id


def asks(site: Site, rec: RecordingId, asking: TestClient) -> str:
    answer = asking.post(API, json={"recording": rec, "purpose": "staff_protection", "reason": REASON})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["request"]
    return found


def opens(site: Site, rec: RecordingId) -> bool:
    try:
        site.system.gate.read(IRIS, Purpose.STAFF_PROTECTION, rec, Readable.ORIGINAL_AUDIO).read_all()
    except RefusedError:
        return False
    return True


def test_it_is_asked_for_approved_by_another_person_and_closed_in_the_page(site: Site, rec: RecordingId) -> None:
    iris, chloe = client(site.system, IRIS), client(site.system, CHLOE)
    form = {"recording": rec, "what": "original-audio", "purpose": "staff_protection", "reason": REASON}
    assert iris.post(f"{PAGE}/ask", data=form).headers["location"] == "/breakglass?done=asked"
    assert not opens(site, rec)
    mine = iris.get(f"{PAGE}?lang=en").text
    assert "Somebody else approves it." in mine
    assert "&lt;Paul&gt;" in mine
    assert "<Paul>" not in mine
    page = chloe.get(f"{PAGE}?lang=en").text
    [which] = set(re.findall(r"/breakglass/(glass-[0-9A-Z]+)/approve", page))
    assert iris.post(f"{PAGE}/{which}/approve").status_code == 403
    assert chloe.post(f"{PAGE}/{which}/approve").headers["location"] == "/breakglass?done=approved"
    assert opens(site, rec)
    assert iris.post(f"{PAGE}/{which}/end").headers["location"] == "/breakglass?done=ended"
    assert not opens(site, rec)
    assert chloe.post(f"{PAGE}/{which}/approve").status_code == 422


def test_over_http_it_is_the_same(site: Site, rec: RecordingId) -> None:
    iris, chloe = client(site.system, IRIS), client(site.system, CHLOE)
    which = asks(site, rec, iris)
    assert [one["state"] for one in chloe.get(API).json()["items"] if one["request"] == which] == ["waiting"]
    assert chloe.post(f"{API}/{which}/approve").json()["open_until"] is not None
    assert opens(site, rec)
    ended = chloe.post(f"{API}/{which}/end").json()["ended_at"]
    assert not opens(site, rec)
    assert chloe.post(f"{API}/{which}/end").json()["ended_at"] == ended, "twice is once"


def test_somebody_else_s_is_unknown_to_who_does_not_approve(site: Site, rec: RecordingId) -> None:
    which = asks(site, rec, client(site.system, IRIS))
    other = client(site.system, ALICE)
    for verb in ("end", "approve"):
        assert other.post(f"{API}/{which}/{verb}").status_code in {403, 404}
    assert other.get(API).status_code == 403
    page = other.get(f"{PAGE}?lang=en").text
    assert which not in page
    assert "Ask for an original" not in page, "the policy opens nothing to them, not even in an emergency"


def test_a_form_that_was_refused_says_why_and_keeps_what_was_typed(site: Site) -> None:
    iris = client(site.system, IRIS)
    form = {"recording": "rec-none", "what": "original-audio", "purpose": "staff_protection", "reason": REASON}
    answer = iris.post(f"{PAGE}/ask?lang=en", data=form)
    assert answer.status_code == 404
    assert 'role="alert"' in answer.text
    assert "rec-none" in answer.text
    assert iris.post(f"{PAGE}/ask", data={**form, "what": "metadata"}).status_code in {403, 404, 422}
    assert iris.post(API, json={"recording": "rec-none", "purpose": "training", "reason": ""}).status_code == 422


def test_the_list_is_taken_away_as_a_file(site: Site, rec: RecordingId) -> None:
    asks(site, rec, client(site.system, IRIS))
    answer = client(site.system, CHLOE).get(f"{PAGE}?format=json")
    assert answer.json()[0]["recording_id"] == rec
