"""Tokens: issued, used, narrowed, expired, revoked, forged (U2, L1)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable, Role, service
from callwarden.model.ids import LineId
from callwarden.model.log_entry import Operation
from callwarden.model.purpose import Purpose
from callwarden.model.token import TokenId
from callwarden.settings import load_settings
from callwarden.wiring import open_system
from callwarden.workers.cli import run
from tests.support.site import Site

OPERATOR = Actor(role=Role.OPERATOR, name="command-line")
LEGAL = Actor(role=Role.LEGAL, name="bruno", lines=frozenset({LineId("monitoring-centre")}))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path / "home") as built:
        yield built


def _issue(site: Site, holder: Actor = LEGAL, lasts: timedelta = timedelta(days=1), *, once: bool = False) -> str:
    return site.system.token_desk.issue(OPERATOR, holder, lasts=lasts, once=once)[1]


def _reason(site: Site, text: str) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        site.system.doorkeeper.actor_of(text)
    return refused.value.reasons


def test_a_token_speaks_for_its_holder_with_the_holders_scopes(site: Site) -> None:
    assert site.system.doorkeeper.actor_of(_issue(site)) == LEGAL


def test_a_token_narrowed_to_a_line_does_not_even_see_that_another_lines_recording_exists(site: Site) -> None:
    site.publish(site.event("c-1"))
    site.drain("ingest")
    recording = site.outcomes()[0].recording_id
    assert recording is not None
    actor = site.system.doorkeeper.actor_of(_issue(site))
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
    (token,) = site.system.token_desk.listed(OPERATOR)
    site.system.token_desk.revoke(OPERATOR, token.token_id)
    site.system.token_desk.revoke(OPERATOR, token.token_id)
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
    entries = [one.entry for one in site.system.log_book.reader.entries()]
    refused = [one for one in entries if one.operation is Operation.ACCESS_REFUSED]
    assert [(one.actor, one.reasons) for one in refused] == [("service:token-desk", ("token_invalid",))] * len(forged)
    assert [one.subject for one in refused].count(f"tok-{token_id}") == 1  # the true id with a wrong secret
    assert not any("bruno" in repr(one) for one in refused)


def test_whoever_presents_nothing_is_refused_and_written_down(site: Site) -> None:
    with pytest.raises(RefusedError, match="needs a token") as refused:
        site.system.doorkeeper.actor_of(None)
    assert refused.value.reasons == ("not_permitted",)
    [entry] = [one.entry for one in site.system.log_book.reader.entries()]
    assert (entry.operation, entry.actor, entry.reasons) == (
        Operation.ACCESS_REFUSED,
        "service:token-desk",
        ("not_permitted",),
    )


@pytest.mark.parametrize(("role", "name"), [(Role.LEGAL, "chloe"), (Role.DPO, "bruno")])
def test_a_token_speaks_for_nobody_else_than_its_holder_and_is_not_spent_by_it(
    site: Site, role: Role, name: str
) -> None:
    text, door = _issue(site, once=True), site.system.doorkeeper
    with pytest.raises(RefusedError, match="leave --as out") as refused:
        door.actor_of(text, named=Actor(role=role, name=name))
    assert refused.value.reasons == ("token_of_another",)
    assert (Operation.ACCESS_REFUSED, ("token_of_another",)) in _operations(site)
    assert door.actor_of(text, named=Actor(role=Role.LEGAL, name="Bruno")) == LEGAL


def test_a_token_that_is_over_is_refused_in_its_holders_name(site: Site) -> None:
    text = _issue(site)
    site.clock.move(timedelta(days=1))
    assert _reason(site, text) == ("token_expired",)
    (token,) = site.system.token_desk.listed(OPERATOR)
    site.clock.move(timedelta(seconds=1))
    site.system.token_desk.revoke(OPERATOR, token.token_id)
    site.clock.move(timedelta(seconds=1))
    assert _reason(site, text) == ("token_revoked",)
    expected = [(Operation.ACCESS_REFUSED, ("token_expired",)), (Operation.ACCESS_REFUSED, ("token_revoked",))]
    assert [one for one in _operations(site) if one[0] is Operation.ACCESS_REFUSED] == expected
    entries = [one.entry for one in site.system.log_book.reader.entries(subjects=[token.token_id])]
    assert {one.actor.split(":")[0] for one in entries if one.reasons} == {"legal"}


def test_the_secret_is_kept_nowhere_and_both_acts_are_in_the_access_log_without_a_name(site: Site) -> None:
    """L1"""
    text = _issue(site)
    (token,) = site.system.token_desk.listed(OPERATOR)
    site.system.token_desk.revoke(OPERATOR, token.token_id)
    secret = text.split(".")[2]
    files = [path for path in site.home.rglob("*") if path.is_file()]
    assert not any(secret.encode() in path.read_bytes() for path in files)
    entries = [one.entry for one in site.system.log_book.reader.entries(subjects=[token.token_id])]
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


def _on_postgres(home: Path, dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that takes nobody's word for who they are."""
    monkeypatch.setenv("CALLWARDEN_HOME", str(home))
    monkeypatch.setenv("CALLWARDEN_DATABASE", dsn)


