"""The letters of the house, which need no system: a check of them works on files alone."""

from pathlib import Path

from callwarden.adapters.correspondence.book import TemplatedLetters
from callwarden.settings import Settings
from callwarden.shipped import shipped_config


def letter_book(settings: Settings, folder: Path | None = None) -> TemplatedLetters:
    """The house's own letters, in `folder` or where the settings say, over the shipped ones."""
    return TemplatedLetters(shipped_config() / "letters", folder or settings.letters_folder)
