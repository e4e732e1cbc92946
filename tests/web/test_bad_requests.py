"""What no honest program sends: it is told what is wrong, nothing is done, and nothing of it comes back."""

import json
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from callwarden.errors import UsageError
from callwarden.model.access import Actor, Role
from callwarden.workers.web import paging
from callwarden.workers.web.app import application
from callwarden.workers.web.senders import SLOWEST, latest
from tests.support.site import Site
from tests.support.web import client, logged_in, served, token_of

CHLOE = Actor(role=Role.DPO, name="chloe")
PBX = Actor(role=Role.TELEPHONY, name="pbx")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("bad"), overrides={"requests_per_minute": 100_000}) as made:
        made.publish(*(made.event(f"c-{number}") for number in range(7)))
        made.drain("ingest")
        yield made


@pytest.fixture(scope="module")
def chloe(site: Site) -> TestClient:
    return client(site.system, CHLOE)


_IDS = (
    "..%2F..%2Fetc%2Fpasswd",
    "%2e%2e",
    "%00",
    "a%0d%0aSet-Cookie:%20x=1",
    "%ED%A0%80",
    "x" * 5000,
    "'; DROP TABLE recording; --",
    "%C3%A9%F0%9F%92%A9",
    "*",
)
_PATHS = (
    "/calls/{}",
    "/cases/{}",
    "/requests/{}",
    "/quarantine/{}",
    "/redactions/{}",
    "/recordings/{}/certificate",
    "/recordings/{}/custody",
    "/recordings/{}/transcript?purpose=training",
    "/log?recording={}",
    "/log/entries/{}/proof",
    "/deadletters/{}/0/1",
    "/deadletters/telephony.calls/{}/1",
)


@pytest.mark.parametrize("path", _PATHS)
def test_an_id_of_nothing_is_refused_and_nothing_of_it_gets_into_a_header(chloe: TestClient, path: str) -> None:
    for name in _IDS:
        answer = chloe.get(f"/api/v1{path.format(name)}")
        assert 400 <= answer.status_code < 500, (path, name, answer.text)
        assert "set-cookie" not in answer.headers
        assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"[" * 100_000,
        b'{"case": "\\ud800", "reason": "x"}',
        b'{"case": "D\\u0000", "reason": "x"}',
        b'{"case": "D", "reason": "x", "\\ud800": 1}',
        b'{"case": "D", "reason": NaN}',
        b'{"case": "' + b"D" * 300 + b'", "reason": "x"}',
        b'{"case": 1, "reason": "x"}',
        b'{"case": "D", "reason": "x", "people": "bruno"}',
        b'{"case": "D", "reason": "x", "parties": [{"id": "p", "residence": "moon"}]}',
        b"\xff\xfe",
        "\ufeff{}".encode(),
    ],
    ids=range(16),
)
def test_a_body_that_is_none_does_nothing(chloe: TestClient, body: bytes) -> None:
    before = chloe.get("/api/v1/cases").json()
    answer = chloe.post("/api/v1/cases", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "usage"
    assert chloe.get("/api/v1/cases").json() == before


def test_an_unknown_field_is_told_by_its_name(chloe: TestClient) -> None:
    answer = chloe.post("/api/v1/cases", json={"case": "D", "reason": "x", "courrt": "civil"})
    assert [each["field"] for each in answer.json()["fields"]] == ["courrt"]


def test_a_number_is_no_day(chloe: TestClient) -> None:
    answer = chloe.post("/api/v1/requests", json={"type": "access", "customer": "C-1", "received": 1763596800})
    assert answer.json()["fields"][0]["field"] == "received"


def test_every_page_of_a_list_follows_on_the_one_before_whatever_its_length(chloe: TestClient) -> None:
    whole = [row["call_id"] for row in chloe.get("/api/v1/calls").json()["items"]]
    assert len(whole) == 7
    for limit in (1, 2, 3, 7):
        found, cursor = [], None
        while True:
            asked = {"limit": limit, **({} if cursor is None else {"cursor": cursor})}
            page = chloe.get("/api/v1/calls", params=asked).json()
            found += [row["call_id"] for row in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert found == whole


def test_a_cursor_of_somebody_elses_making_is_refused(chloe: TestClient) -> None:
    for cursor in ("x", "bnVsbA", paging.written(["a"]), paging.written(["t", 0, 2**70]), "é", "A" * 1001):
        answer = chloe.get("/api/v1/calls", params={"cursor": cursor})
        assert answer.status_code == 422, (cursor, answer.text)


_ROWS = st.lists(
    st.tuples(st.tuples(st.text(max_size=3), st.text(max_size=3)), st.just({})),
    max_size=20,
    unique_by=lambda row: row[0],
)


@given(_ROWS, st.integers(1, 5), st.booleans(), st.sets(st.integers(0, 19)))
def test_what_goes_meanwhile_moves_no_other_row(
    rows: list[tuple[tuple[str, str], dict[str, Any]]], limit: int, newest_first: bool, gone: set[int]
) -> None:
    def page(cursor: str | None, there: list[Any]) -> Any:
        return paging.portion(there, cursor=cursor, limit=limit, newest_first=newest_first)

    named = [(place, {"place": place}) for place, _ in rows]
    first = page(None, named)
    left = [row for number, row in enumerate(named) if number not in gone]
    seen, cursor = list(first["items"]), first["next"]
    while cursor is not None:
        following = page(cursor, left)
        seen += following["items"]
        cursor = following["next"]
    places = [row["place"] for row in seen]
    assert len(places) == len(set(places))
    assert {place for place, _ in left} <= set(places)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80))
