"""An evidence pack proves itself: whatever was done to it afterwards is named (K3, L2)."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callwarden.accesslog.key.signer import open_signer, trust
from callwarden.accesslog.proof.note import format_key
from callwarden.evidence.manifest import MANIFEST, PACK
from callwarden.evidence.proofs import PROOFS
from callwarden.evidence.verify import FaultKind, PackReport, verify_pack
from callwarden.rules.signed_document import canonical, document_of
from tests.evidence.conftest import Made

Tamper = Callable[[Path, Made], str]
"""Does something to a pack; returns the file it has to be named by."""


def audio(made: Made, number: int = 0) -> str:
    return f"recordings/{made.held[number]}/original-audio.wav"


def alter_one_byte(pack: Path, made: Made) -> str:
    content = bytearray((pack / audio(made)).read_bytes())
    content[len(content) // 2] ^= 1
    (pack / audio(made)).write_bytes(content)
    return audio(made)


def cut_short(pack: Path, made: Made) -> str:
    (pack / audio(made)).write_bytes((pack / audio(made)).read_bytes()[:-1])
    return audio(made)


def remove(pack: Path, made: Made) -> str:
    (pack / audio(made)).unlink()
    return audio(made)


def add(pack: Path, _: Made) -> str:
    (pack / "recordings" / "one-more.wav").write_bytes(b"RIFF")
    return "recordings/one-more.wav"


def add_hidden(pack: Path, _: Made) -> str:
    (pack / ".hidden").write_bytes(b"")
    return ".hidden"


def swap(pack: Path, made: Made) -> str:
    first, second = pack / audio(made), pack / audio(made, 1)
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    return audio(made)


def link_elsewhere(pack: Path, made: Made) -> str:
    kept = pack.parent / "elsewhere.wav"
    shutil.move(pack / audio(made), kept)
    (pack / audio(made)).symlink_to(kept)
    return audio(made)


def add_an_empty_folder(pack: Path, _: Made) -> str:
    (pack / "more").mkdir()
    return "more"


def link_a_folder(pack: Path, _: Made) -> str:
    (pack / "more").symlink_to(pack / "recordings")
    return "more"


def rewrite_the_bordereau(pack: Path, _: Made) -> str:
    page = (pack / "bordereau.html").read_text()
    (pack / "bordereau.html").write_text(page.replace("Niort", "Nantes"))
    return "bordereau.html"


def drop_a_log_entry(pack: Path, _: Made) -> str:
    (pack / PROOFS).write_bytes(b"".join((pack / PROOFS).read_bytes().splitlines(keepends=True)[1:]))
    return PROOFS


def change_the_recipient(pack: Path, _: Made) -> str:
    manifest = json.loads((pack / MANIFEST).read_bytes())
    manifest["statement"]["disclosure"]["recipient"] = "somebody else"
    (pack / MANIFEST).write_bytes(canonical(manifest))
    return MANIFEST


def cut_the_manifest(pack: Path, _: Made) -> str:
    (pack / MANIFEST).write_bytes((pack / MANIFEST).read_bytes()[:-10])
    return MANIFEST


def remove_the_manifest(pack: Path, _: Made) -> str:
    (pack / MANIFEST).unlink()
    return MANIFEST


def sign_with_another_key(pack: Path, _: Made) -> str:
    signer = open_signer(pack.parent / "other.pem", "callwarden.log/other")
    resign(pack, signer)
    return MANIFEST


def pass_for_the_true_key(pack: Path, made: Made) -> str:
    signer = open_signer(pack.parent / "other.pem", "callwarden.log/other")
    resign(pack, signer, key=format_key(made.signer.key))
    return MANIFEST


def add_a_space_to_the_manifest(pack: Path, _: Made) -> str:
    with (pack / MANIFEST).open("ab") as file:
        file.write(b" ")
    return MANIFEST


def write_the_manifest_in_lines(pack: Path, _: Made) -> str:
    (pack / MANIFEST).write_text(json.dumps(json.loads((pack / MANIFEST).read_bytes()), indent=1))
    return MANIFEST


def resign(pack: Path, signer: Any, *, key: str | None = None) -> None:
    """Sign the pack again as it lies there now."""
    statement = json.loads((pack / MANIFEST).read_bytes())["statement"]
    for file in statement["files"]:
        content = (pack / file["name"]).read_bytes()
        file["bytes"], file["sha256"] = len(content), hashlib.sha256(content).hexdigest()
    said = canonical(statement)
    signed = document_of(said, key=key or format_key(signer.key), signature=signer.sign(PACK.prefix + said))
    (pack / MANIFEST).write_bytes(signed)


TAMPERINGS: list[tuple[Tamper, FaultKind]] = [
    (alter_one_byte, FaultKind.ALTERED),
    (cut_short, FaultKind.ALTERED),
    (remove, FaultKind.MISSING),
    (add, FaultKind.ADDED),
    (add_hidden, FaultKind.ADDED),
    (swap, FaultKind.SWAPPED),
    (link_elsewhere, FaultKind.ALTERED),
    (add_an_empty_folder, FaultKind.ADDED),
    (link_a_folder, FaultKind.ADDED),
    (rewrite_the_bordereau, FaultKind.ALTERED),
    (drop_a_log_entry, FaultKind.ALTERED),
    (change_the_recipient, FaultKind.BAD_SIGNATURE),
    (cut_the_manifest, FaultKind.DAMAGED_MANIFEST),
    (add_a_space_to_the_manifest, FaultKind.DAMAGED_MANIFEST),
    (write_the_manifest_in_lines, FaultKind.DAMAGED_MANIFEST),
    (remove_the_manifest, FaultKind.UNFINISHED),
    (sign_with_another_key, FaultKind.OTHER_KEY),
    (pass_for_the_true_key, FaultKind.BAD_SIGNATURE),
]


@pytest.fixture
def pack(made: Made, tmp_path: Path) -> Path:
    """A copy to do something to."""
    return Path(shutil.copytree(made.directory, tmp_path / "pack"))


def found(report: PackReport) -> set[tuple[FaultKind, str]]:
    return {(fault.kind, fault.file) for fault in report.faults}


def test_an_untouched_pack_is_genuine_wherever_it_was_carried(made: Made, pack: Path) -> None:
    report = verify_pack(pack, trusted=made.trusted)
    assert report.ok, report.faults
    assert report.manifest is not None
    assert report.manifest.digest == made.packed.digest
    assert report.files == len(made.packed.contents.files)
    assert report.log_entries == made.packed.contents.log_entries > 0


@pytest.mark.parametrize(("tamper", "kind"), TAMPERINGS, ids=lambda value: getattr(value, "__name__", None))
def test_what_was_done_to_a_pack_is_named(made: Made, pack: Path, tamper: Tamper, kind: FaultKind) -> None:
    name = tamper(pack, made)
    report = verify_pack(pack, trusted=made.trusted)
    assert (kind, name) in found(report)
    assert len(report.faults) == (2 if tamper is swap else 1)


def test_a_pack_signed_again_by_who_holds_the_key_still_needs_the_logs_own_proofs(made: Made, pack: Path) -> None:
    lines = (pack / PROOFS).read_bytes().splitlines(keepends=True)
    told = json.loads(lines[0])
    before, after = ("allowed", "done") if "allowed" in told["entry"] else ("done", "allowed")
    told["entry"] = told["entry"].replace(f'"outcome":"{before}"', f'"outcome":"{after}"')
    (pack / PROOFS).write_bytes(canonical(told) + b"\n" + b"".join(lines[1:]))
    resign(pack, made.signer)
    assert found(verify_pack(pack, trusted=made.trusted)) == {(FaultKind.BAD_PROOF, PROOFS)}
    (pack / PROOFS).write_bytes(b"".join(lines[1:]))
    resign(pack, made.signer)
    assert found(verify_pack(pack, trusted=made.trusted)) == {(FaultKind.BAD_PROOF, PROOFS)}


def test_a_pack_signed_again_over_another_voice_breaks_its_custody(made: Made, pack: Path) -> None:
    swap(pack, made)
    resign(pack, made.signer)
    custody = {(FaultKind.BROKEN_CUSTODY, f"recordings/{one}/custody.json") for one in made.held}
    assert found(verify_pack(pack, trusted=made.trusted)) == custody


def test_the_page_says_how_to_check_a_pack_without_this_program(
    made: Made, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "log.md").read_text(encoding="utf-8")
    _, _, section = page.partition("## An evidence pack\n")
    code = section.partition("```python\n")[2].partition("```")[0]
    monkeypatch.chdir(pack.parent)
    Path("key-you-hold.txt").write_text(format_key(made.signer.key) + "\n")
    exec(compile(code, "docs/log.md", "exec"), {})
    alter_one_byte(pack, made)
    with pytest.raises(AssertionError):
        exec(compile(code, "docs/log.md", "exec"), {})


@settings(max_examples=40)
@given(which=st.integers(0, 10_000), where=st.integers(0), bit=st.integers(0, 7))
def test_no_single_bit_of_a_pack_can_change_unseen(made: Made, which: int, where: int, bit: int) -> None:
    every = sorted(path for path in made.directory.rglob("*") if path.is_file())
    file = every[which % len(every)]
    before = file.read_bytes()
    content = bytearray(before)
    content[where % len(content)] ^= 1 << bit
    file.write_bytes(content)
    try:
        report = verify_pack(made.directory, trusted=made.trusted)
    finally:
        file.write_bytes(before)
    assert [fault.file for fault in report.faults] == [file.relative_to(made.directory).as_posix()]


@pytest.mark.parametrize("name", ["../outside.wav", "/etc/hostname", "recordings/../manifest.json"])
def test_a_manifest_that_names_files_outside_its_pack_is_not_followed(made: Made, pack: Path, name: str) -> None:
    whole = json.loads((pack / MANIFEST).read_bytes())
    whole["statement"]["files"].append({"name": name, "bytes": 0, "sha256": "0" * 64})
    said = canonical(whole["statement"])
    signature = made.signer.sign(PACK.prefix + said)
    (pack / MANIFEST).write_bytes(document_of(said, key=whole["key"], signature=signature))
    assert (FaultKind.DAMAGED_MANIFEST, name) in found(verify_pack(pack, trusted=made.trusted))


@pytest.mark.parametrize("member", ["files", "gone", "log", "disclosure"])
def test_a_signed_manifest_that_makes_no_sense_is_a_fault_and_no_crash(made: Made, pack: Path, member: str) -> None:
    statement = json.loads((pack / MANIFEST).read_bytes())["statement"]
    statement[member] = {"files": [*statement["files"], statement["files"][0]], "gone": 7, "log": None}.get(member, [1])
    said = canonical(statement)
    signature = made.signer.sign(PACK.prefix + said)
    (pack / MANIFEST).write_bytes(document_of(said, key=format_key(made.signer.key), signature=signature))
    assert found(verify_pack(pack, trusted=made.trusted)) == {(FaultKind.DAMAGED_MANIFEST, MANIFEST)}


def test_an_empty_folder_and_a_key_that_signed_nothing_prove_nothing(made: Made, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert found(verify_pack(tmp_path / "empty", trusted=made.trusted)) == {(FaultKind.UNFINISHED, MANIFEST)}
    other = trust(open_signer(tmp_path / "other.pem", "callwarden.log/other").key)
    assert found(verify_pack(made.directory, trusted=[other])) == {(FaultKind.OTHER_KEY, MANIFEST)}


def test_the_command_needs_the_folder_and_the_public_key_and_no_system(made: Made, pack: Path, tmp_path: Path) -> None:
    key = tmp_path / "key.txt"
    key.write_text(format_key(made.signer.key) + "\n")
    run = [sys.executable, "-m", "callwarden.workers.command", "hold", "verify-pack", str(pack), "--json"]
    environment = {"CALLWARDEN_HOME": str(tmp_path / "nowhere"), "PATH": ""}
    told = subprocess.run([*run, "--public-key", str(key)], capture_output=True, env=environment, check=True)
    said = json.loads(told.stdout)
    assert said["genuine"] is True
    assert said["disclosure"]["recipient"] == "Tribunal judiciaire de Niort"
    assert not (tmp_path / "nowhere").exists()
    asked = subprocess.run(run, capture_output=True, env=environment, check=False)
    assert asked.returncode == 2
    assert b"--public-key" in asked.stderr
