"""Finding personal data in the turns of a call."""

from collections.abc import Sequence
from typing import Protocol

from callwarden.errors import CallwardenError, LackingError
from callwarden.model.redaction import Attention, KnownFacts, OpenQuestion, Span, Turn


class FinderError(CallwardenError):
    """The finder failed inside. Nothing is known about the call: withhold it. ``code`` names the fault."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"personal-data finder failed: {code}")


class FinderTimeoutError(FinderError):
    """The time budget for one call ran out before every rule had been asked: withhold the call."""

    def __init__(self, budget_s: float) -> None:
        self.budget_s = budget_s
        super().__init__(f"time budget of {budget_s:g} s used up")


class UnsupportedLanguageError(FinderError):
    """No recognisers for this language: withhold the call. ``supported`` are the languages there are."""

    def __init__(self, language: str, supported: Sequence[str]) -> None:
        self.language = language
        self.supported = tuple(supported)
        super().__init__(f"language {language!r} is not one of {', '.join(supported)}")


class ModelMissingError(LackingError):
    """The language model a finder needs is not installed. Says how to install it; nothing is downloaded."""


class PersonalDataFinder(Protocol):
    """Finds personal data in the turns of one call."""

    def find(
        self, turns: Sequence[Turn], *, language: str, known: KnownFacts, opening: Sequence[OpenQuestion] = ()
    ) -> list[Span]:
        """Every stretch of personal data in ``turns``, sorted by turn and start.

        Promises: each span lies inside its turn (0 <= start < end <= len(text), characters); no two spans
        overlap; the score is at least the least threshold under which a call must be withheld; no text of the
        call is in an explanation, in an error or in a log line. The turns are one call in the order spoken:
        what was asked before is used to understand what is said next. Punctuated text and raw lower-case
        recogniser output are both accepted, so are empty turns, control characters and emoji.

        ``known`` are names and numbers the event already holds; they are found wherever they are said. ``opening``
        are questions that may have been asked before the first turn.

        Raises: `UnsupportedLanguageError`, `FinderTimeoutError`, `FinderError`. Each means that nothing is
        known about the call, never that it is clean: the caller withholds it.
        """
        ...

    def attend(self, turns: Sequence[Turn], *, language: str, opening: Sequence[OpenQuestion] = ()) -> Attention:
        """Where something personal was asked for or announced in ``turns``, and which words are not everyday ones,
        whatever `find` finds there.

        Raises: as `find`.
        """
        ...
