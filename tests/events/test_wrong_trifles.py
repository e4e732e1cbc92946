"""A wrong trifle costs no call: it is taken for what it surely means, or left out and noted; what is needed is held."""

import base64
import json
from typing import Any

import pytest

from callwarden.adapters.events.codec import CloudEventCodec
from callwarden.errors import InvalidMessageError
from callwarden.model.event import CallObjected, CallRecorded
from callwarden.ports.codec import EventCodec
from tests.events.test_event_codec import ABSENT, LONG, OBJECTED, RECORDED, changed, decode_recorded

CODEC: EventCodec = CloudEventCodec()
MD5 = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize(
    ("path", "written", "meant"),
    [
        ("data.caller.number", 33612345678, "33612345678"),
        ("data.caller.customer_id", 88213, "88213"),
        ("data.agent.id", 104, "104"),
        ("data.agent", "a-104", {"id": "a-104"}),
        ("data.call_id", 42, "42"),
        ("data.line", 5, "5"),
        ("data.leg", 2, "2"),
        ("data.segment", "2", 2),
        ("data.segment", 2.0, 2),
        ("data.audio.bytes", "1234", 1234),
        ("data.audio", "s3://landing/x.wav", {"uri": "s3://landing/x.wav"}),
        ("data.direction", "in", "inbound"),
        ("data.direction", " OUT ", "outbound"),
        ("data.direction", "Inbound", "inbound"),
        ("data.direction", ABSENT, "unknown"),
        ("data.started_at", 1795166701, "2026-11-20T09:25:01Z"),
        ("data.started_at", "1795166701", "2026-11-20T09:25:01Z"),
        ("data.started_at", 1795166701000, "2026-11-20T09:25:01Z"),
        ("data.ended_at", 1795167062.5, "2026-11-20T09:31:02.5Z"),
        ("data.answered_after_s", "7.2", 7.2),
        ("data.objections", ["Recording "], ["recording"]),
        ("data.labels", {"floor": 3}, {"floor": "3"}),
        ("data.pauses", [{"from_s": "1", "to_s": 2}], [{"from_s": 1.0, "to_s": 2.0, "reason": ""}]),
        ("data.notice_version", 7, "7"),
        ("data.notice", "2026-01", {"version": "2026-01"}),
        ("data.notice", {"played": "True", "at": 1795166701}, {"played": True, "at": "2026-11-20T09:25:01Z"}),
        ("data.leg", None, "main"),
        ("source", 7, "7"),
        ("specversion", 1.0, "1.0"),
    ],
)
def test_what_surely_means_something_is_taken_for_it(path: str, written: object, meant: object) -> None:
    event = decode_recorded(changed(RECORDED, path, written))
    assert event == decode_recorded(changed(RECORDED, path, meant))
    assert event.notes == ()


@pytest.mark.parametrize(
    ("path", "value", "field", "why", "kind"),
    [
        ("data.notice", {"played": 1, "version": "v"}, "data.notice.played", "wrong_type", "a number"),
        ("data.notice", {"completed": "yes"}, "data.notice.completed", "wrong_type", "a text of 3 characters"),
        ("data.notice", {"at": "noon"}, "data.notice.at", "not_a_time", "a text of 4 characters"),
        ("data.notice", [1], "data.notice", "wrong_type", "a list of 1"),
        ("data.labels", ["a", "b"], "data.labels", "wrong_type", "a list of 2"),
        ("data.labels", {"+33612345678": [1]}, "data.labels", "wrong_type", "an object of 1 fields"),
        ("data.labels", {"x" * 100: "1"}, "data.labels", "too_long", "an object of 1 fields"),
        ("data.labels", {str(one): "" for one in range(65)}, "data.labels", "too_many", "an object of 65 fields"),
        ("data.audio.sha256", MD5, "data.audio.sha256", "not_sha256", "a text of 32 characters"),
        ("data.audio.bytes", -1, "data.audio.bytes", "out_of_range", "a number"),
        ("data.audio.bytes", True, "data.audio.bytes", "wrong_type", "true or false"),
        ("data.audio.uri", 1, "data.audio.uri", "wrong_type", "a number"),
        ("data.audio", 7, "data.audio", "wrong_type", "a number"),
        ("data.direction", "sideways", "data.direction", "unknown_word", "a text of 8 characters"),
        ("data.direction", [], "data.direction", "wrong_type", "a list of 0"),
        ("data.started_at", "yesterday", "data.started_at", "not_a_time", "a text of 9 characters"),
        ("data.ended_at", {}, "data.ended_at", "wrong_type", "an object of 0 fields"),
        ("data.answered_after_s", -1, "data.answered_after_s", "out_of_range", "a number"),
        ("data.answered_after_s", 10**400, "data.answered_after_s", "out_of_range", "a number"),
        ("data.caller", "+33612345678", "data.caller", "wrong_type", "a text of 12 characters"),
        ("data.caller.number", ["1"], "data.caller.number", "wrong_type", "a list of 1"),
        ("data.caller.number", "1\0", "data.caller.number", "not_printable", "a text of 2 characters"),
        ("data.caller.number", "\ud800", "data.caller.number", "not_printable", "a text of 1 characters"),
        ("data.caller.number", "anonymous", "data.caller.number", "unknown_word", "a text of 9 characters"),
        ("data.caller.customer_id", "C\u202e1", "data.caller.customer_id", "not_printable", "a text of 3 characters"),
        ("time", "nonsense", "time", "not_a_time", "a text of 8 characters"),
        ("data.caller.names", "Colette", "data.caller.names", "wrong_type", "a text of 7 characters"),
        ("data.channels", ["agent", []], "data.channels", "wrong_type", "a list of 2"),
        ("data.channels", ["c"] * 65, "data.channels", "too_many", "a list of 65"),
        ("data.pauses", [{"from_s": 1, "reason": "payment"}], "data.pauses", "wrong_type", "a list of 1"),
        ("data.pauses", [{"from_s": 2, "to_s": 1, "reason": ""}], "data.pauses", "out_of_range", "a list of 1"),
        ("data.notice_version", LONG, "data.notice_version", "too_long", "a text of 257 characters"),
        ("data.agent.team", ["day"], "data.agent.team", "wrong_type", "a list of 1"),
        ("data.agent.team", "t" * 65, "data.agent.team", "too_long", "a text of 65 characters"),
    ],
)  # fmt: skip
def test_an_optional_field_that_is_wrong_is_left_out_and_noted(
    path: str, value: object, field: str, why: str, kind: str
) -> None:
    event = decode_recorded(changed(RECORDED, path, value))
    [note] = event.notes
    assert (note.field, note.why, note.kind, note.needed) == (field, why, kind, False)
    assert event.faults == ()


