"""Two at once, and one killed in the middle: what locks and transactions are for (K3, I3, I4, I11).

On SQLite one transaction writes at a time; on PostgreSQL they interleave, and the races are real ones.
"""

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from callwarden.adapters.sql.catalogue import SqlCatalogue, open_catalogue
from callwarden.adapters.sql.engine import open_engine
from callwarden.errors import RetryableError
from callwarden.model.ids import CallId
from callwarden.model.objection import ScopeKind
from callwarden.model.recording import GONE, RecordingState
from callwarden.ports.catalogue import ObjectionReference, RecordingFilter, Transaction
from tests.support import catalogue_rows as rows
from tests.support.catalogue_backends import DATABASES, database_url
from tests.support.catalogue_rows import NOON, at, rec
from tests.support.seals import SEALS

_STATE = RecordingState
_CALL = ObjectionReference(scope=ScopeKind.CALL, reference="c-1")


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return database_url(request.param, request, tmp_path)


@pytest.fixture
def catalogue(url: str) -> Iterator[SqlCatalogue]:
    opened = open_catalogue(url, seals=SEALS)
    yield opened
    opened.close()


@pytest.fixture
def postgresql(postgres_dsn: str) -> Iterator[SqlCatalogue]:
    opened = open_catalogue(postgres_dsn, seals=SEALS)
    yield opened
    opened.close()


@pytest.fixture
def other() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=4) as threads:
        yield threads


def waits_for_a_lock(
    catalogue: SqlCatalogue, threads: ThreadPoolExecutor, work: Callable[[], object]
) -> Future[object]:
    """Start `work` in another thread; return once the server says that it waits for a lock."""
    future = threads.submit(work)
    deadline = time.monotonic() + 10
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while time.monotonic() < deadline and not future.done():
        with catalogue.engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return future
        time.sleep(0.01)
    raise AssertionError("nothing waits")


def stored(catalogue: SqlCatalogue, *numbers: int, state: RecordingState = _STATE.STORED) -> None:
    with catalogue.transaction() as transaction:
        transaction.recordings.insert([rows.recording(one, keep_until=at(-1), state=state) for one in numbers])


def upload_ends(transaction: Transaction) -> None:
    found = transaction.recordings.get([rec(1)], lock=True)[rec(1)]
    if found.state is _STATE.PENDING:
        objected = transaction.objections.under([_CALL])
        transaction.recordings.save([replace(found, state=_STATE.DROPPING if objected else _STATE.STORED)])


def objection_comes(transaction: Transaction) -> None:
    found = transaction.recordings.find(RecordingFilter(call_id=CallId("c-1")), lock=True)
    transaction.objections.save(rows.objection())
    transaction.recordings.save([replace(one, state=_STATE.DROPPING) for one in found if one.state not in GONE])


def test_two_threads_that_lock_the_same_recordings_in_any_order_both_finish(catalogue: SqlCatalogue) -> None:
    numbers = list(range(8))
    stored(catalogue, *numbers)

    def touch(seed: int) -> None:
        order = random.Random(seed)
        for _ in range(15):
            chosen = [rec(one) for one in order.sample(numbers, 6)]
            with catalogue.transaction() as transaction:
                match order.randrange(3):
                    case 0:
                        found = transaction.recordings.get(chosen, lock=True)
                    case 1:
                        found = {
                            one.recording_id: one
                            for one in transaction.recordings.find(RecordingFilter(), lock=True, limit=5)
                        }
                    case _:
                        found = transaction.recordings.get(chosen)
                        transaction.recordings.begin_attempts(chosen)
                transaction.recordings.save(list(found.values()))

    with ThreadPoolExecutor(max_workers=4) as threads:
        for finished in [threads.submit(touch, seed) for seed in range(4)]:
            finished.result(timeout=60)


def test_two_threads_that_insert_the_same_rows_in_any_order_both_finish(catalogue: SqlCatalogue) -> None:
    def insert(seed: int) -> None:
        order = random.Random(seed)
        for base in range(0, 100, 10):
            numbers = order.sample(range(base, base + 10), 10)
            with catalogue.transaction() as transaction:
                transaction.recordings.insert([rows.recording(one) for one in numbers])
                transaction.outcomes.record([rows.outcome(one) for one in numbers])
                transaction.waiting.add([rows.waiting_event(one) for one in numbers])
                transaction.keys.add([rows.key(one) for one in numbers])

    with ThreadPoolExecutor(max_workers=4) as threads:
        for finished in [threads.submit(insert, seed) for seed in range(4)]:
            finished.result(timeout=60)
    assert len(catalogue.list_outcomes()) == 100


def test_concurrent_attempts_never_share_a_number(catalogue: SqlCatalogue) -> None:
    stored(catalogue, 1)

    def attempt(_: int) -> int:
        with catalogue.transaction() as transaction:
            return transaction.recordings.begin_attempts([rec(1)])[rec(1)]

    with ThreadPoolExecutor(max_workers=4) as threads:
        assert sorted(threads.map(attempt, range(20))) == list(range(1, 21))


