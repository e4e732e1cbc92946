"""A key file of another system, or an old copy of this one's, is refused before anything uses it, and named (K4)."""

import contextlib
import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.adapters.keys.file import FileKeyStore
from callwarden.custody.key_census import ForeignKeysError
from callwarden.errors import UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.log_entry import Operation
from callwarden.model.outcome import Position
from callwarden.model.purpose import Purpose
from callwarden.rules.dead_letter import letter_subject
from callwarden.rules.key_faults import KeyFault
from callwarden.wiring import System
from tests.fakes.keys import rotated_master
from tests.support.dying import Fate, KilledError, moments, mortal
from tests.support.site import Site
from tests.system.test_restore import BACKED_UP, Desk

OPERATOR = Actor(role=Role.OPERATOR, name="olga")
LEGAL = Actor(role=Role.LEGAL, name="bruno")
DPO = Actor(role=Role.DPO, name="chloe")


def texts_of(system: System, position: Position) -> list[str | None]:
    """The reasons of what was done about a dead letter."""
    with system.catalogue.snapshot() as tx:
        return [text for _, text in system.act_reasons.read(tx.act_reasons.about(letter_subject(position)))]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    made = Desk(tmp_path / "home", monkeypatch, capsys)
    made.takes("stays", ended=BACKED_UP - timedelta(hours=2))
    return made


def keys_of(desk: Desk) -> Path:
    return desk.home / "keys" / "keys.json"


