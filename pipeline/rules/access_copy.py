"""The words of a call for the person concerned: exact, but for other people's names and data (D5).

What stays masked is everything the redaction has taken out, except what is *known* to be the person's own: the name,
number and customer id the event came with, and what the data protection officer says is theirs. Anything in doubt stays
masked: a name that is only partly theirs, a place where both transcripts do not fit together, keys pressed.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from callwarden.model.redaction import SpanType
from callwarden.model.transcript import RedactedTranscript, Transcript
from callwarden.rules.keyed_turns import with_keyed_turns

_MASK: Final = re.compile(r"\[(?:(?P<type>[A-Z_]+)_(?P<number>[0-9]+)|DTMF)\]")
_TITLES: Final = frozenset(["madame", "monsieur", "mademoiselle", "mme", "mlle", "m", "mr", "mrs", "ms", "dr"])
_DIGITS_OF_A_NUMBER: Final = 9
"""Those that are left of a French number whatever is written before them: +33, 0033 or 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """Something left out: of which type, and its number in the call; `type` None for keys pressed."""

    type: SpanType | None
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyTurn:
    """What one speaker said without a break: words, and what is masked between them, in order."""

    speaker: str
    start_s: float
    parts: tuple[str | Masked, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFacts:
    """What is known to be the person's own."""

    texts: tuple[str, ...] = field(default=(), repr=False)
    masks: frozenset[str] = frozenset()
    """Placeholders a person has found to stand for what is theirs, such as ``LOCATION_1``."""

    def hold(self, said: str, *, name: bool) -> bool:
        """Whether what was said is theirs: all of one fact, or two or more words of one. A title is no word. Of a
        `name` it has to be all of it: who shares a part may be a relative."""
        words, whole = _words(said), _digits(said)
        for text in self.texts:
            fact = _words(text)
            plain, of_fact = words - _TITLES, fact - _TITLES
            if words and words == fact:
                return True
            if len(plain) >= 2 and (plain == of_fact if name else plain <= of_fact):
                return True
            number = _digits(text)
            if len(number) >= _DIGITS_OF_A_NUMBER and whole == number:
                return True
        return False


def own_copy(redacted: RedactedTranscript, original: Transcript | None, own: OwnFacts) -> tuple[CopyTurn, ...]:
    """The redacted transcript with what is the person's own put back where both transcripts fit together; as it is
    where there is no original, or it is not the one that was redacted."""
    turns = () if original is None else with_keyed_turns(original).turns
    fitting: Sequence[str | None] = [turn.text for turn in turns]
    if len(fitting) != len(redacted.turns):
        fitting = [None] * len(redacted.turns)
    return tuple(
        CopyTurn(speaker=turn.speaker, start_s=turn.start_s, parts=_parts(turn.text, said, own))
        for turn, said in zip(redacted.turns, fitting, strict=True)
    )


def _parts(shown: str, said: str | None, own: OwnFacts) -> tuple[str | Masked, ...]:
    masks = list(_MASK.finditer(shown))
    behind = [None] * len(masks) if said is None else _behind(shown, masks, said)
    parts, at = list[str | Masked](), 0
    for mask, text in zip(masks, behind, strict=True):
        parts.append(shown[at : mask.start()])
        theirs = text is not None and (
            mask[0].strip("[]") in own.masks or own.hold(text, name=mask["type"] == SpanType.PERSON)
        )
        parts.append(text if text is not None and theirs else _masked(mask))
        at = mask.end()
    parts.append(shown[at:])
    return tuple(_joined(parts))


def _behind(shown: str, masks: Sequence[re.Match[str]], said: str) -> list[str | None]:
    """What each mask stands for, None where there is more than one way to read it: what is left between the masks is
    looked for from the left and from the right, and both have to find it in the same place."""
    edges = [0, *(edge for mask in masks for edge in mask.span()), len(shown)]
    kept = [shown[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    first, last, inner = kept[0], kept[-1], kept[1:-1]
    end = len(said) - len(last)
    if not masks or not said.startswith(first) or not said.endswith(last) or end <= len(first):
        return [None] * len(masks)
    from_left, from_right, at = list[int](), list[int](), len(first)
    for text in inner:
        at = said.find(text, at + 1, end)
        if at < 0:
            return [None] * len(masks)
        from_left.append(at)
        at += len(text)
    if at >= end:
        return [None] * len(masks)
    at = end
    for text in reversed(inner):
        at = said.rfind(text, len(first), at - 1)
        from_right.insert(0, at)
    begins = [len(first), *(place + len(text) for place, text in zip(from_left, inner, strict=True))]
    ends = [*from_left, end]
    fixed = [True, *(left == right for left, right in zip(from_left, from_right, strict=True)), True]
    return [said[begins[n] : ends[n]] if fixed[n] and fixed[n + 1] else None for n in range(len(masks))]


def _masked(mask: re.Match[str]) -> Masked:
    if mask["type"] is None:
        return Masked(type=None)
    try:
        return Masked(type=SpanType(mask["type"]), number=int(mask["number"]))
    except ValueError:
        return Masked(type=None)  # a type an older version had


def _joined(parts: Iterable[str | Masked]) -> Iterable[str | Masked]:
    words = ""
    for part in parts:
        if isinstance(part, str):
            words += part
            continue
        if words:
            yield words
        yield part
        words = ""
    if words:
        yield words


def _words(text: str) -> frozenset[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return frozenset("".join(c if c.isalnum() else " " for c in plain).split())


def _digits(text: str) -> str:
    """The last digits of a number, where the text is nothing else; empty for any other text."""
    if re.search(r"[^\W\d_]", text):
        return ""
    digits = re.sub(r"\D", "", text)
    return digits[-_DIGITS_OF_A_NUMBER:] if len(digits) >= _DIGITS_OF_A_NUMBER else ""
