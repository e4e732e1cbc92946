"""The log's figures over real HTTP: as JSON, in trouble, and never with anything of an entry (L2)."""

import http.client
import json
import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from callwarden.accesslog.proof.status import AnchoredCheckpoint, LastTimestamp, LogStatus, SegmentState, SegmentStatus
from callwarden.accesslog.proof.values import Hash
from callwarden.errors import RetryableError
from callwarden.workers.processes.beats import Beats
from callwarden.workers.processes.log_figures import LogFigures
from callwarden.workers.processes.service import _watched
from callwarden.workers.processes.watch import ReadFigures, serve, wants_json
from tests.support.site import Site

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
FULL = LogFigures(
    status=LogStatus(
        origin="callwarden.log/acme",
        size=12_345,
        staged=5,
        root=Hash(bytes(range(32))),
        checkpoint=AnchoredCheckpoint(
            size=12_340,
            signed_at=NOON - timedelta(seconds=200),
            published_at=NOON - timedelta(seconds=199),
            signed_by="callwarden.log/acme+5a6faf96",
        ),
        unanchored_since=NOON - timedelta(seconds=100),
        timestamp=LastTimestamp(size=12_000, at=NOON - timedelta(minutes=50)),
        segments=(
            SegmentStatus(name="2026-07", state=SegmentState.EXPIRED, first=0, end=100, since=NOON),
            SegmentStatus(name="2026-08", state=SegmentState.SEALED, first=100, end=12_000, since=NOON),
            SegmentStatus(name="2026-09", state=SegmentState.OPEN, first=12_000, end=12_345, since=None),
        ),
    ),
    now=NOON,
    checkpoint_every=timedelta(seconds=60),
)


HEALTH: dict[str, Any] = {"alive": True, "ready": False, "steps": {}}


@contextmanager
def serving(figures: ReadFigures) -> Iterator[int]:
    watch = serve(0, address="127.0.0.1", figures=figures, health=lambda: HEALTH)
    try:
        yield watch.port
    finally:
        watch.close()


@pytest.fixture
def port() -> Iterator[int]:
    with serving(lambda: FULL) as opened:
        yield opened


def get(port: int, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={key.replace("_", "-"): value for key, value in headers.items()})
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def test_browsers_are_told_where_the_page_is(port: int) -> None:
    answer, body = get(port, "/log", Accept="text/html")
    assert answer.status == 200
    assert "in the portal, at /log" in body


@pytest.mark.parametrize(
    ("asked", "accepted", "json_wanted"),
    [
        ("json", "text/html", True),
        ("html", "application/json", False),
        ("", "application/json", True),
        ("", "text/html,application/xhtml+xml,application/json;q=0.5", False),
        ("", "application/json;q=0.9, text/html;q=0.1", True),
        ("", "*/*", False),
        ("", "", False),
        ("xml", "", False),
    ],
)
def test_programs_get_json(asked: str, accepted: str, json_wanted: bool) -> None:
    assert wants_json(asked, accepted) is json_wanted


def test_json_has_the_same_figures(port: int) -> None:
    answer, body = get(port, "/log", Accept="application/json")
    assert answer.getheader("Content-Type") == "application/json"
    figures: Any = json.loads(body)
    assert (figures["entries"], figures["waiting"]) == (12_345, 5)
    assert figures["unanchored"] == {
        "entries": 10,
        "since": "2026-09-01T11:58:20+00:00",
        "age_s": 100.0,
        "late_after_s": 180.0,
        "late": False,
    }
    assert figures["checkpoint"]["signed_by"] == "callwarden.log/acme+5a6faf96"
    assert [one["state"] for one in figures["segments"]] == ["expired", "sealed", "open"]
    assert json.loads(get(port, "/log?format=json")[1]) == figures


@pytest.mark.parametrize(("age", "late"), [(180, False), (181, True)])
def test_the_figures_say_when_the_tail_is_older_than_three_intervals(age: int, late: bool) -> None:
    with serving(lambda: _with(unanchored_since=NOON - timedelta(seconds=age))) as port:
        assert json.loads(get(port, "/log?format=json")[1])["unanchored"]["late"] is late


def _with(**changes: Any) -> LogFigures:
    return replace(FULL, status=replace(FULL.status, **changes))


def test_a_log_that_cannot_be_read_is_503_and_says_what_is_wrong() -> None:
    def broken() -> LogFigures:
        raise RetryableError("the database <is> away")

    with serving(broken) as port:
        answer, body = get(port, "/log?format=json")
        assert (answer.status, answer.getheader("Content-Type")) == (503, "application/problem+json")
        assert json.loads(body)["detail"] == "the database <is> away"
        assert get(port, "/metrics")[0].status == 200  # the other figures are still told


def test_other_methods_are_refused_and_head_sends_no_body(port: int) -> None:
    answer, body = get(port, "/log", method="HEAD")
    assert (answer.status, body) == (200, "")
    assert int(answer.getheader("Content-Length") or 0) > 50
    for method in ("POST", "PUT", "DELETE"):
        answer, _ = get(port, "/log", method=method)
        assert (answer.status, answer.getheader("Allow")) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "address",
    ["/log?format=xml", "/log?format=%ff", "/log?else=" + "x" * 5000],
)
def test_a_form_there_is_none_of_is_a_bad_request(port: int, address: str) -> None:
    answer, body = get(port, address)
    assert answer.status == 400
    assert "x" * 100 not in body


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/log/of", "/metrics2", "/../log", "/%00"])
def test_a_path_there_is_none_of_is_not_found(port: int, path: str) -> None:
    answer, body = get(port, path)
    assert (answer.status, body) == (404, "there are /metrics, /healthz, /readyz and /log here\n")
    assert get(port, "/metrics")[0].status == get(port, "/metrics/")[0].status == 200


def test_figures_and_page_of_a_real_system_stand_on_one_port_and_hold_nothing_of_an_entry(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Site(tmp_path / "home", overrides={"metrics_port": port}) as site:
        site.publish(site.event("c-1"))
        site.drain("ingest")
        recording = site.outcomes()[0].recording_id
        with _watched(site.system, Beats(())):
            figures = json.loads(get(port, "/log?format=json")[1])
            assert figures["waiting"] == figures["unanchored"]["entries"] > 0
            metrics = get(port, "/metrics")[1]
            assert "callwarden_log_unanchored_seconds 0.0" in metrics
            assert "callwarden_log_timestamp_age_seconds NaN" in metrics
            site.clock.move(timedelta(minutes=10))
            assert REGISTRY.get_sample_value("callwarden_log_unanchored_seconds") == 600.0
            page = get(port, "/log?format=json")[1]
            assert json.loads(page)["unanchored"]["late"]
            assert str(recording) not in page
            assert "c-1" not in page
            with site.system.catalogue.engine.begin() as connection:
                connection.execute(text("INSERT INTO log_state (id, size, peaks, origin) VALUES (1, 5, x'00', 'x')"))
            answer, page = get(port, "/log?format=json")
            assert answer.status == 503
            assert "frontier is damaged" in page
            assert math.isnan(REGISTRY.get_sample_value("callwarden_log_unanchored_seconds") or 0.0)
    with pytest.raises(ConnectionRefusedError):
        get(port, "/log")
