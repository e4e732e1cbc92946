"""Inbound CloudEvents (1.0, structured JSON) between bytes and values: parse at the edge, trust inside."""

import json
from datetime import UTC, datetime
from typing import Final, NoReturn

from msgspec import UNSET
from pydantic import ValidationError

from pipeline.adapters.event_fast import AudioPart, PausePart, PersonPart, RecordedCall, ordinary, taken_over
from pipeline.adapters.event_json import explained, parse
from pipeline.adapters.event_shapes import (
    EVENT,
    SPEC_VERSION,
    EventShape,
    MonitoredEvent,
    ObjectedEvent,
    ObjectionShape,
    ObjectorShape,
    WithdrawnEvent,
)
from pipeline.errors import InvalidMessageError
from pipeline.model.event import (
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
from pipeline.model.ids import CallId, EventId, LineId
from pipeline.model.outcome import Reason
from pipeline.ports.codec import SenderNames

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
    unknown. Instants are turned into UTC.
    """

    def decode(self, value: bytes) -> InboundEvent:
        """See `pipeline.ports.codec.EventCodec`. No error holds a value of the event, not even as its cause."""
        if len(value) > MAX_EVENT_BYTES:
            raise InvalidMessageError(Reason.NOT_AN_EVENT, detail=f"over {MAX_EVENT_BYTES} bytes")
        call = ordinary(value)
        return _careful(value) if call is None else _recorded(call)

    def names(self, value: bytes) -> SenderNames:
        """See `pipeline.ports.codec.EventCodec`. Only what could be a name is one: short, and nothing but printable."""
        fields = parse(value) if len(value) <= MAX_EVENT_BYTES else None
        if fields is None:
            return SenderNames()
        source, identifier, data = fields.get("source"), fields.get("id"), fields.get("data")
        call_id = data.get("call_id") if isinstance(data, dict) else None
        named = _is_name(source) and _is_name(identifier)
        return SenderNames(
            event_id=event_id(str(source), str(identifier)) if named else None,
            call_id=CallId(str(call_id)) if _is_name(call_id) else None,
        )

    def encode(self, event: CallRecorded) -> bytes:
        """See `pipeline.ports.codec.EventCodec`. Keys in order, no white space, what is absent left out."""
        source, _, identifier = event.event_id.partition("#")
        person, audio = event.caller, event.audio
        data = {
            "call_id": event.call_id,
            "leg": event.leg,
            "segment": event.segment,
            "line": event.line,
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
        envelope = {
            "specversion": SPEC_VERSION,
            "type": "call.recorded",
            "source": source.replace("%23", "#").replace("%25", "%"),
            "id": identifier,
            "data": _present(data),
        }
        text = json.dumps(envelope, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return text.encode()


def event_id(source: str, identifier: str) -> EventId:
    """One name for an event: `source`, with ``%`` and ``#`` escaped, then ``#``, then `id`. Two events have the same
    name only when both parts are the same."""
    if "%" in source or "#" in source:
        source = source.replace("%", "%25").replace("#", "%23")
    return EventId(f"{source}#{identifier}")


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 256 and value.isprintable()


def _present(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _invalid(field: str, detail: str) -> NoReturn:
    raise InvalidMessageError(Reason.INVALID_FIELD, field=field, detail=detail)


# From shapes to values


def _careful(value: bytes) -> InboundEvent:
    """Whatever is not an ordinary recorded call: taken for what it is, or refused for what is wrong with it."""
    try:
        shape, fault = EVENT.validate_json(value), None
    except ValidationError as error:
        shape, fault = None, error
    if shape is None:
        raise explained(value, fault)
    if parse(value) is None:  # pydantic takes the last of two values, and NaN
        raise InvalidMessageError(Reason.NOT_AN_EVENT, detail="a name occurs twice, or a number is none")
    return _built(shape)


def _built(shape: EventShape) -> InboundEvent:
    if shape["type"] == "call.recorded":
        return _recorded(taken_over(shape))
    if shape["type"] == "call.objected":
        return _objected(shape)
    if shape["type"] == "call.objection_withdrawn":
        return _withdrawn(shape)
    return _monitored(shape)


def _recorded(call: RecordedCall) -> CallRecorded:
    data = call.data
    agent, objections, labels, pauses = data.agent, data.objections, data.labels, data.pauses
    return CallRecorded(
        event_id=event_id(call.source, call.id),
        call_id=CallId(data.call_id),
        leg="main" if data.leg is UNSET else data.leg,
        segment=0 if data.segment is UNSET else data.segment,
        line=LineId(data.line),
        direction=_DIRECTIONS[data.direction],
        started_at=_instant(data.started_at) if data.started_at else None,
        ended_at=_instant(data.ended_at) if data.ended_at else None,
        answered_after_s=None if data.answered_after_s is UNSET else data.answered_after_s,
        caller=_person(data.caller) if data.caller else _NOBODY,
        agent_id=agent.id or None if agent else None,
        channels=tuple(data.channels) if data.channels else (),
        audio=_audio(data.audio) if data.audio else _NO_AUDIO,
        objections=None if objections is None or objections is UNSET else frozenset(objections),
        notice_version=None if data.notice_version is UNSET else data.notice_version,
        pauses=tuple([_pause(index, pause) for index, pause in enumerate(pauses)]) if pauses else (),
        labels=tuple(sorted(labels.items())) if labels else (),
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


def _pause(index: int, part: PausePart) -> Pause:
    if part.to_s < part.from_s:
        _invalid(f"data.pauses.{index}.to_s", "lies before from_s")
    return Pause(from_s=part.from_s, to_s=part.to_s, reason=part.reason)


def _instant(text: str | None) -> datetime | None:
    """The instant in UTC; None for what is absent, unreadable, without an offset, or off the calendar in UTC."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text if text[-1] != "z" else text.upper())
        return instant.astimezone(UTC) if instant.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _required_instant(text: str, field: str) -> datetime:
    instant = _instant(text)
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
