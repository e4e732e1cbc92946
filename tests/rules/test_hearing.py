"""What was set aside is not heard while nobody knows what its caller objected to (R3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callwarden.model.event import AudioReference, CallRecorded, Direction, Person
from callwarden.model.ids import CallId, EventId, LineId
from callwarden.model.note import Note, NoteWhy
from callwarden.model.policy import Policy, WhenUnknown
from callwarden.rules.hearing import objection_in_doubt
from tests.support.catalogue_rows import NOON
from tests.support.workshop import SHIPPED_POLICY, policy_of

POLICY = policy_of(SHIPPED_POLICY)

LINE = LineId("customer-service")


def event(**changes: object) -> CallRecorded:
    plain = CallRecorded(
        event_id=EventId("e-1"),
        call_id=CallId("c-1"),
        leg="main",
        segment=0,
        line=LINE,
        direction=Direction.INBOUND,
        started_at=NOON - timedelta(minutes=9),
        ended_at=NOON - timedelta(minutes=4),
        answered_after_s=None,
        caller=Person(),
        channels=(),
        audio=AudioReference(uri="spool:a.wav", sha256=None, bytes=None),
        objections=frozenset(),
        notice_version=None,
        pauses=(),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # named after its fields


def policy(when_unknown: WhenUnknown, *, honoured: bool = True, wait: timedelta = timedelta(minutes=5)) -> Policy:
    lines = {
        name: replace(
            line,
            objection_honoured=honoured if name == LINE else False,
            when_unknown=when_unknown if name == LINE else WhenUnknown.RECORD,
            wait=wait,
        )
        for name, line in POLICY.lines.items()
    }
    return replace(POLICY, lines=lines)


def fault(field: str) -> Note:
    return Note(field=field, why=NoteWhy.WRONG_TYPE, kind="a list", needed=True)


@pytest.mark.parametrize("when_unknown", WhenUnknown)
def test_an_objection_that_cannot_be_read_is_never_listened_past(when_unknown: WhenUnknown) -> None:
    one = event(objections=None, notes=(fault("data.leg"), fault("data.objections")))
    for honoured in (True, False):
        doubt = objection_in_doubt(one, policy=policy(when_unknown, honoured=honoured), now=NOON)
        assert doubt == "objection_unreadable"


@pytest.mark.parametrize(
    ("rules", "doubt"),
    [
        (policy(WhenUnknown.RECORD), None),
        (policy(WhenUnknown.REFUSE), "objection_unknown"),
        (policy(WhenUnknown.REFUSE, honoured=False), None),
        (policy(WhenUnknown.WAIT), "objection_unknown"),
        (policy(WhenUnknown.WAIT, wait=timedelta(minutes=4)), None),
    ],
)
def test_an_event_that_says_nothing_of_objections_counts_as_its_line_says(rules: Policy, doubt: str | None) -> None:
    silent = event(objections=None, notes=(fault("data.leg"),))
    assert objection_in_doubt(silent, policy=rules, now=NOON) == doubt
    assert objection_in_doubt(replace(silent, line=LineId("complaints")), policy=rules, now=NOON) == doubt
    assert objection_in_doubt(replace(silent, objections=frozenset()), policy=rules, now=NOON) is None


def test_a_wait_without_an_end_of_the_call_is_never_over() -> None:
    for ended_at in (None, datetime.max.replace(tzinfo=UTC)):
        one = event(objections=None, ended_at=ended_at)
        assert objection_in_doubt(one, policy=policy(WhenUnknown.WAIT), now=NOON) == "objection_unknown"


def test_where_no_event_was_kept_nothing_tells_of_an_objection() -> None:
    assert objection_in_doubt(None, policy=policy(WhenUnknown.RECORD), now=NOON) == "objection_unknown"
