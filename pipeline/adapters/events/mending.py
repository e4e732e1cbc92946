"""A recorded call with something wrong in it: what can be read is kept, what is wrong is noted.

A wrong trifle never costs a call. An optional field that is wrong is left out; a needed one (which call, leg and
segment it is, its line, what the caller objected to) has a stand-in and sets the call aside, with its audio. Missing or
wrong times and addresses have rules of their own. A value of certain meaning is taken for what it means.
"""

import hashlib
import re
from typing import Any, Final

from callwarden.adapters.events.envelope import SPEC_VERSION
from callwarden.adapters.events.fields import (
    Reader,
    WrongFieldError,
    address,
    beginning_of,
    instant,
    kind_of,
    seconds,
    sha256,
    text,
    whole,
    word,
)
from callwarden.model.note import Note, NoteWhy
from callwarden.model.purpose import OBJECTABLE

NOTES: Final = "callwardennotes"
"""The extension of an event of ours that keeps its notes, from when it was read first."""

NO_LINE: Final = ""
"""Stands in for a line that could not be read. No policy has one of this name."""

LONGEST: Final = 31_622_400
"""Seconds; at most a leap year: anything a clock can mean and a database can hold."""

_FOUND: Final = re.compile(r"[a-z0-9][a-z0-9 .,-]{0,99}")
_DIRECTIONS: Final = {
    **{name: name for name in ("inbound", "outbound", "internal", "unknown")},
    **dict.fromkeys(("in", "incoming"), "inbound"),
    **dict.fromkeys(("out", "outgoing"), "outbound"),
}
_OBJECTION: Final = word({name: name for name in OBJECTABLE})

_NAME: Final = text(256)
_SHORT: Final = text(64, shortest=1)
_PAUSE: Final[dict[str, Reader]] = {"from_s": seconds(LONGEST), "to_s": seconds(LONGEST), "reason": text(64)}
_PARTS: Final[dict[str, dict[str, Reader]]] = {
    "caller": {"number": _NAME, "customer_id": _NAME, "name": _NAME},
    "agent": {"id": _NAME},
    "audio": {"uri": address, "sha256": sha256, "bytes": whole(2**63)},
}
_WHOLE: Final = {"audio": "uri", "agent": "id"}
"""What a part can only mean that is a text."""
_NEEDED: Final[dict[str, Reader]] = {
    "call_id": text(256, shortest=1),
    "leg": _SHORT,
    "segment": whole(2**31),
    "line": _SHORT,
}
_OPTIONAL: Final[dict[str, Reader]] = {
    "direction": word(_DIRECTIONS),
    "started_at": instant,
    "ended_at": instant,
    "answered_after_s": seconds(LONGEST),
    "notice_version": _NAME,
}
_ALWAYS: Final = frozenset({"call_id", "line"})
"""What an event may not even lack."""


def mended(fields: dict[str, object], *, source: str, identifier: str) -> tuple[dict[str, object], tuple[Note, ...]]:
    """The fields of a recorded call as they are kept, and what was wrong with them. `data` is an object."""
    data: Any = fields["data"]
    mending = _Mending(data)
    mending.take_over(fields.get(NOTES))
    clean: dict[str, object] = {}
    for name, reader in _NEEDED.items():
        clean[name] = mending.read(name, reader, needed=True, always=name in _ALWAYS)
    for name, reader in _OPTIONAL.items():
        clean[name] = mending.read(name, reader)
    for name, readers in _PARTS.items():
        clean[name] = mending.part(name, readers)
    if isinstance(data.get("caller"), dict):
        clean["caller"] |= {"names": mending.names(data["caller"].get("names"))}  # type: ignore[operator]
    clean["channels"] = mending.channels()
    clean["pauses"] = mending.pauses()
    clean["labels"] = mending.labels()
    clean["objections"] = mending.objections()
    _stand_in(clean, source=source, identifier=identifier, noted=mending.notes)
    kept = {name: value for name, value in clean.items() if value is not None}
    attributes = {"specversion": SPEC_VERSION, "type": "call.recorded", "source": source, "id": identifier}
    return {**attributes, "data": kept}, tuple(mending.notes.values())


def _stand_in(clean: dict[str, object], *, source: str, identifier: str, noted: dict[str, Note]) -> None:
    """Names for what has none, so that no other call's recording is ever taken for this one's."""
    event = hashlib.sha256(f"{source}#{identifier}".encode()).hexdigest()
    if clean["call_id"] is None:
        clean["call_id"] = f"unnamed-{event[:32]}"
    if clean["leg"] is None and ("data.leg" in noted or "data.segment" in noted):
        clean["leg"] = f"unnamed-{event[:32]}"
    if clean["segment"] is None and "data.segment" in noted:
        clean["leg"] = f"unnamed-{event[:32]}"


