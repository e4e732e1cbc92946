"""The finder: one Presidio analyzer per language, one call at a time or many in one pass of the model."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from callwarden.model.redaction import Attention, KnownFacts, OpenQuestion, RedactionPolicy, Span, SpanType, Turn
from callwarden.model.transcript import KEYED
from callwarden.ports.pii import FinderError, UnsupportedLanguageError
from callwarden.redaction.attention import attend
from callwarden.redaction.deadline import Deadline
from callwarden.redaction.language import Language
from callwarden.redaction.presidio import Analyser
from callwarden.redaction.reading import follow_up, read_view
from callwarden.redaction.spans import join_neighbours, resolve, trim
from callwarden.redaction.utterances import utterances
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

    def attend(self, turns: Sequence[Turn], *, language: str, opening: Sequence[OpenQuestion] = ()) -> Attention:
        return attend(turns, self.language(language)[0], opening)

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
            texts = [read_call(utterances(turns, pack.find_ends), pack.respell) for turns in calls]
            deadline = Deadline(self._policy.time_budget_s * max(len(calls), 1))
            entities = pack.entities.read(texts, deadline)
            return [
                self._spans(turns, *self._one(call, seen, facts, asked, pack, analyser))
                for turns, call, seen, facts, asked in zip(calls, texts, entities, known, opening, strict=True)
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
    ) -> tuple[View, list[Found]]:
        view = read_view(call, seen, known, pack, self._policy, opening)
        return view, follow_up(view, analyser.findings(view), pack)

    def _spans(self, turns: Sequence[Turn], view: View, found: Sequence[Found]) -> list[Span]:
        """Joined offsets back to turns; out with what policy does not redact; overlaps united."""
        starts = [0, *accumulate(len(turn.text) + 1 for turn in turns)]
        own = _occurrences(view.call.text, view.own_words | {KEYED.strip("[]")})
        spans: list[Span] = []
        for item in found:
            if item.type not in self._policy.redact or item.score < self._policy.withhold_from:
                continue
            named = item.type in (SpanType.PERSON, SpanType.ORGANISATION, SpanType.LOCATION)
            if named and any(start <= item.start and item.end <= end for start, end in own):
                continue
            start, end = view.call.respelled.back(item.start, item.end)
            spans.extend(_by_turn(turns, starts, replace(item, start=start, end=end)))
        united = resolve(s for s in (trim(s, turns[s.turn].text) for s in spans) if s is not None)
        return join_neighbours(united, turns)

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


def _by_turn(turns: Sequence[Turn], starts: Sequence[int], item: Found) -> Iterator[Span]:
    """What was found in the utterances, in each of the turns it lies in: an answer may have been cut in two."""
    for turn in range(bisect_right(starts, item.start) - 1, bisect_left(starts, item.end)):
        start = max(item.start - starts[turn], 0)
        end = min(item.end - starts[turn], len(turns[turn].text))
        if start < end:
            yield Span(turn=turn, start=start, end=end, type=item.type, score=item.score, explanation=item.why)
