"""The finder: one Presidio analyzer per language, one call at a time or many in one pass of the model."""

import re
from collections.abc import Callable, Sequence

from callwarden.model.redaction import KnownFacts, OpenQuestion, RedactionPolicy, Span, SpanType, Turn
from callwarden.ports.pii import FinderError, UnsupportedLanguageError
from callwarden.redaction.deadline import Deadline
from callwarden.redaction.dialogue import follow
from callwarden.redaction.language import Language
from callwarden.redaction.presidio import Analyser
from callwarden.redaction.reading import follow_up, read_view
from callwarden.redaction.spans import join_neighbours, resolve, trim
from callwarden.redaction.view import Entity, Found, View
from callwarden.redaction.words import CallText, read_call


class PresidioFinder:
    """`callwarden.ports.pii.PersonalDataFinder` over Presidio with our recognisers.

    Languages are built on first use and kept. Not for several threads at once: one finder per thread.
    """

    def __init__(self, policy: RedactionPolicy, builders: dict[str, Callable[[], Language]]) -> None:
        self._policy = policy
        self._builders = builders
        self._languages: dict[str, tuple[Language, Analyser]] = {}

    def find(
        self, turns: Sequence[Turn], *, language: str, known: KnownFacts, opening: Sequence[OpenQuestion] = ()
    ) -> list[Span]:
        return self.find_many([turns], language=language, known=[known], opening=[opening])[0]

    def open_questions(
        self, turns: Sequence[Turn], *, language: str, opening: Sequence[OpenQuestion] = ()
    ) -> tuple[OpenQuestion, ...]:
        return follow(self.language(language)[0].view_turns(read_call(turns)), opening).still_open

    def find_many(
        self,
        calls: Sequence[Sequence[Turn]],
        *,
        language: str,
        known: Sequence[KnownFacts],
        opening: Sequence[Sequence[OpenQuestion]] | None = None,
    ) -> list[list[Span]]:
        """`find` for many calls, with one pass of the language model over all of them.

        The time budget is one call's budget for each call. Raises: as `find`, for all calls together.
        """
        opening = opening or [()] * len(calls)
        if not len(calls) == len(known) == len(opening):
            raise FinderError("as many known facts and opening questions as calls are needed")
        pack, analyser = self.language(language)
        try:
            texts = [read_call(turns) for turns in calls]
            deadline = Deadline(self._policy.time_budget_s * max(len(calls), 1))
            entities = pack.entities.read(texts, deadline)
            return [
                self._one(call, seen, facts, asked, pack, analyser)
                for call, seen, facts, asked in zip(texts, entities, known, opening, strict=True)
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
        self,
        call: CallText,
        seen: list[Entity],
        known: KnownFacts,
        opening: Sequence[OpenQuestion],
        pack: Language,
        analyser: Analyser,
    ) -> list[Span]:
        view = read_view(call, seen, known, pack, self._policy, opening)
        return self._spans(view, follow_up(view, analyser.findings(view), pack))

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

    def language(self, code: str) -> tuple[Language, Analyser]:
        """The language's rules and analyser, built on first use. Raises: `UnsupportedLanguageError`."""
        if code not in self._builders:
            raise UnsupportedLanguageError(code, sorted(self._builders))
        if code not in self._languages:
            pack = self._builders[code]()
            self._languages[code] = (pack, Analyser(pack, self._policy))
        return self._languages[code]


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
