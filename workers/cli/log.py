"""`callwarden log`: the access log for those who check it."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from callwarden.errors import RefusedError, UsageError
from callwarden.model.log_entry import EntryId, Operation, is_entry_id
from callwarden.model.period import CalendarPeriod
from callwarden.model.purpose import Purpose
from callwarden.ports.log import EntryMissingError
from callwarden.rules.log_search import LogSearch
from callwarden.settings import load_settings
from callwarden.workers.cli import log_key
from callwarden.workers.cli.actor import ActorOption, AuditorOption, OperatorOption, PurposeOption, signed_in
from callwarden.workers.cli.days import day_of
from callwarden.workers.cli.log_report import print_report, print_status
from callwarden.workers.cli.opening import open_system
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.processes.log_figures import LogFigures
from callwarden.workers.shapes.log import checkpoint_shape, entry_row, finding_row, months_shape, proof_shape

app = typer.Typer(
    help="The access log: who did what, and the proof that nothing in it was changed.", no_args_is_help=True
)


_COLUMNS = ("index", "at", "actor", "operation", "outcome", "purpose", "subject", "reasons")


@app.command("list")
def list_entries(
    actor: AuditorOption,
    purpose: PurposeOption = Purpose.QUALITY,
    recording: Annotated[str | None, typer.Option(help="Only entries about this recording.")] = None,
    case: Annotated[str | None, typer.Option(help="Only entries about this case.")] = None,
    who: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only what this account did: ROLE:NAME, NAME, or as the log writes it."),
    ] = None,
    operation: Annotated[list[Operation] | None, typer.Option(help="Only these; may be repeated.")] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="D", help="Only of this day or later.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="D", help="Only of this day or earlier.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show entries, newest first. Looking is an entry too: the first one shown."""
    first, last = day_of("--from", from_), day_of("--to", to)
    with signed_in(actor, reading=True) as (system, asking):
        zone = system.policy.time_zone
        search = LogSearch(
            operations=frozenset(operation or ()),
            who=frozenset({who} if who else ()),
            since=None if first is None else datetime.combine(first, time(), zone),
            until=None if last is None else datetime.combine(last + timedelta(days=1), time(), zone),
        )
        entries = system.log_desk.entries(asking, purpose, subject=recording, case=case, limit=limit, search=search)
        print_list((entry_row(entry) for entry in entries), columns=_COLUMNS, as_json=as_json, title="Access log")


@app.command()
def unusual(
    actor: AuditorOption,
    purpose: PurposeOption = Purpose.QUALITY,
    days: Annotated[int, typer.Option(min=1, max=366, help="Of so many days.")] = 7,
    *,
    as_json: JsonOption = False,
) -> None:
    """Who reads otherwise than usual, by the policy's unusual_reading: more than they or their role do, out of hours,
    by emergency access. Questions to ask, and no proof of anything."""
    with signed_in(actor, reading=True) as (system, asking):
        rows = [finding_row(one) for one in system.log_desk.unusual(asking, purpose, days=days)]
    columns = ("day", "actor", "what", "count", "usual")
    print_list(rows, columns=columns, as_json=as_json, title="Unusual reading", empty="Nothing is unusual.")


