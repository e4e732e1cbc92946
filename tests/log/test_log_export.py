"""L2: an export, its bytes and a public key are all an auditor needs; a damaged one is said to be damaged."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from callwarden.accesslog.export import DamagedExportError, verify_directory
from callwarden.accesslog.key.signer import read_trusted
from callwarden.accesslog.proof.export import Exported, Kind
from callwarden.errors import UsageError
from tests.support.log_builder import signer
from tests.support.sql_log import SqlLog


@pytest.fixture
def exported(embedded_log: SqlLog, tmp_path: Path) -> Path:
    """Three months: one expired but for what a hold keeps, one sealed, one open (entries 0, 250 and 501 on)."""
    log = embedded_log
    for month in range(3):
        log.stage(130, subject=f"rec-{month}")
        log.number_and_sign()
        log.stage(120, subject=f"rec-{month}0")
        log.number_and_sign()
        log.clock.move(days=31)
    log.clock.move(days=-31)
    with log.sequencer() as sequencer:
        gone = sequencer.expire(
            due=lambda sealed_at: sealed_at < log.clock.now(), keep=lambda subject, case: subject == "rec-0"
        )
        assert gone == 120
        sequencer.sequence()
        sequencer.checkpoint()
    directory = tmp_path / "export"
    written = write(log, directory)
    assert (written.segments, written.checkpoints) == (3, 7)
    return directory


def write(log: SqlLog, directory: Path) -> Exported:
    return log.book().export(directory)


def check(directory: Path):  # type: ignore[no-untyped-def]  # as verify_directory
    return verify_directory(directory, trusted=[signer().trusted])


def test_an_export_verifies_with_nothing_but_its_bytes_and_the_key(exported: Path) -> None:
    report = check(exported)
    assert report.ok, report.faults
    assert report.size == report.anchored
    assert (report.expired, report.outside, report.copies, report.uncheckable) == (120, 0, 7, ())


def test_the_documented_verifier_needs_none_of_our_code(exported: Path, tmp_path: Path) -> None:
    """docs/log.md, "Without this program": the lines printed there are run as they are."""
    page = (Path(__file__).parents[2] / "docs" / "log.md").read_text()
    _, _, section = page.partition("## Without this program\n")
    code = re.findall(r"```python\n(.*?)```", section, re.DOTALL)[0]
    assert "pipeline" not in code
    (tmp_path / "key-you-hold.txt").write_text(signer().public_text() + "\n")

    def run() -> int:
        return subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False).returncode

    assert run() == 0
    signature = (exported / "head").read_text().splitlines()[-1] + "\n"
    by_another = "— log.example/callwarden " + "A" * 90 + "==\n"
    edit(exported / "head", lambda data: data.replace(signature.encode(), (by_another + signature).encode()))
    assert run() == 0  # as after a new key, when two have signed
    edit(exported / "segments" / "2026-11.entries", lambda data: data.replace(b"training", b"quality!", 1))
    assert run() == 1


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    ("file", "change", "kind", "first"),
    [
        ("segments/2026-11.entries", lambda data: data.replace(b'"v":1}', b'"v":2}', 1), Kind.EDITED, 501),
        ("segments/2026-10.entries", lambda data: data.split(b"\n", 1)[1], Kind.DELETED, 250),
        ("segments/2026-11.entries", lambda data: data + b"{}\n", Kind.INSERTED, 753),
        ("segments/2026-09.kept", lambda data: data.replace(b"training", b"quality", 1), Kind.EDITED, 0),
        (
            "segments/2026-09.pieces",
            lambda data: data[:5] + (b"A" if data[5:6] != b"A" else b"B") + data[6:],
            None,
            None,
        ),
        ("segments/2026-09.seal", lambda data: data.replace(b"2026-09\n", b"2026-08\n"), Kind.BAD_SEAL, 0),
        ("head", lambda data: data.replace(b"\n753\n", b"\n752\n"), Kind.BAD_SIGNATURE, None),
    ],
)
def test_tampering_with_a_file_is_named(
    exported: Path, file: str, change: Callable[[bytes], bytes], kind: Kind | None, first: int | None
) -> None:
    before = (exported / file).read_bytes()
    edit(exported / file, change)
    if (exported / file).read_bytes() == before:
        pytest.fail(f"the test does not change {file}")
    report = check(exported)
    assert not report.ok
    if kind is not None:
        assert (report.faults[0].kind, report.faults[0].first) == (kind, first)


@pytest.mark.parametrize(
    "damage",
    [
        lambda root: (root / "log.json").unlink(),
        lambda root: (root / "log.json").write_text("{"),
        lambda root: (root / "log.json").write_text("[]"),
        lambda root: edit(root / "log.json", lambda data: data.replace(b'"version": 1', b'"version": 2')),
        lambda root: edit(root / "log.json", lambda data: data.replace(b'"2026-09"', b'"../../etc"')),
        lambda root: (root / "segments" / "2026-10.entries").unlink(),
        lambda root: (root / "segments" / "2026-09.pieces").write_text("one two\n"),
        lambda root: (root / "segments" / "2026-09.pieces").write_text("0 0 AAAA\n"),
        lambda root: (root / "segments" / "2026-09.kept").write_bytes(b"nothing\n"),
    ],
)
def test_an_export_that_cannot_be_read_names_the_file(exported: Path, damage: Callable[[Path], object]) -> None:
    damage(exported)
    with pytest.raises(DamagedExportError, match=str(exported)):
        check(exported)


def test_an_export_is_never_written_over_something(embedded_log: SqlLog, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(UsageError, match="not empty"):
        write(embedded_log, tmp_path / "full")


def test_verifying_needs_no_database_and_no_vendor_library(exported: Path) -> None:
    """The rules alone verify; a program that imports only them has imported nothing from outside."""
    code = (
        "import sys, callwarden.accesslog.proof.verify;"
        "print([name for name in ('sqlalchemy', 'cryptography', 'boto3') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_verifies_an_export_without_loading_a_database_or_a_cloud(exported: Path) -> None:
    command = ["log", "verify", "--export", str(exported), "--public-key", str(exported / "public-key.txt"), "--json"]
    code = (
        f"import sys; from callwarden.workers.cli import run; code = run({command!r});"
        "loaded = [name for name in ('sqlalchemy', 'alembic', 'boto3', 'prometheus_client') if name in sys.modules];"
        "print(code, loaded, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "0 []"


def test_the_exported_key_is_the_one_that_opens_it(exported: Path) -> None:
    trusted = read_trusted((exported / "public-key.txt").read_text().splitlines())
    assert verify_directory(exported, trusted=trusted).ok
