"""Tokens: issued, used, narrowed, expired, revoked, forged (U2, L1)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import RefusedError, UsageError
from pipeline.model.access import Actor, Readable, Role, service
from pipeline.model.ids import LineId
from pipeline.model.log_entry import Operation
from pipeline.model.purpose import Purpose
from pipeline.wiring.log import log_book
from tests.site import Site
from workers.cli import run

OPERATOR = Actor(role=Role.OPERATOR, name="command-line")
LEGAL = Actor(role=Role.LEGAL, name="bruno", lines=frozenset({LineId("monitoring-centre")}))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path / "home") as built:
        yield built


def _issue(site: Site, holder: Actor = LEGAL, lasts: timedelta = timedelta(days=1)) -> str:
    return site.system.token_desk.issue(holder, lasts=lasts, issued_by=OPERATOR)[1]


def _reason(site: Site, text: str) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        site.system.token_desk.actor_of(text)
    return refused.value.reasons


def test_a_token_speaks_for_its_holder_with_the_holders_scopes(site: Site) -> None:
    assert site.system.token_desk.actor_of(_issue(site)) == LEGAL


def test_a_token_narrowed_to_a_line_does_not_even_see_that_another_lines_recording_exists(site: Site) -> None:
    site.publish(site.event("c-1"))
    site.drain("ingest")
    recording = site.outcomes()[0].recording_id
    assert recording is not None
    actor = site.system.token_desk.actor_of(_issue(site))
    with pytest.raises(RefusedError) as refused:
        site.system.gate.read(actor, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
    assert refused.value.reasons == ("unknown",)


def test_an_expired_token_speaks_for_nobody_nor_does_one_from_the_future(site: Site) -> None:
    text = _issue(site)
    site.clock.move(timedelta(days=1))
    assert _reason(site, text) == ("token_expired",)
    site.clock.move(timedelta(days=-30))
    assert _reason(site, text) == ("token_expired",)


def test_a_revoked_token_speaks_for_nobody(site: Site) -> None:
    text = _issue(site)
    (token,) = site.system.token_desk.tokens()
    site.system.token_desk.revoke(token.token_id, revoked_by=OPERATOR)
    site.system.token_desk.revoke(token.token_id, revoked_by=OPERATOR)
    assert _reason(site, text) == ("token_revoked",)


def test_a_forged_token_gets_the_same_answer_as_one_that_never_was(site: Site) -> None:
    text = _issue(site)
    head, token_id, secret = text.split(".")
    forged = (
        f"{head}.{token_id}.{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}",
        f"{head}.{'0' * 32}.{secret}",
        f"{head}.{token_id}.",
        f"{head}.{token_id}.{secret}x",
        "legal:bruno",
        "",
        "cw1.\0.\0",
    )
    assert {_reason(site, one) for one in forged} == {("token_invalid",)}


def test_the_secret_is_kept_nowhere_and_both_acts_are_in_the_access_log_without_a_name(site: Site) -> None:
    """L1"""
    text = _issue(site)
    (token,) = site.system.token_desk.tokens()
    site.system.token_desk.revoke(token.token_id, revoked_by=OPERATOR)
    secret = text.split(".")[2]
    files = [path for path in site.home.rglob("*") if path.is_file()]
    assert not any(secret.encode() in path.read_bytes() for path in files)
    entries = [one.entry for one in log_book(site.system).reader.entries(subject=token.token_id)]
    assert {one.operation for one in entries} == {Operation.TOKEN_ISSUED, Operation.TOKEN_REVOKED}
    assert not any("bruno" in repr(one) for one in entries)


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(days=-1), timedelta(days=367)])
def test_a_token_ends_within_a_year(site: Site, lasts: timedelta) -> None:
    with pytest.raises(UsageError, match="a token lasts"):
        _issue(site, lasts=lasts)


def test_no_token_is_issued_for_a_machine(site: Site) -> None:
    with pytest.raises(UsageError, match="a machine's role"):
        _issue(site, service("ingest"))


def test_on_the_command_line_a_token_takes_the_place_of_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    assert run(["token", "issue", "--role", "legal", "--name", "bruno", "--json"]) == 0
    issued = json.loads(capsys.readouterr().out)
    monkeypatch.setenv("CALLWARDEN_TOKEN", issued["token"])
    assert run(["hold", "open", "CASE-1", "--reason", "dispute", "--as", "token", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "open"
    assert run(["token", "revoke", issued["token_id"]]) == 0
    capsys.readouterr()
    assert run(["hold", "open", "CASE-2", "--reason", "dispute", "--as", "token", "--json"]) == 1
    assert json.loads(capsys.readouterr().err)["error"]["reasons"] == ["token_revoked"]
    assert run(["token", "issue", "--role", "boss", "--name", "x", "--json"]) == 2
