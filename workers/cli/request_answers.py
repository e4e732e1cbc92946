"""`callwarden request answer`, and the letters: what a person gets."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from callwarden.desks.request_enclosures import HowToAnswer
from callwarden.errors import UsageError
from callwarden.model.ids import RecordingId
from callwarden.model.letter import Language, LetterKind
from callwarden.model.request import RequestId
from callwarden.workers.cli.actor import signed_in
from callwarden.workers.cli.evidence import PublicKeyOption, trusted_by
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, warn
from callwarden.workers.cli.reading import STDOUT, writing
from callwarden.workers.cli.request_letters import LanguageOption, warn_of_example
from callwarden.workers.cli.request_recipients import app
from callwarden.workers.cli.requests import DpoOption, RequestArgument
from callwarden.workers.shapes.requests import answered_shape, letter_shape

__all__ = ["app"]

_MASK = re.compile(r"[A-Z_]+_[0-9]+")

LETTERS = (LetterKind.ACKNOWLEDGEMENT, LetterKind.IDENTITY, LetterKind.EXTENSION, LetterKind.RESTRICTION_LIFTED)

ToOption = Annotated[
    list[str] | None,
    typer.Option("--to", metavar="LINE", help="A line of the address on the letter; may be repeated. Kept nowhere."),
]


@app.command()
def letter(
    request: RequestArgument,
    kind: Annotated[LetterKind, typer.Argument(metavar="LETTER", help=f"One of {', '.join(LETTERS)}.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Where to write the page; never over a file; - for standard output.")
    ],
    actor: DpoOption,
    language: LanguageOption = Language.FR,
    reason: Annotated[str | None, typer.Option(metavar="T", help="Why a restriction is lifted.")] = None,
    to: ToOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Write a letter of a request, as an HTML page; that it was written is in the request's history."""
    with signed_in(actor) as (system, asking), writing(output) as file:
        written = system.letter_desk.write(
            asking, RequestId(request), kind, language=language, reason=reason, to=to or ()
        )
        file.write(written.page.encode())
        warn_of_example()
    print_thing(
        {**letter_shape(written, kind), "file": output},
        as_json=as_json,
        stream=sys.stderr if output == STDOUT else None,
    )


@app.command()
def answer(
    request: RequestArgument,
    out: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the answer is written; made.")],
    actor: DpoOption,
    language: LanguageOption = Language.FR,
    own: Annotated[
        list[str] | None,
        typer.Option(
            "--own",
            metavar="TEXT",
            help="A name, address or number known to be the person's own: it stays readable. Repeatable; kept nowhere.",
        ),
    ] = None,
    unmask: Annotated[
        list[str] | None,
        typer.Option(
            "--unmask",
            metavar="REC:MASK",
            help="A placeholder that stands for what is the person's own, such as REC:LOCATION_1. Repeatable.",
        ),
    ] = None,
    by_hand: Annotated[
        list[str] | None,
        typer.Option(
            "--by-hand",
            metavar="REC:FILE",
            help="A copy you have masked yourself, for a recording whose redaction is withheld. Repeatable.",
        ),
    ] = None,
    to: ToOption = None,
    *,
    sound: Annotated[
        bool, typer.Option("--sound/--no-sound", help="Whether the beeped audio goes with the transcript.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Write letter and, for access, the pack of what is kept; then note that the request is answered. What is
    interrupted is made again."""
    how = HowToAnswer(
        language=language,
        own=tuple(own or ()),
        unmask=_masks(unmask or ()),
        by_hand=_files(by_hand or ()),
        to=tuple(to or ()),
        sound=sound,
    )
    with signed_in(actor) as (system, asking):
        done = system.answer_desk.answer(asking, RequestId(request), out, how)
        warn_of_example()
    print_thing(answered_shape(done, out), as_json=as_json)
    if done.not_enclosed:
        warn("some content is not enclosed, and the answer says why: see not_enclosed")


@app.command("verify-answer")
def verify_answer_command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="An answer.")],
    public_key: PublicKeyOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Check an answer offline: its signature and every file. Exit code 1 when anything is missing, altered or added."""
    from callwarden.evidence.verify import verify_answer

    report = verify_answer(directory, trusted=trusted_by(public_key))
    faults = [{"kind": one.kind, "file": one.file, "message": one.message} for one in report.faults]
    statement = {} if report.manifest is None else report.manifest.statement
    thing = {"genuine": report.ok, "request": statement.get("request"), "files": report.files}
    print_thing({**thing, "faults": faults} if as_json else thing, as_json=as_json)
    if faults and not as_json:
        print_list(faults, columns=("kind", "file", "message"), as_json=False, title="What is wrong")
    if faults:
        raise typer.Exit(1)


def _files(given: Sequence[str]) -> dict[RecordingId, Path]:
    found: dict[RecordingId, Path] = {}
    for one in given:
        recording, colon, file = one.partition(":")
        if not colon or not Path(file).is_file():
            raise UsageError(f"{one!r} names no file of a recording: write it as REC:FILE")
        found[RecordingId(recording)] = Path(file)
    return found


def _masks(given: Sequence[str]) -> dict[RecordingId, frozenset[str]]:
    found: dict[RecordingId, frozenset[str]] = {}
    for one in given:
        recording, colon, mask = one.partition(":")
        if not colon or not _MASK.fullmatch(mask):
            raise UsageError(f"{one!r} is no placeholder of a recording: write it as REC:LOCATION_1")
        found[RecordingId(recording)] = found.get(RecordingId(recording), frozenset()) | {mask}
    return found
