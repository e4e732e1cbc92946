"""Inbound CloudEvents (1.0) between bytes and values: parse at the edge, trust inside."""

import hashlib
from dataclasses import replace
from typing import Any, Final, NoReturn

from callwarden.adapters.events.envelope import SPEC_VERSION, Headers, event_type, fields_of
from callwarden.adapters.events.notes import NOTES, explained, kept_notes, noted, written_notes
from callwarden.adapters.events.ordinary import ordinary, surely_printable
from callwarden.adapters.events.pushed import PUSHED, kept_pushed, written_pushed
from callwarden.errors import InvalidMessageError
from callwarden.model.event import (
    EVENT_TYPES,
    ID,
    NO_LINE,
    AudioReference,
    CallRecorded,
    ContradictionError,
    InboundEvent,
    PushedBy,
)
from callwarden.model.form import Instant
from callwarden.model.form_reading import ObjectReader, Wrong, WrongFieldError, object_reader, reader_of
from callwarden.model.form_writing import as_json, written
from callwarden.model.ids import CallId, EventId, LineId
from callwarden.model.note import Note, NoteWhy
from callwarden.model.outcome import Reason
from callwarden.model.purpose import RECORDING
from callwarden.ports.codec import SenderNames

MAX_EVENT_BYTES: Final = 1_000_000
"""An event is a reference to audio, not audio. Kafka's own default limit is a little above this."""

_DATA: Final[dict[type, ObjectReader]] = {kind: object_reader(kind, "data") for kind in EVENT_TYPES.values()}  # type: ignore[arg-type]
TIME: Final = "time"
"""When it was sent. It is no time of the call: a wrong one is noted, and nothing else."""
_NOTED: Final = frozenset({*_DATA[CallRecorded].paths(), TIME})
_ID: Final = reader_of(ID)
_INSTANT: Final = reader_of(Instant())


class CloudEventCodec:
    """The `EventCodec` of `telephony.calls`.

    What is judged here is form, as `callwarden.model.event` describes it. What a well-formed event means is for the
    rules: an absent time stays None (no time is ever made up), an absent `audio.uri` empty, an absent `objections`
    unknown. A recorded call is taken whatever is wrong with it: an optional field is left out, a needed one (which
    call, leg and segment it is, its line, what the caller objected to) has a stand-in and sets the call aside, with its
    audio. Other events are strict: nobody objects, or is listened to, by guesswork.
    """

    def decode(self, value: bytes, headers: Headers = ()) -> InboundEvent:
        """See `callwarden.ports.codec.EventCodec`. No error holds a value of the event, not even as its cause."""
        fields = fields_of(_within_limit(value), headers)
        if fields is None:
            raise InvalidMessageError(Reason.NOT_AN_EVENT)
        kind = EVENT_TYPES[event_type(fields)]
        name = event_id(_name(fields, "source"), _name(fields, "id"))
        data = fields.get("data")
        if not isinstance(data, dict):
            _invalid("data", "must be an object")
        if kind is CallRecorded:
            timely = fields.get(TIME) is None or _is_instant(fields[TIME])
            plain = timely and NOTES not in fields and "data_base64" not in fields and surely_printable(value)
            wrong = [] if timely else [Wrong(TIME, NoteWhy.NOT_A_TIME, fields[TIME], needed=False)]
            call = (ordinary(name, data) if plain else None) or _recorded(name, data, fields.get(NOTES), wrong)
            return replace(call, pushed=kept_pushed(fields[PUSHED])) if PUSHED in fields else call
        return _strict(kind, name, data)

    def names(self, value: bytes, headers: Headers = ()) -> SenderNames:
        """See `callwarden.ports.codec.EventCodec`. Only what could be a name is one: short and printable."""
        try:
            fields = fields_of(value, headers) if len(value) <= MAX_EVENT_BYTES else None
        except InvalidMessageError:
            fields = None
        if fields is None:
            return SenderNames()
        source, identifier, data = fields.get("source"), fields.get("id"), fields.get("data")
        data = data if isinstance(data, dict) else {}
        call_id, line = data.get("call_id"), data.get("line")
        named = _is_name(source) and _is_name(identifier)
        return SenderNames(
            event_id=event_id(str(source), str(identifier)) if named else None,
            call_id=CallId(str(call_id)) if _is_name(call_id) else None,
            line=LineId(str(line)) if _is_name(line) else None,
            objected_audio=_objected_audio(data),
        )

    def encode(self, event: CallRecorded) -> bytes:
        """See `callwarden.ports.codec.EventCodec`. Keys in order, no white space, what is absent left out."""
        source, _, identifier = event.event_id.partition("#")
        envelope: dict[str, object] = {
            "specversion": SPEC_VERSION,
            "type": event.TYPE,
            "source": source.replace("%23", "#").replace("%25", "%"),
            "id": identifier,
            "data": written(event),
        }
        if event.notes:
            envelope[NOTES] = written_notes(event.notes)
        if event.pushed is not None:
            envelope[PUSHED] = written_pushed(event.pushed)
        return as_json(envelope)

    def with_audio(self, value: bytes, headers: Headers, audio: AudioReference, pushed: PushedBy) -> bytes:
        """See `callwarden.ports.codec.EventCodec`."""
        fields = dict(fields_of(value, headers) or {})
        fields.pop("data_base64", None)
        data = fields["data"]
        assert isinstance(data, dict)  # or `decode` would not have taken it
        given = data.get("audio")
        kept = given if isinstance(given, dict) else {}
        said = {**data, "audio": {**kept, **written(audio)}}
        event = as_json({**fields, PUSHED: written_pushed(pushed), "data": said})
        return _within_limit(event, room=ID.longest * 4)


