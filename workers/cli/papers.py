"""`callwarden policy register|notice|…`: the papers that come from the policy in force."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from callwarden.errors import UsageError
from callwarden.model.letter import Language
from callwarden.model.paper import PaperKind
from callwarden.model.policy import Policy
from callwarden.settings import load_settings
from callwarden.workers.cli.appearing_file import appearing
from callwarden.workers.cli.opening import open_for_programs
from callwarden.workers.cli.output import JsonOption, warn
from callwarden.workers.shapes.papers import PaperForm, paper_file

LanguageOption = Annotated[Language, typer.Option("--language", help="Language of the paper.")]
FormOption = Annotated[
    PaperForm | None, typer.Option("--format", help="Text, or what the name of the file ends in, when left out.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it here; never over a file.")
]
PolicyOption = Annotated[
    Path | None, typer.Option("--policy", metavar="FILE", help="A policy file; the one in force when left out.")
]
CompleteOption = Annotated[
    bool, typer.Option("--complete", help="Refuse while something in it is still to be written.")
]

_BY_END: Final = {".ods": PaperForm.ODS, ".html": PaperForm.HTML, ".json": PaperForm.JSON, ".txt": PaperForm.TEXT}


_HELP: Final = {
    PaperKind.REGISTER: "The record of processing activities (GDPR, article 30), in the layout of the CNIL's model.",
    PaperKind.STAFF_NOTICE: "What employees are told of recording, listening and evaluation.",
    PaperKind.SCHEDULE: "How long each kind of data is kept, from when, what ends it and what makes an exception.",
    PaperKind.SUBCONTRACTORS: "Who works on the data for the controller (GDPR, article 28), and where recordings lie.",
    PaperKind.MATRICES: "Who may read what, and who may do what.",
    PaperKind.DPIA: "What the system enforces, by risk, each with the command that shows it (GDPR, article 35).",
}


def notice(
    *,
    line: Annotated[str | None, typer.Option(help="Only this line's announcement.")] = None,
    language: LanguageOption = Language.FR,
    form: FormOption = None,
    out: OutOption = None,
    policy: PolicyOption = None,
    complete: CompleteOption = False,
    as_json: JsonOption = False,
) -> None:
    """What callers are told (GDPR, articles 13 and 14): the announcement of each line, and the whole notice."""
    _give(PaperKind.NOTICE, language, form, out, policy, line=line, complete=complete, as_json=as_json)


def _command(kind: PaperKind, says: str) -> Callable[..., None]:
    def give(
        *,
        language: LanguageOption = Language.FR,
        form: FormOption = None,
        out: OutOption = None,
        policy: PolicyOption = None,
        complete: CompleteOption = False,
        as_json: JsonOption = False,
    ) -> None:
        _give(kind, language, form, out, policy, complete=complete, as_json=as_json)

    give.__doc__ = says
    return give


PAPERS: Final = {PaperKind.NOTICE: notice, **{kind: _command(kind, says) for kind, says in _HELP.items()}}


def _give(
    kind: PaperKind,
    language: Language,
    form: PaperForm | None,
    out: Path | None,
    policy: Path | None,
    *,
    complete: bool,
    as_json: bool,
    line: str | None = None,
) -> None:
    if form is None:
        form = PaperForm.JSON if as_json else _BY_END.get("" if out is None else out.suffix, PaperForm.TEXT)
    if form is PaperForm.ODS and out is None:
        raise UsageError("a spreadsheet is a file: say where, with --out register.ods")
    with open_for_programs(load_settings()) as system:
        desk = system.paper_desk if policy is None else system.paper_desk.of(_draft(policy))
        made = desk.made(kind, language, line)
        if complete and made.missing:
            raise UsageError(f"{made.title}: {made.missing_title} {'; '.join(made.missing)}")
        file = paper_file(desk, made, form)
    if out is None:
        sys.stdout.write(file.content.decode())
        return
    with appearing(out) as written:
        written.write(file.content)
    for one in file.missing:
        warn(f"{made.missing_title} {one}")


def _draft(file: Path) -> Policy:
    with open_for_programs(load_settings().model_copy(update={"policy": file})) as system:
        return system.policy
