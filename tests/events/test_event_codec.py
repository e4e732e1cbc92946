"""Events are parsed at the edge: a value, or a reason and a field, and never a word of what was in them."""

import copy
import json
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callwarden.adapters.events.codec import MAX_EVENT_BYTES, CloudEventCodec, event_id
from callwarden.adapters.events.envelope import parse
from callwarden.adapters.events.ordinary import ordinary, surely_printable
from callwarden.errors import InvalidMessageError
from callwarden.model.event import (
    Agent,
    AudioReference,
    CallMonitored,
    CallObjected,
    CallRecorded,
    Direction,
    Listener,
    Notice,
    ObjectionScope,
    ObjectionWithdrawn,
    Objector,
    Pause,
    Person,
)
from callwarden.model.ids import CallId, EventId, LineId
from callwarden.model.purpose import OBJECTABLE
from callwarden.ports.codec import EventCodec
from callwarden.rules.landing_uri import allowed

CODEC: EventCodec = CloudEventCodec()

RECORDED: dict[str, Any] = {
    "specversion": "1.0",
    "type": "call.recorded",
    "source": "pbx/niort-1",
    "id": "0b9d",
    "time": "2026-11-20T09:31:07Z",
    "data": {
        "call_id": "c-20261120-000017",
        "leg": "main",
        "segment": 0,
        "line": "customer-service",
        "direction": "inbound",
        "started_at": "2026-11-20T10:25:01+01:00",
        "ended_at": "2026-11-20T10:31:02+01:00",
        "answered_after_s": 7.2,
        "caller": {"number": "+33612345678", "customer_id": "C-88213"},
        "agent": {"id": "a-104", "team": "day"},
        "channels": ["agent", "caller"],
        "audio": {"uri": "s3://landing/c-20261120-000017.wav", "sha256": "AB" * 32, "bytes": 5776044},
        "objections": [],
        "notice_version": "2026-01",
        "pauses": [{"from_s": 81.0, "to_s": 96.5, "reason": "payment"}],
        "labels": {"alarm_id": "A-1"},
    },
}
OBJECTED: dict[str, Any] = {
    "specversion": "1.0",
    "type": "call.objected",
    "source": "crm",
    "id": "1",
    "data": {
        "caller": {"number": "06 12 34 56 78"},
        "purposes": ["ai_experiment", "training"],
        "channel": "web",
        "at": "2026-11-20T10:25:01Z",
    },
}
MONITORED: dict[str, Any] = {
    "specversion": "1.0",
    "type": "call.monitored",
    "source": "pbx",
    "id": "1",
    "data": {
        "call_id": "c-1",
        "listener": {"id": "a-7", "role": "supervisor"},
        "purpose": "training",
        "from": "2026-11-20T10:25:01Z",
        "to": "2026-11-20T10:26:01Z",
    },
}
ABSENT = object()