@app.command("verify-proof")
def verify_proof(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="Of callwarden log prove.")],
    public_key: Annotated[
        list[Path], typer.Option("--public-key", exists=True, dir_okay=False, help="A key you hold from before.")
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Check the proof of one entry; needs the file and the key, and nothing else."""
    from callwarden.accesslog.key.signer import read_keys
    from callwarden.accesslog.proof.inclusion import NotProvenError, check_proof

    try:
        entry, index, covering = check_proof(file.read_bytes(), trusted=read_keys(*public_key))
    except NotProvenError as error:
        raise RefusedError(("not_proven",), str(error)) from error
    thing = {"proven": True, "index": index, "entry": entry.decode("ascii"), "size": covering.size, "at": covering.at}
    print_thing(thing, as_json=as_json)


@app.command()
def checkpoint(actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """Number every entry, sign the state and bring the signature to its places. Waits for a sequencer that runs."""
    with signed_in(actor) as (system, asking):
        status = system.log_desk.checkpoint(asking, wait_s=system.settings.checkpoint_every_s + 10)
        print_thing(checkpoint_shape(status, places=[place.name for place in system.log_places]), as_json=as_json)


@app.command("status")
def show_status(*, as_json: JsonOption = False) -> None:
    """The state of the log, and how old its unanchored tail is. Figures only: looking is no entry."""
    with open_system(load_settings(), reading=True) as system:
        figures = LogFigures(
            status=system.log_reader.status(outside=True),
            now=system.clock.now(),
            checkpoint_every=timedelta(seconds=system.settings.checkpoint_every_s),
        )
    print_thing(figures.as_row(), as_json=True) if as_json else print_status(figures)


@app.command()
def prove(
    entry: Annotated[str, typer.Argument(metavar="ENTRY", help="An entry's id.")],
    actor: ActorOption,
    purpose: PurposeOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Prove that an entry is in the log, under its newest signed checkpoint."""
    if not is_entry_id(entry):
        raise EntryMissingError(f"there is no entry {entry}: an entry's id is 26 capital letters and digits")
    with signed_in(actor, reading=True) as (system, asking):
        proof = system.log_desk.prove(asking, purpose, EntryId(entry))
        print_thing(proof_shape(proof, public_key=system.log_key.signer().public_text()), as_json=as_json)


@app.command()
def verify(
    export: Annotated[
        Path | None, typer.Option("--export", exists=True, file_okay=False, help="An export; else the log itself.")
    ] = None,
    public_key: Annotated[
        list[Path] | None,
        typer.Option(
            "--public-key",
            exists=True,
            dir_okay=False,
            help="A key you hold from before; may be repeated, or hold several. Needed with --export.",
        ),
    ] = None,
    checkpoints: Annotated[
        Path | None,
        typer.Option("--checkpoints", exists=True, file_okay=False, help="With --export: checkpoints kept elsewhere."),
    ] = None,
    timestamp_roots: Annotated[
        Path | None,
        typer.Option(
            "--timestamp-roots",
            exists=True,
            dir_okay=False,
            help="PEM file of the roots of the time-stamping authorities you trust; else CALLWARDEN_TIMESTAMP_ROOTS.",
        ),
    ] = None,
    accept_loss: Annotated[
        list[str] | None,
        typer.Option(
            "--accept-loss", metavar="LOSS", help="A loss you know of, by the name given here; no fault then."
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Check every entry against the signed checkpoints. Exit code 1 when anything is wrong, and what it is."""
    from callwarden.accesslog.export import verify_directory
    from callwarden.accesslog.key.signer import read_keys

    waiting, check_stamp, trusted = 0, None, read_keys(*(public_key or ()))
    if timestamp_roots is not None:
        from callwarden.accesslog.timestamps.tokens import open_trust

        check_stamp = open_trust(timestamp_roots).check
    if export is not None:
        if not public_key:
            raise UsageError("an export is verified under a key you hold from before: add --public-key FILE")
        if checkpoints is not None and checkpoints.resolve().is_relative_to(export.resolve()):
            raise UsageError("--checkpoints names the export's own copies; give the place they are kept in")
        report = verify_directory(export, trusted=trusted, checkpoints=checkpoints, check_stamp=check_stamp)
    else:
        if checkpoints is not None:
            raise UsageError("--checkpoints goes with --export; the log itself is held against its own places")
        with open_system(load_settings()) as system:
            report = system.log_book.verify(trusted=trusted, check_stamp=check_stamp)
            waiting = system.log_reader.status().staged
    report = report.accepting(*(accept_loss or ()))
    print_report(report, as_json=as_json, exported=export is not None, place=checkpoints, waiting=waiting)
    if not report.ok:
        raise typer.Exit(1)


@app.command()
def export(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new directory.")],
    actor: ActorOption,
    purpose: PurposeOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Write the whole log, its proofs and its public key into a directory, for whoever verifies it elsewhere."""
    with signed_in(actor) as (system, asking):
        wait_s = system.settings.checkpoint_every_s + 10
        written = system.log_desk.export(asking, purpose, directory, wait_s=wait_s)
    print_thing(
        {
            "directory": written.directory,
            "segments": written.segments,
            "entries": written.entries,
            "checkpoints": written.checkpoints,
            "timestamps": written.timestamps,
        },
        as_json=as_json,
    )


@app.command()
def expire(
    actor: ActorOption,
    older_than: Annotated[
        str | None,
        typer.Option(
            "--older-than", metavar="PERIOD", help="No less than the policy's log_retention, which it is if left out."
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Delete months of the log closed longer ago than the policy keeps them, save what open litigation needs. Proofs of
    the rest stay; the order is an entry."""
    try:
        age = None if older_than is None else CalendarPeriod.parse(older_than)
    except ValueError as error:
        raise UsageError(str(error)) from error
    with signed_in(actor) as (system, asking):
        gone = system.log_desk.expire(asking, age)
        print_thing({"entries_deleted": gone, **months_shape(system.log_reader.status())}, as_json=as_json)


log_key.add_to(app)
