"""The configuration files that come with the product."""

from pathlib import Path
from typing import Final

INSTALLED: Final = Path(__file__).parent / "config"
"""Where an installed package keeps `config/`; a checkout keeps it beside the package."""


def shipped_config() -> Path:
    """The folder of the configuration files that come with the product."""
    return INSTALLED if INSTALLED.is_dir() else Path(__file__).resolve().parents[1] / "config"
