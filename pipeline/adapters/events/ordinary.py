"""The ordinary recorded call, checked and built by msgspec in a fraction of the time. Whatever it does not take decides
nothing.

Nearly every event is a `call.recorded` with nothing strange in it; without this, consuming takes more than a plain
loop by over two thirds. What is taken here is what `callwarden.model.form_reading` takes too, without a note: both
follow from the same description.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
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
    YesNo,
    fields_of,
)
from callwarden.model.ids import EventId

# In UTF-8: the upper control characters, the separators of lines and paragraphs, and what turns a line around.
_UNCLEAN: Final = re.compile(rb"\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]")
_LEADING: Final = (b"\xc2", b"\xd8", b"\xe2")


def surely_printable(value: bytes) -> bool:
    """Whether nothing is escaped, and no string holds a control character, of lines or of their direction either; those
    below the space are no JSON there."""
    # `find`, because `in` takes three times as long over bytes.
    if value.find(b"\\") >= 0 or value.find(b"\x7f") >= 0:
        return False
    return all(value.find(byte) < 0 for byte in _LEADING) or _UNCLEAN.search(value) is None


def ordinary(event_id: EventId, data: Mapping[str, Any]) -> CallRecorded | None:
    """The recorded call whose texts all print; None where anything is out of the ordinary."""
    try:
        fields = msgspec.structs.asdict(msgspec.convert(data, _CALL))
        for name, reader in _READERS:
            if fields[name] is not None:
                fields[name] = reader(fields[name])
        fields["event_id"] = event_id
        # Built by msgspec as well, the parts from their structures: half the time of the classes' own constructors.
        return _small_digest(msgspec.convert(fields, CallRecorded, from_attributes=True))
    except (ValueError, OverflowError):
        return None


def _struct(of: type, *, own: Mapping[type, object]) -> type[msgspec.Struct]:
    """What an object of this class has to be in JSON, as a structure of msgspec with the fields of the class. `own` are
    the forms that may occur in it though what is in JSON is not yet the value."""
    columns, names = list[Any](), dict[str, str]()
    for field in fields_of(of):
        if isinstance(field.form, Instant | Labels) and type(field.form) not in own:
            raise TypeError(f"{of.__name__}.{field.name} needs a reader")
        kind = _checked(field.form, shortest=1 if field.nullable else 0, own=own)
        if field.default is None:  # a null that means anything else is not ordinary
            kind = kind | None
        default = {} if isinstance(field.form, Labels) else field.default
        columns.append((field.name, kind) if field.required else (field.name, kind, default))
        names[field.name] = field.key
    return msgspec.defstruct("Shape", columns, kw_only=True, rename=names, frozen=True, gc=False)


def _checked(form: Form | type, *, shortest: int = 0, own: Mapping[type, object] = MappingProxyType({})) -> Any:
    """The type to check a form by; of an object, with the forms that its reader reads."""
    match form:
        case Text(longest):
            least = max(shortest, form.shortest)
            return Annotated[str, Meta(min_length=least, max_length=longest, pattern=form.pattern or None)]
        case Whole(below, first):
            return Annotated[int, Meta(ge=first, le=below - 1)]
        case Seconds(longest):
            return Annotated[float, Meta(ge=0, le=longest)]
        case Word(words):
            return Literal[words] if isinstance(words, tuple) else words
        case Address(kept):
            return Annotated[str, Meta(max_length=kept)]
        case Several():
            kind: Any = _checked(form.of)
            return Annotated[tuple[kind, ...], Meta(min_length=form.least, max_length=form.most)]
        case Labels():
            name, text = _checked(form.name), _checked(form.text)
            return Annotated[dict[name, text], Meta(max_length=form.most)]  # type: ignore[valid-type]
        case Part(of):
            return _struct(of, own=own)
        case YesNo():
            return bool
        case type():
            return _struct(form, own={})
        case Instant():
            return str
        case Sha256():
            return Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{64}\Z")]  # see _small_digest
        case Bytes():
            raise TypeError("no part of an event")


def _small_digest(call: CallRecorded) -> CallRecorded:
    found = call.audio.sha256
    if found is None or found == found.lower():
        return call
    return replace(call, audio=replace(call.audio, sha256=found.lower()))


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("no offset")
    return found.astimezone(UTC)


def _sorted(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


def _reader_of(form: Form) -> Callable[[Any], object] | None:
    """What makes the value of what was checked, where that is another."""
    if not isinstance(form, Part):
        return _OWN.get(type(form))
    of, inside = form.of, [(field.name, _reader_of(field.form)) for field in fields_of(form.of)]
    if not any(reader for _, reader in inside):
        return None

    def read(shape: object) -> object:
        found = [(name, reader, getattr(shape, name)) for name, reader in inside]
        return of(
            **{name: value if reader is None or value is None else reader(value) for name, reader, value in found}
        )

    return read


_OWN: Final[Mapping[type, Callable[[Any], object]]] = {Instant: _instant, Labels: _sorted}
_CALL: Final = _struct(CallRecorded, own=_OWN)
_READERS: Final = [
    (field.name, reader) for field in fields_of(CallRecorded) if (reader := _reader_of(field.form)) is not None
]

# What msgspec knows of a type it builds at the first conversion, and threads that come meanwhile find it half built and
# crash the process (0.22.0). While a module is imported, no other thread has it.
for _shape, _from_attributes in ((_CALL, False), (CallRecorded, True)):
    with suppress(msgspec.ValidationError):
        msgspec.convert({}, _shape, from_attributes=_from_attributes)
