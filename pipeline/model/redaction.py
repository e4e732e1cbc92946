"""Personal data found in what was said, and the text that is left when it is taken out.

Offsets count characters of one turn, end exclusive. Nothing here prints what was said: text fields are
left out of `repr`, and an explanation never repeats the words it explains.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class SpanType(StrEnum):
    """What kind of personal data a span is. The values are the words of files and of the command line."""

    PERSON = "PERSON"
    LOCATION = "LOCATION"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    CREDIT_CARD = "CREDIT_CARD"
    IBAN = "IBAN"
    NATIONAL_ID = "NATIONAL_ID"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    SECRET = "SECRET"  # noqa: S105  # a type of data, not a secret
    ORGANISATION = "ORGANISATION"
    IP = "IP"
    URL = "URL"
    LICENCE_PLATE = "LICENCE_PLATE"
    ID_NUMBER = "ID_NUMBER"
    HEALTH = "HEALTH"
    PREMISES = "PREMISES"
    """What a burglar would want: where the key lies, when nobody is in, where the alarm is off."""
    DATE = "DATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one speaker said without a break. ``speaker`` is a role ("agent", "caller") or "unknown"."""

    speaker: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of one turn that is personal data, with the reason it was taken for that.

    ``score`` lies in 0..1. ``explanation`` names the rule and what triggered it, never the matched text.
    """

    turn: int
    start: int
    end: int
    type: SpanType
    score: float
    explanation: str

    def __post_init__(self) -> None:
        if self.turn < 0 or self.start < 0 or self.end <= self.start:
            raise ValueError(f"not a span: turn {self.turn}, {self.start}..{self.end}")
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"score {self.score} is outside 0..1")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFacts:
    """What the event already says about the people in the call; found wherever it is spoken."""

    names: tuple[str, ...] = field(default=(), repr=False)
    numbers: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """A question that may be open where the turns of a call begin.

    ``asked`` is a kind of thing (`callwarden.redaction.dialogue.Asked`), ``speaker`` who asked. ``turns_ago`` counts
    from the first turn (1: in the turn before it).
    """

    asked: str
    speaker: str
    turns_ago: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """What a listener has to be careful about, as characters of all turns joined by one character: those from which on
    something personal is ``expected``, and those where ``rare`` words begin, which nobody says every day."""

    expected: frozenset[int]
    rare: frozenset[int] = field(repr=False)


class AudioLevel(StrEnum):
    """How much doubt about what was said is beeped. The values are the words of the redaction file."""

    STRICT = "strict"
    BALANCED = "balanced"
    TEXT_ONLY = "text only"
    """The text is released, the sound never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """The least probability at which a recognised word is believed to be what was said (0 to 1; above 1 never): an
    ``everyday`` or a ``rare`` one, and the same where something personal is ``awaited``. Audio in which more than
    ``most`` of the speech (0 to 1) is not believed, besides what was found, is not released."""

    everyday: float
    rare: float
    awaited_everyday: float
    awaited_rare: float
    most: float

    def least(self, *, awaited: bool, everyday: bool) -> float:
        """For a word in this place and of this kind."""
        if awaited:
            return self.awaited_everyday if everyday else self.awaited_rare
        return self.everyday if everyday else self.rare


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactedText:
    """One call's turns with placeholders in place of personal data, and where the data was.

    A type of its own: whoever may only see redacted text asks for this and cannot be handed a transcript.
    ``spans`` point into the *original* turns.
    """

    turns: tuple[Turn, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionPolicy:
    """A company's own values for redaction, read from ``config/redaction.yaml``.

    ``redact`` says which types go; ``thresholds`` the least score per type, ``default_threshold`` for the
    others. A span below its threshold but at or over ``withhold_from`` is doubt: the release is withheld.
    ``understood_from`` is the least mean probability of a speaker's words: below it the recogniser has not understood
    what was said, rules over its words mean nothing, and the release is withheld.
    ``level`` says how much doubt is beeped, and whether sound is released at all.
    ``padding_s`` and ``merge_gap_s`` are seconds around and between beeps; a span with a word recognised with less
    probability than ``doubtful_below`` has twice that around it. ``sound`` is "tone" or "silence".
    ``own_words`` are the organisation's own names, never personal data. ``time_budget_s`` bounds one call.
    ``learned``: whether a second reader, taught by annotated calls, reads beside the rules.
    ``also`` names further recognisers, ``gliner:FOLDER`` or ``package.module:Class``; what they find goes as well.
    """

    version: str
    language: str
    redact: frozenset[SpanType]
    default_threshold: float
    thresholds: tuple[tuple[SpanType, float], ...]
    withhold_from: float
    understood_from: float
    level: AudioLevel
    padding_s: float
    merge_gap_s: float
    doubtful_below: float
    sound: str
    own_words: tuple[str, ...]
    models: tuple[tuple[str, str], ...]
    time_budget_s: float
    birth_years: tuple[int, int]
    learned: bool = True
    also: tuple[str, ...] = ()

    def threshold(self, kind: SpanType) -> float:
        """The least score at which a span of this type is redacted."""
        return dict(self.thresholds).get(kind, self.default_threshold)