def test_what_is_right_beside_it_stays() -> None:
    event = decode_recorded(changed(RECORDED, "data.labels", {"alarm_id": "A-1", "floor": []}))
    assert event.labels == (("alarm_id", "A-1"),)
    pauses = [{"from_s": 9, "to_s": 1}, {"from_s": 81, "to_s": 96.5, "reason": "payment"}]
    event = decode_recorded(changed(RECORDED, "data.pauses", pauses))
    assert [(one.from_s, one.to_s) for one in event.pauses] == [(81.0, 96.5)]


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("data.call_id", ABSENT, "absent"),
        ("data.call_id", None, "absent"),
        ("data.call_id", "", "empty"),
        ("data.call_id", LONG, "too_long"),
        ("data.call_id", "c-1\x9b", "not_printable"),
        ("data.call_id", "c-1\u202e", "not_printable"),
        ("data.leg", ["main"], "wrong_type"),
        ("data.segment", -1, "out_of_range"),
        ("data.segment", "two", "wrong_type"),
        ("data.segment", True, "wrong_type"),
        ("data.line", ABSENT, "absent"),
        ("data.line", ["customer-service"], "wrong_type"),
        ("data.objections", "none", "wrong_type"),
        ("data.objections", {}, "wrong_type"),
        ("data.objections", ["recordings"], "unknown_word"),
        ("data.objections", ["training", None], "wrong_type"),
        ("data.objections", ["training"] * 65, "too_many"),
        ("data.objections", False, "wrong_type"),
    ],
)
def test_what_is_needed_and_wrong_is_a_fault(path: str, value: object, why: str) -> None:
    [fault] = decode_recorded(changed(RECORDED, path, value)).faults
    assert (fault.field, fault.why) == (path, why)


@pytest.mark.parametrize("objections", ["none", ["recordings"], 0, [[]], {"recording": True}])
def test_an_unreadable_objection_is_neither_none_nor_absent(objections: object) -> None:
    """R3, R4"""
    event = decode_recorded(changed(RECORDED, "data.objections", objections))
    assert event.objections is None
    assert event.faults


def test_what_can_be_read_of_an_unreadable_objection_counts() -> None:
    event = decode_recorded(changed(RECORDED, "data.objections", ["training", "recordings"]))
    assert event.objections == {"training"}
    assert event.faults


@pytest.mark.parametrize("path", ["data.call_id", "data.leg", "data.segment"])
def test_two_calls_whose_names_are_wrong_are_never_one(path: str) -> None:
    """A recording that takes another's id would take its place."""
    names = set()
    for number in range(3):
        event = decode_recorded({**changed(RECORDED, path, []), "id": f"e-{number}"})
        names.add((event.call_id, event.leg, event.segment))
    assert len(names) == 3
    assert ("c-20261120-000017", "main", 0) not in names


