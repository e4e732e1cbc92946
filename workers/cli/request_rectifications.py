"""`callwarden request rectify`: putting right what is known of a call, and what stood there before."""

from datetime import datetime
from typing import Annotated

import typer

from callwarden.errors import UsageError
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.rectification import Correction
from callwarden.model.request import RequestId
from callwarden.workers.cli.actor import signed_in
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.cli.requests import DpoOption, RequestArgument, app
from callwarden.workers.shapes.requests import rectification_rows, rectified_shape

__all__ = ["app"]


@app.command()
def rectify(
    request: RequestArgument,
    item: Annotated[str, typer.Option("--item", metavar="REC", help="The recording, a granted item of the request.")],
    actor: DpoOption,
    number: Annotated[str | None, typer.Option(metavar="N", help="The caller's number.")] = None,
    customer: Annotated[str | None, typer.Option(metavar="ID", help="The customer.")] = None,
    name: Annotated[str | None, typer.Option(help="The caller's name.")] = None,
    agent: Annotated[str | None, typer.Option(metavar="ID", help="Who took the call.")] = None,
    line: Annotated[str | None, typer.Option(help="A line of the policy.")] = None,
    started: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="When the call began, with its offset.")
    ] = None,
    ended: Annotated[str | None, typer.Option(metavar="INSTANT", help="When it ended: its period counts anew.")] = None,
    label: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="A label; K= takes it away. May be repeated.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Put right what is known of a call, and keep what stood there before. Its period counts anew where line or end
    change, and an objection on file under the corrected number or customer does what it would have done."""
    correction = Correction(
        number=number,
        customer=customer,
        name=name,
        agent=agent,
        line=None if line is None else LineId(line),
        started_at=_instant("--started", started),
        ended_at=_instant("--ended", ended),
        labels=tuple(_label(one) for one in label or ()),
    )
    with signed_in(actor) as (system, asking):
        done = system.rectification_desk.rectify(asking, RequestId(request), RecordingId(item), correction)
        send_outbox(system)
    print_thing(rectified_shape(RequestId(request), done), as_json=as_json)


@app.command()
def rectifications(request: RequestArgument, actor: DpoOption, *, as_json: JsonOption = False) -> None:
    """What was put right in the recordings of a request, and what stood there before."""
    with signed_in(actor, reading=True) as (system, asking):
        made = system.rectification_desk.history(asking, RequestId(request))
    rows = [row for one in made for row in rectification_rows(one)]
    columns = ("at", "recording_id", "field", "was", "now", "by")
    print_list(rows, columns=columns, as_json=as_json, title="Put right", empty="Nothing was put right.")


def _instant(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.utcoffset() is None:
        raise UsageError(f"{option} {text!r} is no instant with its offset, such as 2026-11-20T10:25:01+01:00")
    return at


def _label(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{text!r} is no label: write it as K=V, or K= to take it away")
    return name.strip(), value.strip() or None
