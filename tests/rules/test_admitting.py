"""What may be kept is decided by the caller's word first, then by the event, then by the policy (R1, R3, R5, K7)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.policy.file import load_policy
from callwarden.model.audio import AudioFacts
from callwarden.model.event import CallRecorded, Notice, Pause
from callwarden.model.ids import CallId, EventId, LineId
from callwarden.model.note import Note, NoteWhy
from callwarden.model.objection import Objection
from callwarden.model.outcome import Reason
from callwarden.model.policy import LinePolicy, Policy, WhenUnknown, WhenUntold
from callwarden.model.purpose import RECORDING, Purpose
from callwarden.rules.admit import OBJECTIONS, Admit, Quarantine, Refuse, Wait, admit
from callwarden.rules.audio_says import unlike_audio
from callwarden.wiring import shipped_config
from tests.support.catalogue_rows import any_objection

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
POLICY = load_policy(shipped_config() / "policy.yaml")
LINE = LineId("tests")
EVERY = LinePolicy(
    line=LINE,
    share=Decimal(1),
    retention=next(iter(POLICY.lines.values())).retention,
    objection_honoured=True,
    when_unknown=WhenUnknown.RECORD,
    wait=timedelta(0),
    transcription=True,
)

notes = st.lists(
    st.builds(
        Note,
        field=st.sampled_from(["data.leg", "data.segment", OBJECTIONS]),
        why=st.just(NoteWhy.TOO_LONG),
        kind=st.just("a text"),
        needed=st.just(True),
    ),
    max_size=2,
)
notices = st.builds(
    Notice,
    version=st.none() | st.just("2026-01"),
    played=st.none() | st.booleans(),
    completed=st.none() | st.booleans(),
)
purposes = st.frozensets(st.sampled_from([RECORDING, *(one.value for one in Purpose)]))
ages = st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=400))


def policy(line: LinePolicy) -> Policy:
    return replace(POLICY, lines={LINE: line})


@st.composite
def events(draw: st.DrawFn) -> CallRecorded:
    ended = NOW - draw(ages)
    return CallRecorded(
        event_id=EventId("e"),
        call_id=CallId(draw(st.text(min_size=1, max_size=8))),
        line=draw(st.sampled_from([LINE, LineId("another")])),
        started_at=draw(st.sampled_from([None, ended - timedelta(seconds=30)])),
        ended_at=draw(st.sampled_from([None, ended])),
        objections=draw(st.none() | purposes),
        notice=draw(notices),
        notes=tuple(draw(notes)),
    )


lines = st.builds(
    replace,
    st.just(EVERY),
    share=st.sampled_from([Decimal(0), Decimal("0.3"), Decimal(1)]),
    objection_honoured=st.booleans(),
    when_unknown=st.sampled_from(WhenUnknown),
    wait=st.sampled_from([timedelta(hours=1), timedelta(days=2)]),
    notice=st.sampled_from(WhenUntold),
)


EVENT = CallRecorded(
    event_id=EventId("e"),
    call_id=CallId("c"),
    line=LINE,
    started_at=NOW - timedelta(minutes=2),
    ended_at=NOW - timedelta(minutes=1),
    objections=frozenset(),
)


@given(event=events(), line=lines, on_file=st.booleans(), objection=any_objection())
def test_nothing_of_a_caller_who_objected_to_recording_is_kept(
    event: CallRecorded, line: LinePolicy, on_file: bool, objection: Objection
) -> None:
    if on_file:
        whole = frozenset({RECORDING})
        objections = [replace(objection, purposes=whole, withdrawn_at=None, counts_from=None, granted=None)]
    else:
        objections = []
        event = replace(event, objections=frozenset({RECORDING, *(event.objections or ())}))
    decided = admit(event, policy=policy(line), objections=objections, now=NOW)
    if event.line != LINE or line.objection_honoured:
        assert decided == Refuse(reason=Reason.OBJECTION)
    else:
        assert decided != Refuse(reason=Reason.OBJECTION)


@given(event=events(), line=lines)
def test_what_is_kept_has_a_line_of_the_policy_a_credible_end_a_period_that_is_not_over_and_no_fault(
    event: CallRecorded, line: LinePolicy
) -> None:
    decided = admit(event, policy=policy(line), objections=(), now=NOW)
    if not isinstance(decided, Admit):
        return
    assert event.line == LINE
    assert not event.faults
    assert line.share > 0
    assert event.ended_at is not None
    assert event.ended_at < decided.keep_until > NOW
    assert decided.objected == (event.objections or frozenset()) - {RECORDING}
    told = event.notice != Notice() and event.notice.played is not False and event.notice.completed is not False
    assert told or line.notice is WhenUntold.RECORD
    assert event.objections is not None or line.when_unknown is not WhenUnknown.REFUSE or not line.objection_honoured


@given(event=events(), line=lines)
def test_objections_that_cannot_be_read_are_the_reason_before_any_other_fault(
    event: CallRecorded, line: LinePolicy
) -> None:
    unreadable = Note(field=OBJECTIONS, why=NoteWhy.WRONG_TYPE, kind="a number", needed=True)
    event = replace(event, notes=(*event.notes, unreadable), objections=None)
    decided = admit(event, policy=policy(line), objections=(), now=NOW)
    assert decided == Quarantine(reason=Reason.OBJECTION_UNREADABLE, field=OBJECTIONS)


HEARD = Notice(version="2026-01", played=True, completed=True)
NOT_READ = Note(field="data.notice.completed", why=NoteWhy.WRONG_TYPE, kind="a number", needed=False)


@pytest.mark.parametrize(
    ("notice", "reason"),
    [
        (HEARD, None),
        (Notice(played=True), None),
        (Notice(version="2026-01"), None),
        (Notice(), Reason.NOTICE_MISSING),
        (Notice(version="2026-01", played=False), Reason.NOTICE_MISSING),
        (Notice(played=False, completed=False), Reason.NOTICE_MISSING),
        (replace(HEARD, completed=False), Reason.NOTICE_UNFINISHED),
        (Notice(completed=False), Reason.NOTICE_UNFINISHED),
    ],
)
@pytest.mark.parametrize("when", WhenUntold)
def test_a_notice_that_was_not_heard_to_its_end_is_what_the_lines_policy_makes_of_it(
    notice: Notice, reason: Reason | None, when: WhenUntold
) -> None:
    event = replace(EVENT, notice=notice)
    line = replace(EVERY, notice=when)
    decided = admit(event, policy=policy(line), objections=(), now=NOW)
    if reason is None or when is WhenUntold.RECORD:
        assert isinstance(decided, Admit)
    elif when is WhenUntold.QUARANTINE:
        assert decided == Quarantine(reason=reason, field="data.notice")
    else:
        assert decided == Refuse(reason=reason)
    unread = replace(event, notes=(NOT_READ,))
    assert not isinstance(admit(unread, policy=policy(line), objections=(), now=NOW), Refuse), (
        "a wrong field costs none"
    )
    assert isinstance(admit(event, policy=policy(line), objections=(), now=NOW, looked_at=True), Admit)
    objected = admit(replace(event, objections=frozenset({RECORDING})), policy=policy(line), objections=(), now=NOW)
    assert objected == Refuse(reason=Reason.OBJECTION), "who objects is not recorded, whatever they were told"


@given(wait=st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=3)), late=st.booleans())
def test_word_of_an_objection_is_waited_for_until_the_lines_time_is_over_and_not_longer(
    wait: timedelta, late: bool
) -> None:
    line = replace(EVERY, when_unknown=WhenUnknown.WAIT, wait=wait)
    ended = NOW - timedelta(minutes=1)
    event = CallRecorded(
        event_id=EventId("e"), call_id=CallId("c"), line=LINE, started_at=ended - timedelta(minutes=1), ended_at=ended
    )
    over = ended + wait
    now = over if late else max(NOW, over - timedelta(seconds=1))
    decided = admit(event, policy=policy(line), objections=(), now=now)
    assert isinstance(decided, Admit) if now >= over else decided == Wait(until=over)


def heard(duration_s: float, channels: int = 1) -> AudioFacts:
    return AudioFacts(
        container="wav",
        codec="pcm",
        media_type="audio/wav",
        sample_rate_hz=8000,
        channels=channels,
        frames=0,
        duration_s=duration_s,
        silent=False,
    )


@given(
    lasted=st.integers(1, 7200),
    rang=st.integers(0, 60),
    paused=st.integers(0, 60),
    off=st.floats(-1, 1),
)
def test_audio_may_be_shorter_by_what_rang_and_what_was_paused_and_off_by_what_the_policy_says(
    lasted: int, rang: int, paused: int, off: float
) -> None:
    event = CallRecorded(
        event_id=EventId("e"),
        call_id=CallId("c"),
        line=LINE,
        started_at=NOW - timedelta(seconds=lasted),
        ended_at=NOW,
        answered_after_s=rang,
        pauses=(Pause(from_s=0, to_s=paused),),
    )
    slack = POLICY.limits.times_off.total_seconds()
    fits = max(0.0, lasted - rang - paused + off * slack)
    assert "data.ended_at" not in said(event, fits)
    assert "data.ended_at" not in said(event, lasted + slack)
    assert said(event, lasted + slack + 1)["data.ended_at"] is NoteWhy.DURATION_MISMATCH


def said(event: CallRecorded, duration_s: float) -> dict[str, NoteWhy]:
    return {note.field: note.why for note in unlike_audio(event, heard(duration_s), limits=POLICY.limits)}


@pytest.mark.parametrize(
    ("pauses", "why"),
    [
        ([(5, 10), (10, 12.5)], None),
        ([(25, 31)], None),
        ([(500, 516)], "outside_audio"),
        ([(5, 10), (25, 31.5)], "outside_audio"),
        ([(5, 10), (9, 12)], "overlapping"),
        ([(5, 20), (6, 7), (8, 9)], "overlapping"),
        ([(0, 30)], "covers_audio"),
        ([(0, 16), (15, 40)], "covers_audio"),
    ],
)
def test_a_pause_lies_in_the_audio_beside_the_others_and_leaves_some_of_it(
    pauses: list[tuple[float, float]], why: str | None
) -> None:
    found = said(paused(pauses), 30)
    assert found.get("data.pauses") == why


@given(
    lengths=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=6),
    order=st.randoms(use_true_random=False),
)
def test_pauses_in_whatever_order_are_noted_only_where_two_share_a_moment_or_one_is_out(
    lengths: list[tuple[int, int]], order: Random
) -> None:
    at, pauses = 0.0, []
    for gap, length in lengths:
        pauses.append((at + gap, at + gap + length))
        at += gap + length
    order.shuffle(pauses)
    assert "data.pauses" not in said(paused(pauses), 100)


def paused(pauses: Sequence[tuple[float, float]]) -> CallRecorded:
    return CallRecorded(
        event_id=EventId("e"),
        call_id=CallId("c"),
        line=LINE,
        pauses=tuple(Pause(from_s=first, to_s=last) for first, last in pauses),
    )


@pytest.mark.parametrize(("named", "noted"), [((), 0), (("agent", "caller"), 0), (("agent",), 1)])
def test_channels_that_are_named_are_as_many_as_the_audio_has(named: tuple[str, ...], noted: int) -> None:
    event = CallRecorded(event_id=EventId("e"), call_id=CallId("c"), line=LINE, channels=named)
    assert len(unlike_audio(event, heard(1, channels=2), limits=POLICY.limits)) == noted
