"""Inbound CloudEvents (1.0) between bytes and values: parse at the edge, trust inside."""

import json
from contextlib import suppress
from datetime import datetime
from typing import Final, NoReturn

from msgspec import UNSET
from pydantic import ValidationError

from callwarden.adapters.events.envelope import BOM, SPEC_VERSION, Headers, event_type, fields_of, is_binary
from callwarden.adapters.events.fast import AudioPart, PausePart, PersonPart, RecordedCall, ordinary, taken_over
from callwarden.adapters.events.fields import Reader, WrongFieldError, instant, instant_of, text
from callwarden.adapters.events.mending import NO_LINE, NOTES, mended
from callwarden.adapters.events.shapes import (
    EVENT,
    EventShape,
    MonitoredEvent,
    ObjectedEvent,
    ObjectionShape,
    ObjectorShape,
    WithdrawnEvent,
)
from callwarden.errors import InvalidMessageError
from callwarden.model.event import (
    AudioReference,
    CallMonitored,
    CallObjected,
    CallRecorded,
    Direction,
    InboundEvent,
    ObjectionScope,
    ObjectionWithdrawn,
    Pause,
    Person,
)
from callwarden.model.ids import CallId, EventId, LineId
from callwarden.model.note import Note
from callwarden.model.outcome import Reason
from callwarden.model.purpose import RECORDING
from callwarden.ports.codec import SenderNames

MAX_EVENT_BYTES: Final = 1_000_000
"""An event is a reference to audio, not audio. Kafka's own default limit is a little above this."""

MAX_URI_CHARACTERS: Final = 4096
"""As much of an address as is kept. No allowed one is as long, and what follows would change nothing about that; with
the bounds on every other field this keeps whatever `encode` writes below the size that `decode` reads."""


