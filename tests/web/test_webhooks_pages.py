"""Webhooks in the portal and over HTTP: the secret is shown once, what was given up is sent again."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from callwarden.model.access import Actor, Role
from tests.support.receiver import Receiver, receiver
from tests.support.site import Site
from tests.support.web import client

OTTO = Actor(role=Role.OPERATOR, name="otto")
DAVID = Actor(role=Role.AUDITOR, name="david")
API, PAGE = "/api/v1/webhooks", "/operations/webhooks"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("webhooks")) as made:
        yield made


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiver(tmp_path_factory.mktemp("receiver")) as one:
        yield one


@pytest.fixture
def operator(site: Site) -> TestClient:
    return client(site.system, OTTO)


def test_a_webhook_is_added_tried_rotated_and_removed_over_http(operator: TestClient, running: Receiver) -> None:
    added = operator.post(API, json={"url": running.url, "events": ["refused"]})
    assert added.status_code == 201
    made = added.json()
    rotated = operator.post(f"{API}/{made['webhook']}/rotate").json()
    running.knows(made["secret"], rotated["secret"])
    assert operator.post(f"{API}/{made['webhook']}/test").json()["state"] == "delivered"
    assert running.received()[-1]["by"] == [0, 1]
    listed = operator.get(API)
    assert made["secret"] not in listed.text
    assert [one["delivered"] for one in listed.json()["items"]] == [1]
    assert operator.post(f"{API}/{made['webhook']}/remove").json()["ended"] == "removed"
    assert operator.post(f"{API}/{made['webhook']}/test").status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://hooks.company-a.fr/"},
        {"url": "https://10.0.0.1/"},
        {"url": "https://hooks.company-a.fr/", "events": []},
        {"url": "https://hooks.company-a.fr/", "events": ["read"]},
        {"url": "https://hooks.company-a.fr/", "line": "nowhere"},
        {"url": "https://hooks.company-a.fr/", "secret": "whsec_mine"},
    ],
)
def test_a_webhook_that_makes_no_sense_is_a_problem(operator: TestClient, body: dict[str, object]) -> None:
    assert operator.post(API, json=body).status_code == 422


def test_the_page_shows_a_secret_once_and_what_was_given_up_is_sent_again(
    operator: TestClient, running: Receiver
) -> None:
    running.behave("gone")
    added = operator.post(f"{PAGE}/add", data={"url": running.url, "event": ["stored", "disposed"]})
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]+", added.text)
    page = operator.get(f"{PAGE}?lang=en").text
    assert secret not in page
    which = re.findall(rf"{PAGE}/(wh-[0-9a-f]+)/test", page)[0]
    tried = operator.post(f"{PAGE}/{which}/test")
    assert tried.headers["location"].endswith("done=untaken")
    dead = operator.get(f"{PAGE}?state=dead&lang=en").text
    assert "it is gone" in dead
    notice = re.findall(rf"{PAGE}/notices/(msg_[0-9a-f]+)/retry", dead)[0]
    assert operator.post(f"{PAGE}/notices/{notice}/retry").status_code in {303, 422}
    assert operator.get(f"{PAGE}?format=csv").headers["content-type"].startswith("text/csv")


def test_a_receiver_is_removed_only_by_its_typed_name(operator: TestClient, running: Receiver) -> None:
    running.behave("ok")
    which = operator.post(API, json={"url": running.url}).json()["webhook"]
    refused = operator.post(f"{PAGE}/{which}/remove", data={"confirmation": "OK"})
    assert refused.status_code == 422
    done = operator.post(f"{PAGE}/{which}/remove", data={"confirmation": which})
    assert done.headers["location"].endswith("done=removed")


def test_an_auditor_looks_and_changes_nothing(site: Site) -> None:
    asking = client(site.system, DAVID)
    page = asking.get(f"{PAGE}?lang=en").text
    assert "Add a receiver" not in page
    assert asking.post(f"{PAGE}/add", data={"url": "https://hooks.company-a.fr/", "event": "stored"}).status_code == 403


def test_a_trainer_sees_none_of_it(site: Site) -> None:
    alice = client(site.system, Actor(role=Role.TRAINER, name="alice"))
    assert alice.get(PAGE).status_code == 403
    assert alice.get(API).status_code == 403
    assert alice.get(f"{API}/deliveries").status_code == 403
