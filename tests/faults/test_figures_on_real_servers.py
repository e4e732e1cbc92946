"""Figures on Apache Kafka, Ceph and PostgreSQL: two close a week at once, and what is destroyed changes none (U6)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from callwarden.desks.figures import Report
from callwarden.model.access import Actor, Role
from callwarden.model.event import ObjectionScope
from callwarden.model.figure import Subject, Week
from callwarden.model.ids import LineId
from callwarden.model.purpose import RECORDING
from callwarden.model.recording import RecordingState
from callwarden.rules.figures.asking import By
from callwarden.rules.figures.reporting import Kind
from tests.faults.real import RealSite
from tests.support.scenarios import DPO

ADA = Actor(role=Role.ANALYST, name="ada")
SERVICE = LineId("customer-service")
NUMBERS = [f"+336399801{at:02}" for at in range(14)]


def asked(real: RealSite, kind: Kind, week: Week) -> Report:
    return real.system.figure_desk.read(ADA, kind, By.WEEK, week.monday, week.sunday, line=SERVICE)


def test_a_week_is_told_as_it_was_closed_on_real_servers(real: RealSite) -> None:
    week = Week.of((real.clock.now() - timedelta(minutes=2)).astimezone(real.system.policy.time_zone).date())
    calls = {f"figures-{at}": number for at, number in enumerate(NUMBERS)}
    real.publish(
        *(
            real.event(call, caller={"number": number}, agent={"id": f"f-{number[-1]}"}, answered_after_s=6)
            for call, number in calls.items()
        )
    )
    real.drain("ingest")
    assert [row.value for row in asked(real, Kind.ANSWER_TIMES, week).rows] == [None]  # it is not over
    before = rows(real)
    real.clock.move(timedelta(days=11))
    others = real.system
    real.reopen()
    with ThreadPoolExecutor() as pool:
        written = list(pool.map(lambda system: system.figure_desk.weeks.close(), (others, real.system)))
    assert sum(written) == rows(real) - before > 0

    told = {kind: asked(real, kind, week) for kind in Kind}
    assert [row.value for row in told[Kind.ANSWER_TIMES].rows] == [6]
    [count] = [row.value for row in told[Kind.CALLS].rows]
    assert count is not None
    assert count >= len(calls)
    for number in NUMBERS[:8]:
        real.system.objection_desk.add(DPO, ObjectionScope(number=number), frozenset({RECORDING}), channel="letter")
    states = [row.state for row in real.system.catalogue.all_recordings() if row.call_id in calls]
    assert states.count(RecordingState.DROPPED) == 8
    real.reopen()
    assert {kind: asked(real, kind, week) for kind in Kind} == told


def rows(real: RealSite) -> int:
    with real.system.catalogue.snapshot() as tx:
        return sum(len(tx.closings.of(subject)) for subject in Subject)
