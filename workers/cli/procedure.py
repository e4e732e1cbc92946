"""`callwarden hold procedure|due|review|calendar`: what happens in a case before its court, and what is due."""

import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callwarden.errors import UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.hold import CaseState
from callwarden.model.ids import CaseId
from callwarden.model.matter_reading import read_date
from callwarden.model.procedure import CaseEvent, EventType, GivenUp, Instance, ProcedureRules, Standing
from callwarden.rules.case_procedure import Due, DueKind, counting
from callwarden.settings import load_settings
from callwarden.workers.cli.actor import account_option, signed_in
from callwarden.workers.cli.appearing_file import appearing
from callwarden.workers.cli.opening import open_for_programs
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, say

if TYPE_CHECKING:
    from callwarden.desks.procedure import CaseStanding

app = typer.Typer(help="The procedure of a case: when is every way of appeal exhausted?", no_args_is_help=True)

_CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="The case's name, such as DOSSIER-2026-014.")]
_LegalOption = Annotated[Actor, account_option(Role.LEGAL)]

UNCONFIRMED = (
    "No lawyer has confirmed these periods yet: have one of yours check them against the articles, and write who did "
    "into the procedure file (confirmed:)."
)
_WORDS = {
    DueKind.EXHAUSTED: "every way of appeal is exhausted: propose the release (callwarden hold release CASE)",
    DueKind.CONFIRM: "its release is proposed: a second person confirms it (callwarden hold release CASE)",
    DueKind.ENDS: "the last day of the last way of appeal",
    DueKind.WAITING: "its calls are not held yet: a second person has to ask for the same (callwarden hold show CASE)",
    DueKind.REVIEW: "review whether it still has to hold what it holds (callwarden hold review CASE)",
}


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
        _print_standing({}, standing, system.procedure.rules, as_json=as_json)


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
    print_list([_due(each) for each in found], columns=columns, as_json=as_json, title="Due", empty="Nothing is due.")


def _due(each: Due) -> dict[str, object]:
    what = _WORDS[each.kind] + ("; but make sure of what is waited for" if each.waiting_for else "")
    row = {"case": each.case.case_id, "due": each.kind, "on": each.on, "what": what}
    return {**row, "waiting_for": each.waiting_for}


def review(case: _CaseArgument, actor: _LegalOption, *, as_json: JsonOption = False) -> None:
    """Write down that somebody has looked whether a case still has to hold what it holds."""
    with signed_in(actor) as (system, asking):
        stands = system.procedure_desk.review(asking, CaseId(case))
    print_thing({"case": stands.case.case_id, "review_on": stands.review_on}, as_json=as_json)


def calendar(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE.ics", help="Where to write it.")],
    actor: _LegalOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """The days of the open cases as a file calendars read: the case's name and what is due, and nothing else of it.
    Written anew each time."""
    fresh = out.with_name(f".{out.name}.new")
    with signed_in(actor, reading=True) as (system, asking):
        content = system.procedure_desk.calendar(asking)
    with suppress(OSError):
        fresh.unlink()
    with appearing(fresh) as file:
        file.write(content)
    fresh.replace(out)
    print_thing({"file": out, "bytes": len(content)}, as_json=as_json)


def _print_case(stands: "CaseStanding", rules: ProcedureRules, *, as_json: bool) -> None:
    case, counts = stands.case, counting(stands.case)
    thing: dict[str, object] = {"case": case.case_id, "state": case.state}
    if case.state is CaseState.OPEN:
        thing["review_on"] = stands.review_on
    if stands.entered is not None:
        thing["entered"] = stands.entered
    events = [
        {
            "number": number,
            "type": entered.event.type if entered.event else "undone",
            "date": entered.event.on if entered.event else None,
            "party": entered.event.party if entered.event else None,
            "instance": entered.event.instance if entered.event else None,
            "by": entered.event.by if entered.event else None,
            "last_instance": entered.event.last_instance if entered.event else None,
            "of": entered.event.gives_up if entered.event else None,
            "undoes": entered.undoes,
            "counts": number in counts,
            "entered_at": entered.at,
            "entered_by": entered.by,
        }
        for number, entered in enumerate(case.events, 1)
    ]
    if as_json:
        thing["events"] = events
    else:
        columns = ("number", "type", "date", "party", "instance", "by", "counts", "undoes", "entered_by")
        print_list(events, columns=columns, as_json=False, title="What has happened", empty="Nothing was entered.")
    _print_standing(thing, stands.standing, rules, as_json=as_json)


def _print_standing(more: dict[str, object], standing: Standing, rules: ProcedureRules, *, as_json: bool) -> None:
    """Where a case stands, and who has confirmed the periods it was computed with."""
    ways = [asdict(way) for way in standing.ways]
    thing = {
        **more,
        "exhausted_on": standing.exhausted_on,
        "waiting_for": standing.waiting_for,
        "periods": {"version": rules.version, "confirmed_by_lawyer": rules.confirmed or None},
    }
    if as_json:
        note = {} if rules.confirmed else {"note": UNCONFIRMED}
        print_thing({**thing, **note, "sources": rules.sources, "ways": ways}, as_json=True)
        return
    print_thing(thing, as_json=False)
    print_list(ways, columns=("party", "way", "last_day", "article", "starts_on", "distance"), as_json=False)
    if not rules.confirmed:
        say(UNCONFIRMED, as_json=False)
