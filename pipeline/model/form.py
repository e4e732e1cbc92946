"""How a field of a message is written: one description, from which its reader, its writer and its JSON Schema follow.

A class says it in its annotations: ``leg: Annotated[str, Text(64, shortest=1), NEEDED] = "main"``. A field without a
default is required; one with a default may be absent, which is the default. What a type alone says is not repeated: an
enumeration is its words, a `datetime` an instant, an `int` a whole number, a class with fields an object.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass
from datetime import datetime
from enum import Enum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class Text:
    """So many characters, all printable. `pattern` is a regular expression that occurs in it, `expected` its meaning in
    words. An empty text of a field that may be None is None."""

    longest: int
    shortest: int = 0
    pattern: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A text of any length and content: which addresses are allowed is a rule. No more than `kept` is kept of it."""

    kept: int


@dataclass(frozen=True, slots=True)
class Sha256:
    """A digest in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    below: int = 2**63
    first: int = 0


@dataclass(frozen=True, slots=True)
class Seconds:
    """A length of time from 0."""

    longest: float


@dataclass(frozen=True, slots=True)
class YesNo:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant with its offset, in ISO 8601."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a closed vocabulary; `aliases` are other ways of writing some of them."""

    words: type[StrEnum] | tuple[str, ...]
    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes in base64."""


@dataclass(frozen=True, slots=True)
class Several:
    """A list. `together`: one wrong item makes it wrong as a whole. `single`: a text alone stands for a list of it."""

    of: "Form | type"
    most: int
    least: int = 0
    into: Callable[[list[Any]], Any] = tuple
    together: bool = False
    single: bool = False


@dataclass(frozen=True, slots=True)
class Labels:
    """An object of names and texts that the sender chooses."""

    name: Text
    text: Text
    most: int


@dataclass(frozen=True, slots=True)
class Part:
    """A JSON object with the fields of a class. `alone` is the field that a text in its place can only mean."""

    of: type
    alone: str = ""


Form = Text | Address | Sha256 | Whole | Seconds | YesNo | Instant | Word | Bytes | Several | Labels | Part


@dataclass(frozen=True, slots=True)
class At:
    """The field's name in a message, where that is not its own."""

    key: str


@dataclass(frozen=True, slots=True)
class Says:
    """What the published schema says of the field."""

    text: str


NEEDED: Final = "needed"
"""A wrong one sets the call aside, where any other wrong field is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field as it is described; `key` is its name in a message, `default` MISSING where it is required."""

    name: str
    key: str
    form: Form
    default: object
    nullable: bool
    needed: bool
    says: str

    @property
    def required(self) -> bool:
        return self.default is MISSING


@cache
def fields_of(described: type) -> tuple[Field, ...]:
    """The fields of a class, in order; those that have no form (no part of a message) left out."""
    hints = get_type_hints(described, include_extras=True)
    return tuple(
        one for field in dataclasses.fields(described) if (one := _field(field, hints[field.name])) is not None
    )


def _field(field: "dataclasses.Field[Any]", hint: Any) -> Field | None:
    kind, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    form = next((mark for mark in marks if isinstance(mark, Form)), None) or _form_of(kinds[0])
    if form is None:
        return None
    optional = field.default is not MISSING
    return Field(
        name=field.name,
        key=next((mark.key for mark in marks if isinstance(mark, At)), field.name),
        form=form,
        default=field.default,
        nullable=NoneType in kinds or (optional and NEEDED not in marks),
        needed=NEEDED in marks,
        says=next((mark.text for mark in marks if isinstance(mark, Says)), ""),
    )


def _form_of(kind: Any) -> Form | None:
    if kind is datetime:
        return Instant()
    if kind is bool:
        return YesNo()
    if kind is int:
        return Whole()
    if kind is bytes:
        return Bytes()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Word(kind) if issubclass(kind, StrEnum) else None
    return Part(kind) if dataclasses.is_dataclass(kind) and isinstance(kind, type) else None
