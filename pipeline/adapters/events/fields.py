"""Readers of single fields: a value as it is kept, coerced where its meaning is certain, or why it is wrong."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from callwarden.model.note import NoteWhy

Reader = Callable[[object], object]

LONGEST_WAS: Final = 200
"""Characters kept of what a wrong field held."""

_UNCLEAN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_WHOLE: Final = re.compile(r"[0-9]{1,19}")
_DECIMAL: Final = re.compile(r"[0-9]{1,19}(\.[0-9]{1,19})?")
_EPOCH: Final = re.compile(r"[0-9]{10}|[0-9]{13}")
_SHA256: Final = re.compile(r"[0-9A-Fa-f]{64}")
_FIRST_MILLISECONDS: Final = 100_000_000_000
"""From here on an epoch is in milliseconds: in seconds it would be the year 5138."""


class WrongFieldError(Exception):
    """A field that cannot be read. Never leaves the codec."""

    def __init__(self, why: NoteWhy) -> None:
        self.why = why
        super().__init__(why.value)


def text(longest: int, *, shortest: int = 0) -> Reader:
    """A text of so many characters that all print; a whole number is one, written in digits."""

    def read(value: object) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        if len(value) > longest:
            raise WrongFieldError(NoteWhy.TOO_LONG)
        if len(value) < shortest:
            raise WrongFieldError(NoteWhy.EMPTY)
        if _UNCLEAN.search(value):
            raise WrongFieldError(NoteWhy.NOT_PRINTABLE)
        return value

    return read


def address(value: object) -> str:
    """Unbounded and unchecked but for what no database takes: which addresses are allowed is a rule."""
    if not isinstance(value, str):
        raise WrongFieldError(NoteWhy.WRONG_TYPE)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise WrongFieldError(NoteWhy.NOT_PRINTABLE)
    return value


def whole(below: int) -> Reader:
    """A whole number from 0, as a number or in digits."""

    def read(value: object) -> int:
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        if not 0 <= value < below:
            raise WrongFieldError(NoteWhy.OUT_OF_RANGE)
        return value

    return read


def seconds(longest: float) -> Reader:
    """A length of time from 0, as a number or written as one."""

    def read(value: object) -> float:
        if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        if not 0 <= value <= longest:
            raise WrongFieldError(NoteWhy.OUT_OF_RANGE)
        return value

    return read


def word(meanings: dict[str, str]) -> Reader:
    """One of some words, whatever its capitals and the spaces around it, as what it means."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        meaning = meanings.get(value.strip().lower())
        if meaning is None:
            raise WrongFieldError(NoteWhy.UNKNOWN_WORD)
        return meaning

    return read


def sha256(value: object) -> str:
    if not isinstance(value, str):
        raise WrongFieldError(NoteWhy.WRONG_TYPE)
    if not _SHA256.fullmatch(value.strip()):
        raise WrongFieldError(NoteWhy.NOT_SHA256)
    return value.strip()


def instant(value: object) -> str:
    """An instant with its offset, in ISO 8601; seconds or milliseconds since 1970 are one too."""
    if isinstance(value, str) and _EPOCH.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, str):
        if instant_of(value) is None:
            raise WrongFieldError(NoteWhy.NOT_A_TIME)
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongFieldError(NoteWhy.WRONG_TYPE)
    try:
        return datetime.fromtimestamp(value / 1000 if value >= _FIRST_MILLISECONDS else value, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        raise WrongFieldError(NoteWhy.NOT_A_TIME) from None


def instant_of(text: str | None) -> datetime | None:
    """The instant in UTC; None for what is absent, unreadable, without an offset, or off the calendar in UTC."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text if text[-1] != "z" else text.upper())
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def kind_of(value: object) -> str:
    """What this is, in words that tell nothing of anybody."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return f"a text of {len(value)} characters"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return f"an object of {len(value)} fields"
    return "something else"


def beginning_of(value: object) -> str:
    """The beginning of this as JSON, to be kept sealed."""
    written = json.dumps(value, ensure_ascii=False)[:LONGEST_WAS]
    return written.encode("utf-8", "backslashreplace").decode()
