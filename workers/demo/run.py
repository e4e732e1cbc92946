"""The demonstration, step by step; every line it prints was read back from the system."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from callwarden.errors import InvariantError, RefusedError, UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.purpose import Purpose
from callwarden.settings import Settings
from callwarden.wiring import FixedClock, System, open_system, shipped_config
from callwarden.workers.cli.publishing import publish
from callwarden.workers.demo.portal import let_people_in, print_portal
from callwarden.workers.demo.report import print_calls, print_ending, print_readings
from callwarden.workers.demo.script import FROM_SPRING, FROM_TODAY, SampleCall, customer_of, event_of
from callwarden.workers.demo.speech import print_turns, show_speech
from callwarden.workers.processes.running import SPEECH, STEPS, drain

WITHOUT_SPEECH = tuple(step for step in STEPS if step not in SPEECH)
MARKER = ".callwarden-demo"
CASE = CaseId("DOSSIER-2026-014")
LEGAL = Actor(role=Role.LEGAL, name="bruno")
TRAINER = Actor(role=Role.TRAINER, name="alice")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReading:
    """Somebody's attempt to read: bytes let out, or the reasons why not."""

    actor: Actor
    purpose: Purpose
    recording_id: RecordingId
    what: Readable
    size: int | None
    reasons: tuple[str, ...]


def run_demo(settings: Settings, console: Console) -> None:
    """Run the main job under `settings.home`, which is emptied first if it is an earlier demonstration's.

    Raises UsageError when the folder holds anything else, InvariantError when the demonstration itself finds the
    system out of order.
    """
    home = _fresh_home(settings.home)
    settings = settings.model_copy(update={"models": settings.models or home.parent / "models"})
    now = settings.now or datetime.now(UTC)
    console.print(f"[bold]callwarden[/bold] demo — everything lies in [cyan]{home}[/cyan]; no server is used.\n")
    _last_spring(settings, now)
    with open_system(settings, clock=FixedClock(now)) as system:
        _open_case(system)
        first = _deliver(system, FROM_TODAY[:1], now)
        _work(system, "ingest", "objections", "holds")
        heard = show_speech(console, system, home)
        _deliver(system, FROM_TODAY[1:], now)
        _send_oddities(system, first[0])
        _work(system, *WITHOUT_SPEECH)
        readings = [_read(system, *wish) for wish in _wishes(system)]
        report = system.reconciler.reconcile()
        print_calls(console, system, {call.call_id: call.story for call in (*FROM_SPRING, *FROM_TODAY)})
        print_readings(console, readings)
        if heard is not None:
            print_turns(console, heard)
        print_ending(console, system, report, home=home)
        print_portal(console, settings, let_people_in(system, customer=customer_of(FROM_TODAY[0])), home=home)
        if report.breaches:
            raise InvariantError(f"the demonstration left {len(report.breaches)} breaches; see above")


def _fresh_home(home: Path) -> Path:
    if home.exists() and any(home.iterdir()):
        if not (home / MARKER).exists():
            raise UsageError(
                f"{home} is not empty and not an earlier demonstration's: set CALLWARDEN_HOME to another folder"
            )
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home / MARKER).touch()
    return home


def _last_spring(settings: Settings, now: datetime) -> None:
    """The spring calls arrive in spring: an hour after each ended, by a clock that stands there."""
    for call in FROM_SPRING:
        with open_system(settings, clock=FixedClock(now - call.ended + timedelta(hours=1))) as system:
            _deliver(system, [call], now)
            _work(system, "ingest", "objections", "holds")


def _deliver(system: System, calls: Sequence[SampleCall], now: datetime) -> list[bytes]:
    folder = shipped_config() / "demo" / "calls"
    events = []
    for call in calls:
        target = system.settings.spool_folder / call.call_id / call.file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / call.file, target)
        events.append(json.dumps(event_of(call, folder=folder, now=now)).encode())
    publish(system.bus, events)
    return events


def _open_case(system: System) -> None:
    system.case_desk.open(LEGAL, CASE, reason="contested intervention")
    held = [call.call_id for call in FROM_SPRING if call.hold]
    recordings = [
        outcome.recording_id
        for outcome in system.catalogue.list_outcomes()
        if outcome.call_id in held and outcome.recording_id
    ]
    system.hold_desk.place(LEGAL, CASE, recordings)


def _send_oddities(system: System, event: bytes) -> None:
    """The first call once more, as another event, and something that is no event at all."""
    again = json.loads(event)
    again["id"] = "e-demo-sent-again"
    publish(system.bus, [json.dumps(again).encode(), b"this is not an event"])


def _work(system: System, *steps: str) -> None:
    for done in drain(system, steps):
        if done.error is not None:
            raise done.error


def _wishes(system: System) -> list[tuple[Actor, Purpose, RecordingId, Readable]]:
    recordings = {
        str(outcome.call_id): outcome.recording_id
        for outcome in system.catalogue.list_outcomes()
        if outcome.recording_id
    }
    held, fresh = recordings[FROM_SPRING[1].call_id], recordings[FROM_TODAY[0].call_id]
    return [
        (LEGAL, Purpose.DISPUTE, held, Readable.ORIGINAL_AUDIO),
        (LEGAL, Purpose.STAFF_PROTECTION, held, Readable.ORIGINAL_AUDIO),
        (TRAINER, Purpose.TRAINING, fresh, Readable.ORIGINAL_AUDIO),
    ]


def _read(system: System, actor: Actor, purpose: Purpose, recording_id: RecordingId, what: Readable) -> DemoReading:
    size: int | None = None
    reasons: tuple[str, ...] = ()
    try:
        size = len(system.gate.read(actor, purpose, recording_id, what).read_all())
    except RefusedError as error:
        reasons = error.reasons
    return DemoReading(actor=actor, purpose=purpose, recording_id=recording_id, what=what, size=size, reasons=reasons)
