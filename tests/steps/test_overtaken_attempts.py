"""Several workers on the same event, as after a rebalance: in whatever order their phases fall, what a row names is in
the vault (I2, I11), and nothing is left that no row names."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from callwarden.adapters.vault.directory import DirectoryVault
from callwarden.errors import RetryableError
from callwarden.messages import CALLS_TOPIC
from callwarden.model.access import Readable
from callwarden.model.ids import RecordingId
from callwarden.model.outcome import Position
from callwarden.model.purpose import Purpose
from callwarden.model.recording import ArtefactKind, RecordingState
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import RecordingFilter
from callwarden.ports.step import Step
from callwarden.steps.ingest.carry_out import Storekeeper
from tests.steps.test_transcribe import Transcribing
from tests.support.redacting import Redacting
from tests.support.scenarios import LEGAL
from tests.support.workshop import Workshop

WORKERS = 3
TURNS = st.lists(st.integers(min_value=0, max_value=WORKERS - 1), max_size=40)
LATE = [0, 1, 1, 1, 0]
"""The first begins, the second begins and finishes; then the first stores."""
LATE_SECOND = [0, 1, 0, 0, 0, 0, 0, 0, 1]
"""The first begins, the second begins; the first is fenced, begins again and finishes; then the second stores."""
EACH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Workshop(tmp_path) as built:
        built.parts["vault"] = DirectoryVault(tmp_path / "vault")
        built.reopen()
        yield built


@dataclass
class Worker:
    """One worker's way with one delivery: `go` does its next phase, and says whether there was one."""

    step: Step[Any, Any, Any]
    delivery: Delivery
    phases: Iterator[None] | None = None

    def go(self) -> bool:
        if self.phases is None:
            self.phases = self._phases()
        return next(self.phases, self) is None

    def _phases(self) -> Iterator[None]:
        again = True
        while again:
            plans = self.step.begin([self.delivery]).plans
            yield
            done = [self.step.carry_out(plan) for plan in plans]
            yield
            finished = self.step.finish(done)
            yield
            for aftermath in finished.aftermaths:
                self.step.clean_up(aftermath)
            yield
            again = bool(finished.again)


def interleave(shop: Workshop, call: str, workers: Sequence[Worker], turns: Sequence[int]) -> None:
    """Let the workers take these turns, then each what it has left; after each phase what is on record is there."""
    for turn in turns:
        workers[turn].go()
        whole(shop, call)
    for worker in workers:
        while worker.go():
            whole(shop, call)
    whole(shop, call)
    assert shop.report().breaches == ()


def whole(shop: Workshop, call: str) -> None:
    """Every object on record of this call is there, as long as it was."""
    vault = shop.system.vault
    with shop.system.catalogue.snapshot() as tx:
        known = tx.artefacts.get([row.recording_id for row in tx.recordings.find(RecordingFilter(call_id=call))])
    for one in known:
        assert len(vault.read(one.key, one.version_id, start=0, length=one.stored_size + 1)) == one.stored_size


def published(event: dict[str, Any], offset: int) -> Delivery:
    """The event as a worker gets it."""
    position = Position(topic=CALLS_TOPIC, partition=0, offset=offset)
    return Delivery(position=position, key=b"", value=json.dumps(event).encode())


@EACH
@example(turns=LATE_SECOND)
@given(turns=TURNS)
def test_a_stored_call_is_there_whoever_stored_it(shop: Workshop, turns: list[int]) -> None:
    offset = len(shop.outcomes())
    call = f"c-{offset}"
    delivery = published(shop.event(call, audio=call.encode()), offset)
    interleave(shop, call, [Worker(shop.system.ingest, delivery) for _ in range(WORKERS)], turns)
    recording_id = shop.recording(call).recording_id
    content = shop.system.gate.read(LEGAL, Purpose.DISPUTE, recording_id, Readable.ORIGINAL_AUDIO)
    assert content.read_all() == call.encode()


@EACH
@example(turns=LATE)
@given(turns=TURNS)
def test_what_was_set_aside_is_there_until_better_audio_is(shop: Workshop, turns: list[int]) -> None:
    call = f"c-{len(shop.outcomes())}"
    shop.publish(shop.event(call, audio=b"noise"))
    shop.drain()
    delivery = published(shop.event(call), 1000 + len(shop.outcomes()))
    interleave(shop, call, [Worker(shop.system.ingest, delivery) for _ in range(WORKERS)], turns)
    assert shop.recording(call).state is RecordingState.STORED


def test_better_audio_that_cannot_be_stored_costs_nothing_of_what_was_set_aside(shop: Workshop) -> None:
    """Durable, then destroyed (I2): the vault is full when the better audio comes; killed after it is named, the worker
    that comes next takes away what it replaced."""
    shop.publish(shop.event("c-1", audio=b"noise"))
    shop.drain()
    step, delivery = shop.system.ingest, published(shop.event("c-1"), 99)
    with pytest.raises(RetryableError):
        full(shop).carry_out(*step.begin([delivery]).plans)
    whole(shop, "c-1")
    step.finish([step.carry_out(plan) for plan in step.begin([delivery]).plans])
    whole(shop, "c-1")
    assert shop.report().versions == 2
    worker = Worker(step, delivery)
    while worker.go():
        pass
    assert shop.report().versions == 1
    whole(shop, "c-1")


def full(shop: Workshop) -> Storekeeper:
    """What stores, before a vault without room."""

    class Full:
        def put(self, *_: object, **__: object) -> NoReturn:
            raise RetryableError("no room", part="vault")

    storekeeper = shop.system.ingest._storekeeper
    return replace(storekeeper, store=replace(storekeeper.store, vault=Full()))  # type: ignore[arg-type]


@EACH
@example(turns=LATE)
@given(turns=TURNS)
def test_a_transcript_that_is_known_is_there_whoever_made_it(shop: Workshop, turns: list[int]) -> None:
    call = f"c-{len(shop.outcomes())}"
    recording_id = shop.stored(call)
    work = Transcribing(shop)
    interleave(shop, call, [Worker(work.step(None), work.delivery(recording_id)) for _ in range(2 * WORKERS)], turns)
    assert ArtefactKind.ORIGINAL_TRANSCRIPT in kinds(shop, recording_id)


@EACH
@example(turns=LATE)
@given(turns=TURNS)
def test_a_redaction_that_is_released_is_there_whoever_made_it(shop: Workshop, turns: list[int]) -> None:
    call = f"c-{len(shop.outcomes())}"
    recording_id = shop.stored(call)
    work = Redacting(shop)
    work.transcribed(recording_id, "bonjour")
    interleave(shop, call, [Worker(work.step(), work.delivery(recording_id)) for _ in range(2 * WORKERS)], turns)
    assert ArtefactKind.REDACTED_TRANSCRIPT in kinds(shop, recording_id)


def test_a_finish_that_was_thought_lost_takes_nothing_away(shop: Workshop) -> None:
    """The commit went through, its answer did not come back: the runtime finishes the same work again."""
    step = shop.system.ingest
    done = [step.carry_out(plan) for plan in step.begin([published(shop.event("c-1"), 0)]).plans]
    for finished in (step.finish(done), step.finish(done)):
        for aftermath in finished.aftermaths:
            step.clean_up(aftermath)
    whole(shop, "c-1")
    assert shop.report().breaches == ()


def kinds(shop: Workshop, recording_id: RecordingId) -> set[ArtefactKind]:
    with shop.system.catalogue.snapshot() as tx:
        return {one.kind for one in tx.artefacts.get([recording_id])}
