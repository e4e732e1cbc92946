"""The loop every worker runs: order, overlap, retries, commits, stopping (I1, I11)."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from prometheus_client import REGISTRY

from callwarden.adapters.alarm import CODES
from callwarden.errors import ConfigurationError, InvalidMessageError, InvariantError, RetryableError
from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery, Message
from callwarden.workers.processes import metrics
from tests.fakes.bus import MemoryBus
from tests.support.diagnostics import capture_logs
from tests.workers.echo import QUICK, TOPIC, Echo, bus_with, committed, worker


def failing(times: int, *, phase: str, value: str = "") -> Callable[[str, str], None]:
    """Out of reach so many times in a phase (of one delivery)."""
    left = Counter({phase: times})

    def wrong(at: str, what: str) -> None:
        if at == phase and value in ("", what) and left[phase] > 0:
            left[phase] -= 1
            raise RetryableError("out of reach")

    return wrong


def numbered(count: int, keys: int = 10_000) -> list[tuple[str, str]]:
    return [(f"k{number % keys}", f"{number}") for number in range(count)]


def running(step: Echo, bus, pace=QUICK) -> tuple[threading.Thread, Event, list[BaseException]]:  # type: ignore[no-untyped-def]  # a fixture in all but name
    stop, failures = Event(), []

    def body() -> None:
        try:
            worker(step, bus, pace).run(stop)
        except BaseException as error:  # noqa: BLE001 -- the test looks at whatever ended it
            failures.append(error)

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    return thread, stop, failures


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_a_drain_handles_everything_commits_it_and_ends() -> None:
    step, bus = Echo(), bus_with(*numbered(50), partitions=3)
    assert worker(step, bus).run(Event(), drain=True) == 50
    assert sorted(step.of("clean_up"), key=int) == [str(number) for number in range(50)]
    assert sum(committed(bus)) == 50


def test_deliveries_of_one_key_are_taken_one_after_the_other_in_order() -> None:
    """They may be about one call."""
    step, bus = Echo(takes_s=0.001), bus_with(*numbered(30, keys=3))
    worker(step, bus).run(Event(), drain=True)
    for key in range(3):
        mine = [(phase, int(value)) for phase, value in step.said if int(value) % 3 == key]
        phases = ("begin", "carry_out", "finish", "clean_up")
        assert mine == [(phase, number) for number in range(key, 30, 3) for phase in phases]


def test_slow_work_of_one_partition_overlaps() -> None:
    step, bus = Echo(takes_s=0.05), bus_with(*numbered(8))
    began = time.monotonic()
    worker(step, bus).run(Event(), drain=True)
    assert step.most_at_once > 1
    assert time.monotonic() - began < 8 * 0.05 + 20


def test_no_more_is_in_hand_than_the_window_allows() -> None:
    step, bus = Echo(takes_s=0.002), bus_with(*numbered(60))
    worker(step, bus, replace(QUICK, window=5)).run(Event(), drain=True)
    assert 1 < step.most_at_once <= 5


def test_a_window_of_one_works_too() -> None:
    step, bus = Echo(), bus_with(*numbered(5))
    worker(step, bus, replace(QUICK, window=1)).run(Event(), drain=True)
    assert step.most_at_once == 1
    assert committed(bus) == [5]


@pytest.mark.parametrize("phase", ["begin", "carry_out", "finish", "clean_up"])
def test_what_is_out_of_reach_for_a_while_is_tried_again_in_every_phase(phase: str) -> None:
    step, bus = Echo(wrong=failing(3, phase=phase)), bus_with(*numbered(4))
    worker(step, bus).run(Event(), drain=True)
    assert sorted(step.of("clean_up")) == ["0", "1", "2", "3"]
    assert committed(bus) == [4]


@pytest.mark.parametrize("phase", ["begin", "finish"])
def test_a_drain_ends_when_the_step_as_a_whole_cannot_go_on(phase: str) -> None:
    step, bus = Echo(wrong=failing(10_000, phase=phase)), bus_with(*numbered(1))
    with pytest.raises(RetryableError):
        worker(step, bus).run(Event(), drain=True)
    assert committed(bus) == [0]


@pytest.mark.parametrize("phase", ["carry_out", "clean_up"])
def test_a_drain_leaves_what_stays_out_of_reach_with_its_reason_and_does_all_others(phase: str) -> None:
    step, bus = Echo(wrong=failing(10_000, phase=phase, value="3")), bus_with(*numbered(20))
    here = worker(step, bus)
    assert here.run(Event(), drain=True) == 19
    assert [(one.delivery.value, one.why) for one in here.left] == [(b"3", "out of reach")]
    assert committed(bus) == [3], "nothing past it is committed, so it comes again"
    step.wrong = failing(0, phase=phase)
    assert worker(step, bus).run(Event(), drain=True) == 17
    assert committed(bus) == [20]


def test_a_drain_ends_early_when_so_much_is_left_that_it_is_no_fault_of_one_event() -> None:
    """Every one of thousands tried in vain would take hours."""
    step, bus = Echo(wrong=failing(10_000, phase="carry_out")), bus_with(*numbered(100))
    with pytest.raises(RetryableError):
        worker(step, bus, replace(QUICK, last_retries=1)).run(Event(), drain=True)
    assert len(set(step.of("begin"))) < 50


def test_what_waits_behind_one_that_is_left_waits_with_it() -> None:
    """They may be about one call."""
    step, bus = Echo(wrong=failing(10_000, phase="carry_out", value="0")), bus_with(*numbered(6, keys=2))
    here = worker(step, bus)
    assert here.run(Event(), drain=True) == 3
    assert [one.delivery.value for one in here.left] == [b"0", b"2", b"4"]


@pytest.mark.parametrize("phase", ["begin", "carry_out", "finish", "clean_up"])
@pytest.mark.parametrize("error", [InvariantError("a person has to look"), ValueError("a fault of ours")])
def test_one_delivery_that_breaks_something_is_left_and_the_others_go_on(phase: str, error: Exception) -> None:
    def wrong(at: str, value: str) -> None:
        if (at, value) == (phase, "2"):
            raise error

    step, bus = Echo(wrong=wrong), bus_with(*numbered(6))
    here = worker(step, bus)
    assert here.run(Event(), drain=True) == 5
    assert [one.delivery.value for one in here.left] == [b"2"]
    assert "fault of ours" not in [one.why for one in here.left], "what others' errors say may be personal"
    assert committed(bus) == [2]


@pytest.mark.parametrize("phase", ["begin", "carry_out", "finish"])
@pytest.mark.parametrize("records", [True, False])
def test_what_can_never_be_processed_is_rejected_by_the_step_and_passed(phase: str, *, records: bool) -> None:
    def wrong(at: str, value: str) -> None:
        if (at, value) == (phase, "2") and not step.of("reject"):
            raise InvalidMessageError("invalid_field")

    step, bus = Echo(wrong=wrong, records=records), bus_with(*numbered(6))
    here = worker(step, bus)
    assert here.run(Event(), drain=True) == 6
    assert step.of("reject") == ["2"]
    assert ("2" in step.of("finish")) is records
    assert (committed(bus), len(here.left)) == ([6], 0)


def test_a_worker_that_goes_on_tries_again_what_it_left() -> None:
    step, bus = Echo(wrong=failing(1, phase="carry_out", value="0")), bus_with(*numbered(3))
    real = step.wrong

    def wrong(phase: str, value: str) -> None:
        try:
            real(phase, value)
        except RetryableError as error:
            raise InvariantError("once") from error

    step.wrong = wrong
    thread, stop, failures = running(step, bus, replace(QUICK, left_again_s=0.05))
    until(lambda: committed(bus) == [3])
    stop.set()
    thread.join(10)
    assert failures == []


def test_what_rests_takes_no_room_from_the_others() -> None:
    """Eight that wait for a place out of reach fill a window of eight: the ninth is handled all the same."""

    def wrong(phase: str, value: str) -> None:
        if phase == "carry_out" and int(value) < 8:
            raise RetryableError("its place is out of reach")

    step, bus = Echo(wrong=wrong), bus_with(*numbered(20))
    thread, stop, _ = running(step, bus)
    until(lambda: len(step.of("clean_up")) == 12)
    stop.set()
    thread.join(10)


def test_one_delivery_that_rests_does_not_hold_up_the_others_and_nothing_past_it_is_committed() -> None:
    step = Echo(wrong=failing(10_000, phase="carry_out", value="0"))
    bus = bus_with(*numbered(20))
    thread, stop, failures = running(step, bus)
    until(lambda: len(step.of("clean_up")) == 19)
    assert "0" not in step.of("clean_up")
    assert committed(bus) == [0]
    stop.set()
    thread.join(10)
    assert failures == [], "what could not be finished is given back"
    assert committed(bus) == [0]


def test_a_bus_out_of_reach_is_waited_for() -> None:
    step, bus = Echo(), bus_with(*numbered(3))
    thread, stop, failures = running(step, bus)
    until(lambda: committed(bus) == [3])
    bus.fail_next(5)
    until(lambda: bus._failures == 0)
    bus.publish([Message(topic=TOPIC, key="k", value=b"99")])
    until(lambda: committed(bus) == [4])
    stop.set()
    thread.join(10)
    assert failures == []


def test_told_to_stop_a_worker_finishes_what_its_threads_are_at_and_gives_back_the_rest() -> None:
    step, bus = Echo(takes_s=0.3), bus_with(*numbered(200))
    thread, stop, failures = running(step, bus, replace(QUICK, window=64))
    until(lambda: len(step.of("begin")) > 8)
    stop.set()
    thread.join(10)
    assert failures == []
    assert not thread.is_alive()
    finished = sorted(step.of("clean_up"), key=int)
    assert 0 < len(finished) <= 2 * QUICK.threads < len(step.of("begin"))
    assert committed(bus) == [len(finished)]
    assert worker(Echo(), bus).run(Event(), drain=True) == 200 - len(finished), "all others come again"


def test_told_to_stop_a_worker_gives_back_what_takes_too_long() -> None:
    held = Event()

    def wrong(phase: str, _value: str) -> None:
        if phase == "carry_out":
            held.wait(30)

    step, bus = Echo(wrong=wrong), bus_with(*numbered(3))
    thread, stop, failures = running(step, bus, replace(QUICK, stop_within_s=0.2))
    until(lambda: len(step.of("begin")) > 0)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert failures == []
    assert committed(bus) == [0]
    held.set()
    assert worker(Echo(), bus).run(Event(), drain=True) == 3, "another has them at once"


@pytest.mark.parametrize("phase", ["begin", "carry_out", "finish", "clean_up"])
def test_told_to_stop_in_an_outage_a_worker_does_not_wait_for_its_end(phase: str) -> None:
    step, bus = Echo(wrong=failing(10_000, phase=phase)), bus_with(*numbered(3))
    tried: list[str] = []
    real = step.wrong
    step.wrong = lambda at, value: (tried.append(at) if at == phase else None, real(at, value))[1]
    thread, stop, failures = running(step, bus)
    until(lambda: len(tried) > 2)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert failures == []
    assert committed(bus) == [0]


def test_a_step_that_is_set_up_wrongly_ends_its_worker() -> None:
    def wrong(phase: str, _value: str) -> None:
        if phase == "carry_out":
            raise ConfigurationError("there is no such bucket")

    step, bus = Echo(wrong=wrong), bus_with(*numbered(6))
    with pytest.raises(ConfigurationError):
        worker(step, bus).run(Event(), drain=True)
    assert committed(bus) == [0]


def test_messages_are_on_the_bus_before_the_offset_is_committed() -> None:
    """Durable, then acknowledged: a bus that fails between leaves the outbox full and the offset where it was."""
    step, bus = Echo(tells=True), bus_with(*numbered(5))
    worker(step, bus).run(Event(), drain=True)
    assert len(bus.messages("told")) == 5
    assert step.catalogue.rows.outbox == {}


def test_what_a_dead_worker_left_in_the_outbox_is_sent_by_the_next() -> None:
    step, bus = Echo(), bus_with()
    with step.catalogue.transaction() as tx:
        tx.outbox.append([Message(topic="told", key="k", value=b"left behind")])
    worker(step, bus).run(Event(), drain=True)
    assert [one.value for one in bus.messages("told")] == [b"left behind"]


def test_a_drain_takes_up_what_its_own_outbox_says() -> None:
    step, bus = Echo(), bus_with()
    with step.catalogue.transaction() as tx:
        tx.outbox.append([Message(topic=TOPIC, key="k", value=b"7")])
    assert worker(step, bus).run(Event(), drain=True) == 1
    assert step.of("clean_up") == ["7"]


def test_what_has_waited_long_enough_is_handled_even_when_nothing_else_comes() -> None:
    bus = bus_with()
    late = Delivery(position=Position(topic=TOPIC, partition=0, offset=3), key=None, value=b"3")
    step = Echo(late=[late])
    assert worker(step, bus).run(Event(), drain=True) == 1
    assert step.of("clean_up") == ["3"]
    assert committed(bus) == [0], "its offset was committed long ago"


def test_a_delivery_that_was_overtaken_is_begun_again_after_its_clean_up() -> None:
    step, bus = Echo(), bus_with(*numbered(3))
    step.again = Counter({"1": 2})
    assert worker(step, bus).run(Event(), drain=True) == 3
    mine = [phase for phase, value in step.said if value == "1"]
    assert mine == ["begin", "carry_out", "finish", "clean_up"] * 3
    assert committed(bus) == [3]


def test_what_comes_again_after_a_rebalance_is_handled_again_or_known_to_be_in_hand() -> None:
    """Another member joins, takes a share, and leaves again: everything is handled at least once and committed."""
    step, bus = Echo(takes_s=0.002), bus_with(*numbered(120), partitions=4)
    thread, stop, failures = running(step, bus)
    until(lambda: len(step.of("clean_up")) > 10)
    with bus.subscribe([TOPIC], group="echo") as other:
        for _ in range(20):
            other.poll(limit=3, timeout_s=0.01)
    until(lambda: sum(committed(bus)) == 120)
    stop.set()
    thread.join(10)
    assert failures == []
    assert {int(value) for value in step.of("clean_up")} == set(range(120))


def told_of_gaps(step: Echo, bus: MemoryBus) -> list[tuple[int, int]]:
    with capture_logs() as logged:
        worker(step, bus).run(Event(), drain=True)
    return [(one["first_offset"], one["end_offset"]) for one in logged if one["event"] == "messages_deleted_unread"]


def test_messages_deleted_before_they_were_read_are_told_of_once_when_work_goes_on_beyond_them() -> None:
    step, bus = Echo(), bus_with(*numbered(10, keys=1))
    assert told_of_gaps(step, bus) == []
    bus.publish([Message(topic=TOPIC, key="k0", value=b"late") for _ in range(10)])
    before = metrics.deleted_unread.labels("echo")._value.get()  # type: ignore[no-untyped-call]  # the library's own
    bus.delete(TOPIC, before=15)
    assert told_of_gaps(step, bus) == [(10, 15)]
    assert metrics.deleted_unread.labels("echo")._value.get() - before == 5  # type: ignore[no-untyped-call]
    bus.publish([Message(topic=TOPIC, key="k0", value=b"later")])
    assert told_of_gaps(step, bus) == []


def test_what_was_read_and_then_deleted_is_nothing_to_tell_of() -> None:
    step, bus = Echo(), bus_with(*numbered(10, keys=1))
    assert told_of_gaps(step, bus) == []
    bus.delete(TOPIC, before=10)
    bus.publish([Message(topic=TOPIC, key="k0", value=b"next")])
    assert told_of_gaps(step, bus) == []
    assert committed(bus) == [11]


def test_a_drain_ends_where_everything_unread_was_deleted() -> None:
    step, bus = Echo(), bus_with(*numbered(10, keys=1))
    bus.delete(TOPIC, before=10)
    assert worker(step, bus).run(Event(), drain=True) == 0


def test_what_a_step_and_alarms_count_is_there_before_it_counts_so_that_the_first_is_seen_to_rise() -> None:
    worker(step := Echo(), bus_with())
    step_of = {"step": step.name}
    for name in ("deliveries", "retries", "left_behind", "deleted_unread"):
        assert REGISTRY.get_sample_value(f"callwarden_{name}_total", step_of) is not None, name
    watched = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
    codes = re.findall(r'\{code="(\w+)"\}', watched)
    assert 3 <= len(codes) == len(set(codes) & set(CODES))
    for code in CODES:
        assert REGISTRY.get_sample_value("callwarden_alerts_total", {"code": code}) is not None, code
