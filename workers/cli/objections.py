"""`callwarden objection`: a caller objects, to being recorded or to some uses."""

import uuid
from typing import Annotated

import typer

from pipeline.errors import UsageError
from pipeline.model.access import Actor, Role
from pipeline.model.event import ObjectionScope
from pipeline.model.ids import CallId
from pipeline.model.purpose import OBJECTABLE
from pipeline.settings import load_settings
from pipeline.wiring import open_system
from workers.cli.actor import ActorOption, admitted
from workers.cli.output import JsonOption, print_list, print_thing

app = typer.Typer(help="Objections: to being recorded, or to some uses only.", no_args_is_help=True)

NumberOption = Annotated[str | None, typer.Option("--number", metavar="N", help="All calls of this telephone number.")]
CustomerOption = Annotated[str | None, typer.Option("--customer", metavar="ID", help="All calls of this customer.")]
CallOption = Annotated[str | None, typer.Option("--call", metavar="ID", help="One call.")]
PurposesOption = Annotated[
    list[str], typer.Option("--purpose", metavar="P", help=f"What is objected to: {', '.join(sorted(OBJECTABLE))}.")
]
DEFAULT_DPO = Actor(role=Role.DPO, name="command-line")


@app.command()
def add(
    purpose: PurposesOption,
    number: NumberOption = None,
    customer: CustomerOption = None,
    call: CallOption = None,
    channel: Annotated[str, typer.Option(help="How the caller said so: phone, letter, mail …")] = "dpo",
    actor: ActorOption = DEFAULT_DPO,
    *,
    as_json: JsonOption = False,
) -> None:
    """Put an objection on file and apply it to everything it concerns, now and from now on."""
    settings = load_settings()
    with open_system(settings) as system:
        desk = system.objection_desk
        filed = desk.file(
            _scope(number, customer, call),
            _purposes(purpose),
            channel=channel,
            at=system.clock.now(),
            actor=admitted(actor, settings),
            source=uuid.uuid4().hex,
        )
        applied = desk.apply(filed)
    print_thing(
        {
            "objection_id": filed.objection_id,
            "scope": filed.scope,
            "purposes": sorted(filed.purposes),
            "dropped": applied.dropped,
            "limited": applied.limited,
            "kept_for_case": applied.kept_for_case,
            "not_offered": applied.not_offered,
        },
        as_json=as_json,
    )


@app.command()
def withdraw(
    number: NumberOption = None,
    customer: CustomerOption = None,
    call: CallOption = None,
    purpose: Annotated[
        list[str] | None, typer.Option("--purpose", metavar="P", help="Only these; all if left out.")
    ] = None,
    actor: ActorOption = DEFAULT_DPO,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take objections back, from now on only: nothing that was dropped comes back."""
    settings = load_settings()
    with open_system(settings) as system:
        withdrawn = system.objection_desk.withdraw(
            _scope(number, customer, call),
            _purposes(purpose or []),
            at=system.clock.now(),
            actor=admitted(actor, settings),
        )
    rows = [{"objection_id": one.objection_id, "purposes": sorted(one.purposes)} for one in withdrawn]
    print_list(rows, columns=("objection_id", "purposes"), as_json=as_json, empty="No such objection is on file.")


@app.command("list")
def list_(*, as_json: JsonOption = False) -> None:
    """Every objection on file. Numbers and customers stand as pseudonyms."""
    with open_system(load_settings()) as system, system.catalogue.transaction() as tx:
        objections = tx.list_objections()
    rows = [
        {
            "objection_id": one.objection_id,
            "scope": one.scope,
            "reference": one.reference,
            "purposes": sorted(one.purposes),
            "channel": one.channel,
            "objected_at": one.objected_at,
            "withdrawn_at": one.withdrawn_at,
        }
        for one in objections
    ]
    columns = ("objection_id", "scope", "purposes", "channel", "objected_at", "withdrawn_at")
    print_list(rows, columns=columns, as_json=as_json, title="Objections", empty="Nobody has objected.")


def _scope(number: str | None, customer: str | None, call: str | None) -> ObjectionScope:
    if sum(one is not None for one in (number, customer, call)) != 1:
        raise UsageError("say whose calls: exactly one of --number, --customer or --call")
    return ObjectionScope(number=number, customer_id=customer, call_id=None if call is None else CallId(call))


def _purposes(words: list[str]) -> frozenset[str]:
    unknown = sorted(set(words) - OBJECTABLE)
    if unknown:
        raise UsageError(f"nobody can object to {', '.join(unknown)}: the words are {', '.join(sorted(OBJECTABLE))}")
    return frozenset(words)