def event_id(source: str, identifier: str) -> EventId:
    """One name for an event: `source`, with ``%`` and ``#`` escaped, then ``#``, then `id`. Two events have the same
    name only when both parts are the same."""
    if "%" in source or "#" in source:
        source = source.replace("%", "%25").replace("#", "%23")
    return EventId(f"{source}#{identifier}")


def _recorded(name: EventId, data: dict[str, Any], kept: object, wrong: list[Wrong]) -> CallRecorded:
    read = _DATA[CallRecorded].read(data, wrong)
    notes = kept_notes(kept, known=_NOTED) if kept is not None else {}
    if wrong:
        notes |= {path: note for path, note in noted(wrong).items() if path not in notes}
    if notes:
        read = _with_stand_ins(read, name, notes)
    return CallRecorded(event_id=name, notes=tuple(notes.values()), **read)


def _with_stand_ins(read: dict[str, Any], name: EventId, notes: dict[str, Note]) -> dict[str, Any]:
    """Names for what has none, so that no other call's recording is ever taken for this one's."""
    unnamed = f"unnamed-{hashlib.sha256(name.encode()).hexdigest()[:32]}"
    stand_ins = {"call_id": unnamed, "line": NO_LINE}
    if ("leg" not in read and "data.leg" in notes) or ("segment" not in read and "data.segment" in notes):
        read["leg"] = unnamed
    return stand_ins | read


def _strict(kind: type[InboundEvent], name: EventId, data: dict[str, Any]) -> InboundEvent:
    wrong: list[Wrong] = []
    event = contradiction = None
    read: dict[str, Any] = {}
    try:
        read = _DATA[kind].read(data, wrong)
        event = None if wrong else kind(event_id=name, **read)
    except ContradictionError as error:
        contradiction = (error.path, str(error))
    if wrong:
        first = wrong[0]
        item = "" if first.item is None else f".{first.item}"
        _invalid(f"{first.path}{item}", first.detail or explained(first.why))
    if contradiction is not None:
        _invalid(f"data.{contradiction[0]}", contradiction[1])
    assert event is not None
    return event


def _within_limit(value: bytes, *, room: int = 0) -> bytes:
    """With `room` for its key, which is as long as a call's id can be."""
    if len(value) + room > MAX_EVENT_BYTES:
        raise InvalidMessageError(Reason.NOT_AN_EVENT, detail=f"over {MAX_EVENT_BYTES} bytes")
    return value


def _name(fields: dict[str, object], name: str) -> str:
    try:
        return str(_ID(fields.get(name)))
    except WrongFieldError:
        found = ""  # refused below, where nothing of what was read is at hand
    return found or _invalid(name, "must be a text of 1 to 256 characters")


def _is_instant(value: object) -> bool:
    try:
        _INSTANT(value)
    except WrongFieldError:
        return False
    return True


def _objected_audio(data: dict[str, Any]) -> str | None:
    objections, audio = data.get("objections"), data.get("audio")
    uri = audio.get("uri") if isinstance(audio, dict) else None
    objects = isinstance(objections, list) and RECORDING in objections
    return uri if objects and isinstance(uri, str) else None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 256 and value.isprintable()


def _invalid(field: str, detail: str) -> NoReturn:
    raise InvalidMessageError(Reason.INVALID_FIELD, field=field, detail=detail)