def changed(event: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with the field at this dotted path replaced, or taken out."""
    event = copy.deepcopy(event)
    *parents, last = path.split(".")
    part = event
    for name in parents:
        part = part[name]
    if value is ABSENT:
        del part[last]
    else:
        part[last] = value
    return event


def decode_recorded(event: dict[str, Any]) -> CallRecorded:
    value = CODEC.decode(json.dumps(event).encode())
    assert isinstance(value, CallRecorded)
    return value


def refusal(value: bytes | dict[str, Any]) -> InvalidMessageError:
    if isinstance(value, dict):
        value = json.dumps(value).encode()
    with pytest.raises(InvalidMessageError) as caught:
        CODEC.decode(value)
    return caught.value


# What is read


def test_every_field_of_a_recorded_call_arrives() -> None:
    assert decode_recorded(RECORDED) == CallRecorded(
        event_id=EventId("pbx/niort-1#0b9d"),
        call_id=CallId("c-20261120-000017"),
        leg="main",
        segment=0,
        line=LineId("customer-service"),
        direction=Direction.INBOUND,
        started_at=datetime(2026, 11, 20, 9, 25, 1, tzinfo=UTC),
        ended_at=datetime(2026, 11, 20, 9, 31, 2, tzinfo=UTC),
        answered_after_s=7.2,
        caller=Person(number="+33612345678", customer_id="C-88213"),
        agent=Agent(id="a-104", team="day"),
        channels=("agent", "caller"),
        audio=AudioReference(uri="s3://landing/c-20261120-000017.wav", sha256="ab" * 32, bytes=5776044),
        objections=frozenset(),
        notice_version="2026-01",
        pauses=(Pause(from_s=81.0, to_s=96.5, reason="payment"),),
        labels=(("alarm_id", "A-1"),),
    )


def test_an_objection_and_its_withdrawal_arrive() -> None:
    caller = Objector(number="06 12 34 56 78")
    at = datetime(2026, 11, 20, 10, 25, 1, tzinfo=UTC)
    purposes = frozenset({"ai_experiment", "training"})
    objected = CODEC.decode(json.dumps(OBJECTED).encode())
    assert objected == CallObjected(event_id=EventId("crm#1"), caller=caller, purposes=purposes, channel="web", at=at)
    withdrawn = CODEC.decode(json.dumps(changed(OBJECTED, "type", "call.objection_withdrawn")).encode())
    assert withdrawn == ObjectionWithdrawn(
        event_id=EventId("crm#1"), caller=caller, purposes=purposes, channel="web", at=at
    )


def test_an_objection_may_name_a_call_or_a_customer_instead_of_a_number() -> None:
    by_call = changed(changed(OBJECTED, "data.caller", ABSENT), "data.call_id", "c-1")
    by_customer = changed(OBJECTED, "data.caller", {"customer_id": "C-88213"})
    for event, scope in (
        (by_call, ObjectionScope(call_id=CallId("c-1"))),
        (by_customer, ObjectionScope(customer_id="C-88213")),
    ):
        objected = CODEC.decode(json.dumps(event).encode())
        assert isinstance(objected, CallObjected)
        assert objected.scope == scope


def test_a_supervisor_listening_in_arrives() -> None:
    """R2"""
    assert CODEC.decode(json.dumps(MONITORED).encode()) == CallMonitored(
        event_id=EventId("pbx#1"),
        call_id=CallId("c-1"),
        listener=Listener(id="a-7", role="supervisor"),
        purpose="training",
        started_at=datetime(2026, 11, 20, 10, 25, 1, tzinfo=UTC),
        ended_at=datetime(2026, 11, 20, 10, 26, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("objections", [ABSENT, None])
def test_an_objection_nobody_spoke_of_is_unknown_and_not_none(objections: object) -> None:
    """R3"""
    assert decode_recorded(changed(RECORDED, "data.objections", objections)).objections is None


@pytest.mark.parametrize(
    "time",
    [
        ABSENT,
        None,
        "",
        "2026-11-20T10:25:01",
        "2026-11-20",
        "yesterday",
        "2026-02-30T10:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "179542950",
    ],
)
def test_a_time_that_is_no_instant_stays_missing(time: object) -> None:
    """K7: the rules quarantine such a call; the codec makes no time up."""
    event = decode_recorded(changed(RECORDED, "data.started_at", time))
    assert event.started_at is None
    assert event.ended_at == datetime(2026, 11, 20, 9, 31, 2, tzinfo=UTC)
    assert decode_recorded(changed(RECORDED, "data.ended_at", time)).ended_at is None


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-20T10:25:01+01:00",
        "2026-11-20T09:25:01Z",
        "2026-11-20t09:25:01z",
        "2026-11-20 09:25:01.000000000Z",
        "20261120T092501Z",
        "2026-11-19T23:25:01-10:00",
    ],
)
def test_instants_are_read_as_telephone_systems_write_them(time: str) -> None:
    event = decode_recorded(changed(RECORDED, "data.started_at", time))
    assert event.started_at == datetime(2026, 11, 20, 9, 25, 1, tzinfo=UTC)
    assert event.started_at.tzinfo is UTC


@pytest.mark.parametrize("audio", [ABSENT, None, {}, {"uri": None}, {"sha256": "ab" * 32}])
def test_audio_nobody_named_is_left_to_the_rules(audio: object) -> None:
    assert decode_recorded(changed(RECORDED, "data.audio", audio)).audio.uri == ""


@pytest.mark.parametrize(
    "call_id",
    ["../../etc/passwd", "с-1", "c-1\u200b", "C-１", "/", "c 1", "'; drop table calls;--", "🙂" * 256],
)
def test_names_that_look_like_paths_or_like_other_names_survive_as_they_are(call_id: str) -> None:
    assert decode_recorded(changed(RECORDED, "data.call_id", call_id)).call_id == call_id


def test_fields_of_a_newer_telephone_system_are_let_through() -> None:
    event = changed(RECORDED, "traceparent", {"a": [1, {"b": 2.5}], "call_id": "x"})
    event = changed(event, "data.audio.codec", {"name": "opus"})
    assert decode_recorded(event) == decode_recorded(RECORDED)


def test_names_of_the_caller_come_as_one_or_as_many() -> None:
    caller = {"name": "Mme Colette Renaudin", "names": ["Colette", "Mme Colette Renaudin", ""]}
    assert decode_recorded(changed(RECORDED, "data.caller", caller)).caller.known_names == (
        "Mme Colette Renaudin",
        "Colette",
    )


@pytest.mark.parametrize("layout", [{"indent": 2}, {"separators": (" ,", " : ")}, {"separators": (",", ":")}])
def test_white_space_does_not_matter(layout: dict[str, Any]) -> None:
    assert CODEC.decode(json.dumps(RECORDED, **layout).encode()) == decode_recorded(RECORDED)


def test_text_that_looks_like_names_and_constants_does_no_harm() -> None:
    labels = {"note": '":":":', "NaN": "Infinity", "a": "b :"}
    event = changed(RECORDED, "data.labels", labels)
    assert dict(decode_recorded(event).labels) == labels


# What is refused


def twice(name: str, value: str) -> Callable[[str], str]:
    return lambda text: text.replace(f'"{name}":', f'"{name}": {value}, "{name}":', 1)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"null",
        b"[]",
        b"1",
        b'"call.recorded"',
        b"{}",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        json.dumps(RECORDED).encode()[:-1],
        json.dumps(RECORDED).encode() + b"x",
        json.dumps(RECORDED).encode("utf-16"),
        json.dumps(RECORDED).encode().replace(b"pbx", b"\xff\xfe"),
        json.dumps(RECORDED).encode().replace(b"7.2", b"NaN"),
        json.dumps({**RECORDED, "extra": float("nan")}).encode(),
        json.dumps({**RECORDED, "extra": float("-inf")}).encode(),
        b"[" * 100_000,
        b'{"specversion":"1.0","type":"call.recorded","x":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"specversion":"1.0","type":"call.recorded","x":' + b"9" * 10_000 + b"}",
        json.dumps({key: value for key, value in RECORDED.items() if key != "specversion"}).encode(),
    ],
)
def test_what_is_no_event_is_said_to_be_none(value: bytes) -> None:
    assert refusal(value).reason == "not_an_event"


@pytest.mark.parametrize(
    "edit",
    [
        twice("call_id", '"c-2"'),
        twice("objections", '["recording"]'),
        twice("objections", "[]"),
        twice("type", '"call.recorded"'),
        twice("from_s", "1"),
        lambda text: text.replace('"objections":', '"objections" : ["recording"], "objections":'),
        lambda text: text.replace('"objections":', '"obje\\u0063tions": ["recording"], "objections":'),
        lambda text: text.replace('"objections":', '"objections"\r: ["recording"], "objections":'),
        lambda text: text.replace('"time":', '"x": {"a": 1, "a": 2}, "time":'),
        lambda text: text.replace('"time":', '"x": [{"a": 1, "a" : 2, "b": "\\":"}], "time":'),
    ],
)
def test_a_field_given_twice_is_not_resolved_by_guessing(edit: Callable[[str], str]) -> None:
    """R3: an event that says both "recording" and nothing would otherwise be kept."""
    for text in (json.dumps(RECORDED), json.dumps(RECORDED, indent=1)):
        edited = edit(text)
        assert edited != text
        assert refusal(edited.encode()).reason == "not_an_event"


def test_an_event_over_a_megabyte_is_not_read() -> None:
    padded = {**RECORDED, "padding": ""}
    room = MAX_EVENT_BYTES - len(json.dumps(padded).encode())
    assert decode_recorded({**padded, "padding": "x" * room}) == decode_recorded(RECORDED)
    assert refusal({**padded, "padding": "x" * (room + 1)}).reason == "not_an_event"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("specversion", "0.3"),
        ("specversion", "2.0"),
        ("specversion", ""),
        ("type", "call.recorded.v2"),
        ("type", "call.deleted"),
        ("type", ""),
    ],
)
def test_an_unknown_version_is_not_guessed_at(path: str, value: str) -> None:
    broken = changed(changed(RECORDED, path, value), "data", "something newer")
    assert refusal(broken).reason == "unsupported_version"


LONG = "x" * 257


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("specversion", True, "specversion"),
        ("type", None, "type"),
        ("type", ABSENT, "type"),
        ("id", ABSENT, "id"),
        ("id", "", "id"),
        ("id", "a\0", "id"),
        ("source", ["pbx"], "source"),
        ("data", ABSENT, "data"),
        ("data", "text", "data"),
        ("data", [], "data"),
    ],
)
def test_an_envelope_that_is_none_is_no_event_and_says_where(path: str, value: object, field: str) -> None:
    error = refusal(changed(RECORDED, path, value))
    assert (error.reason, error.field) == ("invalid_field", field)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("data.caller", ABSENT, "data.caller"),
        ("data.caller", {}, "data.caller"),
        ("data.caller", {"number": "0612345678", "customer_id": "C-1"}, "data.caller"),
        ("data.call_id", "c-1", "data.caller"),
        ("data.caller.number", "anonymous", "data.caller.number"),
        ("data.caller.number", "", "data.caller.number"),
        ("data.purposes", [], "data.purposes"),
        ("data.purposes", ABSENT, "data.purposes"),
        ("data.purposes", ["marketing"], "data.purposes.0"),
        ("data.channel", ABSENT, "data.channel"),
        ("data.at", ABSENT, "data.at"),
        ("data.at", "2026-11-20T10:25:01", "data.at"),
    ],
)
def test_an_objection_that_is_not_clear_is_not_guessed_at(path: str, value: object, field: str) -> None:
    for kind in ("call.objected", "call.objection_withdrawn"):
        error = refusal(changed(changed(OBJECTED, "type", kind), path, value))
        assert (error.reason, error.field) == ("invalid_field", field)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("data.listener", ABSENT, "data.listener"),
        ("data.listener.role", "The Boss", "data.listener.role"),
        ("data.purpose", "recording", "data.purpose"),
        ("data.from", "noon", "data.from"),
        ("data.to", "2026-11-20T10:25:00Z", "data.to"),
    ],
)
def test_listening_in_without_who_when_and_why_is_refused(path: str, value: object, field: str) -> None:
    """U3"""
    error = refusal(changed(MONITORED, path, value))
    assert (error.reason, error.field) == ("invalid_field", field)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data.caller.number", ["SECRET-4711"]),
        ("data.purposes", ["SECRET-4711"]),
        ("data.at", "SECRET-4711"),
        ("data.call_id", {"SECRET-4711": 1}),
        ("id", "SECRET-4711\0"),
    ],
)
def test_a_refusal_says_where_and_never_what(path: str, value: object) -> None:
    """L1: the text of an error ends in logs, so the caller's words must not be in it, nor in its causes."""
    error = refusal(changed(OBJECTED, path, value))
    assert "SECRET" not in f"{error}{error!r}{error.field}{error.detail}"
    assert "SECRET" not in "".join(traceback.format_exception(error))
    assert error.__cause__ is None
    assert error.__context__ is None


@given(value=st.binary(max_size=200))
@example(value=b"\0")
def test_noise_is_never_an_event_and_never_a_crash(value: bytes) -> None:
    assert refusal(value).reason == "not_an_event"


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
branches = st.lists(leaves, max_size=3) | st.dictionaries(st.text(max_size=10), leaves, max_size=3)
json_values = leaves | branches | st.lists(branches, max_size=2) | st.dictionaries(st.text(), branches, max_size=2)
paths = st.sampled_from(
    ["source", "id", "data", "time"] + [f"data.{name}" for name in RECORDED["data"]] + ["data.audio.uri"]
)


@given(path=paths, value=json_values)
def test_whatever_stands_in_a_field_ends_in_a_value_or_in_a_reason(path: str, value: object) -> None:
    raw = json.dumps(changed(RECORDED, path, value)).encode()
    event, reason = None, ""
    try:
        event = CODEC.decode(raw)
    except InvalidMessageError as error:
        reason = error.reason if error.field.startswith(path) or not error.field else "another field was blamed"
    if event is None:
        assert reason in {"invalid_field", "not_an_event"}
    else:
        assert isinstance(event, CallRecorded)
        assert CODEC.decode(CODEC.encode(event)) == event


def ending(raw: str) -> object:
    try:
        return CODEC.decode(raw.encode())
    except InvalidMessageError as error:
        return error.reason, error.field


def is_ordinary(raw: bytes) -> bool:
    fields = parse(raw)
    data = fields.get("data") if fields is not None and surely_printable(raw) else None
    return isinstance(data, dict) and ordinary(EventId("s#1"), data) is not None


@given(path=paths, value=json_values, twice=st.booleans())
@example(path="data.labels", value={"a": ":"}, twice=False)
@example(path="time", value={"a": [{"b": 1}]}, twice=False)
@example(path="data.line", value=None, twice=False)
def test_what_is_read_in_one_pass_is_what_the_careful_way_reads(path: str, value: object, twice: bool) -> None:
    raw = json.dumps(changed(RECORDED, path, value), ensure_ascii=False)
    if twice:
        raw = raw.replace("{", '{"id":"1",', 1)
    if is_ordinary(raw.encode(errors="surrogatepass")):
        # Something escaped sends the same event the careful way.
        assert ending(raw) == ending(raw.replace("{", '{"unheardof":"\\u0031",', 1))


def test_the_ordinary_call_is_read_in_one_pass() -> None:
    """Else every event takes the careful way, and nobody notices but the clock."""
    example = Path(__file__).parents[2] / "config" / "topics" / "examples" / "telephony.calls.recorded.json"
    assert is_ordinary(example.read_bytes())
    assert is_ordinary(json.dumps(RECORDED).encode())


# There and back

turning = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
clean = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters=turning)
ids = st.text(clean, min_size=1, max_size=256)
short_ids = st.text(clean, min_size=1, max_size=64)
texts = st.text(clean, max_size=40)
seconds = st.floats(0, 86_400)
instants = st.none() | st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001  # hypothesis takes naive bounds and adds the zone
    datetime(9999, 12, 30),  # noqa: DTZ001  # same reason
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
recorded = st.builds(
    CallRecorded,
    event_id=st.builds(event_id, ids, ids),
    call_id=ids.map(CallId),
    leg=short_ids,
    segment=st.integers(0, 2**31 - 1),
    line=short_ids.map(LineId),
    direction=st.sampled_from(Direction),
    started_at=instants,
    ended_at=instants,
    answered_after_s=st.none() | seconds,
    caller=st.builds(
        Person,
        number=st.none() | short_ids.map("{}1".format),
        customer_id=st.none() | ids,
        names=st.lists(short_ids, max_size=3, unique=True).map(tuple),
    ),
    agent=st.builds(Agent, id=st.none() | ids),
    channels=st.lists(short_ids, max_size=3).map(tuple),
    audio=st.builds(
        AudioReference,
        uri=st.text(max_size=60),
        sha256=st.none() | st.text("0123456789abcdef", min_size=64, max_size=64),
        bytes=st.none() | st.integers(0, 2**63 - 1),
    ),
    objections=st.none() | st.frozensets(st.sampled_from(sorted(OBJECTABLE))),
    notice=st.builds(
        Notice,
        version=st.none() | ids,
        played=st.none() | st.booleans(),
        at=st.none() | instants,
        completed=st.none() | st.booleans(),
    ),
    notice_version=st.none() | ids,
    pauses=st.lists(
        st.builds(
            lambda pair, reason: Pause(from_s=min(pair), to_s=max(pair), reason=reason),
            st.tuples(seconds, seconds),
            st.text(clean, max_size=64),
        ),
        max_size=3,
    ).map(tuple),
    labels=st.dictionaries(short_ids, texts, max_size=3).map(lambda labels: tuple(sorted(labels.items()))),
)


