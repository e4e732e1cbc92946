"""The letters of the house, which need no system: a check of them works on files alone."""

from pathlib import Path

from callwarden.adapters.correspondence.book import TemplatedLetters
from callwarden.errors import ConfigurationError
from callwarden.settings import Settings
from callwarden.shipped import shipped_config


def letter_book(settings: Settings, folder: Path | None = None) -> TemplatedLetters:
    """The house's own letters, in `folder` or where the settings say, over the shipped ones. Raises ConfigurationError
    where there is no such folder."""
    own = folder or settings.letters_folder
    if own is not None and not own.is_dir():
        raise ConfigurationError(f"{own}: there is no such folder of letters; docs/dpo.md says what lies in it")
    return TemplatedLetters(shipped_config() / "letters", own)
