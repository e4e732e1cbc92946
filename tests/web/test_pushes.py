"""Calls are pushed over HTTP by what telephone systems and their scripts send, and by what they send wrongly."""

import json
import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId
from callwarden.workers.web.api.pushes import rates_of
from callwarden.workers.web.app import application
from callwarden.workers.web.rates import Rates
from tests.support.site import NOON, MovableClock, Site, sample
from tests.support.web import client, served, token_of

PBX = Actor(role=Role.TELEPHONY, name="pbx-niort")
CALLS = "/api/v1/calls"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("push")) as made:
        yield made


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    with served(site.system) as found:
        yield found.rstrip("/")


@pytest.fixture(scope="module")
def token(site: Site) -> str:
    return token_of(site.system, PBX)


def event(site: Site, **changes: Any) -> dict[str, Any]:
    ended = site.clock.now() - timedelta(minutes=1)
    data = {
        "call_id": f"c-{uuid.uuid4().hex[:12]}",
        "line": "customer-service",
        "started_at": (ended - timedelta(seconds=30)).isoformat(),
        "ended_at": ended.isoformat(),
        "objections": [],
    }
    return site.envelope("call.recorded", data | changes)


def post(address: str, token: str, parts: list[tuple[str, Any]], **options: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", **options.pop("headers", {})}
    return httpx.post(f"{address}{CALLS}", files=parts, headers=headers, timeout=30, **options)


def parts_of(said: dict[str, Any] | bytes, audio: bytes, *, name: str = "17.wav") -> list[tuple[str, Any]]:
    value = said if isinstance(said, bytes) else json.dumps(said).encode()
    return [("event", ("event.json", value, "application/json")), ("audio", (name, audio, "audio/x-wav"))]


def published(site: Site) -> int:
    return sum(site.system.bus.end_offsets("telephony.calls").values())


@pytest.fixture
def nothing_is_left(site: Site) -> Iterator[None]:
    before = (published(site), site.landed(), len(site.outcomes()))
    yield
    assert (published(site), site.landed(), len(site.outcomes())) == before


@pytest.mark.parametrize("first", ["event", "audio"])
def test_a_call_is_pushed_with_its_parts_in_either_order_and_stored(
    site: Site, address: str, token: str, first: str
) -> None:
    said, audio = event(site), sample("01.wav")
    parts = parts_of(said, audio)
    answer = post(address, token, parts if first == "event" else parts[::-1])
    assert answer.status_code == 202, answer.text
    assert answer.json()["call_id"] == said["data"]["call_id"]
    assert answer.headers["location"] == f"{CALLS}/{said['data']['call_id']}"
    site.drain("ingest")
    [outcome] = site.system.catalogue.list_outcomes(call_id=said["data"]["call_id"])
    assert outcome.outcome.value == "stored"
    assert site.landed() == []


def test_the_same_call_gives_the_same_receipt_and_other_audio_is_a_conflict(
    site: Site, address: str, token: str
) -> None:
    said, before = event(site), published(site)
    first, again = (post(address, token, parts_of(said, b"RIFF one call")) for _ in range(2))
    assert (again.status_code, again.json()) == (202, first.json())
    other = post(address, token, parts_of(said, b"RIFF another"))
    assert (other.status_code, other.json()["reasons"]) == (409, ["another_call"])
    assert other.headers["content-type"] == "application/problem+json"
    site.drain("ingest")
    assert published(site) == before + 1


def test_two_identical_pushes_at_once_are_one_call(site: Site, address: str, token: str) -> None:
    parts, before = parts_of(event(site), bytes(3 << 20)), published(site)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(address, token, parts), range(4)))
    assert {one.status_code for one in answers} == {202}
    assert len({one.json()["receipt"] for one in answers}) == 1
    site.drain("ingest")
    assert published(site) == before + 1


def test_an_idempotency_key_names_one_call(site: Site, address: str, token: str) -> None:
    key = {"idempotency-key": uuid.uuid4().hex}
    said = event(site)
    first, again = (post(address, token, parts_of(said, b"RIFF"), headers=key) for _ in range(2))
    assert first.json() == again.json()
    assert post(address, token, parts_of(event(site), b"RIFF"), headers=key).status_code == 409
    assert post(address, token, parts_of(said, b"RIFF"), headers={"idempotency-key": "k" * 256}).status_code == 422
    site.drain("ingest")


def test_an_event_in_binary_mode_is_pushed_by_its_headers(site: Site, address: str, token: str) -> None:
    said = event(site)
    data = json.dumps(said.pop("data")).encode()
    attributes = {f"ce-{name}": value.replace("/", "%2F") for name, value in said.items()}
    answer = post(address, token, parts_of(data, sample("01.wav")), headers=attributes)
    assert answer.status_code == 202, answer.text
    site.drain("ingest")


