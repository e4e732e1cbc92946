"""The ordinary recorded call, checked by msgspec in a third of the time. Whatever it does not take decides nothing.

Nearly every event is a `call.recorded` with nothing strange in it; without this, consuming takes more than a plain
loop by over two thirds. What is taken here is what `callwarden.model.form_reading` takes too, without a note: both
follow from the same description.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from callwarden.model.event import CallRecorded
from callwarden.model.form import (
    Address,
    Bytes,
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
    fields_of,
)

# In UTF-8: the upper control characters, and the separators of lines and paragraphs.
_UNCLEAN: Final = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]")


def surely_printable(value: bytes) -> bool:
    """Whether nothing is escaped, and no string holds a control character; those below the space are no JSON there."""
    # `find`, because `in` takes three times as long over bytes.
    if value.find(b"\\") >= 0 or value.find(b"\x7f") >= 0:
        return False
    return (value.find(b"\xc2") < 0 and value.find(b"\xe2") < 0) or _UNCLEAN.search(value) is None


def ordinary(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """The fields of a recorded call whose texts all print; None where anything is out of the ordinary."""
    try:
        return _CALL.read(msgspec.convert(data, _CALL.struct))
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class _Shape:
    """An object as a structure of msgspec, and what makes the values of the model of some of its fields."""

    struct: type[msgspec.Struct]
    readers: Sequence[tuple[str, Callable[[Any], Any]]]

    def read(self, checked: msgspec.Struct) -> dict[str, Any]:
        fields = msgspec.structs.asdict(checked)
        for name, reader in self.readers:
            value = fields[name]
            if value is not None:
                fields[name] = reader(value)
        return fields


def _shape(of: type) -> _Shape:
    columns, names, readers = list[Any](), dict[str, str](), []
    for field in fields_of(of):
        kind, reader = _checked(field.form, shortest=1 if field.nullable else 0)
        if field.default is None:  # a null that means anything else is not ordinary
            kind = kind | None
        columns.append((field.name, kind) if field.required else (field.name, kind, field.default))
        names[field.name] = field.key
        if reader is not None:
            readers.append((field.name, reader))
    return _Shape(msgspec.defstruct("Shape", columns, kw_only=True, rename=names, frozen=True, gc=False), readers)


def _checked(form: Form | type, *, shortest: int = 0) -> tuple[Any, Callable[[Any], Any] | None]:
    """The type to check a form by, and what makes the value of the model of it, where that is another."""
    match form:
        case Text(longest):
            return Annotated[str, Meta(min_length=max(shortest, form.shortest), max_length=longest)], None
        case Whole(below, first):
            return Annotated[int, Meta(ge=first, le=below - 1)], None
        case Seconds(longest):
            return Annotated[float, Meta(ge=0, le=longest)], None
        case Word(words):
            return (Literal[words] if isinstance(words, tuple) else words), None
        case Address(kept):
            return Annotated[str, Meta(max_length=kept)], None
        case Several():
            return _checked_list(form)
        case Labels():
            name, text = _checked(form.name)[0], _checked(form.text)[0]
            return Annotated[dict[name, text], Meta(max_length=form.most)], _sorted  # type: ignore[valid-type]
        case Part(of):
            return _checked_object(of)
        case type():
            return _checked_object(form)
        case Instant():
            return str, _instant
        case Sha256():
            return Annotated[str, Meta(min_length=64, max_length=64)], _digest
        case Bytes():
            raise TypeError("no part of an event")


def _checked_list(form: Several) -> tuple[Any, Callable[[Any], Any] | None]:
    kind, reader = _checked(form.of)
    whole: Any = Annotated[tuple[kind, ...], Meta(min_length=form.least, max_length=form.most)]  # type: ignore[valid-type]
    if reader is None:
        return whole, None if form.into is tuple else form.into
    return whole, lambda items: form.into([reader(item) for item in items])


def _checked_object(of: type) -> tuple[Any, Callable[[Any], Any]]:
    shape = _shape(of)
    struct, read = shape.struct, shape.read if shape.readers else msgspec.structs.asdict

    def built(value: Any) -> Any:
        return of(**read(value)) if value.__class__ is struct else value  # else the default

    return struct, built


def _digest(text: str) -> str:
    if len(bytes.fromhex(text)) != 32:  # it takes spaces
        raise ValueError("no digest")
    return text.lower()


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("no offset")
    return found.astimezone(UTC)


def _sorted(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items())) if labels else ()


_CALL: Final = _shape(CallRecorded)
