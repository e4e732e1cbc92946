"""Personal data found with Presidio, French and English named entities, and recognisers of our own."""

from functools import partial

from pipeline.adapters.redaction.finder import PresidioFinder as PresidioFinder
from pipeline.adapters.redaction.fr import pack as french
from pipeline.model.redaction import RedactionPolicy


def build_finder(policy: RedactionPolicy) -> PresidioFinder:
    """A finder by policy. Models are loaded on the first call of a language.

    Raises (then): `pipeline.ports.pii.ModelMissingError`.
    """
    models = dict(policy.models)
    return PresidioFinder(policy, {"fr": partial(french.build, models["fr"])})
