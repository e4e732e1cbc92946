"""`callwarden hold procedure|due|review|calendar`: what happens in a case before its court, and what is due."""

import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from callwarden.errors import UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import CaseId
from callwarden.model.matter_reading import read_date
from callwarden.model.procedure import CaseEvent, EventType, GivenUp, Instance, ProcedureRules
from callwarden.settings import load_settings
from callwarden.workers.cli.actor import account_option, signed_in
from callwarden.workers.cli.appearing_file import appearing
from callwarden.workers.cli.opening import open_for_programs
from callwarden.workers.cli.output import JsonOption, Row, print_list, print_thing, say
from callwarden.workers.shapes.procedure import (
    UNCONFIRMED,
    case_standing_shape,
    due_row,
    reviewed_shape,
    standing_shape,
)

if TYPE_CHECKING:
    from callwarden.desks.procedure import CaseStanding

app = typer.Typer(help="The procedure of a case: when is every way of appeal exhausted?", no_args_is_help=True)

_CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="The case's name, such as DOSSIER-2026-014.")]
_LegalOption = Annotated[Actor, account_option(Role.LEGAL)]


@app.command()
def add(
    case: _CaseArgument,
    event: Annotated[EventType, typer.Option(help="What has happened.")],
    date: Annotated[str, typer.Option(metavar="D", help="On which day, such as 2026-03-31.")],
    actor: _LegalOption,
    party: Annotated[
        str | None, typer.Option(metavar="P", help="To or by which party of the case; left out: all of them.")
    ] = None,
    instance: Annotated[
        Instance | None, typer.Option(help="Of which decision; left out: the newest, or the next there can be.")
    ] = None,
    by: Annotated[str | None, typer.Option(metavar="P", help="Notified, summons: which party had it served.")] = None,
    of: Annotated[
        GivenUp | None, typer.Option(help="Desisted: of the proceedings alone, as where left out, or of the action.")
    ] = None,
    *,
    last_instance: Annotated[bool, typer.Option("--last-instance", help="No appeal is open against it.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Enter what has happened in a case; answers where the case stands by it."""
    happened = CaseEvent(
        type=event,
        on=read_date(date, "date"),
        party=party,
        instance=instance,
        by=by,
        last_instance=last_instance,
        gives_up=of,
    )
    with signed_in(actor) as (system, asking):
        stands = system.procedure_desk.enter(asking, CaseId(case), happened)
        _print_case(stands, system.procedure_desk.procedure.rules, as_json=as_json)


@app.command()
def undo(
    case: _CaseArgument,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Of the event, as `show` gives it.")],
    actor: _LegalOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Enter that an event was wrong: it counts no more, and stays in the case with who entered it."""
    with signed_in(actor) as (system, asking):
        stands = system.procedure_desk.undo(asking, CaseId(case), number)
        _print_case(stands, system.procedure_desk.procedure.rules, as_json=as_json)


@app.command()
def show(case: _CaseArgument, actor: _LegalOption, *, as_json: JsonOption = False) -> None:
    """What has happened in a case, and when every way of appeal is exhausted by it."""
    with signed_in(actor, reading=True) as (system, asking):
        stands = system.procedure_desk.show(asking, CaseId(case))
        _print_case(stands, system.procedure_desk.procedure.rules, as_json=as_json)


@app.command("try")
def try_(
    file: Annotated[str, typer.Argument(metavar="FILE.json", help="Court, parties and events; - is standard input.")],
    _actor: _LegalOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """When every way of appeal would be exhausted, by a court, parties and events in a file. Keeps nothing and
    needs no system; events may lie ahead."""
    from callwarden.desks.procedure import tried

    try:
        content = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as UTF-8 text ({type(error).__name__})") from error
    with open_for_programs(load_settings()) as system:
        today = system.clock.now().astimezone(system.policy.time_zone).date()
        standing = tried(content, procedure=system.procedure, today=today)
        _print(standing_shape(standing, system.procedure.rules), as_json=as_json)


def due(
    actor: _LegalOption,
    days: Annotated[int, typer.Option(min=0, max=3660, help="Look so many days ahead.")] = 0,
    *,
    as_json: JsonOption = False,
) -> None:
    """What is due of the open cases: ways exhausted, releases to confirm, cases nobody reviewed. Releases nothing."""
    with signed_in(actor, reading=True) as (system, asking):
        found = system.procedure_desk.due(asking, within=timedelta(days=days))
    columns = ("case", "due", "on", "what")
    print_list(
        [due_row(each) for each in found], columns=columns, as_json=as_json, title="Due", empty="Nothing is due."
    )


def review(case: _CaseArgument, actor: _LegalOption, *, as_json: JsonOption = False) -> None:
    """Write down that somebody has looked whether a case still has to hold what it holds."""
    with signed_in(actor) as (system, asking):
        stands = system.procedure_desk.review(asking, CaseId(case))
    print_thing(reviewed_shape(stands), as_json=as_json)


def calendar(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE.ics", help="Where to write it.")],
    actor: _LegalOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """The days of the open cases as a file calendars read: the case's name and what is due, and nothing else of it.
    Written anew each time."""
    if out.exists() and not _is_calendar(out):
        raise UsageError(f"{out} is there, and is no calendar: it stays as it is; name another file")
    fresh = out.with_name(f".{out.name}.new")
    with signed_in(actor, reading=True) as (system, asking):
        content = system.procedure_desk.calendar(asking)
    with suppress(OSError):
        fresh.unlink()
    with appearing(fresh) as file:
        file.write(content)
    fresh.replace(out)
    print_thing({"file": out, "bytes": len(content)}, as_json=as_json)


def _is_calendar(file: Path) -> bool:
    """Whether this was written here before: nothing else is written over."""
    if not file.is_file():
        return False
    with file.open("rb") as there:
        return there.read(4096).startswith(b"BEGIN:VCALENDAR")


def _print_case(stands: "CaseStanding", rules: ProcedureRules, *, as_json: bool) -> None:
    thing = case_standing_shape(stands, rules)
    if not as_json:
        columns = ("number", "type", "date", "party", "instance", "by", "counts", "undoes", "entered_by")
        print_list(
            cast("list[Row]", thing.pop("events")),
            columns=columns,
            as_json=False,
            title="What has happened",
            empty="Nothing was entered.",
        )
    _print(thing, as_json=as_json)


def _print(thing: dict[str, object], *, as_json: bool) -> None:
    """Where a case stands, and who has confirmed the periods it was computed with."""
    if as_json:
        print_thing(thing, as_json=True)
        return
    ways, note = cast("list[Row]", thing.pop("ways")), thing.pop("note", None)
    thing.pop("sources")
    print_thing(thing, as_json=False)
    print_list(ways, columns=("party", "way", "last_day", "article", "starts_on", "distance"), as_json=False)
    if note is not None:
        say(UNCONFIRMED, as_json=False)