def test_any_text_for_a_cursor_is_read_or_refused(text: str) -> None:
    try:
        place = paging.read(text, str, int)
    except UsageError:
        return
    assert place is None or [type(each) for each in place] == [str, int]


def test_nothing_that_was_sent_wrong_is_repeated(chloe: TestClient) -> None:
    answer = chloe.post("/api/v1/objections", json={"number": "+33612345678", "purpose": ["secret-word"]})
    assert answer.status_code == 422
    assert "secret-word" not in json.dumps(answer.json())
    assert "+33612345678" not in answer.text


def test_a_body_that_does_not_come_whole_is_not_waited_for(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Of a program, of a call's audio, of a stranger's form and of somebody's own."""
    token = f"Authorization: Bearer {token_of(site.system, PBX)}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    own = f"Cookie: callwarden-session={logged_in(site.system, CHLOE).cookies['callwarden-session']}\r\n"
    form = f"{own}Content-Type: application/x-www-form-urlencoded\r\nAccept-Language: fr\r\n"
    with served(site.system, app=application(site.system, pause=0.2)) as address:
        place = urlsplit(address)
        for path, headers, said in (
            ("/api/v1/cases", token, '"detail":"the body came too slowly"'),
            ("/api/v1/calls", token, '"detail":"the body came too slowly"'),
            ("/login", form, "trop lentement"),
            ("/objections/add", form, "trop lentement"),
        ):
            head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n{headers}\r\n"
            with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as connection:
                connection.sendall(head.encode() + b"name=ali")
                answer = b"".join(iter(partial(connection.recv, 65536), b"")).decode()
            assert answer.startswith("HTTP/1.1 408"), answer[:200]
            assert "content-security-policy: default-src" in answer
            assert said in answer
    assert "request_failed" not in caplog.text, "it is no fault of ours"


@given(pause=st.floats(1, 60), began=st.floats(0, 1e6), steps=st.lists(st.tuples(st.floats(0, 60), st.integers(0, 9))))
def test_a_sender_that_trickles_is_waited_for_no_longer_than_one_that_stalls(
    pause: float, began: float, steps: list[tuple[float, int]]
) -> None:
    now, taken = began, 0
    for waits, more in steps:
        assert latest(began=began, now=now, taken=taken, pause=pause) <= began + pause + taken / SLOWEST
        assert latest(began=began, now=now, taken=taken, pause=pause) <= now + pause
        now, taken = now + waits, taken + more
    fast = latest(began=began, now=now, taken=int((now - began) * SLOWEST) + SLOWEST, pause=pause)
    assert fast == now + pause, "who sends at the slowest speed or faster may pause as long as anybody"


def test_an_address_of_another_method_says_which_it_takes(site: Site) -> None:
    asking = client(site.system, Actor(role=Role.OPERATOR, name="olga"))
    for method, path, allowed in (
        ("GET", "/api/v1/recordings/rec-1/transcribe", "POST"),
        ("DELETE", "/api/v1/tokens", "GET, POST"),
        ("DELETE", "/login", "GET, POST"),
    ):
        answer = asking.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed), path
