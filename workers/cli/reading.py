"""`callwarden read`: content, through the gate."""

import contextlib
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from pipeline.errors import UsageError
from pipeline.model.access import Readable
from pipeline.model.ids import RecordingId
from pipeline.settings import load_settings
from pipeline.wiring import open_system
from workers.cli.actor import ActorOption, PurposeOption, admitted
from workers.cli.output import JsonOption, print_thing


class What(StrEnum):
    """What can be read; the plain words are the redacted forms."""

    TRANSCRIPT = "transcript"
    AUDIO = "audio"
    ORIGINAL_AUDIO = "original-audio"
    ORIGINAL_TRANSCRIPT = "original-transcript"


READABLE = {
    What.TRANSCRIPT: Readable.REDACTED_TRANSCRIPT,
    What.AUDIO: Readable.BEEPED_AUDIO,
    What.ORIGINAL_AUDIO: Readable.ORIGINAL_AUDIO,
    What.ORIGINAL_TRANSCRIPT: Readable.ORIGINAL_TRANSCRIPT,
}


def read_command(
    recording: Annotated[str, typer.Argument(metavar="REC", help="A recording id.")],
    what: Annotated[What, typer.Option(help="Which artefact.")],
    purpose: PurposeOption,
    actor: ActorOption,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write it; never over an existing file.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Read an artefact of a recording for a purpose. The reading is in the access log before its first byte."""
    settings = load_settings()
    with open_system(settings) as system:
        if output.exists():
            raise UsageError(f"{output} exists already: choose another name")
        asking = admitted(actor, settings)
        content = system.gate.read(asking, purpose, RecordingId(recording), READABLE[what])
        partial = output.with_name(f".{output.name}.partial")
        try:
            with _private(partial) as file:
                for piece in content.pieces:
                    file.write(piece)
            partial.rename(output)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                partial.unlink()
            raise
    print_thing(
        {
            "recording_id": recording,
            "what": what,
            "bytes": content.length,
            "media_type": content.media_type,
            "sha256": content.artefact.sha256,
            "file": output,
        },
        as_json=as_json,
    )


def _private(path: Path) -> BinaryIO:
    """A new file only its owner may read."""
    try:
        return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
    except OSError as error:
        raise UsageError(f"{path.parent} cannot be written to: {error.strerror}") from error
