"""`callwarden webhook`: who is told over HTTP what becomes of calls."""

from typing import Annotated

import typer

from callwarden.errors import UsageError
from callwarden.model.ids import LineId
from callwarden.model.webhook import DeliveryId, DeliveryState, Told, WebhookId
from callwarden.workers.cli.actor import OperatorOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, say
from callwarden.workers.shapes.webhooks import delivery_row, webhook_row

app = typer.Typer(help="Webhooks: who is told over HTTP what becomes of calls, signed and until they have it.",
                  no_args_is_help=True)  # fmt: skip

_WebhookArgument = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Its id, wh-….")]
_ONCE = "The secret is shown this once: give it to the receiver, which checks every notice by it."


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where to send: https://…; on an embedded system also http to itself.")],
    actor: OperatorOption,
    events: Annotated[str, typer.Option(help=f"What to tell, with commas between: {', '.join(Told)}.")] = ",".join(
        Told
    ),
    line: Annotated[str | None, typer.Option(help="Only of this line.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Tell somebody. What happens from now on is sent; a secret for the receiver is shown."""
    told = _events(events)
    with signed_in(actor, make=True) as (system, asking):
        webhook, secret = system.webhook_desk.add(asking, url, told, line=None if line is None else LineId(line))
    print_thing({**webhook_row(webhook), "secret": secret}, as_json=as_json)
    say(_ONCE, as_json=as_json)


@app.command()
def rotate(webhook_id: _WebhookArgument, actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """A new secret. For a day notices are signed with the former one as well. One that was gone (410) begins again."""
    with signed_in(actor) as (system, asking):
        webhook, secret = system.webhook_desk.rotate(asking, WebhookId(webhook_id))
    print_thing({**webhook_row(webhook), "secret": secret}, as_json=as_json)
    say(_ONCE, as_json=as_json)


@app.command()
def remove(webhook_id: _WebhookArgument, actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """Tell them nothing more."""
    with signed_in(actor) as (system, asking):
        webhook = system.webhook_desk.remove(asking, WebhookId(webhook_id))
    print_thing(webhook_row(webhook), as_json=as_json)


@app.command("list")
def list_(actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """Every webhook, without its secret, and how many notices wait, have arrived lately, or are dead."""
    with signed_in(actor) as (system, asking):
        found = system.webhook_desk.listed(asking)
    rows = [
        {**webhook_row(one.webhook), "waiting": one.waiting, "delivered": one.delivered, "dead": one.dead}
        for one in found
    ]
    columns = ("webhook", "url", "events", "line", "waiting", "delivered", "dead", "ended")
    print_list(rows, columns=columns, as_json=as_json, title="Webhooks", empty="Nobody is told.")


@app.command("test")
def send_test(webhook_id: _WebhookArgument, actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """Send a notice that nothing has happened, now. Exit code 1 where the receiver did not take it."""
    with signed_in(actor) as (system, asking):
        tried = system.webhook_desk.test(asking, WebhookId(webhook_id))
    print_thing(delivery_row(tried), as_json=as_json)
    if tried.state is not DeliveryState.DELIVERED:
        then = "It is tried again like any other"
        if tried.state is DeliveryState.DEAD:
            then = "It is not tried again"
        say(f"It was not taken. {then}: callwarden webhook deliveries", as_json=as_json)
        raise typer.Exit(1)


@app.command()
def deliveries(
    actor: OperatorOption,
    webhook_id: Annotated[str | None, typer.Option("--webhook", help="Only of this one.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most, the newest first.")] = 100,
    *,
    dead: Annotated[bool, typer.Option("--dead", help="Only those that were given up.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Notices: those that wait, those delivered within a week, those given up within a month."""
    with signed_in(actor) as (system, asking):
        found = system.webhook_desk.deliveries(
            asking,
            webhook_id=None if webhook_id is None else WebhookId(webhook_id),
            state=DeliveryState.DEAD if dead else None,
            limit=limit,
        )
    columns = ("delivery", "webhook", "type", "recording_id", "state", "tries", "status", "fault", "again_at")
    print_list(
        [delivery_row(one) for one in found],
        columns=columns,
        as_json=as_json,
        title="Notices",
        empty="No notice was given up." if dead else "There are no notices.",
    )


@app.command()
def retry(
    actor: OperatorOption,
    delivery: Annotated[str | None, typer.Argument(metavar="NOTICE", help="Its id, msg_….")] = None,
    webhook_id: Annotated[str | None, typer.Option("--webhook", help="Every dead notice of this one.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Send a dead notice again, under its id, from the beginning."""
    if (delivery is None) == (webhook_id is None):
        raise UsageError("name a notice, msg_…, or --webhook wh-… for every dead one of it")
    with signed_in(actor) as (system, asking):
        if webhook_id is not None:
            count = system.webhook_desk.retry_all(asking, WebhookId(webhook_id))
            print_thing({"webhook": webhook_id, "sent_again": count}, as_json=as_json)
        elif delivery is not None:
            again = system.webhook_desk.retry(asking, DeliveryId(delivery))
            print_thing(delivery_row(again), as_json=as_json)


def _events(text: str) -> frozenset[Told]:
    words = {word.strip() for word in text.split(",") if word.strip()}
    if unknown := sorted(words - set(Told)):
        raise UsageError(f"{', '.join(unknown)}: no event; the events are {', '.join(Told)}")
    return frozenset(map(Told, words))