class _Mending:
    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.notes: dict[str, Note] = {}

    def note(self, name: str, why: NoteWhy, value: object, *, needed: bool = False) -> None:
        """One note for a field: the first thing that was wrong with it."""
        path = f"data.{name}"
        if path not in self.notes:
            self.notes[path] = Note(field=path, why=why, kind=kind_of(value), was=beginning_of(value), needed=needed)

    def take_over(self, kept: object) -> None:
        """Notes from when the event was read first. Whatever else stands there is nothing."""
        for one in kept if isinstance(kept, list) else ():
            match one:
                case {"field": str(path), "why": str(why), "kind": str(kind), "was": str(was), "needed": bool(needed)}:
                    known = path in NOTED and why in set(NoteWhy) and _FOUND.fullmatch(kind)
                    if known and len(was) <= 2000:
                        self.notes[path] = Note(field=path, why=NoteWhy(why), kind=kind, was=was, needed=needed)

    def read(self, name: str, reader: Reader, *, needed: bool = False, always: bool = False) -> object:
        value = self.data.get(name)
        if value is None and not always:
            return None
        try:
            if value is None:
                raise WrongFieldError(NoteWhy.ABSENT)  # noqa: TRY301 -- one way to be wrong
            return reader(value)
        except WrongFieldError as error:
            self.note(name, error.why, value, needed=needed)
            return None

    def part(self, name: str, readers: dict[str, Reader]) -> dict[str, object] | None:
        part = self.data.get(name)
        if part is None:
            return None
        if name in _WHOLE and isinstance(part, str):
            part = {_WHOLE[name]: part}
        if not isinstance(part, dict):
            self.note(name, NoteWhy.WRONG_TYPE, part)
            return None
        clean: dict[str, object] = {}
        for inner, reader in readers.items():
            value = part.get(inner)
            if value is None:
                continue
            try:
                clean[inner] = reader(value)
            except WrongFieldError as error:
                self.note(f"{name}.{inner}", error.why, value)
        return clean

    def names(self, value: object) -> list[str] | None:
        return self.several("caller.names", value, _NAME, most=32)  # type: ignore[return-value]

    def channels(self) -> list[str] | None:
        """All or none: each stands for the channel of its place."""
        value = self.data.get("channels")
        found = self.several("channels", value, _SHORT, most=64)
        return found if isinstance(value, list) and found is not None and len(found) == len(value) else None  # type: ignore[return-value]

    def pauses(self) -> list[object] | None:
        return self.several("pauses", self.data.get("pauses"), _pause, most=1000)

    def labels(self) -> dict[str, str] | None:
        value = self.data.get("labels")
        if value is None:
            return None
        if not isinstance(value, dict):
            self.note("labels", NoteWhy.WRONG_TYPE, value)
            return None
        if len(value) > 64:
            self.note("labels", NoteWhy.TOO_MANY, value)
            return None
        clean: dict[str, str] = {}
        for name, content in value.items():
            try:
                clean[str(_SHORT(name))] = str(_NAME(content))
            except WrongFieldError as error:
                self.note("labels", error.why, value)  # never the name: it is the sender's own
        return clean

    def objections(self) -> list[object] | None:
        """Those that can be read. With any that cannot, what the caller said is not known, and that is not "none"."""
        value = self.data.get("objections")
        if value is None:
            return None
        if not isinstance(value, list) or len(value) > 64:
            why = NoteWhy.TOO_MANY if isinstance(value, list) else NoteWhy.WRONG_TYPE
            self.note("objections", why, value, needed=True)
            return None
        clean: list[object] = []
        for one in value:
            try:
                clean.append(_OBJECTION(one))
            except WrongFieldError as error:
                self.note("objections", error.why, value, needed=True)
        return clean if "data.objections" not in self.notes else clean or None

    def several(self, name: str, value: object, reader: Reader, *, most: int) -> list[object] | None:
        """A list without what is wrong in it."""
        if value is None:
            return None
        if not isinstance(value, list):
            self.note(name, NoteWhy.WRONG_TYPE, value)
            return None
        if len(value) > most:
            self.note(name, NoteWhy.TOO_MANY, value)
            return None
        clean: list[object] = []
        for one in value:
            try:
                clean.append(reader(one))
            except WrongFieldError as error:
                self.note(name, error.why, value)
        return clean


def _pause(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise WrongFieldError(NoteWhy.WRONG_TYPE)
    clean = {name: reader(value.get(name, "" if name == "reason" else None)) for name, reader in _PAUSE.items()}
    if clean["to_s"] < clean["from_s"]:  # type: ignore[operator]  # both are numbers by now
        raise WrongFieldError(NoteWhy.OUT_OF_RANGE)
    return clean


NOTED: Final = frozenset(
    f"data.{name}"
    for name in (
        *_NEEDED,
        *_OPTIONAL,
        *(name for part, inner in _PARTS.items() for name in (part, *(f"{part}.{one}" for one in inner))),
        *("caller.names", "channels", "pauses", "labels", "objections"),
    )
)
"""Every field there can be a note about."""