@given(event=recorded)
def test_an_event_written_down_is_read_back_equal_and_in_one_way_only(event: CallRecorded) -> None:
    written = CODEC.encode(event)
    again = CODEC.decode(written)
    assert again == event
    assert isinstance(again, CallRecorded)
    assert CODEC.encode(again) == CODEC.encode(again)
    assert CODEC.encode(again) == CODEC.encode(CODEC.decode(CODEC.encode(again)))  # type: ignore[arg-type]  # a CallRecorded, as asserted above


def test_the_largest_event_is_not_too_large_once_it_is_written_down() -> None:
    """A call that waits for word of an objection is written down, and read again later."""
    wide = "\U0001f4de"
    event = changed(RECORDED, "data.audio.uri", "s3://landing/" + "\0" * 10_000)
    event = changed(event, "data.pauses", [{"from_s": 0, "to_s": 1e-9, "reason": wide * 64}] * 1000)
    event = changed(event, "data.labels", {f"{wide * 60}{number:04}": wide * 256 for number in range(64)})
    event = changed(event, "data.caller.names", [f"{wide * 250}{number:06}" for number in range(32)])
    event = changed(event, "data.channels", [wide * 64] * 64)
    value = CODEC.decode(json.dumps(event, ensure_ascii=False).encode())
    assert isinstance(value, CallRecorded)
    assert allowed(value.audio.uri, ("s3://landing",)) is None
    written = CODEC.encode(value)
    assert len(written) < MAX_EVENT_BYTES
    assert CODEC.decode(written) == value