def test_one_position_gets_one_outcome_however_many_record_it_at_once(catalogue: SqlCatalogue) -> None:
    """I1, I11."""

    def record(number: int) -> None:
        with catalogue.transaction() as transaction:
            transaction.outcomes.record([rows.outcome(1, leg=f"by-{number}")])

    with ThreadPoolExecutor(max_workers=4) as threads:
        list(threads.map(record, range(8)))
    assert catalogue.outcomes_from("telephony.calls", 0, 0) == 1


def test_a_hold_placed_while_a_disposer_waits_for_the_row_is_seen_by_the_disposer(
    postgresql: SqlCatalogue, other: ThreadPoolExecutor
) -> None:
    """I4. The disposer's statement began before the hold was committed; its answer must still hold it."""
    stored(postgresql, 1)

    def dispose() -> None:
        with postgresql.transaction() as transaction:
            found = transaction.recordings.get([rec(1)], lock=True)[rec(1)]
            if not found.holds:
                transaction.recordings.save([replace(found, state=_STATE.DISPOSING)])

    with postgresql.transaction() as transaction:
        transaction.cases.save(rows.case())
        transaction.holds.save([rows.hold(1)])
        waiting = waits_for_a_lock(postgresql, other, dispose)
    waiting.result(timeout=30)
    with postgresql.transaction() as transaction:
        assert transaction.recordings.get([rec(1)])[rec(1)].state is _STATE.STORED


def test_a_hold_that_waits_for_a_disposer_finds_the_recording_disposing(
    postgresql: SqlCatalogue, other: ThreadPoolExecutor
) -> None:
    """K3: it reports exactly what was already gone."""
    stored(postgresql, 1)
    seen: list[RecordingState] = []

    def place() -> None:
        with postgresql.transaction() as transaction:
            transaction.cases.save(rows.case())
            transaction.holds.save([rows.hold(1)])
            seen.append(transaction.recordings.get([rec(1)], lock=True)[rec(1)].state)

    with postgresql.transaction() as transaction:
        (found,) = transaction.recordings.due(now=NOON, limit=10)
        transaction.recordings.save([replace(found, state=_STATE.DISPOSING)])
        waiting = waits_for_a_lock(postgresql, other, place)
    waiting.result(timeout=30)
    assert seen == [_STATE.DISPOSING]


def test_two_releases_of_one_recording_at_once_leave_it_free(
    postgresql: SqlCatalogue, other: ThreadPoolExecutor
) -> None:
    """Each sees one hold of its own go; together none is left, and the recording is due."""
    stored(postgresql, 1)
    with postgresql.transaction() as transaction:
        for one in ("case-1", "case-2"):
            transaction.cases.save(rows.case(one))
            transaction.holds.save([rows.hold(1, one)])

    def release() -> None:
        with postgresql.transaction() as transaction:
            transaction.holds.remove([rows.hold(1, "case-2")])

    with postgresql.transaction() as transaction:
        transaction.holds.remove([rows.hold(1, "case-1")])
        waiting = waits_for_a_lock(postgresql, other, release)
    waiting.result(timeout=30)
    with postgresql.transaction() as transaction:
        assert [one.recording_id for one in transaction.recordings.due(now=NOON, limit=9)] == [rec(1)]


def test_an_objection_and_the_end_of_an_upload_never_miss_each_other(
    postgresql: SqlCatalogue, other: ThreadPoolExecutor
) -> None:
    """I3, the write skew: both lock the row first, so whoever comes second sees the first."""
    for objection_first in (True, False):
        with postgresql.engine.begin() as connection:
            connection.execute(text("DELETE FROM recording"))
            connection.execute(text("DELETE FROM objection"))
        stored(postgresql, 1, state=_STATE.PENDING)

        def end_of_upload() -> None:
            with postgresql.transaction() as transaction:
                upload_ends(transaction)

        def objection() -> None:
            with postgresql.transaction() as transaction:
                objection_comes(transaction)

        with postgresql.transaction() as transaction:
            (objection_comes if objection_first else upload_ends)(transaction)
            waiting = waits_for_a_lock(postgresql, other, end_of_upload if objection_first else objection)
        waiting.result(timeout=30)
        with postgresql.transaction() as transaction:
            assert transaction.recordings.get([rec(1)])[rec(1)].state is _STATE.DROPPING


def test_what_no_longer_matches_after_the_wait_for_its_lock_is_not_found(
    postgresql: SqlCatalogue, other: ThreadPoolExecutor
) -> None:
    stored(postgresql, 1, 2)
    found: list[str] = []

    def find() -> None:
        with postgresql.transaction() as transaction:
            wanted = RecordingFilter(states=frozenset({_STATE.STORED}))
            found.extend(one.recording_id for one in transaction.recordings.find(wanted, lock=True))

    with postgresql.transaction() as transaction:
        one = transaction.recordings.get([rec(1)], lock=True)[rec(1)]
        transaction.recordings.save([replace(one, state=_STATE.DROPPING)])
        waiting = waits_for_a_lock(postgresql, other, find)
    waiting.result(timeout=30)
    assert found == [rec(2)]


