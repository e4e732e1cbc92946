"""`callwarden deadletters`: messages that were no events, and what people do about them."""

from pathlib import Path
from typing import Annotated

import typer

from callwarden.errors import UsageError
from callwarden.model.outcome import Position
from callwarden.rules.dead_letter import position_at
from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.appearing_file import appearing
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.cli.quarantine import ReasonOption
from callwarden.workers.shapes.set_aside import act_row, dead_letter_row

app = typer.Typer(
    help="Messages that are not valid events: see why, send one again, destroy one.", no_args_is_help=True
)

PlaceArgument = Annotated[
    str, typer.Argument(metavar="PLACE", help="topic/partition/offset: callwarden deadletters list.")
]


@app.command("list")
def list_(
    actor: ActorOption,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Every dead letter, newest first."""
    with signed_in(actor) as (system, asking):
        found = system.dead_letter_desk.listed(asking, limit=limit)
    columns = ("place", "reason", "field", "call_id", "bytes", "at", "state", "keep_until")
    print_list(
        [dead_letter_row(letter) for letter in found],
        columns=columns,
        as_json=as_json,
        title="Dead letters",
        empty="There are no dead letters.",
    )


@app.command()
def show(
    place: PlaceArgument,
    actor: ActorOption,
    out: Annotated[
        Path | None,
        typer.Option("-o", metavar="FILE", help="Write the bytes as they came into this file: for legal and DPO."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Why it is not a valid event; with -o its bytes, as they came."""
    position = _position(place)
    with signed_in(actor) as (system, asking):
        letter, acts = system.dead_letter_desk.shown(asking, position)
        opened = None if out is None else system.dead_letter_desk.opened(asking, position)
    thing = {**dead_letter_row(letter), "cut": letter.is_cut}
    done = [act_row(act) for act in acts]
    if opened is not None and out is not None:
        message, reasons = opened
        done = [act_row(reason, text) for reason, text in reasons]
        thing["headers"] = {name: value.decode(errors="replace") for name, value in message.headers}
        with appearing(out) as file:
            file.write(message.value)
        thing["written_to"] = str(out)
    print_thing({**thing, "acts": done} if as_json else thing, as_json=as_json)
    if done and not as_json:
        print_list(done, columns=("at", "act", "reason"), as_json=False, title="What was done about it")


@app.command()
def retry(place: PlaceArgument, actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Put the message on its topic once more, as it came, to be decided again."""
    with signed_in(actor) as (system, asking):
        letter = system.dead_letter_desk.retried(asking, _position(place))
        send_outbox(system)
    print_thing(dead_letter_row(letter), as_json=as_json)


@app.command()
def discard(place: PlaceArgument, actor: ActorOption, reason: ReasonOption, *, as_json: JsonOption = False) -> None:
    """Destroy its key and its bytes; its copy on the bus cannot be read from then on."""
    with signed_in(actor) as (system, asking):
        letter = system.dead_letter_desk.discarded(asking, _position(place), reason=reason)
    print_thing(dead_letter_row(letter), as_json=as_json)


def _position(place: str) -> Position:
    position = position_at(place)
    if position is None:
        raise UsageError(
            "a dead letter is named by its place, such as telephony.calls/2/0: callwarden deadletters list"
        )
    return position
