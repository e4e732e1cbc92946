"""`experiment apply-revocations` needs a folder and a list, and neither a system nor settings."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from callwarden.accesslog.proof.note import format_key
from callwarden.datasets.items import LINES
from callwarden.workers.cli import run
from tests.support import data_sets
from tests.support.data_sets import TERMS, item, write, write_list


@pytest.fixture(autouse=True)
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that was exported, where nobody has a system."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CALLWARDEN_HOME", raising=False)
    write(tmp_path / "set", key=data_sets.signer(tmp_path), sound=b"RIFF")
    write_list(tmp_path / "list", [1, 3], key=data_sets.signer(tmp_path))
    return tmp_path / "set"


def said(capsys: pytest.CaptureFixture[str], line: str, *, code: int = 0) -> Any:
    assert run([*shlex.split(f"experiment apply-revocations {line}"), "--json"]) == code, line
    output, errors = capsys.readouterr()
    return json.loads(output) if output else json.loads(errors.splitlines()[-1])["error"]


def public(folder: Path, *names: str) -> str:
    """A file of these public keys, as `log key` prints them."""
    lines = [format_key(data_sets.signer(folder, name).key) for name in names]
    (folder / "public").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "public"


def test_it_takes_items_out_and_says_where_the_certificate_is(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = said(capsys, f"set list --public-key {public(tmp_path, 'key.pem')}")
    assert (done["experiment"], done["removed"], done["left"]) == (TERMS.experiment, 2, 3)
    left = [json.loads(line)["item"] for line in (copy / LINES).read_text(encoding="utf-8").splitlines()]
    assert left == [item(number).item for number in (0, 2, 4)]
    stated = json.loads(Path(done["certificate"]).read_bytes())
    assert stated["removed"] == [item(1).item, item(3).item]
    assert stated["revocations"] == done["revocations_sha256"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key.pem", "list", "public", "set"]  # and no system
    assert run(["experiment", "apply-revocations", "set", "list"]) == 0
    assert "HF_HOME/datasets" in capsys.readouterr().out  # where another copy may be


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("set forged", "other_key"),
        ("set other", "other_experiment"),
        ("set set/README.md", "not_a_revocation_list"),
        ("nowhere list", "not_a_data_set"),
        ("altered list", "folder_altered"),
        ("set list --public-key public", "other_key"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason_and_nothing_is_changed(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, reason: str
) -> None:
    write(tmp_path / "altered", key=data_sets.signer(tmp_path))
    (tmp_path / "altered" / LINES).write_bytes(b"")
    write_list(tmp_path / "forged", [1], key=data_sets.signer(tmp_path, "other.pem"))
    write_list(tmp_path / "other", [1], key=data_sets.signer(tmp_path), experiment="exp-01J0000000000000000000000B")
    public(tmp_path, "other.pem")
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    refused = said(capsys, line, code=1)
    assert (refused["code"], refused["reasons"]) == ("refused", [reason])
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_a_list_signed_after_the_key_was_rotated_is_taken_under_both_keys(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_list(tmp_path / "newer", [2], key=data_sets.signer(tmp_path, "new.pem"))
    assert said(capsys, "set newer", code=1)["reasons"] == ["other_key"]
    assert said(capsys, f"set newer --key {public(tmp_path, 'key.pem', 'new.pem')}")["left"] == 4