def test_sweepers_share_what_is_due_and_do_not_wait_for_each_other(postgresql: SqlCatalogue) -> None:
    stored(postgresql, *range(6))
    with postgresql.transaction() as transaction, ThreadPoolExecutor(max_workers=1) as threads:
        mine = {one.recording_id for one in transaction.recordings.due(now=NOON, limit=4)}

        def others() -> set[str]:
            with postgresql.transaction() as second:
                return {one.recording_id for one in second.recordings.due(now=NOON, limit=10)}

        theirs = threads.submit(others).result(timeout=10)
    assert mine | theirs == {rec(one) for one in range(6)}
    assert not mine & theirs


def test_a_database_locked_for_too_long_asks_to_try_again_and_nothing_has_changed(url: str) -> None:
    open_catalogue(url, seals=SEALS).close()
    patient, hasty = open_catalogue(url, seals=SEALS), open_catalogue(url, wait_s=0.2, seals=SEALS)
    stored(patient, 1)
    with patient.transaction() as transaction:
        transaction.recordings.get([rec(1)], lock=True)
        transaction.recordings.save([rows.recording(1, leg="changed")])
        with pytest.raises(RetryableError), hasty.transaction() as second:
            second.recordings.get([rec(1)], lock=True)
    with hasty.transaction() as transaction:
        assert transaction.recordings.get([rec(1)])[rec(1)].leg == "changed"
    patient.close()
    hasty.close()


def test_threads_of_one_process_that_wait_too_long_for_each_other_are_told_to_try_again(url: str) -> None:
    hasty = open_catalogue(url, wait_s=0.2, seals=SEALS)
    stored(hasty, 1)
    locked, done = threading.Event(), threading.Event()

    def keep() -> None:
        with hasty.transaction() as transaction:
            transaction.recordings.get([rec(1)], lock=True)
            locked.set()
            done.wait(10)

    with ThreadPoolExecutor(max_workers=1) as threads:
        kept = threads.submit(keep)
        locked.wait(10)
        with pytest.raises(RetryableError), hasty.transaction() as transaction:
            transaction.recordings.get([rec(1)], lock=True)
        done.set()
        kept.result(10)
    hasty.close()


def test_connections_the_server_has_cut_cost_one_retry_and_no_more(postgresql: SqlCatalogue, postgres_dsn: str) -> None:
    stored(postgresql, 1)
    administrator = open_engine(postgres_dsn)
    with administrator.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    administrator.dispose()
    with pytest.raises(RetryableError), postgresql.transaction() as transaction:
        transaction.recordings.get([rec(1)])
    with postgresql.transaction() as transaction:
        assert transaction.recordings.get([rec(1)])


_VICTIM = """
import sys
from callwarden.adapters.sql.catalogue import open_catalogue
from tests.support import catalogue_rows as rows
from tests.support.catalogue_rows import rec
from tests.support.seals import SEALS

url, steps = sys.argv[1], int(sys.argv[2])
catalogue = open_catalogue(url, seals=SEALS)
work = [
    lambda t: t.recordings.insert([rows.recording(2)]),
    lambda t: t.recordings.begin_attempts([rec(1), rec(2)]),
    lambda t: t.recordings.save([rows.recording(1, leg="changed")]),
    lambda t: t.artefacts.add([rows.artefact(2)]),
    lambda t: t.keys.add([rows.key(2)]),
    lambda t: t.keys.destroy([rec(1)]),
    lambda t: t.outcomes.record([rows.outcome(2)]),
    lambda t: t.log.append([rows.entry(2)]),
    lambda t: t.outbox.append([rows.message(2)]),
]
with catalogue.transaction() as transaction:
    for step in work[:steps]:
        step(transaction)
    print("ready", flush=True)
    sys.stdin.read()  # killed here
"""


@pytest.mark.parametrize("steps", [1, 3, 6, 9])
def test_a_process_killed_between_two_statements_leaves_nothing_half_done(url: str, steps: int) -> None:
    catalogue = open_catalogue(url, seals=SEALS)
    stored(catalogue, 1)
    with catalogue.transaction() as transaction:
        transaction.keys.add([rows.key(1)])
    before = rows.recording(1, keep_until=at(-1))
    victim = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_VICTIM), url, str(steps)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    with victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == b"ready\n"
        victim.send_signal(signal.SIGKILL)
    assert list(catalogue.all_recordings()) == [before]
    assert list(catalogue.all_artefacts()) == []
    assert catalogue.list_outcomes() == []
    assert catalogue.unsent(older_than_s=-60, limit=9) == []
    with catalogue.transaction() as transaction:
        assert transaction.keys.get([rec(1), rec(2)]) == {rec(1): rows.key(1)}
        assert transaction.recordings.attempts([rec(1)]) == {rec(1): 0}
        transaction.log.append([rows.entry(2)])
    catalogue.close()
