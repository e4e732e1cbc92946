"""`callwarden read`: content, through the gate."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from callwarden.errors import ConfigurationError, RefusedError, RetryableError, UsageError
from callwarden.model.access import Actor
from callwarden.model.content import Content
from callwarden.model.ids import RecordingId
from callwarden.rules.reading import ReadRefusal
from callwarden.settings import load_settings
from callwarden.workers.cli.actor import ActorOption, PurposeOption, admitted
from callwarden.workers.cli.appearing_file import appearing
from callwarden.workers.cli.opening import System, open_system
from callwarden.workers.cli.output import JsonOption, print_thing
from callwarden.workers.shapes.reading import READABLE, What

STDOUT = Path("-")


def read_command(
    recording: Annotated[str, typer.Argument(metavar="REC", help="A recording id.")],
    what: Annotated[What, typer.Option(help="Which artefact.")],
    purpose: PurposeOption,
    actor: ActorOption,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Where to write it; never over a file; - for standard output.")
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Read an artefact of a recording for a purpose. The reading is in the access log before its first byte."""

    def read(system: System, asking: Actor) -> Content:
        if what is What.CAPTIONS:
            return system.transcript_desk.captions(asking, purpose, RecordingId(recording))
        return system.gate.read(asking, purpose, RecordingId(recording), READABLE[what])

    let_out(read, actor, output, what=what, as_json=as_json)


def let_out(read: Callable[[System, Actor], Content], actor: Actor, output: Path, *, what: str, as_json: bool) -> None:
    """Write what `read` has from the gate to `output`, all of it or nothing, and say what it was."""
    with open_system(load_settings(), reading=True) as system:
        if output != STDOUT and output.exists():
            raise UsageError(f"{output} exists already: choose another name")
        with writing(output) as file:  # before the gate: no entry of a reading that had nowhere to go
            with _log_within_reach():
                _ = system.log_writer
                asking = admitted(actor, system)
            with _unknown_explained():
                content = read(system, asking)
            for piece in content.pieces:
                _write(piece, file, output)
    print_thing(
        {
            "recording_id": content.recording_id,
            "what": what,
            "bytes": content.length,
            "media_type": content.media_type,
            "sha256": content.artefact.sha256,
            "file": output,
        },
        as_json=as_json,
        stream=sys.stderr if output == STDOUT else None,
    )


@contextlib.contextmanager
def writing(output: Path) -> Iterator[BinaryIO]:
    """Where it goes: all of it under that name, or nothing. Raises UsageError where no file can be made."""
    if output == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with appearing(output) as file:
        yield file


@contextlib.contextmanager
def _log_within_reach() -> Iterator[None]:
    """Where the database cannot be had in time, nor can the log that is kept in it: refused as the gate refuses."""
    try:
        yield
    except RetryableError as error:
        raise RefusedError((ReadRefusal.LOG_UNAVAILABLE.value,), str(error)) from error


@contextlib.contextmanager
def _unknown_explained() -> Iterator[None]:
    """What is not there and what is not permitted get the same words."""
    try:
        yield
    except RefusedError as error:
        if error.reasons != (ReadRefusal.UNKNOWN.value,):
            raise
        message = "unknown: see callwarden calls list, and callwarden policy show --access for who may read what"
        raise RefusedError(error.reasons, message) from error


def _write(piece: bytes, file: BinaryIO, output: Path) -> None:
    try:
        file.write(piece)
        file.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ConfigurationError(f"{output} cannot be written: {error.strerror}") from error
