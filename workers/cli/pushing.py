"""`callwarden calls push`: one call, event and audio, handed over as `POST /api/v1/calls` takes it."""

from pathlib import Path
from typing import Annotated

import typer

from callwarden.errors import UsageError
from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.opening import relay
from callwarden.workers.cli.output import JsonOption, print_thing
from callwarden.workers.shapes.pushes import pushed_shape

_CHUNK = 1 << 20


def push_command(
    event: Annotated[Path, typer.Argument(metavar="EVENT.json", help="The event of the call, as the bus takes it.")],
    audio: Annotated[Path, typer.Argument(metavar="AUDIO", help="Its audio.")],
    actor: ActorOption,
    key: Annotated[
        str | None, typer.Option("--idempotency-key", help="Your name for this attempt; for one call only.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Hand over one call. Its receipt means that event and audio are safe; the same again gives the same receipt."""
    try:
        value = event.read_bytes()
        with audio.open("rb") as file, signed_in(actor) as (system, asking):
            desk = system.push_desk
            call = desk.announced(asking, value)
            with desk.begin(asking, audio.name, call.event.audio.uri) as incoming:
                while chunk := file.read(_CHUNK):
                    incoming.write(chunk)
                pushed = desk.received(asking, call, incoming, key=key)
            relay(system).tell(pushed.outbox)
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}") from error
    print_thing(pushed_shape(pushed), as_json=as_json)