JSON, WAV = "application/json", "audio/wav"


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize(
    ("parts", "status", "field"),
    [
        ([("audio", ("a.wav", b"RIFF", WAV))], 422, "event"),
        ([("event", ("e.json", b"{}", JSON))], 422, ""),
        ([("event", ("e.json", b"no JSON", JSON)), ("audio", ("a.wav", b"RIFF", WAV))], 422, ""),
        ([("audio", ("a.wav", b"RIFF", WAV)), ("event", ("e.json", b"[]", JSON))], 422, ""),
        ([("audio", ("a.wav", b"RIFF", WAV)), ("audio", ("b.wav", b"RIFF", WAV))], 422, "audio"),
        ([("audio", ("a.wav", b"RIFF", "text/html"))], 415, "audio"),
        ([("audio", ("a.wav", b"RIFF", "application/x-msdownload"))], 415, "audio"),
        ([("event", ("e.xml", b"<x/>", "application/xml"))], 415, "event"),
        ([("event", ("e.json", b" " * 1_000_001, JSON))], 413, "event"),
        ([("event", ("e.json", b" " * 10_000_000, JSON))], 413, "event"),
        ([("password", (None, b"secret"))], 422, "body"),
    ],
)
def test_what_is_no_pushed_call_is_refused_and_its_field_named(
    address: str, token: str, parts: list[tuple[str, Any]], status: int, field: str
) -> None:
    answer = post(address, token, parts)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert [one["field"] for one in answer.json()["fields"]] == [field]
    assert "secret" not in answer.text


@pytest.mark.usefixtures("nothing_is_left")
def test_every_wrong_field_of_an_event_is_named(site: Site, address: str, token: str) -> None:
    said = event(site, line=[], leg="", objections="none")
    answer = post(address, token, parts_of(said, b"RIFF"))
    assert answer.status_code == 422
    assert sorted(one["field"] for one in answer.json()["fields"]) == ["data.leg", "data.line", "data.objections"]
    mismatch = event(site, audio={"sha256": "0" * 64})
    answer = post(address, token, parts_of(mismatch, b"RIFF"))
    assert answer.json()["fields"][0]["field"] == "data.audio.sha256"
    assert (answer.status_code, answer.json()["reasons"]) == (422, ["checksum_mismatch"])
    assert post(address, token, parts_of(event(site), b"")).status_code == 422


@pytest.mark.usefixtures("nothing_is_left")
def test_who_may_not_push_is_told_before_anything_is_read(site: Site, address: str) -> None:
    parts = parts_of(event(site), b"RIFF")
    assert httpx.post(f"{address}{CALLS}", files=parts).status_code == 401
    assert post(address, "tok-" + "0" * 32 + ".x", parts).status_code == 401
    for actor, status in (
        (Actor(role=Role.TRAINER, name="alice"), 403),
        (Actor(role=Role.TELEPHONY, name="pbx-2", lines=frozenset({LineId("monitoring-centre")})), 403),
    ):
        answer = post(address, token_of(site.system, actor), parts)
        assert (answer.status_code, answer.json()["reasons"]) == (status, ["not_permitted"])


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", "multipart/mixed; boundary=x"])
def test_a_body_that_is_no_form_is_refused(address: str, token: str, content_type: str) -> None:
    headers = {"authorization": f"Bearer {token}", "content-type": content_type}
    assert httpx.post(f"{address}{CALLS}", content=b"{}", headers=headers).status_code == 415


def test_names_of_files_lead_nowhere(site: Site, address: str, token: str) -> None:
    for name in ("../../../etc/cron.d/x", "a\r\nX-Injected: 1.wav", "‮vaw.exe", "x" * 2000 + ".wav", "a.GSM"):
        before = set(site.landed())
        answer = post(address, token, parts_of(event(site), b"RIFF", name=name))
        assert answer.status_code == 202, answer.text
        [landed] = set(site.landed()) - before
        folder, _, file = landed.rpartition("/")
        assert folder == "callwarden-pushed"
        assert len(file.partition(".")[0]) == 32
        assert "x-injected" not in answer.headers
    assert landed.endswith(".gsm"), "raw sound is told by its suffix"
    site.drain("ingest")


def raw(address: str, token: str, body: bytes, *, length: int | None = None, cut: bool = False) -> bytes:
    """What comes back for these bytes; `cut` ends the connection after them."""
    place = urlsplit(address)
    head = (
        f"POST {CALLS} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n"
    )
    length = len(body) if length is None else length
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as connection:
        connection.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode() + body)
        if cut:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def form(*parts: tuple[str, str, bytes], end: bool = True) -> bytes:
    made = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="x"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, kind, content in parts
    ]
    return b"".join(made) + (b"--b--\r\n" if end else b"")


