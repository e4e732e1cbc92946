"""The finder: one Presidio analyzer per language, one call at a time or many in one pass of the model."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from pipeline.model.redaction import KnownFacts, RedactionPolicy, Span, SpanType, Turn
from pipeline.ports.pii import FinderError, UnsupportedLanguageError
from pipeline.redaction.deadline import Deadline
from pipeline.redaction.dialogue import expectations
from pipeline.redaction.language import Language
from pipeline.redaction.repeats import find_repeats
from pipeline.redaction.spans import join_neighbours, resolve, trim
from pipeline.redaction.view import CallArtifacts, Entity, Found, View
from pipeline.redaction.words import CallText, read_call

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


class PresidioFinder:
    """`pipeline.ports.pii.PersonalDataFinder` over Presidio with our recognisers.

    Languages are built on first use and kept. Not for several threads at once: one finder per thread.
    """

    def __init__(self, policy: RedactionPolicy, builders: dict[str, Callable[[], Language]]) -> None:
        self._policy = policy
        self._builders = builders
        self._languages: dict[str, tuple[Language, AnalyzerEngine]] = {}

    def find(self, turns: Sequence[Turn], *, language: str, known: KnownFacts) -> list[Span]:
        return self.find_many([turns], language=language, known=[known])[0]

    def find_many(
        self, calls: Sequence[Sequence[Turn]], *, language: str, known: Sequence[KnownFacts]
    ) -> list[list[Span]]:
        """`find` for many calls, with one pass of the language model over all of them.

        The time budget is one call's budget for each call. Raises: as `find`, for all calls together.
        """
        if len(calls) != len(known):
            raise FinderError("as many known facts as calls are needed")
        pack, engine = self.language(language)
        try:
            texts = [read_call(turns) for turns in calls]
            deadline = Deadline(self._policy.time_budget_s * max(len(calls), 1))
            entities = pack.entities.read(texts, deadline)
            return [
                self._one(call, seen, facts, pack, engine)
                for call, seen, facts in zip(texts, entities, known, strict=True)
            ]
        except FinderError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever breaks inside, nothing is known: fails closed
            # The vendor's error may quote the text: only its kind goes on.
            raise FinderError(f"unexpected {type(error).__name__}") from None

    def forget(self) -> None:
        """Drop what was read of earlier calls (a saving of time, never needed for the result)."""
        for pack, _ in self._languages.values():
            pack.entities.forget()

    def _one(
        self, call: CallText, seen: list[Entity], known: KnownFacts, pack: Language, engine: AnalyzerEngine
    ) -> list[Span]:
        view = self.read_view(call, seen, known, pack)
        results = engine.analyze(
            text=call.text,
            language=pack.code,
            nlp_artifacts=CallArtifacts(view, pack.code),
            return_decision_process=True,
            score_threshold=0.0,
        )
        view.deadline.check()
        found = [f for f in map(_found, results) if f is not None]
        found += find_repeats(view, found, pack.may_repeat)
        view.deadline.check()
        return self._spans(view, [pack.widen(view, f) for f in found])

    def read_view(self, call: CallText, seen: Sequence[Entity], known: KnownFacts, pack: Language) -> View:
        """Everything the rules look at in one call."""
        deadline = Deadline(self._policy.time_budget_s)
        turn_views = pack.view_turns(call)
        expected = expectations(turn_views)
        deadline.check()
        return View(
            call=call,
            runs=tuple(pack.read_contexts(call, pack.find_runs(call), expected)),
            expected=tuple(expected),
            asks=tuple(t.asks for t in turn_views),
            entities=tuple(seen),
            dictionary=pack.dictionary,
            known=known,
            birth_years=self._policy.birth_years,
            deadline=deadline,
            own_words=frozenset(w.lower() for w in self._policy.own_words),
        )

    def _spans(self, view: View, found: Sequence[Found]) -> list[Span]:
        """Joined offsets back to turns; out with what policy does not redact; overlaps united."""
        call = view.call
        own = _occurrences(call.text, view.own_words)
        spans: list[Span] = []
        for item in found:
            if item.type not in self._policy.redact or item.score < self._policy.withhold_from:
                continue
            named = item.type in (SpanType.PERSON, SpanType.ORGANISATION, SpanType.LOCATION)
            if named and any(start <= item.start and item.end <= end for start, end in own):
                continue
            spans.extend(_by_turn(call, item))
        united = resolve(s for s in (trim(s, call.turns[s.turn].text) for s in spans) if s is not None)
        return join_neighbours(united, call.turns)

    def language(self, code: str) -> tuple[Language, AnalyzerEngine]:
        """The language's rules and analyzer, built on first use. Raises: `UnsupportedLanguageError`."""
        if code not in self._builders:
            raise UnsupportedLanguageError(code, sorted(self._builders))
        if code not in self._languages:
            pack = self._builders[code]()
            registry = RecognizerRegistry(recognizers=list(pack.recognizers), supported_languages=[code])
            engine = AnalyzerEngine(
                registry=registry,
                nlp_engine=_NoEngine(code),
                supported_languages=[code],
                context_aware_enhancer=_NoEnhancer(),
            )
            self._languages[code] = (pack, engine)
        return self._languages[code]


def _found(result: RecognizerResult) -> Found | None:
    kind = _OURS.get(result.entity_type)
    if kind is None:
        if result.entity_type not in SpanType.__members__:
            return None
        kind = SpanType(result.entity_type)
    explanation = result.analysis_explanation
    why = explanation.textual_explanation or ""
    name = explanation.recognizer
    if explanation.pattern_name:
        why = f"pattern {explanation.pattern_name}"
    score = min(max(float(result.score), 0.0), 1.0)
    return Found(result.start, result.end, kind, score, f"{name}: {why}" if why else name)


def _occurrences(text: str, phrases: frozenset[str]) -> list[tuple[int, int]]:
    """Where the organisation's own names stand, in whatever case."""
    return [
        m.span() for phrase in phrases for m in re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE)
    ]


def _by_turn(call: CallText, item: Found) -> list[Span]:
    out: list[Span] = []
    for turn in range(call.turn_at(item.start), call.turn_at(max(item.end - 1, item.start)) + 1):
        base = call.turn_starts[turn]
        start = max(item.start - base, 0)
        end = min(item.end - base, len(call.turns[turn].text))
        if start < end:
            out.append(Span(turn=turn, start=start, end=end, type=item.type, score=item.score, explanation=item.why))
    return out


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
