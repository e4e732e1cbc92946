"""Reads what a class of the model describes (`callwarden.model.form`) from a JSON object, and says what is wrong in it.

A value whose meaning is certain is taken for what it means: a number that is written as a text, seconds since 1970, a
word in capitals. Nothing is guessed.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from callwarden.model.form import (
    Address,
    Bytes,
    Field,
    Form,
    Instant,
    Labels,
    Part,
    Seconds,
    Several,
    Sha256,
    Text,
    Whole,
    Word,
    YesNo,
    fields_of,
)
from callwarden.model.note import NoteWhy

Reader = Callable[[Any], Any]

_NOTHING: Final = object()
# Of control; and what turns the direction of a line around, so that it reads as something else.
_UNCLEAN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_WHOLE: Final = re.compile(r"[0-9]{1,19}")
_DECIMAL: Final = re.compile(r"[0-9]{1,19}(\.[0-9]{1,19})?")
_EPOCH: Final = re.compile(r"[0-9]{10}|[0-9]{13}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_FIRST_MILLISECONDS: Final = 100_000_000_000
"""From here on an epoch is in milliseconds: in seconds it would be the year 5138."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field that is wrong. `item` is the place of the item at fault in a list."""

    path: str
    why: NoteWhy
    value: object
    needed: bool
    item: int | None = None
    detail: str = ""


class WrongFieldError(Exception):
    """A value that cannot be read. `kept` is what can be read of it. Never leaves this module and the codec."""

    def __init__(self, why: NoteWhy, *, kept: object = _NOTHING, item: int | None = None, detail: str = "") -> None:
        self.why, self.kept, self.item, self.detail = why, kept, item, detail
        super().__init__(why.value)


@dataclass(frozen=True, slots=True)
class _Place:
    """A field where it stands."""

    path: str
    required: bool
    needed: bool
    nullable: bool = False
    alone: str = ""


@dataclass(frozen=True, slots=True)
class ObjectReader:
    """Reads the object that a class describes: its single fields, and the objects in it."""

    of: type
    fields: Sequence[tuple[str, str, Reader, _Place]]
    parts: "Sequence[tuple[str, str, ObjectReader, _Place]]"

    def read(self, data: Mapping[str, Any], wrong: list[Wrong]) -> dict[str, Any]:
        """The fields of the class by name, without the absent and the wrong ones; what is wrong is added to `wrong`."""
        read: dict[str, Any] = {}
        for key, name, reader, place in self.fields:
            value = data.get(key)
            if value is None:
                if place.required and place.nullable:
                    read[name] = None
                elif place.required:
                    wrong.append(Wrong(place.path, NoteWhy.ABSENT, None, place.needed))
                continue
            try:
                read[name] = reader(value)
            except WrongFieldError as error:
                wrong.append(Wrong(place.path, error.why, value, place.needed, error.item, error.detail))
                if error.kept is not _NOTHING:
                    read[name] = error.kept
        for key, name, part, place in self.parts:
            value = data.get(key)
            if place.alone and isinstance(value, str):
                value = {place.alone: value}
            if isinstance(value, dict):
                before = len(wrong)
                inside = part.read(value, wrong)
                if len(wrong) == before or not place.required:
                    read[name] = part.of(**inside)
            elif value is not None:
                wrong.append(Wrong(place.path, NoteWhy.WRONG_TYPE, value, place.needed))
            elif place.required:
                wrong.append(Wrong(place.path, NoteWhy.ABSENT, None, place.needed))
        return read

    def paths(self) -> Iterator[str]:
        """Every field there is."""
        for *_, place in (*self.fields, *self.parts):
            yield place.path
        for _, _, part, _ in self.parts:
            yield from part.paths()


@cache
def object_reader(described: type, path: str = "") -> ObjectReader:
    """What reads objects of this class; `path` is where they stand."""
    fields, parts = list[tuple[str, str, Reader, _Place]](), list[tuple[str, str, ObjectReader, _Place]]()
    for field in fields_of(described):
        form, where = field.form, f"{path}.{field.key}" if path else field.key
        if isinstance(form, Part):
            place = _Place(where, field.required, field.needed, alone=form.alone)
            parts.append((field.key, field.name, object_reader(form.of, where), place))
        else:
            place = _Place(where, field.required, field.needed, field.nullable)
            fields.append((field.key, field.name, _reader(field), place))
    return ObjectReader(described, fields, parts)


def _reader(field: Field) -> Reader:
    read = reader_of(field.form)
    return (lambda value: read(value) or None) if isinstance(field.form, Text) and field.default is None else read


# Readers of single values


def reader_of(form: Form) -> Reader:
    """What reads one value of this form. It raises WrongFieldError."""
    match form:
        case Text():
            return _text(form)
        case Address(kept):
            return _address(kept)
        case Sha256():
            return _sha256
        case Whole(below, first):
            return _whole(first, below)
        case Seconds(longest):
            return _seconds(longest)
        case YesNo():
            return _yes_no
        case Instant():
            return _instant
        case Word():
            return _word(form)
        case Bytes():
            return _bytes
        case Several():
            return _several(form)
        case Labels():
            return _labels(form)
        case Part(of):
            return _object(of)


