"""`callwarden log` on an embedded system: what a person or an auditor's program sees (U3, L2, L4)."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from callwarden.custody.timekeeper import ClockAstrayError
from callwarden.errors import ConfigurationError, RefusedError, UsageError
from callwarden.ports.log import EntryMissingError
from callwarden.workers.cli.log import app
from tests.log.stamped import a_stamped
from tests.servers.tsa import missing, serving
from tests.support.diagnostics import capture_logs
from tests.support.site import make_home

OPERATOR = ("--as", "operator:otto")
AUDITOR = ("--as", "auditor:david", "--purpose", "quality")


@pytest.fixture(autouse=True)
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings come from the environment: these are an embedded system's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_CHECKPOINTS", str(tmp_path / "elsewhere"))


def run(*arguments: str, code: int = 0) -> Any:
    """What the command printed as JSON. An error of ours is raised as it is."""
    if not Path("home").exists():
        make_home()  # by the clock the test has set
    result = CliRunner().invoke(app, [*arguments, "--json"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_looking_at_the_log_is_the_newest_entry_of_it() -> None:
    [first] = run("list", *AUDITOR)
    assert (first["operation"], first["outcome"], first["purpose"]) == ("log.read", "allowed", "quality")
    assert first["actor"].startswith("auditor:")
    assert "david" not in json.dumps(first)
    assert len(run("list", *AUDITOR)) == 2


def test_whoever_may_not_look_is_refused_and_written_down() -> None:
    with pytest.raises(RefusedError) as caught:
        run("list", "--as", "trainer:alice", "--purpose", "training")
    assert caught.value.reasons == ("not_permitted",)
    refused = run("list", *AUDITOR)[1]
    assert (refused["operation"], refused["outcome"], refused["reasons"]) == (
        "access.refused",
        "refused",
        ["not_permitted", "log.list"],
    )


def test_a_checkpoint_anchors_everything_and_verifies() -> None:
    run("list", *AUDITOR)
    state = run("checkpoint")
    assert (state["size"], state["anchored"], state["unanchored_since"]) == (2, 2, None), "its own entry, too"
    report = run("verify")
    assert (report["ok"], report["size"], report["outside_checkpoints"]) == (True, 2, 1)


def test_an_entry_is_proven_or_said_to_be_missing() -> None:
    [entry] = run("list", *AUDITOR)
    run("checkpoint")
    proof = run("prove", entry["entry_id"], *AUDITOR)
    assert proof["index"] == 0
    assert json.loads(proof["entry"])["entry_id"] == entry["entry_id"]
    with pytest.raises(EntryMissingError):
        run("prove", "0" * 26, *AUDITOR)
    for no_id in ("nosuch", "marie@example.org"):
        with pytest.raises(EntryMissingError, match=f"there is no entry {no_id}"):
            run("prove", no_id, *AUDITOR)


def test_an_export_verifies_under_the_key_and_not_under_another(tmp_path: Path) -> None:
    run("list", *AUDITOR)
    written = run("export", str(tmp_path / "export"), *AUDITOR)
    assert (written["entries"], written["checkpoints"]) == (2, 1)
    key = tmp_path / "key.txt"
    key.write_text(run("key")["public_key"])
    offline = ("verify", "--export", str(tmp_path / "export"), "--public-key", str(key))
    assert run(*offline)["ok"]
    assert run(*offline, "--checkpoints", str(tmp_path / "elsewhere"))["outside_checkpoints"] == 1
    other = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    key.write_text(other)
    kinds = [fault["kind"] for fault in run(*offline, code=1)["faults"]]
    assert "other_key" in kinds
    with pytest.raises(UsageError, match="--public-key"):
        run("verify", "--export", str(tmp_path / "export"))


def test_tampering_with_the_database_is_exit_code_1_and_names_the_entry(tmp_path: Path) -> None:
    for _ in range(5):
        run("list", *AUDITOR)
    run("checkpoint")
    with sqlite3.connect(tmp_path / "home" / "catalogue.db") as database:
        database.execute("UPDATE log_leaf SET bytes = replace(bytes, 'quality', 'dispute') WHERE idx = 3")
    database.close()
    report = run("verify", code=1)
    assert [(fault["kind"], fault["first"]) for fault in report["faults"]] == [("edited", 3)]
    spoken = CliRunner().invoke(app, ["verify"])
    assert spoken.exit_code == 1
    assert "entry 3 is altered" in spoken.stdout
    assert "NOT the log that was signed" in spoken.stdout


def test_months_expire_by_age_but_never_sooner_than_the_policy_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """L3."""
    monkeypatch.setenv("CALLWARDEN_NOW", "2026-01-15T12:00:00Z")
    run("list", *AUDITOR)
    run("checkpoint")
    monkeypatch.setenv("CALLWARDEN_NOW", "2026-02-01T00:30:00Z")
    run("checkpoint")
    monkeypatch.setenv("CALLWARDEN_NOW", "2027-01-31T23:00:00Z")
    assert run("expire", *OPERATOR)["entries_deleted"] == 0
    monkeypatch.setenv("CALLWARDEN_NOW", "2027-02-01T00:30:00Z")
    with pytest.raises(RefusedError, match="keeps the access log P1Y") as refused:  # what the shipped policy says
        run("expire", "--older-than", "P6M", *OPERATOR)
    assert refused.value.reasons == ("shorter_than_policy",)
    assert run("expire", "--older-than", "P13M", *OPERATOR)["entries_deleted"] == 0
    gone = run("expire", *OPERATOR)
    assert (gone["entries_deleted"], gone["expired"]) == (2, ["2026-01"])
    assert run("verify")["ok"]
    with pytest.raises(UsageError, match="ISO 8601"):
        run("expire", "--older-than", "a year", *OPERATOR)


def test_to_expire_the_log_is_the_act_of_somebody_who_may_and_so_is_its_refusal() -> None:
    """Its order is in the log before anything is deleted; nobody in particular deletes nothing."""
    assert CliRunner().invoke(app, ["expire"]).exit_code == 2
    with pytest.raises(RefusedError):
        run("expire", "--as", "trainer:alice")
    with pytest.raises(RefusedError):
        run("expire", "--older-than", "P6M", *OPERATOR)
    run("expire", *OPERATOR)
    entries = [(one["operation"], one["outcome"], one["reasons"]) for one in run("list", *AUDITOR)]
    assert ("log.expiry_ordered", "done", []) in entries
    assert ("access.refused", "refused", ["not_permitted", "log.expire"]) in entries
    assert ("access.refused", "refused", ["shorter_than_policy", "log.expire"]) in entries


def test_a_clock_that_has_jumped_expires_no_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLWARDEN_NOW", "2026-01-15T12:00:00Z")
    run("list", *AUDITOR)
    run("checkpoint")
    with closing(sqlite3.connect(tmp_path / "home" / "catalogue.db")) as database, database:
        database.execute("DELETE FROM landmark WHERE name = 'sealed:fixed-clock'")  # no test system any more
    monkeypatch.setenv("CALLWARDEN_NOW", "2027-06-01T00:30:00Z")
    with pytest.raises(ClockAstrayError):
        run("expire", *OPERATOR)
    assert run("checkpoint")["expired"] == []


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
def test_time_stamps_are_made_verified_exported_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """L2."""
    stamped = a_stamped(tmp_path / "tsa")
    roots = stamped.roots_file(tmp_path)
    with serving(stamped.tsa), capture_logs() as logged:
        monkeypatch.setenv("CALLWARDEN_TIMESTAMP_URL", stamped.tsa.url)
        with pytest.raises(ConfigurationError, match="CALLWARDEN_TIMESTAMP_ROOTS"):
            run("checkpoint")
        monkeypatch.setenv("CALLWARDEN_TIMESTAMP_ROOTS", str(roots))
        run("list", *AUDITOR)
        run("checkpoint")
    assert [one["event"] for one in logged] == ["checkpoint_stamped"]
    latest = run("verify")["timestamps"]["latest"]
    assert latest["size"] == 2
    assert "the first 2 entries existed at" in CliRunner().invoke(app, ["verify"]).stdout
    written = run("export", str(tmp_path / "export"), *AUDITOR)  # the authority is gone: exported all the same
    assert (written["checkpoints"], written["timestamps"]) == (2, 1)
    monkeypatch.delenv("CALLWARDEN_TIMESTAMP_URL")
    monkeypatch.delenv("CALLWARDEN_TIMESTAMP_ROOTS")
    key = tmp_path / "key.txt"
    key.write_text(run("key")["public_key"])
    offline = ("verify", "--export", str(tmp_path / "export"), "--public-key", str(key))
    assert run(*offline)["timestamps"] == {"kept": 1, "checked": False, "holding": 0, "latest": None}
    assert run(*offline, "--timestamp-roots", str(roots))["timestamps"]["latest"] == latest
    stranger = a_stamped(tmp_path / "stranger").roots_file(tmp_path)
    report = run(*offline, "--timestamp-roots", str(stranger), code=1)
    assert [fault["kind"] for fault in report["faults"]] == ["timestamp_untrusted"]
    place = next((tmp_path / "elsewhere").glob("*.tsr"))
    (tmp_path / "elsewhere" / f"9{place.name[1:]}").write_bytes(place.read_bytes())
    report = run(*offline, "--checkpoints", str(tmp_path / "elsewhere"), "--timestamp-roots", str(stranger), code=1)
    assert {fault["kind"] for fault in report["faults"]} == {"timestamp_untrusted", "timestamp_orphan"}


def test_the_state_of_the_log_is_figures_and_looking_is_no_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLWARDEN_NOW", "2026-01-15T12:00:00Z")
    empty = run("status")
    assert (empty["entries"], empty["checkpoint"], empty["timestamp"]) == (0, None, None)
    run("list", *AUDITOR)
    run("checkpoint")
    run("list", *AUDITOR)
    monkeypatch.setenv("CALLWARDEN_NOW", "2026-01-15T12:04:00Z")
    status = run("status")
    assert (status["entries"], status["waiting"], status["checkpoint"]["size"]) == (2, 1, 2)
    assert status["checkpoint"]["signed_by"] == "+".join(run("key")["public_key"].split("+")[:2])
    assert status["unanchored"] == {
        "entries": 1,
        "since": "2026-01-15T12:00:00+00:00",
        "age_s": 240.0,
        "late_after_s": 180.0,
        "late": True,
    }
    assert [(one["name"], one["state"]) for one in status["segments"]] == [("2026-01", "open")]
    spoken = CliRunner().invoke(app, ["status"]).stdout
    assert "Entries have waited too long for a checkpoint" in spoken
    assert run("status")["waiting"] == 1


def test_the_key_is_rotated_and_auditors_with_the_old_one_follow(tmp_path: Path) -> None:
    run("list", *AUDITOR)
    run("checkpoint")
    old = run("key")
    assert old["earlier"] == []
    with pytest.raises(RefusedError):
        run("rotate-key", "--as", "legal:bruno")
    done = run("rotate-key", "--as", "operator:olga")
    assert (done["earlier"], run("key")) == (
        old["public_key"],
        {"public_key": done["public_key"], "earlier": [old["public_key"]]},
    )
    assert [one["operation"] for one in run("list", *AUDITOR)].count("key.rotated") == 1
    run("checkpoint")
    assert run("verify")["ok"]
    run("export", str(tmp_path / "export"), *AUDITOR)
    keys = {name: tmp_path / f"{name}.txt" for name in ("old", "new", "both")}
    keys["old"].write_text(old["public_key"])
    keys["new"].write_text(done["public_key"])
    keys["both"].write_text(CliRunner().invoke(app, ["key"]).stdout)
    offline = ("verify", "--export", str(tmp_path / "export"))
    report = run(*offline, "--public-key", str(keys["old"]))
    assert (report["ok"], [one["to"] for one in report["handovers"]]) == (True, [done["public_key"]])
    assert run(*offline, "--public-key", str(keys["both"]))["ok"]
    assert run(*offline, "--public-key", str(keys["new"]), "--public-key", str(keys["old"]))["ok"]
    alone = run(*offline, "--public-key", str(keys["new"]), code=1)
    assert {fault["kind"] for fault in alone["faults"]} == {"other_key"}
    assert "handed over to" in CliRunner().invoke(app, ["verify"]).stdout