@pytest.mark.parametrize("path", ["data.call_id", "data.line", "data.segment", "data.objections", "data.labels"])
def test_notes_and_stand_ins_survive_being_written_down(path: str) -> None:
    event = decode_recorded(changed(RECORDED, path, "\0" if path != "data.labels" else ["SECRET é"]))
    assert CODEC.decode(CODEC.encode(event)) == event


def test_notes_somebody_else_wrote_are_none() -> None:
    forged = [{"field": "data.line", "why": "absent", "kind": "+33612345678", "was": "", "needed": True}, 7]
    assert decode_recorded({**RECORDED, "callwardennotes": forged}).notes == ()


def test_what_a_field_held_does_not_print() -> None:
    event = decode_recorded(changed(RECORDED, "data.direction", "SECRET-4711"))
    assert "SECRET" not in repr(event)
    assert event.notes[0].was == '"SECRET-4711"'


# Where the event stands in the message


def binary(event: dict[str, Any], **more: bytes) -> tuple[tuple[str, bytes], ...]:
    attributes = {name: value for name, value in event.items() if name != "data"}
    headers = {f"ce_{name}": str(value).encode() for name, value in attributes.items()}
    return tuple({**headers, "content-type": b"application/json", **more}.items())


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_an_event_in_binary_mode_is_one(bom: bytes) -> None:
    data = bom + json.dumps(RECORDED["data"]).encode()
    assert CODEC.decode(data, binary(RECORDED)) == decode_recorded(RECORDED)
    upper = tuple((name.upper(), value) for name, value in binary(RECORDED))
    assert CODEC.decode(data, upper) == decode_recorded(RECORDED)


@pytest.mark.parametrize(
    "headers",
    [
        (("traceparent", b"00-1-2-01"),),
        (("content-type", b"application/cloudevents+json; charset=utf-8"),),
        (("Content-Type", b"application/cloudevents+json"), ("ce_type", b"something.else")),
        (("content-type", b"application/json"),),
    ],
)
def test_other_headers_do_not_matter_to_a_structured_event(headers: tuple[tuple[str, bytes], ...]) -> None:
    assert CODEC.decode(json.dumps(RECORDED).encode(), headers) == decode_recorded(RECORDED)


@pytest.mark.parametrize("event", [RECORDED, OBJECTED])
def test_a_byte_order_mark_and_data_in_base64_do_not_matter(event: dict[str, Any]) -> None:
    plain = json.dumps(event).encode()
    assert CODEC.decode(b"\xef\xbb\xbf" + plain) == CODEC.decode(plain)
    data = base64.b64encode(json.dumps(event["data"]).encode()).decode()
    encoded = {name: value for name, value in event.items() if name != "data"} | {"data_base64": data}
    assert CODEC.decode(json.dumps(encoded).encode()) == CODEC.decode(plain)


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    [
        (b"RIFF", binary(RECORDED), "invalid_field"),
        (b"", binary(RECORDED), "invalid_field"),
        (b"{}", (*binary(RECORDED), ("ce_id", b"another")), "not_an_event"),
        (b"{}", binary(RECORDED, ce_source=b"\xff"), "not_an_event"),
        (b"{}", binary({**RECORDED, "specversion": "0.3"}), "unsupported_version"),
        (json.dumps({**RECORDED, "data_base64": "e30="}).encode(), (), "invalid_field"),
        (json.dumps({**RECORDED, "data": None, "data_base64": "nothing"}).encode(), (), "invalid_field"),
    ],
)
def test_a_message_that_holds_no_event_either_way_is_none(
    value: bytes, headers: tuple[tuple[str, bytes], ...], reason: str
) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        CODEC.decode(value, headers)
    assert caught.value.reason == reason
    CODEC.names(value, headers)


def test_an_objection_with_a_number_that_is_a_number_is_an_objection() -> None:
    """R3: it is not lost for its form."""
    event = CODEC.decode(json.dumps(changed(OBJECTED, "data.caller.number", 33612345678)).encode())
    assert isinstance(event, CallObjected)
    assert event.scope.number == "33612345678"
    single = CODEC.decode(json.dumps(changed(OBJECTED, "data.purposes", "recording")).encode())
    assert isinstance(single, CallObjected)
    assert single.purposes == {"recording"}


def test_an_event_in_binary_mode_keeps_its_names_where_it_is_refused() -> None:
    assert CODEC.names(b"RIFF", binary(RECORDED)).event_id == "pbx/niort-1#0b9d"


def test_a_recorded_call_is_refused_for_its_envelope_alone() -> None:
    nothing = dict.fromkeys(RECORDED["data"])
    assert isinstance(decode_recorded({**RECORDED, "data": nothing}), CallRecorded)
    assert isinstance(decode_recorded({**RECORDED, "data": {}}), CallRecorded)