def _text(form: Text) -> Reader:
    longest, shortest = form.longest, form.shortest
    pattern = re.compile(form.pattern) if form.pattern else None

    def read(value: object) -> str:
        if value.__class__ is int:
            value = str(value)
        if not isinstance(value, str):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        if len(value) > longest:
            raise WrongFieldError(NoteWhy.TOO_LONG)
        if len(value) < shortest:
            raise WrongFieldError(NoteWhy.EMPTY)
        if not value.isprintable() and _UNCLEAN.search(value):
            raise WrongFieldError(NoteWhy.NOT_PRINTABLE)
        if pattern is not None and not pattern.search(value):
            raise WrongFieldError(NoteWhy.UNKNOWN_WORD, detail=form.expected)
        return value

    return read


def _address(kept: int) -> Reader:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        if not value.isascii() and _SURROGATE.search(value):
            raise WrongFieldError(NoteWhy.NOT_PRINTABLE)  # what no database takes
        return value[:kept]

    return read


def _whole(first: int, below: int) -> Reader:
    def read(value: object) -> int:
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        if not first <= value < below:
            raise WrongFieldError(NoteWhy.OUT_OF_RANGE)
        return value

    return read


def _seconds(longest: float) -> Reader:
    def read(value: object) -> float:
        if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        if not 0 <= value <= longest:
            raise WrongFieldError(NoteWhy.OUT_OF_RANGE)
        return float(value)

    return read


def _yes_no(value: object) -> bool:
    meaning = {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(meaning, bool):
        raise WrongFieldError(NoteWhy.WRONG_TYPE)
    return meaning


def _word(form: Word) -> Reader:
    meanings = {str(word): word for word in form.words}
    meanings |= {alias: meanings[of] for alias, of in form.aliases.items()}

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        meaning = meanings.get(value) or meanings.get(value.strip().lower())
        if meaning is None:
            raise WrongFieldError(NoteWhy.UNKNOWN_WORD)
        return meaning

    return read


def _sha256(value: object) -> str:
    if not isinstance(value, str):
        raise WrongFieldError(NoteWhy.WRONG_TYPE)
    digest = value.strip().lower()
    if not _SHA256.fullmatch(digest):
        raise WrongFieldError(NoteWhy.NOT_SHA256)
    return digest


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise WrongFieldError(NoteWhy.WRONG_TYPE)
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise WrongFieldError(NoteWhy.UNKNOWN_WORD) from None


def _instant(value: object) -> datetime:
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value if value[-1:] != "z" else value.upper())
            if found.tzinfo is not None:
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # it may be an epoch
        if not _EPOCH.fullmatch(value.strip()):
            raise WrongFieldError(NoteWhy.NOT_A_TIME)
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongFieldError(NoteWhy.WRONG_TYPE)
    try:
        return datetime.fromtimestamp(value / 1000 if value >= _FIRST_MILLISECONDS else value, UTC)
    except (ValueError, OverflowError, OSError):
        raise WrongFieldError(NoteWhy.NOT_A_TIME) from None


def _several(form: Several) -> Reader:
    read_item = reader_of(form.of) if isinstance(form.of, Form) else _object(form.of)

    def read(value: object) -> object:
        if form.single and isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        if len(value) > form.most:
            raise WrongFieldError(NoteWhy.TOO_MANY)
        if len(value) < form.least:
            raise WrongFieldError(NoteWhy.EMPTY)
        items, fault = [], None
        for place, item in enumerate(value):
            try:
                items.append(read_item(item))
            except WrongFieldError as error:
                fault = fault or (error.why, place)
        if fault is None:
            return form.into(items)
        kept = form.into(items) if items and not form.together else _NOTHING
        raise WrongFieldError(fault[0], kept=kept, item=fault[1])

    return read


def _object(of: type) -> Reader:
    reader = object_reader(of)

    def read(value: object) -> object:
        if not isinstance(value, dict):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        wrong: list[Wrong] = []
        fields = reader.read(value, wrong)
        if wrong:
            why = wrong[0].why
            raise WrongFieldError(NoteWhy.WRONG_TYPE if why is NoteWhy.ABSENT else why)
        try:
            return of(**fields)
        except ValueError:
            raise WrongFieldError(NoteWhy.OUT_OF_RANGE) from None

    return read


def _labels(form: Labels) -> Reader:
    read_name, read_text = reader_of(form.name), reader_of(form.text)

    def read(value: object) -> tuple[tuple[str, str], ...]:
        if not isinstance(value, dict):
            raise WrongFieldError(NoteWhy.WRONG_TYPE)
        if len(value) > form.most:
            raise WrongFieldError(NoteWhy.TOO_MANY)
        labels, why = [], None
        for name, content in value.items():
            try:
                labels.append((read_name(name), read_text(content)))
            except WrongFieldError as error:
                why = why or error.why  # never the name: it is the sender's own
        if why is not None:
            raise WrongFieldError(why, kept=tuple(sorted(labels)))
        return tuple(sorted(labels))

    return read
