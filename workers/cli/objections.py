"""`callwarden objection`: a caller objects, to being recorded or to some uses."""

import re
import uuid
from typing import Annotated

import typer

from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId
from callwarden.model.objection import Objection, ScopeKind
from callwarden.model.purpose import OBJECTABLE
from callwarden.rules.dialled import is_number
from callwarden.settings import Settings, load_settings
from callwarden.wiring import System
from callwarden.workers.cli.actor import account_option, admitted
from callwarden.workers.cli.opening import open_or_make, open_system
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, say

app = typer.Typer(help="Objections: to being recorded, or to some uses only.", no_args_is_help=True)

NumberOption = Annotated[str | None, typer.Option("--number", metavar="N", help="All calls of this telephone number.")]
CustomerOption = Annotated[str | None, typer.Option("--customer", metavar="ID", help="All calls of this customer.")]
CallOption = Annotated[str | None, typer.Option("--call", metavar="ID", help="One call.")]
PurposesOption = Annotated[
    list[str], typer.Option("--purpose", metavar="P", help=f"What is objected to: {', '.join(sorted(OBJECTABLE))}.")
]
DpoOption = Annotated[Actor, account_option(Role.DPO)]
MAY_OBJECT = (Role.DPO, Role.LEGAL, Role.SUPERVISOR, Role.TELEPHONY)
"""Who writes down what a caller said."""
_SHORT = 16
_RECORDING = re.compile(r"rec-[0-9a-f]{32}")


@app.command()
def add(
    purpose: PurposesOption,
    actor: DpoOption,
    number: NumberOption = None,
    customer: CustomerOption = None,
    call: CallOption = None,
    channel: Annotated[str, typer.Option(help="How the caller said so: phone, letter, mail …")] = "dpo",
    *,
    as_json: JsonOption = False,
) -> None:
    """Put an objection on file and apply it to everything it concerns, now and from now on."""
    settings = load_settings()
    with open_or_make(settings) as system:
        desk = system.objection_desk
        filed = desk.file(
            _scope(system, number, customer, call),
            _purposes(purpose),
            channel=channel,
            at=system.clock.now(),
            actor=_permitted(actor, settings),
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
    if not (applied.dropped or applied.limited or applied.kept_for_case or applied.not_offered):
        say("It concerns no call that is stored: it counts for those to come. Is it written rightly?", as_json=as_json)


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
    """Take objections back, from now on only: nothing that was dropped comes back."""
    settings = load_settings()
    with open_system(settings) as system:
        withdrawn = system.objection_desk.withdraw(
            _scope(system, number, customer, call),
            _purposes(purpose or []),
            at=system.clock.now(),
            actor=_permitted(actor, settings),
        )
    if not withdrawn:
        raise RefusedError(("unknown",), "no such objection is on file: callwarden objection list shows every one")
    rows = [{"objection_id": one.objection_id, "purposes": sorted(one.purposes)} for one in withdrawn]
    print_list(rows, columns=("objection_id", "purposes"), as_json=as_json)


@app.command("list")
def list_(*, as_json: JsonOption = False) -> None:
    """Every objection on file. Numbers and customers stand as pseudonyms."""
    with open_system(load_settings(), reading=True) as system, system.catalogue.snapshot() as tx:
        objections = tx.objections.all()
    rows = [
        {
            "objection_id": one.objection_id,
            "scope": one.scope,
            "about": _about(one),
            "reference": one.reference,
            "purposes": sorted(one.purposes),
            "channel": one.channel,
            "objected_at": one.objected_at,
            "withdrawn_at": one.withdrawn_at,
        }
        for one in objections
    ]
    columns = ("objection_id", "scope", "about", "purposes", "channel", "objected_at", "withdrawn_at")
    print_list(rows, columns=columns, as_json=as_json, title="Objections", empty="Nobody has objected.")


def _about(one: Objection) -> str:
    """The call, or the beginning of the pseudonym: the same caller has the same."""
    return one.reference if one.scope is ScopeKind.CALL else f"{one.reference[:_SHORT]}…"


def _permitted(actor: Actor, settings: Settings) -> Actor:
    """U2: an objection destroys and a withdrawal opens again, so neither is anybody's."""
    asking = admitted(actor, settings)
    if asking.role not in MAY_OBJECT:
        roles = ", ".join(MAY_OBJECT)
        raise RefusedError(("not_permitted",), f"objections are written down by {roles}: --as dpo:NAME")
    return asking


def _scope(system: System, number: str | None, customer: str | None, call: str | None) -> ObjectionScope:
    given = [one for one in (number, customer, call) if one is not None]
    if len(given) != 1 or not given[0].strip():
        raise UsageError("say whose calls: exactly one of --number, --customer or --call")
    if call is not None and _RECORDING.fullmatch(call):
        raise UsageError(f"{call} is a recording's id: name its call, which callwarden calls list shows beside it")
    if number is not None and not is_number(
        number, canonical=system.numbers.canonical(number, region=system.policy.region)
    ):
        raise UsageError(f"{number!r} is no telephone number: write it as +33639980001 or 06 39 98 00 01")
    return ObjectionScope(number=number, customer_id=customer, call_id=None if call is None else CallId(call))


def _purposes(words: list[str]) -> frozenset[str]:
    unknown = sorted(set(words) - OBJECTABLE)
    if unknown:
        raise UsageError(f"nobody can object to {', '.join(unknown)}: the words are {', '.join(sorted(OBJECTABLE))}")
    return frozenset(words)
