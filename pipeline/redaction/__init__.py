"""Personal data in spoken and written French (and English) calls: found with rules of our own beside Presidio's.

Usable by itself, without the rest of the product: see docs/redaction-library.md.

- `build_finder(policy)` finds personal data in the turns of a dialogue (`callwarden.ports.pii.PersonalDataFinder`);
- `redact_dialogue(turns)` takes it out, in one call;
- `call_recogniser("fr")` is the whole house as one recogniser for a plain `presidio_analyzer.AnalyzerEngine`.
"""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from callwarden.model.redaction import KnownFacts, RedactedText, RedactionPolicy, Turn
from callwarden.ports.pii import UnsupportedLanguageError
from callwarden.redaction.language import Language
from callwarden.redaction.placeholders import redact
from callwarden.redaction.policy_file import load_redaction_policy
from callwarden.redaction.version import redaction_version

if TYPE_CHECKING:
    from callwarden.redaction.finder import PresidioFinder
    from callwarden.redaction.presidio import CallRecogniser

__all__ = ["build_finder", "call_recogniser", "load_redaction_policy", "redact_dialogue", "redaction_version"]


def build_finder(policy: RedactionPolicy | None = None) -> "PresidioFinder":
    """A finder by policy, the shipped one when none is given. Models are loaded on the first call of a language.

    Raises (then): `callwarden.ports.pii.ModelMissingError`.
    """
    from callwarden.redaction.finder import PresidioFinder

    chosen = policy or load_redaction_policy()
    return PresidioFinder(
        chosen, {code: partial(_language, code, model, chosen) for code, model in chosen.models if code in _LANGUAGES}
    )


def call_recogniser(language: str = "fr", policy: RedactionPolicy | None = None) -> "CallRecogniser":
    """The rules of one language as one recogniser of Presidio's; its text is one call, one turn a line.

    Raises: `callwarden.ports.pii.UnsupportedLanguageError`, `callwarden.ports.pii.ModelMissingError`.
    """
    from callwarden.redaction.presidio import CallRecogniser

    chosen = policy or load_redaction_policy()
    models = dict(chosen.models)
    if language not in models or language not in _LANGUAGES:
        raise UnsupportedLanguageError(language, sorted(set(models) & set(_LANGUAGES)))
    return CallRecogniser(_language(language, models[language], chosen), chosen)


def redact_dialogue(
    turns: Sequence[Turn],
    *,
    language: str = "fr",
    known: KnownFacts | None = None,
    policy: RedactionPolicy | None = None,
) -> RedactedText:
    """A whole dialogue with placeholders in place of personal data; what is doubtful goes as well.

    `known` are names and numbers known before. Raises: `callwarden.ports.pii.FinderError`: nothing is known then.
    """
    finder = _shipped_finder() if policy is None else build_finder(policy)
    return redact(turns, finder.find(turns, language=language, known=known or KnownFacts()))


_LANGUAGES = ("fr", "en")


def _language(code: str, model: str, policy: RedactionPolicy) -> Language:
    if code == "fr":
        from callwarden.redaction.fr.pack import build as build_french

        return build_french(model, learned=policy.learned)
    from callwarden.redaction.en.pack import build as build_english

    return build_english(model)


@lru_cache(maxsize=1)
def _shipped_finder() -> "PresidioFinder":
    return build_finder()
