"""The only bridge to Presidio: our rules as one of its recognisers, and its recognisers beside our rules."""

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import presidio_analyzer.predefined_recognizers as shipped
from presidio_analyzer import (
    AnalysisExplanation,
    AnalyzerEngine,
    EntityRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from callwarden.errors import ConfigurationError
from callwarden.model.redaction import KnownFacts, RedactionPolicy, SpanType, Turn
from callwarden.ports.pii import FinderError
from callwarden.redaction.deadline import Deadline
from callwarden.redaction.language import Language
from callwarden.redaction.reading import ask_rules, follow_up, read_view
from callwarden.redaction.spans import by_certainty
from callwarden.redaction.utterances import utterances
from callwarden.redaction.view import Found, View
from callwarden.redaction.words import read_call

_OURS = {
    "EMAIL_ADDRESS": SpanType.EMAIL,
    "IBAN_CODE": SpanType.IBAN,
    "CREDIT_CARD": SpanType.CREDIT_CARD,
    "IP_ADDRESS": SpanType.IP,
    "PHONE_NUMBER": SpanType.PHONE,
    "URL": SpanType.URL,
    "ORGANIZATION": SpanType.ORGANISATION,
    "DATE_TIME": SpanType.DATE,
    "US_SSN": SpanType.NATIONAL_ID,
    "UK_NHS": SpanType.NATIONAL_ID,
    "UK_NINO": SpanType.NATIONAL_ID,
    "US_BANK_NUMBER": SpanType.ID_NUMBER,
    "US_PASSPORT": SpanType.ID_NUMBER,
    "US_DRIVER_LICENSE": SpanType.ID_NUMBER,
    "UK_PASSPORT": SpanType.ID_NUMBER,
}
_GLINER = "gliner:"
_GLINER_LABELS = {
    "person": "PERSON",
    "address": "LOCATION",
    "city": "LOCATION",
    "phone number": "PHONE",
    "email": "EMAIL",
    "organization": "ORGANISATION",
    "password": "SECRET",
    "date of birth": "DATE_OF_BIRTH",
    "licence plate": "LICENCE_PLATE",
    "medical condition": "HEALTH",
}
_NO_TOKENS: Any = ()
"""Our rules read the view; Presidio's patterns read the text alone."""


class CallRecogniser(EntityRecognizer):
    """All rules of one language as one recogniser for any `presidio_analyzer.AnalyzerEngine`.

    The text is one call, one turn a line. What the engine read of the text itself is not used: the language's own
    model is asked, with capitals where a recogniser of speech writes none.
    """

    def __init__(self, language: Language, policy: RedactionPolicy) -> None:
        self._language = language
        self._policy = policy
        super().__init__(
            supported_entities=[str(kind) for kind in SpanType],
            name="CallRecogniser",
            supported_language=language.code,
        )

    def load(self) -> None:
        """Nothing to load: the language came with its model."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None) -> list[RecognizerResult]:
        """What the rules find. Raises: `FinderError`, which means that nothing is known about the text."""
        if isinstance(nlp_artifacts, CallArtifacts):
            return [_result(finding) for finding in ask_rules(nlp_artifacts.view, self._language)]
        lines = [Turn(speaker="unknown", text=line) for line in text.split("\n")]
        call = read_call(utterances(lines, self._language.find_ends), self._language.respell)
        seen = self._language.entities.read([call], Deadline(self._policy.time_budget_s))[0]
        view = read_view(call, seen, KnownFacts(), self._language, self._policy)
        found = follow_up(view, ask_rules(view, self._language), self._language)
        asked = [one for one in found if one.type in self._policy.redact and str(one.type) in entities]
        back = [(one, *call.respelled.back(one.start, one.end)) for one in asked]
        return [_result(replace(one, start=start, end=end)) for one, start, end in back]


class CallArtifacts(NlpArtifacts):
    """Presidio's artifacts of one call, carrying our view of it to our recogniser."""

    def __init__(self, view: View, language: str) -> None:
        super().__init__(
            entities=[], tokens=_NO_TOKENS, tokens_indices=[], lemmas=[], nlp_engine=None, language=language, scores=[]
        )
        self.view = view


class Analyser:
    """Presidio's engine over our rules, its own recognisers for the language and those the policy names besides."""

    def __init__(self, language: Language, policy: RedactionPolicy) -> None:
        self._code = language.code
        recognisers: list[EntityRecognizer] = [CallRecogniser(language, policy)]
        recognisers += [getattr(shipped, name)(supported_language=self._code) for name in language.of_presidio]
        recognisers += [_named(name, self._code) for name in policy.also]
        self._engine = AnalyzerEngine(
            registry=RecognizerRegistry(recognizers=recognisers, supported_languages=[self._code]),
            nlp_engine=_NoEngine(self._code),
            supported_languages=[self._code],
            context_aware_enhancer=_NoEnhancer(),
        )

    def findings(self, view: View) -> list[Found]:
        """Everything any recogniser found in the call, the surest first. Presidio's own order is that of hashes,
        another in every process. Raises: `FinderError`."""
        results = self._engine.analyze(
            text=view.call.text,
            language=self._code,
            nlp_artifacts=CallArtifacts(view, self._code),
            return_decision_process=True,
            score_threshold=0.0,
        )
        return sorted((found for found in map(_found, results) if found is not None), key=by_certainty)


def _named(name: str, code: str) -> EntityRecognizer:
    """A recogniser by ``gliner:FOLDER`` or ``package.module:Class``, from this disk. Raises ConfigurationError."""
    try:
        if name.startswith(_GLINER):
            folder = Path(name.removeprefix(_GLINER))
            if not folder.is_dir():
                raise ConfigurationError(f"also: {name!r} in the redaction file names no folder with a GLiNER model")
            found: Any = shipped.GLiNERRecognizer(
                model_name=str(folder),
                entity_mapping=_GLINER_LABELS,
                supported_language=code,
                local_files_only=True,
            )
        else:
            module, _, attribute = name.partition(":")
            found = getattr(importlib.import_module(module), attribute)(supported_language=code)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"also: {name!r} in the redaction file cannot be loaded ({error}); write gliner:FOLDER (with the extra "
            "'gliner' installed) or package.module:Class"
        ) from error
    if not isinstance(found, EntityRecognizer):
        raise ConfigurationError(f"also: {name!r} in the redaction file is no recogniser of Presidio's")
    return found


