"""`callwarden objection`: a caller objects, to being recorded or to some uses."""

from datetime import datetime
from typing import Annotated, cast
from zoneinfo import ZoneInfo

import typer

from callwarden.custody.objection_effects import Applied
from callwarden.errors import UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId
from callwarden.model.objection import GROUNDS, Ground
from callwarden.model.purpose import OBJECTABLE
from callwarden.workers.cli.actor import account_option, signed_in
from callwarden.workers.cli.output import JsonOption, Row, print_list, print_thing, say
from callwarden.workers.shapes.objections import applied_shape, objection_row, withdrawn_row

app = typer.Typer(help="Objections: to being recorded, or to some uses only.", no_args_is_help=True)

NumberOption = Annotated[str | None, typer.Option("--number", metavar="N", help="All calls of this telephone number.")]
CustomerOption = Annotated[str | None, typer.Option("--customer", metavar="ID", help="All calls of this customer.")]
CallOption = Annotated[str | None, typer.Option("--call", metavar="ID", help="One call.")]
PurposesOption = Annotated[
    list[str], typer.Option("--purpose", metavar="P", help=f"What is objected to: {', '.join(sorted(OBJECTABLE))}.")
]
DpoOption = Annotated[Actor, account_option(Role.DPO)]


@app.command()
def add(
    purpose: PurposesOption,
    actor: DpoOption,
    number: NumberOption = None,
    customer: CustomerOption = None,
    call: CallOption = None,
    channel: Annotated[
        str | None, typer.Option(help="How the caller said so: phone, letter, mail … Left out: your role.")
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="D", help="Only calls that end on this day or later (or an instant). Left out: all calls."
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Record an objection and apply it to everything it concerns, stored now or later."""
    with signed_in(actor, make=True) as (system, asking):
        applied = system.objection_desk.add(
            asking,
            _scope(number, customer, call),
            frozenset(purpose),
            channel=channel or asking.role,
            counts_from=None if from_ is None else _instant(from_, system.policy.time_zone),
        )
    _print(applied, as_json=as_json)
    concerned = (applied.dropped, applied.limited, applied.kept_for_case, applied.kept_for_request, applied.not_offered)
    if not any(concerned):
        say("It matches no stored call and applies to future calls. Check the spelling.", as_json=as_json)


@app.command()
def decide(
    objection: Annotated[str, typer.Argument(metavar="OBJECTION", help="Its id, which objection list shows.")],
    actor: DpoOption,
    refuse: Annotated[
        Ground | None, typer.Option("--refuse", metavar="GROUND", help=f"Why not: {', '.join(GROUNDS)}.")
    ] = None,
    *,
    grant: Annotated[bool, typer.Option("--grant", help="It counts, as on a line that honours objections.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Decide on an objection to recording where the line offers none (GDPR, article 21)."""
    with signed_in(actor) as (system, asking):
        applied = system.objection_desk.decide(asking, objection, granted=grant, ground=refuse)
    _print(applied, as_json=as_json)


@app.command()
def withdraw(
    actor: DpoOption,
    number: NumberOption = None,
    customer: CustomerOption = None,
    call: CallOption = None,
    purpose: Annotated[
        list[str] | None, typer.Option("--purpose", metavar="P", help="Only these; all if left out.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Withdraw objections, for calls from now on: what was dropped is gone, and stored calls stay closed."""
    with signed_in(actor) as (system, asking):
        withdrawn = system.objection_desk.withdraw(asking, _scope(number, customer, call), frozenset(purpose or ()))
    rows = [withdrawn_row(objection) for objection in withdrawn]
    print_list(rows, columns=("objection_id", "purposes"), as_json=as_json)
    say("It counts for calls from now on. Calls stored under the objection stay closed to these uses.", as_json=as_json)


@app.command("list")
def list_(
    actor: DpoOption,
    *,
    undecided: Annotated[
        bool, typer.Option("--undecided", help="Only those to recording, on a line that offers none, to be decided.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Every objection on file. Numbers and customers stand as pseudonyms."""
    with signed_in(actor, reading=True) as (system, asking):
        objections = system.objection_desk.listed(asking, undecided=undecided)
    rows = [objection_row(objection) for objection in objections]
    columns = (
        *("objection_id", "scope", "about", "purposes", "channel", "entered_by"),
        *("objected_at", "counts_from", "withdrawn_at", "granted", "ground"),
    )
    empty = "Nothing is to be decided." if undecided else "Nobody has objected."
    print_list(rows, columns=columns, as_json=as_json, title="Objections", empty=empty)


def _print(applied: Applied, *, as_json: bool) -> None:
    filed = applied.objection
    thing = applied_shape(applied)
    decisions = cast("list[Row]", thing["decisions"] if as_json else thing.pop("decisions"))
    print_thing(thing, as_json=as_json)
    if decisions and not as_json:
        print_list(decisions, columns=("recording_id", "decision", "ground"), as_json=False, title="Decisions")
    if applied.not_offered and filed.granted is None:
        say(
            f"The line offers no objection to recording: grant it all the same, or refuse it on a ground, with "
            f"callwarden objection decide {filed.objection_id}",
            as_json=as_json,
        )


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """A day begins at midnight in the policy's zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("--from takes a day or an instant, such as 2026-11-20 or 2026-11-20T09:00:00+01:00") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def _scope(number: str | None, customer: str | None, call: str | None) -> ObjectionScope:
    if sum(given is not None for given in (number, customer, call)) != 1:
        raise UsageError("say whose calls: exactly one of --number, --customer or --call")
    return ObjectionScope(number=number, customer_id=customer, call_id=None if call is None else CallId(call))
