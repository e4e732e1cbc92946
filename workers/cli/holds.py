"""`callwarden hold`: litigation holds, placed and released by legal."""

from typing import Annotated

import typer

from callwarden.errors import UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import CaseId, RecordingId
from callwarden.workers.cli import procedure
from callwarden.workers.cli.actor import ActorOption, account_option, actor_option, by_token, signed_in
from callwarden.workers.cli.evidence import disclosures_command, pack_command, verify_pack_command
from callwarden.workers.cli.output import JsonOption, print_list, print_thing

app = typer.Typer(help="Litigation holds: a case keeps recordings from disposal.", no_args_is_help=True)
app.add_typer(procedure.app, name="procedure")
for command in (procedure.due, procedure.review, procedure.calendar):
    app.command()(command)

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="The case's name, such as DOSSIER-2026-014.")]
RecordingsOption = Annotated[
    list[str], typer.Option("--recording", metavar="REC", help="A recording; may be repeated.")
]
LegalOption = Annotated[Actor, account_option(Role.LEGAL)]
NamedOption = Annotated[Actor | None, actor_option(default="none: give one")]


@app.command("open")
def open_(
    case: CaseArgument,
    reason: Annotated[str, typer.Option(help="Why: what the litigation is about. No names of callers.")],
    actor: LegalOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Open a case."""
    with signed_in(actor, make=True) as (system, asking):
        opened = system.case_desk.open(asking, CaseId(case), reason=reason)
    print_thing({"case": opened.case_id, "state": opened.state, "opened_at": opened.opened_at}, as_json=as_json)


@app.command()
def place(case: CaseArgument, recording: RecordingsOption, actor: LegalOption, *, as_json: JsonOption = False) -> None:
    """Hold recordings for a case, from this moment on. What was gone already is reported as such."""
    with signed_in(actor) as (system, asking):
        placed = system.hold_desk.place(asking, CaseId(case), [RecordingId(name) for name in recording])
    result = {
        "case": placed.case.case_id,
        "held": placed.held,
        "gone": placed.gone,
        "certificates": dict(placed.certificates),
        "unknown": placed.unknown,
    }
    print_thing(result, as_json=as_json)
    if placed.unknown or placed.gone:
        raise typer.Exit(1)


@app.command()
def release(case: CaseArgument, actor: NamedOption = None, *, as_json: JsonOption = False) -> None:
    """Release a case: one person asks, a second confirms. The original clock applies again after the policy's delay."""
    actor = actor or by_token()
    if actor is None:  # whoever goes without a name could be both of the two people
        raise UsageError("a release takes two people, so say who asks: --as legal:NAME, or --as token")
    with signed_in(actor) as (system, asking):
        released = system.hold_desk.release(asking, CaseId(case))
    print_thing(
        {
            "case": released.case.case_id,
            "state": released.case.state,
            "waiting_for_second_person": released.waiting_for_second,
            "recordings": released.recordings,
        },
        as_json=as_json,
    )


@app.command("list")
def list_(actor: LegalOption, *, as_json: JsonOption = False) -> None:
    """List the cases, with what each holds."""
    with signed_in(actor, reading=True) as (system, asking):
        cases = system.case_desk.listed(asking)
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
        for case, holds in cases
    ]
    columns = ("case", "state", "reason", "opened_at", "held", "fast_in_vault")
    print_list(rows, columns=columns, as_json=as_json, title="Cases", empty="No case has been opened.")


@app.command()
def custody(
    recording: Annotated[str, typer.Argument(metavar="REC", help="A held recording.")],
    actor: ActorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """The chain of custody of a held recording: its digests from the telephone system's to today's, and every access.
    Exit code 1 when the chain is broken."""
    with signed_in(actor, reading=True) as (system, asking):
        record = system.custody_desk.record(asking, RecordingId(recording))
    objects = [
        {
            "kind": artefact.artefact.kind,
            "generation": artefact.artefact.generation,
            "version": artefact.artefact.version_id,
            "stored_at": artefact.artefact.stored_at,
            "sha256_stored": artefact.artefact.sha256,
            "sha256_today": artefact.sha256_today,
            "unchanged": artefact.unchanged,
        }
        for artefact in record.artefacts
    ]
    accesses = [
        {
            "at": access.entry.at,
            "actor": access.entry.actor,
            "operation": access.entry.operation,
            "outcome": access.entry.outcome,
            "purpose": access.entry.purpose,
            "artefact": access.entry.artefact,
            "entry": access.entry.entry_id,
            "index": access.index,
        }
        for access in record.accesses
    ]
    thing: dict[str, object] = {
        "recording_id": record.recording.recording_id,
        "unbroken": record.unbroken,
        "made_at": record.made_at,
        "sha256_of_telephone_system": record.source_sha256,
        "master_key": record.master_key_id,
    }
    holds = [
        {"case": hold.case_id, "placed_at": hold.placed_at, "fast_in_vault_at": hold.applied_at}
        for hold in record.holds
    ]
    if as_json:
        print_thing({**thing, "objects": objects, "holds": holds, "accesses": accesses}, as_json=True)
    else:
        print_thing(thing, as_json=False)
        kept = ("kind", "generation", "stored_at", "sha256_stored", "sha256_today", "unchanged")
        print_list(objects, columns=kept, as_json=False, title="Objects")
        print_list(holds, columns=("case", "placed_at", "fast_in_vault_at"), as_json=False, title="Held for")
        seen = ("at", "actor", "operation", "outcome", "purpose", "artefact", "index")
        print_list(accesses, columns=seen, as_json=False, title="Accesses")
    if not record.unbroken:
        raise typer.Exit(1)


app.command("pack")(pack_command)
app.command("verify-pack")(verify_pack_command)
app.command("disclosures")(disclosures_command)
