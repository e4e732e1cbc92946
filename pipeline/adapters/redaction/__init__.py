"""Personal data found with Presidio, French and English named entities, and recognisers of our own."""

from functools import partial

from pipeline.adapters.redaction.en import pack as english
from pipeline.adapters.redaction.finder import PresidioFinder
from pipeline.adapters.redaction.fr import pack as french
from pipeline.model.redaction import RedactionPolicy

__all__ = ["PresidioFinder", "build_finder"]


def build_finder(policy: RedactionPolicy) -> PresidioFinder:
    """A finder by policy. Models are loaded on the first call of a language.

    Raises (then): `pipeline.ports.pii.ModelMissingError`.
    """
    builders = {"fr": french.build, "en": english.build}
    return PresidioFinder(
        policy, {code: partial(builders[code], name) for code, name in policy.models if code in builders}
    )
