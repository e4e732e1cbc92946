"""Finds a Chromium for the portal's tests."""

import os
import shutil
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium_path() -> Path | None:
    """Where CALLWARDEN_TEST_CHROMIUM points, or the first Chromium on PATH; None when there is none."""
    named = os.environ.get("CALLWARDEN_TEST_CHROMIUM")
    if named:
        return Path(named) if Path(named).exists() else None
    return next((Path(found) for name in _NAMES if (found := shutil.which(name))), None)


def missing() -> str | None:
    """Why there is no Chromium, or None when there is one."""
    if chromium_path() is not None:
        return None
    return "no chromium on PATH (tests/servers/install/install.sh chromium)"


class InstalledChromium:
    """Looks like the servers to the registry: there is nothing to start, each test launches its own browser."""

    def __init__(self, workdir: Path) -> None:
        del workdir  # the browser's profile belongs to the test that launches it

    def start(self) -> Path:
        """Where the browser is. Raises: FileNotFoundError."""
        path = chromium_path()
        if path is None:
            raise FileNotFoundError("chromium")
        return path

    def stop(self) -> None:
        """Nothing runs."""