class CloudEventCodec:
    """The `EventCodec` of `telephony.calls`; config/topics/telephony.calls.schema.json says the same in JSON Schema.

    What is judged here is form. What a well-formed event means is for the rules: `started_at` and `ended_at` that
    are absent, unreadable or without an offset become None (no time is ever made up), an absent `audio` or
    `audio.uri` becomes an empty address, a telephone number stays as it was written, an absent `objections` stays
    unknown. Instants are turned into UTC. What is wrong in a recorded call is mended and noted (`event_mending`).
    """

    def decode(self, value: bytes, headers: Headers = ()) -> InboundEvent:
        """See `callwarden.ports.codec.EventCodec`. No error holds a value of the event, not even as its cause."""
        if len(value) > MAX_EVENT_BYTES:
            raise InvalidMessageError(Reason.NOT_AN_EVENT, detail=f"over {MAX_EVENT_BYTES} bytes")
        if not headers or not is_binary(headers):
            call = ordinary(value.removeprefix(BOM))
            event = None if call is None else _recorded(call)
            if event is not None:
                return event
        return _careful(value, headers)

    def names(self, value: bytes, headers: Headers = ()) -> SenderNames:
        """See `callwarden.ports.codec.EventCodec`. Only what could be a name is one: short and printable."""
        try:
            fields = fields_of(value, headers) if len(value) <= MAX_EVENT_BYTES else None
        except InvalidMessageError:
            fields = None
        if fields is None:
            return SenderNames()
        source, identifier, data = fields.get("source"), fields.get("id"), fields.get("data")
        call_id = data.get("call_id") if isinstance(data, dict) else None
        named = _is_name(source) and _is_name(identifier)
        return SenderNames(
            event_id=event_id(str(source), str(identifier)) if named else None,
            call_id=CallId(str(call_id)) if _is_name(call_id) else None,
            line=_line_of(data),
            objected_audio=_objected_audio(data),
        )

    def encode(self, event: CallRecorded) -> bytes:
        """See `callwarden.ports.codec.EventCodec`. Keys in order, no white space, what is absent left out."""
        source, _, identifier = event.event_id.partition("#")
        person, audio = event.caller, event.audio
        data = {
            "call_id": event.call_id,
            "leg": event.leg,
            "segment": event.segment,
            "line": event.line or None,
            "direction": event.direction.value,
            "started_at": event.started_at and event.started_at.isoformat(),
            "ended_at": event.ended_at and event.ended_at.isoformat(),
            "answered_after_s": event.answered_after_s,
            "caller": _present(
                {"number": person.number, "customer_id": person.customer_id, "names": person.names or None}
            ),
            "agent": _present({"id": event.agent_id}),
            "channels": event.channels,
            "audio": _present({"uri": audio.uri or None, "sha256": audio.sha256, "bytes": audio.bytes}),
            "objections": None if event.objections is None else sorted(event.objections),
            "notice_version": event.notice_version,
            "pauses": [{"from_s": p.from_s, "to_s": p.to_s, "reason": p.reason} for p in event.pauses],
            "labels": dict(event.labels),
        }
        envelope: dict[str, object] = {
            "specversion": SPEC_VERSION,
            "type": "call.recorded",
            "source": source.replace("%23", "#").replace("%25", "%"),
            "id": identifier,
            "data": _present(data),
        }
        if event.notes:
            envelope[NOTES] = [
                {"field": one.field, "why": one.why.value, "kind": one.kind, "was": one.was, "needed": one.needed}
                for one in event.notes
            ]
        text = json.dumps(envelope, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return text.encode()


def event_id(source: str, identifier: str) -> EventId:
    """One name for an event: `source`, with ``%`` and ``#`` escaped, then ``#``, then `id`. Two events have the same
    name only when both parts are the same."""
    if "%" in source or "#" in source:
        source = source.replace("%", "%25").replace("#", "%23")
    return EventId(f"{source}#{identifier}")


def _line_of(data: object) -> LineId | None:
    line = data.get("line") if isinstance(data, dict) else None
    return LineId(str(line)) if _is_name(line) else None


def _objected_audio(data: object) -> str | None:
    if not isinstance(data, dict) or not isinstance(data.get("audio"), dict):
        return None
    objections, uri = data.get("objections"), data["audio"].get("uri")
    objects = isinstance(objections, list) and RECORDING in objections
    return uri if objects and isinstance(uri, str) else None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 256 and value.isprintable()


def _present(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _invalid(field: str, detail: str) -> NoReturn:
    raise InvalidMessageError(Reason.INVALID_FIELD, field=field, detail=detail)


# From shapes to values


def _careful(value: bytes, headers: Headers) -> InboundEvent:
    """Whatever is not an ordinary recorded call: taken for what it is, mended, or refused for what is wrong with it."""
    fields = fields_of(value, headers)
    if fields is None:
        raise InvalidMessageError(Reason.NOT_AN_EVENT)
    kind = event_type(fields)
    names = {name: _name(fields, name) for name in ("source", "id")}
    if not isinstance(fields.get("data"), dict):
        _invalid("data", "must be an object")
    if kind == "call.recorded":
        clean, notes = mended(fields, source=names["source"], identifier=names["id"])
        event = _recorded(taken_over(clean), notes)
        assert event is not None  # every time and pause in it has been read
        return event
    return _built(_shape({**fields, **names, "specversion": SPEC_VERSION, "data": _plainer(fields["data"])}))


def _name(fields: dict[str, object], name: str) -> str:
    found = None
    with suppress(WrongFieldError):  # refused below, where nothing of what was read is at hand
        found = str(_ID(fields.get(name)))
    if found is None:
        _invalid(name, "must be a text of 1 to 256 characters")
    return found


def _plainer(data: object) -> dict[str, object]:
    """The data of an event that is no recording, with what can only mean one thing in its proper form."""
    assert isinstance(data, dict)
    plain = dict(data)
    for name in ("call_id", "channel"):
        if isinstance(plain.get(name), int):
            plain[name] = _coerced(plain[name], _ID)
    for name in ("at", "from", "to"):
        if not isinstance(plain.get(name), str):
            plain[name] = _coerced(plain.get(name), instant)
    if isinstance(caller := plain.get("caller"), dict):
        plain["caller"] = {key: _coerced(one, _ID) if isinstance(one, int) else one for key, one in caller.items()}
    if isinstance(plain.get("purposes"), str):
        plain["purposes"] = [plain["purposes"]]
    return {name: value for name, value in plain.items() if value is not None}


def _coerced(value: object, reader: Reader) -> object:
    try:
        return reader(value)
    except WrongFieldError:
        return value


def _shape(fields: dict[str, object]) -> EventShape:
    try:
        return EVENT.validate_python(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    # The first part of the location is the type. Nothing of the error goes on: it holds the event.
    _invalid(".".join(str(part) for part in first["loc"][1:]), first["msg"])


def _built(shape: EventShape) -> InboundEvent:
    if shape["type"] == "call.objected":
        return _objected(shape)
    if shape["type"] == "call.objection_withdrawn":
        return _withdrawn(shape)
    return _monitored(shape)


_ID: Final = text(256, shortest=1)


def _recorded(call: RecordedCall, notes: tuple[Note, ...] = ()) -> CallRecorded | None:
    """The value; None where something in it has to be mended first: no line, a time or a pause that is none."""
    data = call.data
    agent, objections, labels = data.agent, data.objections, data.labels
    pauses = data.pauses
    started_at = instant_of(data.started_at) if data.started_at else None
    ended_at = instant_of(data.ended_at) if data.ended_at else None
    if (started_at is None and data.started_at) or (ended_at is None and data.ended_at):
        return None
    if pauses and [pause for pause in pauses if pause.to_s < pause.from_s]:
        return None
    if data.line is UNSET and not notes:
        return None
    return CallRecorded(
        event_id=event_id(call.source, call.id),
        call_id=CallId(data.call_id),
        leg="main" if data.leg is UNSET else data.leg,
        segment=0 if data.segment is UNSET else data.segment,
        line=LineId(NO_LINE if data.line is UNSET else data.line),
        direction=_DIRECTIONS[data.direction] if data.direction else Direction.UNKNOWN,
        started_at=started_at,
        ended_at=ended_at,
        answered_after_s=None if data.answered_after_s is UNSET else data.answered_after_s,
        caller=_person(data.caller) if data.caller else _NOBODY,
        agent_id=agent.id or None if agent else None,
        channels=tuple(data.channels) if data.channels else (),
        audio=_audio(data.audio) if data.audio else _NO_AUDIO,
        objections=None if objections is None or objections is UNSET else frozenset(objections),
        notice_version=None if data.notice_version is UNSET else data.notice_version,
        pauses=tuple([_pause(pause) for pause in pauses]) if pauses else (),
        labels=tuple(sorted(labels.items())) if labels else (),
        notes=notes,
    )


_DIRECTIONS: Final = {direction.value: direction for direction in Direction}
_NOBODY: Final = Person()
_NO_AUDIO: Final = AudioReference(uri="", sha256=None, bytes=None)


def _person(part: PersonPart) -> Person:
    names: tuple[str, ...] = ()
    if part.names:
        names = tuple(dict.fromkeys(name for name in (part.name, *part.names) if name))
    elif part.name:
        names = (part.name,)
    return Person(number=part.number or None, customer_id=part.customer_id or None, names=names)


def _audio(part: AudioPart) -> AudioReference:
    return AudioReference(
        uri=(part.uri or "")[:MAX_URI_CHARACTERS],
        sha256=part.sha256.lower() if part.sha256 else None,
        bytes=None if part.bytes is UNSET else part.bytes,
    )


def _pause(part: PausePart) -> Pause:
    return Pause(from_s=part.from_s, to_s=part.to_s, reason=part.reason)


def _required_instant(text: str, field: str) -> datetime:
    instant = instant_of(text)
    if instant is None:
        _invalid(field, "must be an instant with an offset, such as 2026-11-20T10:25:01+01:00")
    return instant


def _scope(data: ObjectionShape) -> ObjectionScope:
    call_id = data.get("call_id")
    caller: ObjectorShape = data.get("caller") or {}
    number, customer = caller.get("number"), caller.get("customer_id")
    if sum(part is not None for part in (call_id, number, customer)) != 1:
        _invalid("data.caller", "an objection names exactly one of call_id, caller.number, caller.customer_id")
    if number is not None and not any(character.isdecimal() for character in number):
        # Without a digit it would be every caller who withholds the number.
        _invalid("data.caller.number", "must hold a digit")
    return ObjectionScope(call_id=None if call_id is None else CallId(call_id), number=number, customer_id=customer)


def _objected(event: ObjectedEvent) -> CallObjected:
    data = event["data"]
    return CallObjected(
        event_id=event_id(event["source"], event["id"]),
        scope=_scope(data),
        purposes=frozenset(data["purposes"]),
        channel=data["channel"],
        at=_required_instant(data["at"], "data.at"),
    )


def _withdrawn(event: WithdrawnEvent) -> ObjectionWithdrawn:
    data = event["data"]
    return ObjectionWithdrawn(
        event_id=event_id(event["source"], event["id"]),
        scope=_scope(data),
        purposes=frozenset(data["purposes"]),
        channel=data["channel"],
        at=_required_instant(data["at"], "data.at"),
    )


def _monitored(event: MonitoredEvent) -> CallMonitored:
    data = event["data"]
    started_at = _required_instant(data["from"], "data.from")
    ended_at = _required_instant(data["to"], "data.to")
    if ended_at < started_at:
        _invalid("data.to", "lies before data.from")
    return CallMonitored(
        event_id=event_id(event["source"], event["id"]),
        call_id=CallId(data["call_id"]),
        listener_id=data["listener"]["id"],
        listener_role=data["listener"]["role"],
        purpose=data["purpose"],
        started_at=started_at,
        ended_at=ended_at,
    )
