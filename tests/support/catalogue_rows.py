"""Rows for the tests of the catalogue: plain ones, and arbitrary ones for hypothesis."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from callwarden.model.criteria import Criteria
from callwarden.model.disclosure import Disclosure
from callwarden.model.event import Notice
from callwarden.model.given_answer import GivenAnswer
from callwarden.model.hold import Case, CaseState, Hold, Placement, PlacementState
from callwarden.model.ids import CallId, CaseId, EventId, LineId, PolicyVersion, Pseudonym, RecordingId
from callwarden.model.log_entry import EntryId, EntryOutcome, LogEntry, Operation
from callwarden.model.note import Note, NoteWhy
from callwarden.model.objection import Ground, Objection, ScopeKind, Withdrawal
from callwarden.model.outcome import EventOutcome, Outcome, Position, Reason
from callwarden.model.receipt import Receipt, ReceiptId
from callwarden.model.recording import Artefact, ArtefactKind, AudioState, Measured, Recording, RecordingState
from callwarden.model.request import (
    FoundBy,
    Request,
    RequestEvent,
    RequestId,
    RequestItem,
    RequestState,
    RequestType,
)
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import WaitingEvent, WrappedKey
from callwarden.ports.catalogue.origins import Origin

NOON = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)
"""An instant with microseconds, on the day the clocks change."""


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def rec(number: int) -> RecordingId:
    return RecordingId(f"rec-{number:026d}")


def recording(number: int = 1, **changes: Any) -> Recording:
    values: dict[str, Any] = {
        "recording_id": rec(number),
        "call_id": CallId(f"c-{number}"),
        "leg": "main",
        "segment": 0,
        "line": LineId("customer-service"),
        "state": RecordingState.STORED,
        "started_at": at(-1),
        "ended_at": NOON,
        "keep_until": at(24),
        "caller": Pseudonym("num-k1-aa"),
        "customer": Pseudonym("cus-k1-bb"),
        "agent_id": "a-104",
        "objected": frozenset(),
        "restricted": False,
        "quarantine_reason": None,
        "policy_version": PolicyVersion("ab" * 32),
        "source_sha256": "cd" * 32,
        "sealed_event": b"\x00sealed\xff",
    }
    return Recording(**values | changes)


def given_answer(number: int = 1, **changes: Any) -> GivenAnswer:
    values: dict[str, Any] = {
        "key": Pseudonym(f"k1:{number:064x}"),
        "body": Pseudonym("k1:body"),
        "attempt": f"{number:032x}",
        "begun_at": NOON,
    }
    return GivenAnswer(**{**values, **changes})


def origin(number: int = 1, **changes: Any) -> Origin:
    values: dict[str, Any] = {"origin": Pseudonym(f"ori-k1-{number}"), "recording_id": rec(number), "at": NOON}
    return Origin(**values | changes)


def receipt(number: int = 1, **changes: Any) -> Receipt:
    values: dict[str, Any] = {
        "receipt_id": ReceiptId(f"rcp-{number:032x}"),
        "content": Pseudonym("pus-k1-aa"),
        "upload": f"{number:032x}.wav",
        "received_at": NOON,
        "key": Pseudonym(f"idk-k1-{number}"),
    }
    return Receipt(**values | changes)


def request(number: int = 1, **changes: Any) -> Request:
    values: dict[str, Any] = {
        "request_id": RequestId(f"req-20260329-{number:08x}"),
        "type": RequestType.ACCESS,
        "scope": ScopeKind.NUMBER,
        "reference": Pseudonym("num-k1-aa"),
        "received_at": NOON,
        "due_on": NOON.date(),
        "state": RequestState.RECEIVED,
        "purposes": frozenset({"training"}),
        "history": (RequestEvent(at=NOON, what="request.opened", by="chloé", text="« élise »"),),
    }
    return Request(**values | changes)


def request_item(number: int = 1, *, recording: int = 1, **changes: Any) -> RequestItem:
    values: dict[str, Any] = {
        "request_id": request(number).request_id,
        "recording_id": rec(recording),
        "found_by": FoundBy.NUMBER,
        "found_at": NOON,
    }
    return RequestItem(**values | changes)


def disclosure(number: int = 1, **changes: Any) -> Disclosure:
    values: dict[str, Any] = {
        "disclosure_id": f"dis-{number:032x}",
        "case_id": case().case_id,
        "recipient": "Tribunal judiciaire de Niort",
        "basis": "réquisition « 2026/114 »",
        "made_by": "bruno",
        "made_at": at(number),
        "recordings": frozenset({rec(1), rec(2)}),
        "manifest": "ab" * 32,
    }
    return Disclosure(**values | changes)


def outcome(offset: int = 0, **changes: Any) -> EventOutcome:
    values: dict[str, Any] = {
        "position": Position(topic="telephony.calls", partition=0, offset=offset),
        "event_id": EventId(f"pbx/niort-1 {offset}"),
        "type": "call.recorded",
        "call_id": CallId(f"c-{offset}"),
        "leg": "main",
        "segment": 0,
        "line": LineId("customer-service"),
        "outcome": Outcome.STORED,
        "reason": None,
        "recording_id": rec(offset),
        "policy_version": PolicyVersion("ab" * 32),
        "decided_at": NOON,
    }
    return EventOutcome(**values | changes)


def artefact(number: int = 1, **changes: Any) -> Artefact:
    values: dict[str, Any] = {
        "recording_id": rec(number),
        "kind": ArtefactKind.ORIGINAL_AUDIO,
        "generation": 1,
        "key": f"vault/{rec(number)}/original-audio-1",
        "version_id": "v1",
        "size": 1_000_000,
        "stored_size": 1_000_099,
        "sha256": "ef" * 32,
        "media_type": "audio/wav",
        "stored_at": NOON,
    }
    return Artefact(**values | changes)


def waiting_event(offset: int = 0, **changes: Any) -> WaitingEvent:
    values: dict[str, Any] = {
        "position": Position(topic="telephony.calls", partition=0, offset=offset),
        "event_id": EventId(f"pbx/niort-1 {offset}"),
        "recording_id": rec(offset),
        "due_at": at(offset),
        "wrapped_key": b"\x00wrapped",
        "sealed": b"\x00sealed",
    }
    return WaitingEvent(**values | changes)


def key(number: int = 1, wrapped: bytes = b"\x00wrapped\xff", master: str = "mk-1") -> WrappedKey:
    return WrappedKey(recording_id=rec(number), wrapped=wrapped, master_key_id=master)


def case(case_id: str = "case-1", **changes: Any) -> Case:
    values: dict[str, Any] = {
        "case_id": CaseId(case_id),
        "reason": "litige n° 7 — « dégât des eaux »",
        "opened_by": "legal:k1-aa",
        "opened_at": NOON,
        "state": CaseState.OPEN,
    }
    return Case(**values | changes)


def hold(number: int = 1, case_id: str = "case-1", **changes: Any) -> Hold:
    values: dict[str, Any] = {
        "case_id": CaseId(case_id),
        "recording_id": rec(number),
        "placed_by": "legal:k1-aa",
        "placed_at": NOON,
    }
    return Hold(**values | changes)


def placement(number: int = 1, **changes: Any) -> Placement:
    values: dict[str, Any] = {
        "placement_id": f"crit-{number}",
        "case_id": CaseId("case-1"),
        "criteria": Criteria(caller=Pseudonym("num-k1-aa")),
        "once": False,
        "state": PlacementState.DONE,
        "placed_by": "bruno",
        "placed_at": NOON,
        "matched": 3,
        "kept": 10,
    }
    return Placement(**values | changes)


def objection(objection_id: str = "obj-1", **changes: Any) -> Objection:
    values: dict[str, Any] = {
        "objection_id": objection_id,
        "scope": ScopeKind.CALL,
        "reference": "c-1",
        "purposes": frozenset({"recording"}),
        "channel": "phone",
        "objected_at": NOON,
        "recorded_at": at(1),
    }
    return Objection(**values | changes)


def withdrawal(withdrawal_id: str = "wdr-1", **changes: Any) -> Withdrawal:
    values: dict[str, Any] = {
        "withdrawal_id": withdrawal_id,
        "scope": ScopeKind.CALL,
        "reference": "c-1",
        "purposes": frozenset({"recording"}),
        "withdrawn_at": at(2),
        "recorded_at": at(2),
        "entered_by": "dpo:chloe",
    }
    return Withdrawal(**values | changes)


def entry(number: int = 1) -> LogEntry:
    return LogEntry(
        entry_id=EntryId(f"{number:026d}"),
        at=NOON,
        actor="service:ingest",
        operation=Operation.RECORDING_STORED,
        outcome=EntryOutcome.DONE,
        subject=rec(number),
    )


def message(number: int = 1, **changes: Any) -> Message:
    values: dict[str, Any] = {"topic": "recordings.stored", "key": rec(number), "value": f"{number}".encode()}
    return Message(**values | changes)


# PostgreSQL's texts hold no NUL, and a lone surrogate is no Unicode: the codec lets neither in.
_texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
_words = st.frozensets(_texts, max_size=3)
_instants = st.datetimes(timezones=st.just(UTC))
_numbers = st.integers(min_value=0, max_value=2**63 - 1)
_small = st.integers(min_value=0, max_value=2**31 - 1)


def any_recording() -> st.SearchStrategy[Recording]:
    maybe_text, maybe_instant = st.none() | _texts, st.none() | _instants
    return st.builds(
        Recording,
        recording_id=_texts,
        call_id=_texts,
        leg=_texts,
        segment=_numbers,
        line=_texts,
        state=st.sampled_from(RecordingState),
        started_at=maybe_instant,
        ended_at=maybe_instant,
        keep_until=maybe_instant,
        caller=maybe_text,
        customer=maybe_text,
        agent_id=maybe_text,
        objected=_words,
        restricted=st.booleans(),
        quarantine_reason=maybe_text,
        policy_version=_texts,
        source_sha256=maybe_text,
        untranscribed=maybe_text,
        disposed_at=maybe_instant,
        not_before=maybe_instant,
        holds=st.just(()),
        notice=st.none()
        | st.builds(
            Notice,
            version=st.none() | st.sampled_from(["2026-01", "annonce é"]),
            played=st.booleans(),
            at=maybe_instant,
        ),
        measured=st.none() | st.builds(Measured, team=maybe_text, silence_s=st.none() | st.sampled_from([0.0, 12.345])),
        objection_offered=st.none() | st.booleans(),
        audio_until=maybe_instant,
        audio=st.sampled_from(AudioState),
        sealed_audio_key=st.none() | st.binary(max_size=50),
        sealed_event=st.none() | st.binary(max_size=50),
    )


_notes = st.builds(Note, field=_texts, why=st.sampled_from(NoteWhy), kind=_texts, was=st.just(""), needed=st.booleans())


def any_outcome() -> st.SearchStrategy[EventOutcome]:
    maybe_text = st.none() | _texts
    return st.builds(
        EventOutcome,
        position=st.builds(Position, topic=_texts, partition=_small, offset=_numbers),
        event_id=maybe_text,
        type=_texts,
        call_id=maybe_text,
        leg=maybe_text,
        segment=st.none() | _numbers,
        line=maybe_text,
        outcome=st.sampled_from(Outcome),
        reason=st.none() | st.sampled_from(Reason),
        field=_texts,
        recording_id=maybe_text,
        policy_version=_texts,
        decided_at=_instants,
        notes=st.lists(_notes, max_size=2).map(tuple),
    )


def any_artefact_of(recording_id: RecordingId) -> st.SearchStrategy[Artefact]:
    return st.builds(
        Artefact,
        recording_id=st.just(recording_id),
        kind=st.sampled_from(ArtefactKind),
        generation=_small,
        key=_texts,
        version_id=_texts,
        size=_numbers,
        stored_size=_numbers,
        sha256=_texts,
        media_type=_texts,
        stored_at=_instants,
    )


def any_waiting_event() -> st.SearchStrategy[WaitingEvent]:
    return st.builds(
        WaitingEvent,
        position=st.builds(Position, topic=_texts, partition=_small, offset=_numbers),
        event_id=_texts,
        recording_id=_texts,
        due_at=_instants,
        wrapped_key=st.binary(max_size=50),
        master_key_id=_texts,
        sealed=st.binary(max_size=50),
        place=_texts,
        why=_texts,
        since=st.none() | _instants,
    )


def any_objection() -> st.SearchStrategy[Objection]:
    return st.builds(
        Objection,
        objection_id=_texts,
        scope=st.sampled_from(ScopeKind),
        reference=_texts,
        purposes=_words,
        channel=_texts,
        objected_at=_instants,
        recorded_at=_instants,
        withdrawn_at=st.none() | _instants,
        counts_from=st.none() | _instants,
        entered_by=_texts,
        granted=st.none() | st.booleans(),
        ground=st.none() | st.sampled_from(Ground),
        decided_by=st.none() | _texts,
        decided_at=st.none() | _instants,
    )


def any_case() -> st.SearchStrategy[Case]:
    maybe_text = st.none() | _texts
    return st.builds(
        Case,
        case_id=_texts,
        reason=_texts,
        opened_by=_texts,
        opened_at=_instants,
        state=st.sampled_from(CaseState),
        release_requested_by=maybe_text,
        released_by=maybe_text,
        released_at=st.none() | _instants,
    )


def any_message() -> st.SearchStrategy[Message]:
    headers = st.lists(st.tuples(_texts, st.binary(max_size=10)), max_size=3).map(tuple)
    return st.builds(Message, topic=_texts, key=_texts, value=st.binary(max_size=50), headers=headers)
