"""The demonstration's people: each may log in to the portal, with a password made for this demonstration alone."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from callwarden.model.access import Actor, Role
from callwarden.settings import Settings
from callwarden.wiring import System

_OPERATOR: Final = Actor(role=Role.OPERATOR, name="demo")
_PEOPLE: Final = (
    (Role.TRAINER, "alice", "Calls: the first one reads and sounds redacted; write a note, report what was missed"),
    (Role.SUPERVISOR, "emma", "Calls: fill the evaluation grid of the first one; Courses: make one of its moments"),
    (Role.LEGAL, "bruno", "Cases: DOSSIER-2026-014 keeps a call from disposal; see what else its criteria would catch"),
    (Role.DPO, "chloe", "Requests: open one for customer {customer}, find its calls, decide, answer"),
    (Role.AUDITOR, "david", "Access log: who read what in this demonstration, and the proof of each entry"),
    (Role.OPERATOR, "olga", "Operations: the call in quarantine and the bytes that are no event"),
)
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"


def let_people_in(system: System, *, customer: str) -> Sequence[tuple[str, str, str, str]]:
    """Add them; ``(name, role, password, what to try)``, some of it with the calls of this customer."""
    added = []
    for role, name, what in _PEOPLE:
        password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))
        system.people_desk.add(_OPERATOR, Actor(role=role, name=name), password)
        added.append((name, role.value, password, what.format(customer=customer)))
    return added


def print_portal(
    console: Console, settings: Settings, people: Sequence[tuple[str, str, str, str]], *, home: Path
) -> None:
    """How to open the portal over this demonstration, and what to do there."""
    console.print("\n[bold]Now the portal[/bold]")
    console.print(f"  CALLWARDEN_HOME={home} make up", soft_wrap=True)
    console.print(f"  CALLWARDEN_HOME={home} callwarden models fetch base", soft_wrap=True)
    console.print(
        "  puts a speech model there: without one, calls that come are kept and not transcribed", soft_wrap=True
    )
    address = f"http://{settings.portal_address}:{settings.portal_port}/"
    console.print(f"  then open {address} and log in; the passwords are this demonstration's alone", soft_wrap=True)
    table = Table(box=None, show_header=False, padding=(0, 2))
    for name, role, password, what in people:
        table.add_row(f"[cyan]{name}[/cyan]", role, password, f"[dim]{what}[/dim]")
    console.print(table)
