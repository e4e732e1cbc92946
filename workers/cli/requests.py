"""`callwarden request`: what people ask of their own data, from receipt to answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, cast

import typer

from callwarden.desks.request_objections import is_undecided_for_its_line
from callwarden.errors import UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import OBJECTABLE
from callwarden.model.request import RefusalGround, Request, RequestId, RequestItem, RequestType
from callwarden.rules.erasing import ErasurePreview
from callwarden.workers.cli.actor import account_option, signed_in
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.cli.output import JsonOption, Row, print_list, print_thing, progress, say, warn_of_altered
from callwarden.workers.cli.request_letters import app as letters
from callwarden.workers.shapes.requests import (
    by_purpose_rows,
    decided_shape,
    erasure_shape,
    found_row,
    found_shape,
    item_row,
    lifted_shape,
    listed_request,
    opened_shape,
    request_head,
    request_shape,
)

app = typer.Typer(
    help="Requests of the persons concerned: entered, found, decided item by item, answered.", no_args_is_help=True
)
app.add_typer(letters, name="letters")

RequestArgument = Annotated[str, typer.Argument(metavar="REQ", help="The request's id: callwarden request list.")]
DpoOption = Annotated[Actor, account_option(Role.DPO)]
_SEVERAL = "{} customers have called from this number: make sure who asks, and refuse what is somebody else's."


@app.command("open")
def open_(
    kind: Annotated[RequestType, typer.Option("--type", help="What is asked.")],
    actor: DpoOption,
    number: Annotated[str | None, typer.Option("--number", metavar="N", help="Whose data: a telephone number.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", metavar="ID", help="Whose data: a customer.")] = None,
    received: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="D", help="The day it came in. Left out: today."),
    ] = None,
    purpose: Annotated[
        list[str] | None,
        typer.Option("--purpose", metavar="P", help=f"Of an objection: to what, of {', '.join(sorted(OBJECTABLE))}."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Enter a request. From now on nothing it asks for is destroyed until it is answered."""
    if kind is RequestType.OBJECTION and not purpose:
        raise UsageError(f"say what is objected to: --purpose, of {', '.join(sorted(OBJECTABLE))}")
    day = None if received is None else received.date()
    with signed_in(actor, make=True) as (system, asking):
        opened = system.request_desk.open(
            asking, kind, number=number, customer_id=customer, received=day, purposes=frozenset(purpose or ())
        )
    print_thing(opened_shape(opened), as_json=as_json)
    if opened.meets:
        say("The same person has other requests open: answer them together.", as_json=as_json)
    if opened.customers > 1:
        say(_SEVERAL.format(opened.customers), as_json=as_json)