def _refused_without_a_token() -> int:
    with open_system(load_settings()) as system:
        entries = [one.entry for one in system.log_reader.entries()]
    return sum(one.actor == "service:token-desk" and one.reasons == ("not_permitted",) for one in entries)


def test_the_first_token_is_issued_at_the_machine_and_every_other_with_it(
    tmp_path: Path, postgres_dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """U2"""
    _on_postgres(tmp_path / "home", postgres_dsn, monkeypatch)
    assert run(["init"]) == 0
    capsys.readouterr()

    def issued(role: str, *more: str) -> tuple[int, dict[str, str]]:
        code = run(["token", "issue", "--role", role, "--name", "bruno", *more, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out if code == 0 else said.err)

    for role, more in (("legal", ()), ("operator", ("--line", "customer-service"))):
        code, fault = issued(role, *more)
        assert (code, fault["error"]["reasons"]) == (1, ["not_permitted"])  # type: ignore[index]
    code, first = issued("operator")
    assert code == 0
    for command in (["token", "list"], ["token", "revoke", first["token_id"]], ["token", "issue", "--role", "dpo"]):
        command += ["--name", "x"] if "issue" in command else []
        assert run([*command, "--as", "operator:bruno", "--json"]) == 1
        fault = json.loads(capsys.readouterr().err)["error"]
        assert fault["reasons"] == ["not_permitted"], fault
    for refused in (["calls", "list"], ["dispose", "--dry-run"], ["reconcile", "--repair"], ["breakglass", "list"]):
        before = _refused_without_a_token()
        assert run([*refused, "--json"]) == 1
        assert _refused_without_a_token() == before + 1, refused
    capsys.readouterr()
    monkeypatch.setenv("CALLWARDEN_TOKEN", first["token"])
    code, second = issued("legal")
    assert code == 0
    assert run(["token", "list", "--json"]) == 0
    assert {one["token_id"] for one in json.loads(capsys.readouterr().out)} == {first["token_id"], second["token_id"]}
    assert run(["token", "list", "--as", "dpo:chloe", "--json"]) == 1
    assert json.loads(capsys.readouterr().err)["error"]["reasons"] == ["token_of_another"]
    monkeypatch.setenv("CALLWARDEN_TOKEN", second["token"])
    assert issued("dpo")[0] == 1
    assert run(["token", "list", "--json"]) == 1
    capsys.readouterr()
    monkeypatch.setenv("CALLWARDEN_TOKEN", first["token"])
    assert run(["token", "revoke", first["token_id"], "--json"]) == 0
    monkeypatch.delenv("CALLWARDEN_TOKEN")
    capsys.readouterr()
    assert issued("dpo")[0] == 0, "nobody can issue any more"


@pytest.mark.parametrize("role", ["trainer", "supervisor", "legal", "auditor", "telephony"])
def test_whoever_may_not_let_others_in_gets_no_token_and_an_entry(site: Site, role: str) -> None:
    desk, who = site.system.token_desk, Actor(role=Role(role), name="eve")
    for attempt in (
        lambda: desk.issue(who, LEGAL, lasts=timedelta(days=1)),
        lambda: desk.revoke(who, TokenId("tok-1")),
        lambda: desk.issue_first(who, OPERATOR, lasts=timedelta(days=1)),
    ):
        with pytest.raises(RefusedError):
            attempt()
    assert desk.listed(OPERATOR) == []
    told = {one.entry.reasons for one in site.system.log_book.reader.entries() if one.entry.reasons}
    assert told == {("not_permitted", act) for act in ("token.issue_first", "token.revoke", "token.issue")}


def _operations(site: Site) -> list[tuple[Operation, tuple[str, ...]]]:
    """What the log tells of the one token there is, oldest first."""
    (token,) = site.system.token_desk.listed(OPERATOR)
    entries = [one.entry for one in site.system.log_book.reader.entries(subjects=[token.token_id])]
    return [(one.operation, one.reasons) for one in sorted(entries, key=lambda one: one.entry_id)]


def test_a_token_good_once_is_accepted_once_and_a_replay_is_refused_and_written_down(site: Site) -> None:
    """Bad input: replayed tokens."""
    text = _issue(site, once=True)
    site.clock.move(timedelta(seconds=1))
    assert site.system.doorkeeper.actor_of(text) == LEGAL
    for _ in range(2):
        site.clock.move(timedelta(seconds=1))
        assert _reason(site, text) == ("token_used",)
    replayed = (Operation.ACCESS_REFUSED, ("token_used",))
    assert _operations(site) == [(Operation.TOKEN_ISSUED, ()), (Operation.TOKEN_SPENT, ()), replayed, replayed]


def test_a_spent_token_is_spent_after_a_restart_and_whatever_else_befalls_it(site: Site) -> None:
    text = _issue(site, once=True)
    spent_at = site.clock.now()
    site.system.doorkeeper.actor_of(text)
    site.reopen()
    assert _reason(site, text) == ("token_used",)
    (token,) = site.system.token_desk.listed(OPERATOR)
    assert (token.once, token.spent_at) == (True, spent_at)
    site.clock.move(timedelta(days=2))
    assert _reason(site, text) == ("token_used",)  # it has expired, too; that somebody tries it again says more
    site.system.token_desk.revoke(OPERATOR, token.token_id)
    assert _reason(site, text) == ("token_used",)
    (revoked,) = site.system.token_desk.listed(OPERATOR)
    assert revoked.spent_at == spent_at


def test_what_is_not_accepted_spends_nothing(site: Site) -> None:
    text = _issue(site, once=True)
    head, token_id, secret = text.split(".")
    assert _reason(site, f"{head}.{token_id}.{secret[::-1]}") == ("token_invalid",)
    site.clock.move(timedelta(days=-1))
    assert _reason(site, text) == ("token_expired",)
    site.clock.move(timedelta(days=1))
    assert site.system.doorkeeper.actor_of(text) == LEGAL
    told = [operation for operation, _ in _operations(site)]
    assert sorted(told) == ["access.refused", "access.refused", "token.issued", "token.spent"]


def test_a_token_good_many_times_is_never_spent(site: Site) -> None:
    text = _issue(site)
    assert [site.system.doorkeeper.actor_of(text) for _ in range(3)] == [LEGAL] * 3
    (token,) = site.system.token_desk.listed(OPERATOR)
    assert (token.once, token.spent_at) == (False, None)


_PRESENT = """
import sys
from callwarden.errors import RefusedError
from callwarden.settings import load_settings
from callwarden.wiring import open_system

with open_system(load_settings()) as system:
    door = system.doorkeeper
    print("ready", flush=True)
    sys.stdin.readline()
    for text in sys.argv[1:]:
        try:
            door.actor_of(text)
            print("accepted", flush=True)
        except RefusedError as error:
            print(*error.reasons, flush=True)
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_of_two_processes_that_present_a_token_at_once_exactly_one_gets_in(
    tmp_path: Path, request: pytest.FixtureRequest, database: str
) -> None:
    overrides = {} if database == "sqlite" else {"database": request.getfixturevalue("postgres_dsn")}
    with Site(tmp_path / "home", overrides=overrides) as site:
        site.clock.instant = datetime.now(UTC)  # the other processes' clock
        texts = [_issue(site, once=True) for _ in range(12)]
    environment = {**os.environ, "CALLWARDEN_HOME": str(tmp_path / "home")}
    if overrides:
        environment["CALLWARDEN_DATABASE"] = overrides["database"]
    command = [sys.executable, "-c", _PRESENT, *texts]
    racing = [
        subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        for one in racing:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        answers = []
        for one in racing:
            assert one.stdin is not None
            one.stdin.write("now\n")
            one.stdin.flush()
        for one in racing:
            answers.append(one.communicate(timeout=60)[0].splitlines())
    finally:
        for one in racing:
            one.kill()
            one.wait()
    assert [sorted(pair) for pair in zip(*answers, strict=True)] == [["accepted", "token_used"]] * 12
    with Site(tmp_path / "home", overrides=overrides) as site:
        assert all(token.spent_at is not None for token in site.system.token_desk.listed(OPERATOR))


_ONE_COMMAND = (
    ("hold", "open", "CASE-1", "--reason", "dispute"),
    ("hold", "release", "CASE-1"),
    ("log", "list", "--purpose", "dispute"),
    ("breakglass", "list"),
    ("search", "bonjour", "--purpose", "dispute"),
)


@pytest.mark.parametrize("command", _ONE_COMMAND, ids=lambda words: " ".join(words[:2]))
def test_a_command_presents_its_token_once_and_a_second_command_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
) -> None:
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    role = "legal" if command[0] in {"hold", "breakglass"} else "dpo"
    assert run(["token", "issue", "--role", role, "--name", "bruno", "--once", "--json"]) == 0
    issued = json.loads(capsys.readouterr().out)
    assert (issued["once"], issued["spent_at"]) == (True, None)
    monkeypatch.setenv("CALLWARDEN_TOKEN", issued["token"])
    run([*command, "--as", "token", "--json"])
    first = capsys.readouterr()
    assert "token_used" not in first.err
    assert run(["token", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["spent_at"] is not None
    assert run([*command, "--as", "token", "--json"]) == 1
    assert json.loads(capsys.readouterr().err)["error"]["reasons"] == ["token_used"]
    assert run(["log", "list", "--recording", issued["token_id"], "--as", "auditor:david", "--json"]) == 0
    told = [(one["operation"], one["reasons"]) for one in json.loads(capsys.readouterr().out)]
    assert ("access.refused", ["token_used"]) in told
    assert [operation for operation, _ in told].count("token.spent") == 1