@pytest.mark.usefixtures("nothing_is_left")
def test_an_upload_that_is_cut_leaves_nothing(site: Site, address: str, token: str) -> None:
    whole = form(("event", JSON, json.dumps(event(site)).encode()), ("audio", WAV, bytes(300_000)))
    for cut in (100, 400, 200_000, len(whole) - 9):
        assert b" 202 " not in raw(address, token, whole[:cut], length=len(whole), cut=True)
    for cut in (400, 200_000, len(whole) - 9):
        answer = raw(address, token, whole[:cut])
        assert answer.startswith(b"HTTP/1.1 422"), answer[:100]


@pytest.mark.usefixtures("nothing_is_left")
def test_headers_of_parts_that_never_end_are_refused(address: str, token: str) -> None:
    huge = b'--b\r\nContent-Disposition: form-data; name="event"; x=' + b"y" * 100_000 + b"\r\n\r\n{}\r\n--b--\r\n"
    many = b"--b\r\n" + b"X-Y: z\r\n" * 5000 + b"\r\n{}\r\n--b--\r\n"
    nameless = b"--b\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n--b--\r\n"
    for body in (huge, many, nameless, b"\r\n" * 100_000, b"garbage"):
        assert raw(address, token, body).startswith(b"HTTP/1.1 422")


@pytest.mark.usefixtures("nothing_is_left")
def test_a_length_that_is_not_the_bodys_takes_nothing(site: Site, address: str, token: str) -> None:
    whole = form(("event", JSON, json.dumps(event(site)).encode()), ("audio", WAV, b"RIFF"))
    assert raw(address, token, whole, length=len(whole) - 20).startswith(b"HTTP/1.1 422")
    assert b" 202 " not in raw(address, token, whole, length=len(whole) + 20, cut=True)
    assert raw(address, token, b"", length=10**12).startswith(b"HTTP/1.1 413")


@pytest.mark.usefixtures("nothing_is_left")
def test_an_upload_that_is_too_slow_or_too_large_leaves_nothing(site: Site, token: str) -> None:
    app = application(site.system, pause=0.05)
    whole = form(("event", JSON, json.dumps(event(site)).encode()), ("audio", WAV, bytes(200_000)))
    with served(site.system, app=app) as address:
        place = urlsplit(address)
        with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as connection:
            head = (
                f"POST {CALLS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(whole)}\r\n\r\n"
            )
            connection.sendall(head.encode() + whole[:100_000])
            assert connection.recv(65536).startswith(b"HTTP/1.1 408")


def test_who_pushes_too_often_is_told_when_again(site: Site) -> None:
    clock = MovableClock(NOON)
    rates = Rates(site.system.throttle, "trials", 2, clock=clock)
    asking = client(site.system, PBX)
    asking.app.dependency_overrides[rates_of] = lambda: rates  # type: ignore[attr-defined]
    statuses = [asking.post("/api/v1/decisions", content=b"{}").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert asking.post("/api/v1/decisions", content=b"{}").headers["retry-after"] == "30"
    clock.move(timedelta(seconds=31))
    assert asking.post("/api/v1/decisions", content=b"{}").status_code == 200


def test_an_event_is_tried_over_http_as_by_the_command(site: Site) -> None:
    asking = client(site.system, PBX)
    before = published(site), len(site.outcomes())
    said = event(site, line="monitoring-centre", audio={"uri": "spool:a.wav"})
    kept = asking.post("/api/v1/decisions", json=said).json()
    assert (kept["outcome"], kept["reason"]) == ("stored", None)
    assert kept["keep_until"] > site.clock.now().isoformat()
    refused = asking.post("/api/v1/decisions", json=event(site, objections=["recording"])).json()
    assert (refused["outcome"], refused["reason"], refused["keep_until"]) == ("refused", "objection", None)
    assert asking.post("/api/v1/decisions", content=b"no event").json()["reason"] == "not_an_event"
    attributes = {f"ce-{name}": value for name, value in said.items() if name != "data"}
    assert asking.post("/api/v1/decisions", json=said["data"], headers=attributes).json()["outcome"] == "stored"
    assert asking.post("/api/v1/decisions", content=bytes(1_000_001)).status_code == 413
    assert asking.post("/api/v1/decisions", content=iter([bytes(600_000)] * 2)).status_code == 413, "it says no length"
    assert client(site.system).post("/api/v1/decisions", json=said).status_code == 401
    assert client(site.system, Actor(role=Role.TRAINER, name="t")).post("/api/v1/decisions").status_code == 403
    assert (published(site), len(site.outcomes())) == before


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("data.audio.sha256", {"audio": {"sha256": "00"}}),
        ("data.started_at", {"started_at": "2026-11-20T10:00:00"}),
    ],
)
def test_a_digest_or_a_time_that_says_nothing_is_answered_by_its_field(
    site: Site, address: str, token: str, field: str, changes: dict[str, Any]
) -> None:
    said = event(site)
    answer = post(address, token, parts_of({**said, "data": said["data"] | changes}, sample("01.wav")))
    assert answer.status_code == 422, answer.text
    assert field in answer.text