def _result(found: Found) -> RecognizerResult:
    name, _, why = found.why.partition(": ")
    return RecognizerResult(
        entity_type=str(found.type),
        start=found.start,
        end=found.end,
        score=found.score,
        analysis_explanation=AnalysisExplanation(recognizer=name, original_score=found.score, textual_explanation=why),
    )


def _found(result: RecognizerResult) -> Found | None:
    kind = _OURS.get(result.entity_type)
    if kind is None:
        if result.entity_type not in SpanType.__members__:
            return None
        kind = SpanType(result.entity_type)
    explanation: AnalysisExplanation | None = result.analysis_explanation
    name = "another recogniser" if explanation is None else explanation.recognizer
    why = "" if explanation is None else explanation.textual_explanation or ""
    if explanation is not None and explanation.pattern_name:
        why = f"pattern {explanation.pattern_name}"
    score = min(max(float(result.score), 0.0), 1.0)
    return Found(result.start, result.end, kind, score, f"{name}: {why}" if why else name)


class _NoEngine(NlpEngine):
    """Stands where Presidio wants its NLP engine: we hand the artifacts over and must never run it."""

    def __init__(self, language: str) -> None:
        self._code = language

    def load(self) -> None:
        """Nothing to load: models are loaded, and checked for, by ourselves."""

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        raise FinderError("artifacts missing")

    def process_batch(
        self, texts: Iterable[str], language: str, batch_size: int = 1, n_process: int = 1, **kwargs: Any
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        raise FinderError("artifacts missing")

    def is_stopword(self, word: str, language: str) -> bool:
        return False

    def is_punct(self, word: str, language: str) -> bool:
        return False

    def get_supported_entities(self) -> list[str]:
        return []

    def get_supported_languages(self) -> list[str]:
        return [self._code]


class _NoEnhancer(ContextAwareEnhancer):
    """Context is the dialogue's, worked out before; Presidio's own word window is not used."""

    def __init__(self) -> None:
        super().__init__(0.0, 0.0, 0, 0)

    def enhance_using_context(self, text, raw_results, nlp_artifacts, recognizers, context=None):  # type: ignore[no-untyped-def]  # presidio's signature
        return raw_results