def put(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


@pytest.fixture(params=["another system's", "an older copy"])
def wrong_file(request: pytest.FixtureRequest, desk: Desk, tmp_path: Path) -> Desk:
    """A system whose key file has been swapped; the recording it holds is in the file ``recording``."""
    (tmp_path / "recording").write_text(desk.recording("stays"))
    older = keys_of(desk).read_bytes()
    desk.does("keys", "rotate")
    if request.param == "another system's":
        FileKeyStore(tmp_path / "other" / "keys.json")
        put(keys_of(desk), (tmp_path / "other" / "keys.json").read_bytes())
    else:
        put(keys_of(desk), older)
    return desk


@pytest.mark.parametrize(
    "command",
    [
        ("objection", "add", "--number", "06 39 98 00 01", "--purpose", "recording", "--as", "dpo:denise"),
        ("work", "ingest", "--drain"),
        ("work", "all", "--drain"),
        ("keys", "rotate"),
        ("keys", "rewrap"),
        ("token", "list"),
    ],
)
def test_nothing_is_done_with_the_wrong_key_file(wrong_file: Desk, command: tuple[str, ...]) -> None:
    before = keys_of(wrong_file).read_bytes()
    code, fault = wrong_file.says(*command)
    assert code == 1
    if command[:2] != ("work", "all"):  # which says of each step why it could not go on
        assert fault["code"] == "configuration"
        assert set(fault["reasons"]) <= {"key_missing", "key_differs"}
        assert fault["reasons"]
    assert str(keys_of(wrong_file)) in fault["message"]
    assert "Put the right one back" in fault["message"]
    assert keys_of(wrong_file).read_bytes() == before


def test_a_reading_says_that_the_key_is_missing_and_never_disposed(wrong_file: Desk, tmp_path: Path) -> None:
    code, fault = wrong_file.reads((tmp_path / "recording").read_text())
    assert code == 1
    assert "key_missing" in fault["reasons"]
    assert "disposed" not in json.dumps(fault)


def test_reconcile_doctor_and_keys_list_name_the_absent_key_and_what_it_wraps(
    wrong_file: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    from callwarden.workers.cli import run

    def printed(*command: str) -> Any:
        assert run([*command, "--json"]) == 1
        return json.loads(capsys.readouterr().out)

    [breach] = [
        one
        for one in printed("reconcile")["breaches"]
        if one["code"] == "master_key_missing" and "1 data keys" in one["what_to_do"]
    ]
    [listed] = [one for one in printed("keys", "list") if one["data_keys"] == 1]
    assert (listed["master_key"], listed["fault"]) == (breach["subject"], "key_missing")
    [check] = [one for one in printed("doctor")["checks"] if one["part"] == "keys"]
    assert not check["works"]
    assert breach["subject"] in check["what"]


def test_with_the_true_file_back_everything_is_as_it_was(desk: Desk, tmp_path: Path) -> None:
    true = keys_of(desk).read_bytes()
    FileKeyStore(tmp_path / "other" / "keys.json")
    put(keys_of(desk), (tmp_path / "other" / "keys.json").read_bytes())
    assert desk.says("work", "ingest", "--drain")[0] == 1
    put(keys_of(desk), true)
    desk.takes("came-later", ended=BACKED_UP - timedelta(hours=1))
    assert desk.reads(desk.recording("stays"))[0] == desk.reads(desk.recording("came-later"))[0] == 0


def test_a_system_that_remembers_no_keys_yet_tells_a_wrong_file_by_what_it_wrapped(tmp_path: Path) -> None:
    """As after an upgrade: the catalogue is older than the memory of keys."""
    with Site(tmp_path / "home") as site:
        site.publish(site.event("c-1"))
        site.drain("ingest", "objections")
        _forget_keys(site)
        FileKeyStore(tmp_path / "other")
        put(site.home / "keys" / "keys.json", (tmp_path / "other").read_bytes())
        with pytest.raises(ForeignKeysError) as refused:
            _ = site.reopen().keys
        assert refused.value.reasons == (KeyFault.MISSING,)


def test_an_interrupted_rotation_of_before_the_upgrade_is_finished(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        site.publish(site.event("c-1"))
        site.drain("ingest", "objections")
        _forget_keys(site)
        rotated = rotated_master(FileKeyStore(site.home / "keys" / "keys.json"))
        site.reopen()
        site.drain("dispose")
        with site.system.catalogue.snapshot() as tx:
            assert dict(tx.keys.count_by_master()) == {rotated: 1}


def _forget_keys(site: Site) -> None:
    from sqlalchemy import delete

    from callwarden.adapters.sql.schema import known_key

    with site.system.catalogue.engine.begin() as connection:
        connection.execute(delete(known_key))


def test_an_unknown_key_cannot_be_retired(desk: Desk) -> None:
    code, fault = desk.says("keys", "retire", "NOSUCHKEY")
    assert (code, fault["code"]) == (2, "usage")
    assert "unknown key NOSUCHKEY" in fault["message"]


def test_entries_on_keys_name_the_key_and_who_ordered_it(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        site.publish(site.event("c-1"))
        site.drain("ingest", "objections")
        old = site.system.keys.current_master_key()
        new = site.system.key_desk.rotate(OPERATOR).master_key_id
        site.system.key_desk.retire(OPERATOR, old)
        site.system.key_desk.retire(OPERATOR, old)
        assert sorted(key_entries(site)) == [
            (Operation.KEY_DESTROYED, f"key-{old}", "operator"),
            (Operation.KEY_REWRAPPED, f"key-{new}", "operator"),
            (Operation.KEY_ROTATED, f"key-{new}", "operator"),
        ]


def key_entries(site: Site) -> list[tuple[Operation, str, str]]:
    site.drain("log")
    entries = [one.entry for one in site.system.log_reader.entries()]
    return [
        (one.operation, one.subject or "", one.actor.partition(":")[0])
        for one in entries
        if one.operation.value.startswith("key.")
    ]


def _rotate_and_retire(site: Site, old: str) -> None:
    site.system.key_desk.rotate(OPERATOR)
    site.system.key_desk.retire(OPERATOR, old)


@pytest.mark.parametrize("how", ["repeated", "left to the next start"])
def test_a_rotation_killed_at_any_instant_is_finished_and_entered(tmp_path: Path, how: str) -> None:
    with Site(tmp_path / "prepared") as site:
        site.publish(*(site.event(f"c-{number}") for number in range(3)), b"no event", b"neither")
        site.drain("ingest", "objections")
        _, other = site.system.dead_letter_desk.listed(DPO)
        site.system.dead_letter_desk.discarded(DPO, other.position, reason="a trial")

    def prepared(name: str) -> Site:
        return Site(shutil.copytree(tmp_path / "prepared", tmp_path / name))

    fate = Fate()
    with prepared("unharmed") as site:
        old = site.system.keys.current_master_key()
        _rotate_and_retire(mortal_site(site, fate), old)
    for number, moment in enumerate(moments(fate.calls)):
        with prepared(f"killed-{number}") as site:
            old = site.system.keys.current_master_key()
            with contextlib.suppress(KilledError):
                _rotate_and_retire(mortal_site(site, Fate(at=moment)), old)
            site.reopen()
            if how == "repeated":
                with contextlib.suppress(UsageError):  # rotated and retired already: a further rotation is one more
                    _rotate_and_retire(site, old)
            else:
                site.drain("dispose")
            system = site.reopen()
            with system.catalogue.snapshot() as tx:
                assert set(tx.keys.count_by_master()) == {system.keys.current_master_key()}, moment
                known = {one.key_id: one for one in tx.known_keys.all()}
            held = json.loads((site.home / "keys" / "keys.json").read_text())["masters"]
            assert not [name for name in held if name in known and known[name].retired_at], moment
            rotated = [subject for operation, subject, _ in key_entries(site) if operation is Operation.KEY_ROTATED]
            made = [name for name in known if name not in ("k1", old)]
            assert sorted(rotated) == sorted(f"key-{name}" for name in made), moment
            for one in system.catalogue.all_recordings():
                assert system.gate.read(LEGAL, Purpose.DISPUTE, one.recording_id, Readable.ORIGINAL_AUDIO).read_all()
            [left] = [one for one in system.dead_letter_desk.listed(DPO) if one.discarded_at is None]
            [gone] = [one for one in system.dead_letter_desk.listed(DPO) if one.discarded_at is not None]
            assert system.dead_letter_desk.opened(DPO, left.position)[0].value in (b"no event", b"neither"), moment
            assert texts_of(system, gone.position) == ["a trial"], moment
            assert site.report().breaches == (), moment


def mortal_site(site: Site, fate: Fate) -> Site:
    mortal(site.system, fate)
    return site
