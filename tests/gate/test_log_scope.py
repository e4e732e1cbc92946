"""Whoever is narrowed to some lines or agents reads the log about their recordings, and nothing else of it (U2, U3)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from callwarden.accesslog.book.reader import SqlLogReader
from callwarden.accesslog.book.upgrade import upgrade_log
from callwarden.adapters.sql.engine import open_engine
from callwarden.desks.access_log import LogDesk
from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.log_entry import EntryId, EntryOutcome, Operation
from callwarden.model.purpose import Purpose
from callwarden.rules.rights import Act
from tests.gate.conftest import NotingLog
from tests.support.workshop import Workshop

UNKNOWN = RecordingId("rec-" + "0" * 32)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'log.db'}")
    upgrade_log(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def desk(shop: Workshop, log: NotingLog, shelf: Engine) -> LogDesk:
    system = shop.system
    return LogDesk(
        policy=system.policy,
        clock=shop.clock,
        catalogue=system.catalogue,
        scribe=system.scribe,
        writer=log,
        reader=SqlLogReader(shelf, trusted=tuple),
        book=lambda: pytest.fail("reading takes no book"),
        acts=system.acts,
        timekeeper=system.timekeeper,
    )


def narrowed(shop: Workshop, one: RecordingId, *, here: bool) -> list[Actor]:
    """Auditors narrowed by line, by agents and by both, to where the recording is or to elsewhere."""
    with shop.system.catalogue.snapshot() as tx:
        recording = tx.recordings.get([one])[one]
    assert recording.agent_id is not None
    lines = frozenset({recording.line if here else LineId("elsewhere")})
    agents = frozenset({recording.agent_id if here else "nobody"})
    return [
        Actor(role=Role.AUDITOR, name="david", lines=lines),
        Actor(role=Role.AUDITOR, name="david", agents=agents),
        Actor(role=Role.AUDITOR, name="david", lines=lines, agents=agents),
    ]


def refused(desk: LogDesk, actor: Actor, subject: str | None) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as error:
        desk.entries(actor, Purpose.QUALITY, subject=subject)
    return error.value.reasons


def test_the_log_of_a_recording_in_scope_is_open_and_the_reading_is_an_entry(
    shop: Workshop, desk: LogDesk, log: NotingLog
) -> None:
    one = shop.stored()
    for actor in narrowed(shop, one, here=True):
        desk.entries(actor, Purpose.QUALITY, subject=one)
    assert [(entry.operation, entry.subject) for entry in log.entries] == [(Operation.LOG_READ, one)] * 3


def test_of_others_recordings_of_unknown_ones_and_of_the_whole_log_nothing_is_told(
    shop: Workshop, desk: LogDesk, log: NotingLog
) -> None:
    one = shop.stored()
    for actor in narrowed(shop, one, here=False):
        assert {refused(desk, actor, subject) for subject in (one, UNKNOWN, "tok-1", None)} == {("not_permitted",)}
    for actor in narrowed(shop, one, here=True):
        assert refused(desk, actor, None) == ("not_permitted",)
        with pytest.raises(RefusedError):
            desk.prove(actor, Purpose.QUALITY, EntryId("0" * 26))
        with pytest.raises(RefusedError):
            desk.admit(Act.LOG_EXPORT, actor, Purpose.QUALITY)
    assert {entry.outcome for entry in log.entries} == {EntryOutcome.REFUSED}


def test_who_is_not_narrowed_reads_all_of_it(desk: LogDesk, log: NotingLog) -> None:
    auditor = Actor(role=Role.AUDITOR, name="david")
    for subject in (None, UNKNOWN, "tok-1"):
        desk.entries(auditor, Purpose.QUALITY, subject=subject)
    assert {entry.operation for entry in log.entries} == {Operation.LOG_READ}


def test_a_persons_calls_outside_the_scope_are_as_if_there_were_none(shop: Workshop) -> None:
    one = shop.stored()
    dpo = Actor(role=Role.DPO, name="denise", lines=frozenset({LineId("elsewhere")}))
    assert shop.system.gate.permitted(dpo, Purpose.RIGHTS_REQUEST, Readable.LOG, [one]) == ()
