"""The log's page over real HTTP: in both languages, as JSON, in trouble, and never with anything of an entry (L2)."""

import http.client
import json
import math
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from callwarden.accesslog.proof.status import AnchoredCheckpoint, LastTimestamp, LogStatus, SegmentState, SegmentStatus
from callwarden.accesslog.proof.values import Hash
from callwarden.errors import RetryableError
from callwarden.workers.cli.log_page_words import WORDS, Language
from callwarden.workers.processes.beats import Beats
from callwarden.workers.processes.log_figures import LogFigures
from callwarden.workers.processes.service import _watched
from callwarden.workers.processes.watch import ReadFigures, chosen_language, serve, wants_json
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


class Outline(HTMLParser):
    """Elements with their attributes, and the text between; fails on tags that do not close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_page_shows_the_figures_and_the_three_commands(port: int) -> None:
    answer, page = get(port, "/log?lang=en")
    assert answer.status == 200
    assert answer.getheader("Content-Type") == "text/html; charset=utf-8"
    for figure in (
        "12,350",
        b64encode(bytes(range(32))).decode(),
        "callwarden.log/acme+5a6faf96",
        "2026-09-01 11:56:40 UTC",
        "10 entries",
        "1\N{NO-BREAK SPACE}min 40\N{NO-BREAK SPACE}s",
        "12,000 entries existed at",
        "2026-07",
        "expired: entries deleted, proofs kept",
        "callwarden log key",
        "callwarden log export DIR",
        "callwarden log verify --export DIR",
    ):
        assert figure in page, figure
    assert "Warning" not in page


def test_the_page_needs_nothing_else_and_the_browser_is_told_so(port: int) -> None:
    answer, page = get(port, "/log")
    outline = Outline(page)
    tags = {tag for tag, _ in outline.elements}
    assert not tags & {"script", "link", "img", "iframe", "form", "object"}
    assert not [name for _, attributes in outline.elements for name in attributes if name.startswith("on")]
    assert not [attributes for _, attributes in outline.elements if "style" in attributes]
    assert all((one["href"] or "").startswith("?") for one in outline.all("a"))
    [style] = [page[page.index("<style>") + 7 : page.index("</style>")]]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = answer.getheader("Content-Security-Policy") or ""
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert answer.getheader("Cache-Control") == "no-store"


@pytest.mark.parametrize("language", list(Language))
def test_whoever_cannot_see_finds_the_way_in_either_language(port: int, language: Language) -> None:
    _, page = get(port, f"/log?lang={language}")
    outline = Outline(page)
    assert outline.all("html") == [{"lang": language.value}]
    assert len(outline.all("h1")) == len(outline.all("main")) == len(outline.all("title")) == 1
    assert len(outline.all("caption")) == len(outline.all("table")) == 2
    assert all(one.get("scope") in {"row", "col"} for one in outline.all("th"))
    assert WORDS[language]["tail"] in page
    [other] = outline.all("nav") and [one for one in outline.all("a") if "lang" in one]
    assert other["lang"] != language.value
    assert {name for name, value in WORDS[language].items() if "{" in value and value in page} == set()


def test_both_languages_say_everything() -> None:
    assert WORDS[Language.ENGLISH].keys() == WORDS[Language.FRENCH].keys()
    same = [name for name, value in WORDS[Language.ENGLISH].items() if WORDS[Language.FRENCH][name] == value]
    assert same == []


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("", "de, en-GB;q=0.5, fr;q=0.4", "en"),
        ("", "en;q=0, fr;q=0.1", "fr"),
        ("", "fr;q=nonsense", "en"),
        ("", "", "en"),
        ("fr", "en", "fr"),
        ("tlh", "fr", "fr"),
    ],
)
def test_the_language_is_the_one_asked_for_or_the_browsers(asked: str, accepted: str, language: str) -> None:
    assert chosen_language(asked, accepted) == language


def test_the_browsers_language_is_answered(port: int) -> None:
    answer, page = get(port, "/log", Accept_Language="fr-CH, fr;q=0.9, en;q=0.8")
    assert answer.getheader("Content-Language") == "fr"
    assert "Journal des accès" in page
    assert "12\N{NARROW NO-BREAK SPACE}350" in page


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
def test_the_page_warns_when_the_tail_is_older_than_three_intervals(age: int, late: bool) -> None:
    with serving(lambda: _with(unanchored_since=NOON - timedelta(seconds=age))) as port:
        page = get(port, "/log?lang=en")[1]
        assert ("Warning" in page, "All is well" in page) == (late, not late)
        assert ("Attention" in get(port, "/log?lang=fr")[1]) is late
        assert json.loads(get(port, "/log?format=json")[1])["unanchored"]["late"] is late


def _with(**changes: Any) -> LogFigures:
    return replace(FULL, status=replace(FULL.status, **changes))


def test_an_empty_log_has_a_page_too() -> None:
    empty = _with(origin=None, size=0, staged=0, checkpoint=None, unanchored_since=None, timestamp=None, segments=())
    with serving(lambda: empty) as port:
        answer, page = get(port, "/log?lang=fr")
        Outline(page)
    assert answer.status == 200
    assert "aucun" in page


def test_what_the_database_holds_cannot_become_markup() -> None:
    nasty = "</code><script>alert(1)</script>\"'&"
    shown = _with(
        origin=nasty,
        segments=(SegmentStatus(name=nasty, state=SegmentState.OPEN, first=0, end=1, since=None),),
    )
    with serving(lambda: shown) as port:
        page = get(port, "/log")[1]
    outline = Outline(page)
    assert outline.all("script") == []
    assert outline.words.count(nasty) == 2


def test_a_log_that_cannot_be_read_is_503_and_says_what_is_wrong() -> None:
    def broken() -> LogFigures:
        raise RetryableError("the database <is> away")

    with serving(broken) as port:
        answer, page = get(port, "/log?lang=fr")
        assert (answer.status, answer.getheader("Content-Type")) == (503, "text/html; charset=utf-8")
        assert "Le journal ne peut pas être lu" in page
        assert "the database &lt;is&gt; away" in page
        Outline(page)
        answer, body = get(port, "/log?format=json")
        assert (answer.status, answer.getheader("Content-Type")) == (503, "application/problem+json")
        assert json.loads(body)["detail"] == "the database <is> away"
        assert get(port, "/metrics")[0].status == 200  # the other figures are still told


def test_other_methods_are_refused_and_head_sends_no_body(port: int) -> None:
    answer, body = get(port, "/log", method="HEAD")
    assert (answer.status, body) == (200, "")
    assert int(answer.getheader("Content-Length") or 0) > 1000
    for method in ("POST", "PUT", "DELETE"):
        answer, _ = get(port, "/log", method=method)
        assert (answer.status, answer.getheader("Allow")) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "address",
    ["/log?lang=xx", "/log?format=xml", "/log?lang=%00&format=%ff", "/log?lang=" + "x" * 5000, "/log?lang=fr&lang=xx"],
)
def test_a_language_or_a_form_there_is_none_of_is_a_bad_request(port: int, address: str) -> None:
    answer, body = get(port, address)
    assert answer.status == 400
    assert "x" * 100 not in body


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/log/of", "/metrics2", "/../log", "/%00"])
def test_a_path_there_is_none_of_is_not_found(port: int, path: str) -> None:
    answer, body = get(port, path)
    assert (answer.status, body) == (404, "there are /metrics, /healthz, /readyz and /log here\n")
    assert get(port, "/metrics")[0].status == get(port, "/metrics/")[0].status == 200


@pytest.mark.parametrize("query", ["&" * 150, "lang=fr&lang=en", "%", "else=1"])
def test_nonsense_in_the_address_changes_nothing(port: int, query: str) -> None:
    answer, page = get(port, f"/log?{query}")
    assert answer.status == 200
    Outline(page)


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
            page = get(port, "/log")[1]
            assert "Warning" in page
            assert str(recording) not in page
            assert "c-1" not in page
            with site.system.catalogue.engine.begin() as connection:
                connection.execute(text("INSERT INTO log_state (id, size, peaks, origin) VALUES (1, 5, x'00', 'x')"))
            answer, page = get(port, "/log?lang=en")
            assert answer.status == 503
            assert "frontier is damaged" in page
            assert math.isnan(REGISTRY.get_sample_value("callwarden_log_unanchored_seconds") or 0.0)
    with pytest.raises(ConnectionRefusedError):
        get(port, "/log")