@app.command("list")
def list_(
    actor: DpoOption,
    *,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what should have been answered.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Every request, newest first, with the last day to answer it."""
    with signed_in(actor, reading=True) as (system, asking):
        requests = system.request_desk.listed(asking, overdue=overdue)
    rows = [listed_request(one) for one in requests]
    columns = ("request", "type", "state", "due_on", "nearness", "to_tell", "received_on", "altered")
    print_list(rows, columns=columns, as_json=as_json, title="Requests", empty="No request is on file.")
    warn_of_altered(rows)


@app.command()
def show(request: RequestArgument, actor: DpoOption, *, as_json: JsonOption = False) -> None:
    """One request: its items, and every step so far."""
    with signed_in(actor, reading=True) as (system, asking):
        file = system.request_desk.shown(asking, RequestId(request))
    thing = request_shape(file)
    if as_json:
        print_thing(thing, as_json=True)
        return
    items, steps = cast("list[Row]", thing.pop("items")), cast("list[Row]", thing.pop("history"))
    thing.pop("by_purpose")
    print_thing(thing, as_json=False)
    columns = ("recording_id", "found_by", "decision", "reason", "done_at", "backends")
    print_list(items, columns=columns, as_json=False, title="Items")
    _print_purposes(file.request, file.items)
    print_list(steps, columns=("at", "what", "by", "reason", "text"), as_json=False, title="Steps")


@app.command()
def verify(
    request: RequestArgument,
    actor: DpoOption,
    how: Annotated[str | None, typer.Option(metavar="T", help="How you know who asks.")] = None,
    *,
    ask: Annotated[bool, typer.Option("--ask", help="Note only that the person was asked to show it.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Note how you know who asks: by what is enough, and no more. It is destroyed once the request is answered."""
    if ask == (how is not None):
        raise UsageError("say how you know who asks, --how TEXT; or --ask, that you have asked")
    with signed_in(actor) as (system, asking):
        if how is None:
            found = system.request_desk.ask_identity(asking, RequestId(request))
        else:
            found = system.request_desk.verify(asking, RequestId(request), how=how)
    print_thing(request_head(found), as_json=as_json)


@app.command()
def find(
    request: RequestArgument,
    actor: DpoOption,
    named: Annotated[
        list[str] | None,
        typer.Option(
            "--named",
            metavar="TEXT",
            help="Also calls of others this name or number is said in. Every transcript is read. Repeatable.",
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Find everything the request is about: by number, customer, other legs, and what was known before."""
    with signed_in(actor) as (system, asking), progress("reading transcripts") as told:
        read = (
            None
            if named is None
            else system.request_search_desk.find_named(asking, RequestId(request), named, read=told)
        )
        found = system.request_item_desk.find(asking, RequestId(request))
    if as_json:
        print_thing(found_shape(found, read), as_json=True)
        return
    rows = [found_row(one) for one in found.items]
    columns = ("recording_id", "found_by", "line", "ended_at", "state", "held", "restricted", "decision")
    print_list(rows, columns=columns, as_json=False, title="Items", empty="There is nothing.")
    if found.customers > 1:
        say(_SEVERAL.format(found.customers), as_json=False)
    if read is not None:
        say(f"{read.searched} calls were read for the name; {read.unread} could not be.", as_json=False)


@app.command()
def preview(request: RequestArgument, actor: DpoOption, *, as_json: JsonOption = False) -> None:
    """Of an erasure: what goes, what is held and what is kept, each with its reason."""
    with signed_in(actor) as (system, asking):
        found = system.request_erasure_desk.preview(asking, RequestId(request))
    thing = erasure_shape(RequestId(request), found)
    if as_json:
        print_thing(thing, as_json=True)
        return
    rows = [{"recording_id": name, "becomes": "erased", "reason": _why_erased(name, found)} for name in found.erasable]
    rows += [{**one, "becomes": how} for how in ("held", "kept") for one in cast("list[dict[str, str]]", thing[how])]
    rows += [{"recording_id": name, "becomes": "gone already"} for name in found.gone]
    print_list(rows, columns=("recording_id", "becomes", "reason"), as_json=False, title="Preview")
    say("Somebody else approves it: callwarden request approve REQ --as ROLE:NAME", as_json=False)


@app.command()
def decide(
    request: RequestArgument,
    actor: DpoOption,
    item: Annotated[
        list[str] | None,
        typer.Option("--item", metavar="REC", help="This recording; may be repeated. Left out: all undecided."),
    ] = None,
    refuse: Annotated[RefusalGround | None, typer.Option("--refuse", help="Refuse, for this reason.")] = None,
    *,
    grant: Annotated[bool, typer.Option("--grant", help="Grant.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Grant or refuse items. A granted restriction holds at once."""
    if grant == (refuse is not None):
        raise UsageError("say what is decided: exactly one of --grant or --refuse REASON")
    chosen = [RecordingId(name) for name in item or ()]
    with signed_in(actor) as (system, asking):
        decided, items = system.request_item_desk.decide(asking, RequestId(request), chosen, refusal=refuse)
        send_outbox(system)
    _print_items(decided, items, as_json=as_json)
    if any(is_undecided_for_its_line(one) for one in items):
        say(
            "This line offers no objection to recording, and nobody has weighed it: "
            "callwarden objection list --undecided, "
            "then callwarden objection decide OBJECTION --grant, or --refuse GROUND.",
            as_json=as_json,
        )


@app.command()
def approve(request: RequestArgument, actor: DpoOption, *, as_json: JsonOption = False) -> None:
    """Approve the newest preview of an erasure, as another person than who made it, and erase. Again, it goes on."""
    with signed_in(actor) as (system, asking):
        items = system.request_erasure_desk.approve(asking, RequestId(request))
        send_outbox(system)
        file = system.request_desk.shown(asking, RequestId(request))
    _print_items(file.request, items, as_json=as_json)


@app.command()
def extend(
    request: RequestArgument,
    reason: Annotated[str, typer.Option(metavar="T", help="Why it takes longer; it is told to the person.")],
    actor: DpoOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take two months more, inside the first month."""
    with signed_in(actor) as (system, asking):
        extended = system.request_desk.extend(asking, RequestId(request), reason=reason)
    print_thing(request_head(extended), as_json=as_json)


@app.command()
def lift(
    request: RequestArgument,
    actor: DpoOption,
    told_by: Annotated[
        str | None,
        typer.Option("--told-by", metavar="HOW", help="How the person was told, where it was not by our letter."),
    ] = None,
    *,
    tell: Annotated[
        bool, typer.Option("--tell", help="Note only how the person was told, --told-by; it stands until it is lifted.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """End a restriction: its recordings may be used again, and their period counts. The person is told before:
    by the letter restriction-lifted, or as --told-by says."""
    if tell and told_by is None:
        raise UsageError("say how the person was told: --told-by HOW")
    with signed_in(actor) as (system, asking):
        if told_by is not None:
            told = system.request_item_desk.tell_of_lifting(asking, RequestId(request), how=told_by)
        if tell:
            print_thing(request_head(told), as_json=as_json)
            return
        lifted = system.request_item_desk.lift(asking, RequestId(request))
    print_thing(lifted_shape(RequestId(request), lifted), as_json=as_json)


def _why_erased(name: RecordingId, found: ErasurePreview) -> str | None:
    notes = (
        ("whose it is was put right: callwarden request rectifications", found.put_right),
        ("their own restriction ends by it", found.restriction_ends),
    )
    return "; ".join(note for note, names in notes if name in names) or None


def _print_items(request: Request, items: Sequence[RequestItem], *, as_json: bool) -> None:
    if as_json:
        print_thing(decided_shape(request, items), as_json=True)
        return
    print_thing(request_head(request), as_json=False)
    rows = [item_row(one) for one in items]
    print_list(
        rows, columns=("recording_id", "decision", "reason", "done_at", "backends"), as_json=False, title="Items"
    )
    _print_purposes(request, items)


def _print_purposes(request: Request, items: Sequence[RequestItem]) -> None:
    if rows := by_purpose_rows(request, items):
        columns = ("purpose", "decision", "reason", "recordings")
        print_list(rows, columns=columns, as_json=False, title="By purpose")
