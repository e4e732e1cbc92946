"""Personal data found with Presidio, French and English named entities, and recognisers of our own."""

from functools import partial

from pipeline.model.redaction import RedactionPolicy
from pipeline.redaction.en import pack as english
from pipeline.redaction.finder import PresidioFinder
from pipeline.redaction.fr import pack as french

__all__ = ["RECOGNISERS_VERSION", "PresidioFinder", "build_finder", "redaction_version"]

RECOGNISERS_VERSION = "7"
"""Raised whenever a recogniser finds more or less than before: what was redacted until then is done again."""


def redaction_version(policy: RedactionPolicy) -> str:
    """What a redaction record carries: the policy's version and the recognisers', "1+2"."""
    return f"{policy.version}+{RECOGNISERS_VERSION}"


def build_finder(policy: RedactionPolicy) -> PresidioFinder:
    """A finder by policy. Models are loaded on the first call of a language.

    Raises (then): `pipeline.ports.pii.ModelMissingError`.
    """
    builders = {"fr": french.build, "en": english.build}
    return PresidioFinder(
        policy, {code: partial(builders[code], name) for code, name in policy.models if code in builders}
    )
