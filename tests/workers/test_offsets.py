"""Offsets are committed in order, never past a delivery that is not finished (I1)."""

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.outcome import Position
from callwarden.ports.bus import TopicPartition
from callwarden.workers.processes.offsets import OffsetTracker

HERE = TopicPartition(topic="t", partition=0)
THERE = TopicPartition(topic="t", partition=1)


def at(offset: int, partition: int = 0) -> Position:
    return Position(topic="t", partition=partition, offset=offset)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.randoms())
def test_nothing_is_committed_past_an_unfinished_delivery(gaps: list[int], chance: object) -> None:
    """Offsets may have gaps (Kafka's own markers); deliveries finish in any order."""
    offsets = [sum(gaps[: end + 1]) + end for end in range(len(gaps))]
    tracker = OffsetTracker()
    tracker.hold([HERE])
    for offset in offsets:
        assert tracker.start(at(offset))
    unfinished = list(offsets)
    chance.shuffle(unfinished)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    committed = offsets[0]
    while unfinished:
        tracker.finish(at(unfinished.pop()))
        now = tracker.committable().get(HERE, committed)
        assert now >= committed
        assert all(offset >= now for offset in unfinished), "an unfinished delivery comes again after a crash"
        assert now == (min(unfinished) if unfinished else offsets[-1] + 1), "and nothing finished is held back"
        committed = now
        tracker.committed({HERE: now})
        assert tracker.committable() == {}


def test_a_delivery_that_comes_again_while_it_is_worked_on_is_not_started_twice() -> None:
    tracker = OffsetTracker()
    tracker.hold([HERE])
    assert tracker.start(at(5))
    assert not tracker.start(at(5))
    tracker.finish(at(5))
    assert not tracker.start(at(5)), "nor when it is finished and not committed yet"


def test_after_a_partition_was_lost_its_deliveries_start_anew_and_old_work_commits_nothing() -> None:
    tracker = OffsetTracker()
    tracker.hold([HERE])
    tracker.start(at(5))
    tracker.start(at(6))
    tracker.hold([])
    tracker.finish(at(5))
    assert tracker.committable() == {}
    tracker.hold([HERE])
    assert tracker.start(at(5))
    assert tracker.start(at(6))
    tracker.finish(at(6))
    assert tracker.committable() == {}


def test_partitions_do_not_wait_for_one_another() -> None:
    tracker = OffsetTracker()
    tracker.hold([HERE, THERE])
    tracker.start(at(0))
    tracker.start(at(0, partition=1))
    tracker.finish(at(0, partition=1))
    assert tracker.committable() == {THERE: 1}
