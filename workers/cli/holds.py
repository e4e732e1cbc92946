"""`callwarden hold`: litigation holds, placed and released by legal."""

from typing import Annotated

import typer

from pipeline.errors import RefusedError
from pipeline.model.access import Actor, Role
from pipeline.model.ids import CaseId, RecordingId
from pipeline.settings import Settings, load_settings
from pipeline.wiring import open_system
from workers.cli.actor import ActorOption, admitted
from workers.cli.output import JsonOption, print_list, print_thing

app = typer.Typer(help="Litigation holds: a case keeps recordings from disposal.", no_args_is_help=True)

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="The case's name, such as DOSSIER-2026-014.")]
RecordingsOption = Annotated[
    list[str], typer.Option("--recording", metavar="REC", help="A recording; may be repeated.")
]
DEFAULT_LEGAL = Actor(role=Role.LEGAL, name="command-line")


@app.command("open")
def open_(
    case: CaseArgument,
    reason: Annotated[str, typer.Option(help="Why: what the litigation is about. No names of callers.")],
    actor: ActorOption = DEFAULT_LEGAL,
    *,
    as_json: JsonOption = False,
) -> None:
    """Open a case."""
    settings = load_settings()
    with open_system(settings) as system:
        opened = system.hold_desk.open(CaseId(case), reason=reason, actor=_legal(actor, settings))
    print_thing({"case": opened.case_id, "state": opened.state, "opened_at": opened.opened_at}, as_json=as_json)


@app.command()
def place(
    case: CaseArgument, recording: RecordingsOption, actor: ActorOption = DEFAULT_LEGAL, *, as_json: JsonOption = False
) -> None:
    """Hold recordings for a case, from this moment on. What was gone already is reported as such."""
    settings = load_settings()
    with open_system(settings) as system:
        placed = system.hold_desk.place(
            CaseId(case), [RecordingId(one) for one in recording], actor=_legal(actor, settings)
        )
    result = {
        "case": case,
        "held": placed.held,
        "gone": placed.gone,
        "certificates": dict(placed.certificates),
        "unknown": placed.unknown,
    }
    print_thing(result, as_json=as_json)
    if placed.unknown or placed.gone:
        raise typer.Exit(1)


@app.command()
def release(case: CaseArgument, actor: ActorOption = DEFAULT_LEGAL, *, as_json: JsonOption = False) -> None:
    """Release a case: one person asks, a second confirms. The original clock applies again after the policy's delay."""
    settings = load_settings()
    with open_system(settings) as system:
        released = system.hold_desk.release(CaseId(case), actor=_legal(actor, settings))
    print_thing(
        {
            "case": case,
            "state": released.case.state,
            "waiting_for_second_person": released.waiting_for_second,
            "recordings": released.recordings,
        },
        as_json=as_json,
    )


@app.command("list")
def list_(*, as_json: JsonOption = False) -> None:
    """Every case and what it holds."""
    with open_system(load_settings()) as system, system.catalogue.transaction() as tx:
        cases = tx.cases()
        held = [(case, tx.holds(case_id=case.case_id)) for case in cases]
    rows = [
        {
            "case": case.case_id,
            "state": case.state,
            "reason": case.reason,
            "opened_at": case.opened_at,
            "release_requested": case.release_requested_by is not None,
            "recordings": [hold.recording_id for hold in holds],
            "held": len(holds),
            "fast_in_vault": sum(1 for hold in holds if hold.applied_at is not None),
        }
        for case, holds in held
    ]
    columns = ("case", "state", "reason", "opened_at", "held", "fast_in_vault")
    print_list(rows, columns=columns, as_json=as_json, title="Cases", empty="No case was ever opened.")


def _legal(actor: Actor, settings: Settings) -> Actor:
    """U2: holds are legal's, and the data protection officer's."""
    admitted(actor, settings)
    if actor.role not in (Role.LEGAL, Role.DPO):
        raise RefusedError(("not_permitted",), "holds are placed and released by legal: --as legal:NAME")
    return actor
