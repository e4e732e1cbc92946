"""`callwarden request letters`: the templates of the letters, which a data protection officer can edit."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from callwarden.model.letter import Language, LetterKind
from callwarden.model.request import RequestType
from callwarden.settings import load_settings
from callwarden.wiring.letters import letter_book
from callwarden.workers.cli.output import JsonOption, print_list, say, warn
from callwarden.workers.cli.reading import STDOUT, writing

app = typer.Typer(help="The templates of the letters: check them, look at them.", no_args_is_help=True)

FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", metavar="DIR", help="The house's own letters; those the settings name when left out."),
]
LanguageOption = Annotated[Language, typer.Option("--language", help="Of the letter.")]


@app.command()
def check(folder: FolderOption = None, *, as_json: JsonOption = False) -> None:
    """Render every letter there can be, in each language; name the file and line of what is broken, and what to do."""
    files = letter_book(load_settings(), folder).files()
    rows = [
        {"file": file.name, "from": "yours" if file.own else "shipped", "fault": file.fault, "path": file.path}
        for file in files
    ]
    print_list(rows, columns=("file", "from", "fault"), as_json=as_json, title="Letters")
    if any(file.name == "sender.yaml" and not file.own for file in files):
        say(
            "sender.yaml is the shipped example: copy it beside your own letters and write who you are.",
            as_json=as_json,
        )
    if any(file.fault for file in files):
        raise typer.Exit(1)


@app.command()
def show(
    kind: Annotated[LetterKind, typer.Argument(metavar="LETTER", help=", ".join(LetterKind))],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Where to write the page; - for standard output.")
    ] = STDOUT,
    language: LanguageOption = Language.FR,
    type_: Annotated[RequestType, typer.Option("--type", help="What the invented request asks.")] = RequestType.ACCESS,
    folder: FolderOption = None,
) -> None:
    """Write a letter about an invented request, as an HTML page."""
    page = letter_book(load_settings(), folder).sample(kind, language, type_)
    with writing(output) as file:
        file.write(page.encode())
    if output != STDOUT:
        warn(f"{output}: a letter about an invented request")
    sys.stdout.flush()


def warn_of_example() -> None:
    """Say where a letter is still the shipped example's."""
    if letter_book(load_settings()).sender_is_example:
        warn("sender.yaml is the shipped example: write who you are before you send this (docs/dpo.md)")
