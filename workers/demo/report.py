"""What the demonstration prints."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from callwarden.model.outcome import EventOutcome, Outcome
from callwarden.model.recording import Recording, RecordingState
from callwarden.steps.reconcile import Report
from callwarden.wiring import System

if TYPE_CHECKING:
    from callwarden.workers.demo.run import DemoReading

_COLOURS = {
    Outcome.STORED: "green",
    Outcome.REFUSED: "yellow",
    Outcome.DUPLICATE: "blue",
    Outcome.QUARANTINED: "magenta",
    Outcome.DEAD_LETTERED: "red",
    Outcome.APPLIED: "green",
}


def print_calls(console: Console, system: System, stories: Mapping[str, str]) -> None:
    """One row for every event: what it was, what became of it and why, and how long it is kept."""
    outcomes = _in_order(system.catalogue.list_outcomes(), stories)
    with system.catalogue.transaction() as tx:
        rows = tx.recordings.get([outcome.recording_id for outcome in outcomes if outcome.recording_id is not None])
    table = Table(
        title=f"What became of {len(outcomes)} events", title_justify="left", title_style="bold", expand=False
    )
    for heading in ("call", "story", "outcome", "reason", "kept until"):
        table.add_column(heading, overflow="fold")
    for outcome in outcomes:
        colour = _COLOURS[outcome.outcome]
        table.add_row(
            outcome.call_id or "—",
            _story(outcome, stories),
            f"[{colour}]{outcome.outcome}[/{colour}]",
            "" if outcome.reason is None else outcome.reason.value,
            _kept(
                outcome,
                None if outcome.recording_id is None else rows.get(outcome.recording_id),
                system.policy.time_zone,
            ),
        )
    console.print(table)


def _in_order(outcomes: Sequence[EventOutcome], stories: Mapping[str, str]) -> list[EventOutcome]:
    """As they were sent: several are decided at once, and who is first differs from run to run."""
    order = list(stories)
    return sorted(
        outcomes,
        key=lambda one: (
            order.index(str(one.call_id)) if one.call_id in stories else len(order),
            one.outcome is Outcome.DUPLICATE,
        ),
    )


def _story(one: EventOutcome, stories: Mapping[str, str]) -> str:
    if one.outcome is Outcome.DUPLICATE:
        return "the first call, sent again"
    return stories.get(one.call_id or "", "some bytes that are no event")


def _kept(one: EventOutcome, row: Recording | None, zone: ZoneInfo) -> str:
    if row is None or one.outcome not in (Outcome.STORED, Outcome.QUARANTINED):
        return ""
    if row.state is RecordingState.DISPOSED and row.disposed_at is not None:
        return f"gone {_day(row.disposed_at, zone)}: every version destroyed, listing empty"
    if row.keep_until is None:
        return ""
    until = _day(row.keep_until, zone)
    return f"{until}, held for {', '.join(row.holds)}" if row.holds else until


def _day(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def print_readings(console: Console, readings: Sequence["DemoReading"]) -> None:
    """Who asked to hear what, and what the gate answered."""
    table = Table(title="Who asked to listen", title_justify="left", title_style="bold")
    for heading in ("who", "purpose", "recording", "answer"):
        table.add_column(heading)
    for reading in readings:
        answer = (
            f"[green]{reading.size:,} bytes[/green]"
            if reading.size is not None
            else f"[yellow]refused: {', '.join(reading.reasons)}"
        )
        table.add_row(f"{reading.actor.role}:{reading.actor.name}", reading.purpose, reading.recording_id, answer)
    console.print()
    console.print(table)


def print_ending(console: Console, system: System, report: Report, *, home: Path) -> None:
    """The sums, where the data lies, and what to try next."""
    balance = report.balance
    counts = ", ".join(f"{count} {outcome}" for outcome, count in balance.outcomes.items() if count)
    verdict = "they add up" if balance.balanced else "[red]they do not add up[/red]"
    console.print(f"\n{balance.published} events came in: {counts}, {balance.in_flight} on their way; {verdict}.")
    console.print(
        f"Vault, catalogue and journal compared: {report.versions} encrypted objects, "
        + (f"[red]{len(report.breaches)} breaches[/red]" if report.breaches else "[green]no breach[/green]")
        + "."
    )
    for breach in report.breaches:
        console.print(f"  [red]{breach.code}[/red] {breach.subject}: {breach.what_to_do}")
    held = next((recording for recording in system.catalogue.all_recordings() if recording.holds), None)
    console.print("\n[bold]Where it lies[/bold]")
    for name, meaning in (
        ("vault/", "encrypted recordings; each has a key of its own"),
        ("catalogue.db", "what is known of each call, and the access log"),
        ("keys/", "the master key; whoever destroys it destroys everything"),
        ("erasures/", "the journal that keeps destroyed recordings from coming back with a backup"),
    ):
        console.print(f"  {home / name}  [dim]{meaning}[/dim]")
    console.print("\n[bold]Three commands to try[/bold]")
    prefix = f"CALLWARDEN_HOME={home} .venv/bin/callwarden"
    console.print(f"  {prefix} calls list", soft_wrap=True)
    if held is not None:
        console.print(
            f"  {prefix} read {held.recording_id} --what original-audio --purpose dispute --as legal:bruno -o call.wav",
            soft_wrap=True,
        )
    console.print(f"  {prefix} log verify", soft_wrap=True)
