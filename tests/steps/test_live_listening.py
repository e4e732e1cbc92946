"""Live double-listening the policy does not grant, or that cannot have happened yet (R2, U2, U3)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from tests.events.test_topic_schemas import schema_of
from tests.support.diagnostics import capture_logs
from tests.support.workshop import Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Workshop(tmp_path) as built:
        yield built


def listened(
    shop: Workshop, role: str, purpose: str, *, ends_in: timedelta = timedelta(0)
) -> tuple[list[LogEntry], list[dict[str, str]]]:
    """Publish it; the entries and the alerts that came of it."""
    ended = shop.clock.now() + ends_in
    data = {
        "call_id": "c-1",
        "listener": {"id": "s-7", "role": role},
        "purpose": purpose,
        "from": (ended - timedelta(minutes=5)).isoformat(),
        "to": ended.isoformat(),
    }
    shop.publish(shop.envelope("call.monitored", data))
    with capture_logs() as heard:
        shop.drain()
    entries = [one for one in shop.parts["catalogue"].log if one.operation is Operation.CALL_MONITORED]
    return entries, [one for one in heard if one["event"] == "alert"]  # type: ignore[misc]  # ids and codes only


def sent(shop: Workshop, topic: str) -> list[dict[str, object]]:
    """What went to a topic, from wherever it waits or has arrived."""
    found = shop.parts["bus"].messages(topic)
    return [json.loads(one.value) for one in found]


@pytest.mark.parametrize(
    ("role", "purpose"),
    [
        ("supervisor", "quality"),
        ("supervisor", "staff_protection"),
        ("legal", "dispute"),
        ("investigator", "fraud_control"),
    ],
)
def test_listening_in_that_the_policy_grants_is_applied_without_a_mark(shop: Workshop, role: str, purpose: str) -> None:
    [entry], alerts = listened(shop, role, purpose)
    assert shop.verdicts() == ["applied"]
    assert (entry.outcome, entry.reasons, alerts) == (EntryOutcome.DONE, (), [])


@pytest.mark.parametrize(
    ("role", "purpose"),
    [
        ("operator", "quality"),
        ("supervisor", "ai_experiment"),
        ("trainer", "training"),
        ("analyst", "ai_experiment"),
        ("auditor", "quality"),
        ("redactor", "quality"),
        ("legal", "quality"),
        ("janitor", "quality"),
    ],
)
def test_what_the_policy_does_not_grant_stays_an_entry_with_its_reason_and_sounds_the_alarm(
    shop: Workshop, role: str, purpose: str
) -> None:
    [entry], [alert] = listened(shop, role, purpose)
    assert shop.verdicts() == ["applied:not_permitted"]
    assert (entry.outcome, entry.reasons) == (EntryOutcome.DONE, ("not_permitted",))
    assert alert["code"] == "call.monitored.not_permitted"
    [message] = sent(shop, "alerts")
    schema_of("alerts").validate(message)
    assert message["entry"] == entry.entry_id
    assert "s-7" not in json.dumps(message)
    assert shop.clean()


def test_listening_in_that_lies_ahead_is_a_dead_letter_and_no_entry(shop: Workshop) -> None:
    ahead = shop.policy.limits.max_clock_ahead
    entries, _ = listened(shop, "supervisor", "quality", ends_in=ahead)
    assert len(entries) == 1
    entries, alerts = listened(shop, "supervisor", "quality", ends_in=ahead + timedelta(seconds=1))
    assert (len(entries), alerts) == (1, [])
    assert shop.verdicts() == ["applied", "dead-lettered:future_time"]
    [letter] = sent(shop, "dead-letters")
    assert (letter["reason"], letter["field"]) == ("future_time", "data.to")
    assert "s-7" not in json.dumps(letter)
    assert shop.clean()
