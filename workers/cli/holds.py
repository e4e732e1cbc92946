"""`callwarden hold`: litigation holds, placed and released by legal."""

from typing import Annotated

import typer

from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.criteria import Asked
from callwarden.model.ids import CaseId, RecordingId
from callwarden.workers.cli import procedure
from callwarden.workers.cli.actor import actor_option, by_token, signed_in
from callwarden.workers.cli.cases import (
    CaseArgument,
    LegalOption,
    edit_command,
    list_command,
    open_command,
    show_command,
)
from callwarden.workers.cli.criteria import with_criteria
from callwarden.workers.cli.custody import custody_command
from callwarden.workers.cli.evidence import disclosures_command, pack_command, verify_pack_command
from callwarden.workers.cli.output import JsonOption, print_thing
from callwarden.workers.shapes.cases import placed_shape, placement_row, preview_shape, released_shape

app = typer.Typer(help="Litigation holds: a case keeps recordings from disposal.", no_args_is_help=True)
app.command("open")(open_command)
app.command("edit")(edit_command)
app.command("show")(show_command)
app.command("list")(list_command)
app.command("custody")(custody_command)
app.command("pack")(pack_command)
app.command("verify-pack")(verify_pack_command)
app.command("disclosures")(disclosures_command)
app.add_typer(procedure.app, name="procedure")
for command in (procedure.due, procedure.review, procedure.calendar):
    app.command()(command)

NamedOption = Annotated[Actor | None, actor_option(default="none: give one")]


@app.command()
@with_criteria
def preview(
    case: CaseArgument,
    actor: LegalOption,
    *,
    asked: Asked,
    as_json: JsonOption = False,
) -> None:
    """Count what placing the same would hold. What is given together all has to hold."""
    with signed_in(actor) as (system, asking):
        found = system.placement_desk.preview(asking, CaseId(case), asked)
    thing = preview_shape(CaseId(case), found)
    if not as_json:
        thing["already_gone"] = found.tally.gone
    print_thing(thing, as_json=as_json)


@app.command()
@with_criteria
def place(
    case: CaseArgument,
    actor: LegalOption,
    justification: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why it may be more than one person may hold.")
    ] = None,
    *,
    asked: Asked,
    once: Annotated[bool, typer.Option("--once", help="Only what is there now: nothing that comes later.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Hold recordings for a case, from this moment on: those listed, or all that is like this, now and later. What is
    given together all has to hold; what is placed by one command or by another is held. What was gone already is
    reported as such."""
    with signed_in(actor) as (system, asking):
        if asked == Asked(recordings=asked.recordings) and asked.recordings and justification is None:
            placed = system.hold_desk.place(asking, CaseId(case), [RecordingId(name) for name in asked.recordings])
        else:
            placed = system.placement_desk.place(asking, CaseId(case), asked, once=once, justification=justification)
    print_thing(placed_shape(placed), as_json=as_json)
    if placed.unknown or (placed.gone and asked.recordings):
        raise typer.Exit(1)


@app.command()
def confirm(
    case: CaseArgument,
    placement: Annotated[str, typer.Argument(metavar="PLACEMENT", help="What waits, as hold show lists it: crit-….")],
    actor: LegalOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Be the second person for criteria that wait for one, without asking for the same again."""
    with signed_in(actor) as (system, asking):
        placed = system.placement_desk.confirm(asking, CaseId(case), placement)
    print_thing(placed_shape(placed), as_json=as_json)


@app.command()
def end_criteria(
    case: CaseArgument,
    placement: Annotated[str, typer.Argument(metavar="PLACEMENT", help="As hold show lists it: crit-….")],
    actor: LegalOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Hold no later calls by these criteria. What is held stays held, until two people release the case."""
    with signed_in(actor) as (system, asking):
        ended = system.placement_desk.end(asking, CaseId(case), placement)
    print_thing(placement_row(ended), as_json=as_json)


@app.command()
def release(case: CaseArgument, actor: NamedOption = None, *, as_json: JsonOption = False) -> None:
    """Release a case: one person asks, a second confirms. The original clock applies again after the policy's delay."""
    actor = actor or by_token()
    if actor is None:  # whoever goes without a name could be both of the two people
        raise UsageError("a release takes two people, so say who asks: --as legal:NAME, or --as token")
    with signed_in(actor) as (system, asking):
        released = system.hold_desk.release(asking, CaseId(case))
    print_thing(released_shape(released), as_json=as_json)


@app.command()
def withdraw(case: CaseArgument, actor: LegalOption, *, as_json: JsonOption = False) -> None:
    """Take back a proposed release, whoever proposed it: the case keeps what it holds."""
    with signed_in(actor) as (system, asking):
        kept = system.hold_desk.withdraw(asking, CaseId(case))
    print_thing(released_shape(kept), as_json=as_json)