@given(first=st.tuples(ids, ids), second=st.tuples(ids, ids))
@example(first=("a#b", "c"), second=("a", "b#c"))
@example(first=("a%23b", "c"), second=("a#b", "c"))
def test_two_events_never_share_a_name(first: tuple[str, str], second: tuple[str, str]) -> None:
    assert (event_id(*first) == event_id(*second)) == (first == second)


def test_a_value_that_is_printed_shows_nobody() -> None:
    """The caller's number, name and labels stay out of every repr, and so out of every log line."""
    shown = repr(decode_recorded(changed(RECORDED, "data.caller.name", "Mme Colette Renaudin")))
    for secret in ("612345678", "C-88213", "Colette", "A-1"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("path", "value", "event_id", "call_id"),
    [
        ("data.direction", "sideways", True, True),
        ("id", "", False, True),
        ("id", "a\nb", False, True),
        ("source", 5, False, True),
        ("data.call_id", "x" * 257, True, False),
        ("data", [], True, False),
    ],
)
def test_the_names_of_an_event_that_is_refused_are_kept_where_they_are_names(
    path: str, value: object, event_id: bool, call_id: bool
) -> None:
    names = CODEC.names(json.dumps(changed(RECORDED, path, value)).encode())
    assert (names.event_id is not None, names.call_id is not None) == (event_id, call_id)


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_have_names_or_none(value: bytes) -> None:
    assert CODEC.names(value).call_id is None
