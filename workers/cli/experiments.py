"""`callwarden experiment`: what AI experiments may take, for how long, and who has approved it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from callwarden.model.experiment import Wish
from callwarden.model.ids import LineId
from callwarden.rules.experiments import LARGEST_SEED, LEAST_K, MOST_K, MOST_SAMPLED, carries_of
from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.days import needed_day
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, progress, say
from callwarden.workers.cli.revocations import acknowledge_command, apply_revocations_command, revocations_command
from callwarden.workers.shapes.experiments import (
    built_shape,
    experiment_shape,
    exported_shape,
    listed_experiment_shape,
    preview_shape,
    shown_experiment_shape,
)

app = typer.Typer(
    help="AI experiments: what they take of which calls, approved, for a limited time.", no_args_is_help=True
)
app.command("revocations")(revocations_command)
app.command("acknowledge")(acknowledge_command)
app.command("apply-revocations")(apply_revocations_command)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The experiment's name.")]


@app.command("open")
def open_(
    name: NameArgument,
    purpose: Annotated[str, typer.Option("--purpose", metavar="TEXT", help="What it is for, in words.")],
    owner: Annotated[str, typer.Option("--owner", metavar="ACCOUNT", help="The account of who answers for it.")],
    line: Annotated[str, typer.Option("--line", metavar="LINE", help="A line of the policy.")],
    from_: Annotated[str, typer.Option("--from", metavar="D", help="Calls of this day or later.")],
    to: Annotated[str, typer.Option("--to", metavar="D", help="Calls of this day or earlier.")],
    until: Annotated[
        str, typer.Option("--until", metavar="D", help="Its end: from this day on nothing more is built or exported.")
    ],
    carries: Annotated[
        str, typer.Option("--carries", metavar="WHAT,…", help="What items carry: text, and audio, metadata.")
    ],
    actor: ActorOption,
    sample: Annotated[
        int | None, typer.Option("--sample", metavar="N", help=f"So many of them, {MOST_SAMPLED} at most.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="S", help=f"Draws the sample: 0 to {LARGEST_SEED}; left out, one is chosen."),
    ] = None,
    hypothesis: Annotated[str | None, typer.Option("--hypothesis", metavar="TEXT", help="What is expected.")] = None,
    dpia: Annotated[
        str | None, typer.Option("--dpia", metavar="REF", help="The data protection impact assessment.")
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="K=V", help="A label of the call; may be repeated: every one of these."),
    ] = None,
    k: Annotated[
        int,
        typer.Option(
            "--k",
            help=f"Metadata that fewer callers share (or, with --with-agents, fewer agents) is not carried as it is: "
            f"{LEAST_K} to {MOST_K}.",
        ),
    ] = 5,
    *,
    with_agents: Annotated[
        bool, typer.Option("--with-agents", help="Ask that items may say whose call it was, as a pseudonym.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask for an experiment; it waits for the data protection officer."""
    wish = Wish(
        name=name,
        purpose=purpose,
        owner=owner,
        line=LineId(line),
        first=needed_day("--from", from_),
        last=needed_day("--to", to),
        until=needed_day("--until", until),
        carries=carries_of(carries.split(",")),
        hypothesis=hypothesis,
        dpia=dpia,
        labels=frozenset(label or ()),
        sample=sample,
        seed=seed,
        k=k,
        with_agents=with_agents,
    )
    with signed_in(actor) as (system, asking):
        opened = system.experiment_desk.open(asking, wish)
    print_thing(experiment_shape(opened), as_json=as_json)


@app.command()
def preview(name: NameArgument, actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """How many calls it would take now, and why not the others."""
    with signed_in(actor) as (system, asking):
        seen = system.experiment_desk.preview(asking, name)
    print_thing(preview_shape(seen), as_json=as_json)
    if seen.fewer_than is not None:
        few = f"What is left empty is of fewer than {seen.fewer_than} callers"
        say(f"{few}: it is told once the experiment is approved.", as_json=as_json)


@app.command()
def approve(name: NameArgument, actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Let it be built: somebody else than its owner and who asked for it."""
    with signed_in(actor) as (system, asking):
        approved = system.experiment_desk.approve(asking, name)
    print_thing(experiment_shape(approved), as_json=as_json)


@app.command()
def build(name: NameArgument, actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Take what may be taken now, and let go of what may not be used any more. Interrupted, it goes on when it is given
    again."""
    with signed_in(actor) as (system, asking), progress("building") as told:
        built = system.experiment_build_desk.build(asking, name, told=told)
    print_thing(built_shape(built), as_json=as_json)


@app.command()
def export(
    name: NameArgument,
    directory: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="A new directory.")],
    actor: ActorOption,
    *,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="The lines as Parquet, too (needs the extra parquet).")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the items of its newest build that may still be used into a folder that datasets.load_dataset loads: lines,
    sound, a card, a signed manifest."""
    with signed_in(actor) as (system, asking), progress("exporting") as told:
        exported = system.experiment_export_desk.export(asking, name, directory, parquet=parquet, told=told)
    print_thing(exported_shape(exported), as_json=as_json)


@app.command()
def show(name: NameArgument, actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """One experiment, and how many of its items are in which state."""
    with signed_in(actor) as (system, asking):
        shown: dict[str, Any] = {**shown_experiment_shape(system.experiment_desk.shown(asking, name))}
    if as_json:
        print_thing(shown, as_json=True)
        return
    parts = {title: shown.pop(title) for title in ("items", "exports")}
    print_thing(shown, as_json=False)
    for title, rows in parts.items():
        if rows:
            print_list(rows, columns=list(rows[0]), as_json=False, title=title.capitalize())


@app.command("list")
def list_(actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Experiments of your lines, the newest first."""
    with signed_in(actor) as (system, asking):
        found = system.experiment_desk.listed(asking)
    columns = (
        "experiment",
        "state",
        "owner",
        "line",
        "from",
        "to",
        "sample",
        "until",
        "generation",
        "exports_to_clear",
    )
    print_list([listed_experiment_shape(one) for one in found], columns=columns, as_json=as_json, title="Experiments")


@app.command()
def close(name: NameArgument, actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """End it now: nothing more is built or exported, and its copies here are destroyed."""
    with signed_in(actor) as (system, asking):
        closed = system.experiment_desk.close(asking, name)
    print_thing(experiment_shape(closed), as_json=as_json)
