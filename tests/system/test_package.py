"""`pip install .` gives the command, and the configuration files come with it."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_the_command_the_policy_and_the_calls_of_the_demonstration(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(ROOT)],
        check=True,
        timeout=100,
    )
    (wheel,) = tmp_path.glob("callwarden-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "callwarden/config/policy.yaml" in names
    assert "callwarden/config/demo/calls/01.wav" in names
    assert {"callwarden/py.typed", "callwarden/workers/py.typed"} <= set(names)
    vocabularies = {
        path.relative_to(ROOT / "pipeline").as_posix() for path in ROOT.glob("pipeline/redaction/*/lexicon/*.txt")
    }
    assert vocabularies
    assert {f"callwarden/{path}" for path in vocabularies} <= set(names)
    assert any(name.endswith("licenses/NOTICE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "config/"))]
    entry_points = next(name for name in names if name.endswith("entry_points.txt"))
    assert b"callwarden = callwarden.workers.command:main" in zipfile.ZipFile(wheel).read(entry_points)
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    shown = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from callwarden.workers.cli import run; sys.exit(run(['policy', 'check', '--json']))",
        ],
        cwd=installed,
        env={"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert str(installed) in shown.stdout
