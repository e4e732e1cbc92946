"""Loading a spaCy model that is installed, and only that: nothing is ever downloaded."""

from typing import Any

import spacy
from spacy.util import is_package

from callwarden.ports.pii import ModelMissingError

# Only named entities are used; the rest of the pipeline costs two thirds of the time.
BLANK = "blank"
"""No model: names are found by rules alone."""
NOT_NEEDED = ["morphologizer", "parser", "attribute_ruler", "tagger", "senter"]


def require_model(name: str) -> None:
    """Raises: `ModelMissingError` when the package is not installed. Loads nothing."""
    if name != BLANK and not is_package(name):
        raise ModelMissingError(
            f"the language model {name!r} is not installed; install the package of that name at the pinned version "
            "(the extra 'models' of this distribution, or `callwarden models fetch`), or name another in "
            "config/redaction.yaml"
        )


def load_model(name: str, language: str) -> Any:
    """A loaded spaCy pipeline without what we do not use.

    Raises: `ModelMissingError` when the package is not installed.
    """
    if name == BLANK:
        return spacy.blank(language)
    require_model(name)
    return spacy.load(name, exclude=NOT_NEEDED)
