"""`callwarden publish | work | dispose | demo | up`: what moves calls through the system."""

import shutil
import socket
import sys
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from callwarden.custody.disposal import Disposed
from callwarden.desks.disposal import explained
from callwarden.errors import RefusedError, RetryableError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.recording import RecordingState
from callwarden.settings import Settings, load_settings
from callwarden.steps.clear_landing import Cleared
from callwarden.workers.cli.actor import actor_option, by_token, signed_in
from callwarden.workers.cli.draining import drain_to_the_end
from callwarden.workers.cli.opening import System, account, open_for_programs, open_or_make, private_folder
from callwarden.workers.cli.output import JsonOption, Row, print_list, print_thing, progress, say, warn
from callwarden.workers.cli.publishing import Landed, land_audio, publish, read_events, unaddressable
from callwarden.workers.demo import run_demo
from callwarden.workers.processes.health import taking_in
from callwarden.workers.processes.running import STEPS, clear_landing, count_gone, sweep_batches
from callwarden.workers.processes.service import serve
from callwarden.workers.shapes.calls import due_recording_row

ALL = "all"
_DEMO_HOME = Path("var/demo")


class WorkerName(StrEnum):
    """What `callwarden work` can run."""

    ALL = "all"
    INGEST = "ingest"
    OBJECTIONS = "objections"
    HOLDS = "holds"
    TRANSCRIBE = "transcribe"
    REDACT = "redact"
    WEBHOOKS = "webhooks"
    DISPOSE = "dispose"
    LOG = "log"
    WEB = "web"


def publish_command(
    events: Annotated[list[str], typer.Argument(metavar="EVENT.json…", help="Files of events; - for standard input.")],
    audio_dir: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Copy audio the events name as spool: from here."),
    ] = None,
    *,
    raw: Annotated[bool, typer.Option("--raw", help="Send also what is no JSON; it becomes a dead letter.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Put events on the bus, as a telephone system does. Faults in them show in `calls list`."""
    read = [event for source in events for event in _read(source, raw=raw)]
    with open_or_make(load_settings()) as system:
        spool, landed = system.settings.spool_folder, Landed(copied=0, missing=())
        if audio_dir is not None:
            private_folder(system.home)
            private_folder(spool)
        if audio_dir is not None or system.settings.is_embedded:  # else the watched folder is another machine's
            landed = land_audio(read, source=audio_dir, spool=spool)
        refused = unaddressable(read, areas=system.policy.landing_areas)
        positions = publish(system.bus, read)
    done: dict[str, object] = {"published": len(positions), "audio_copied": landed.copied}
    missing, elsewhere = (
        [{"event": event, "audio": audio} for event, audio in named] for named in (landed.missing, refused)
    )
    print_thing({**done, "audio_missing": missing, "audio_refused": elsewhere} if as_json else done, as_json=as_json)
    for event, audio in () if as_json else refused:
        warn(f"{audio}, which event {event} names, is no address in a landing area of the policy: it is not looked for")
    for event, audio in () if as_json else landed.missing:
        warn(f"{audio}, which event {event} names, is not there: without it the call is not stored")
    if positions:
        say(f"{_who_takes_them(system)} Then: callwarden calls list", as_json=as_json)
    else:
        say("No event was given: nothing was published.", as_json=as_json)


def _who_takes_them(system: System) -> str:
    worker = taking_in(system.home)
    if worker is not None:
        return f"The worker that runs here (process {worker}) takes them now."
    if system.settings.is_embedded:
        return "No worker is known to run here: callwarden up takes them, or callwarden work all --drain."
    return "Workers on other machines take them now; where none runs: callwarden work all --drain."


def _read(source: str, *, raw: bool) -> list[bytes]:
    if source == "-":
        return list(read_events(Path("standard input.jsonl"), sys.stdin.buffer.read(), raw=raw))
    path = Path(source)
    try:
        return list(read_events(path, path.read_bytes(), raw=raw))
    except OSError as error:
        raise UsageError(f"{source} cannot be read: {error.strerror}") from error


def work_command(
    name: Annotated[WorkerName, typer.Argument(help="Which worker.")],
    *,
    drain_: Annotated[
        bool, typer.Option("--drain", help="Stop when nothing is left instead of waiting for more.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run a worker: a member of its step's consumer group, until it is stopped (Ctrl-C, SIGTERM)."""
    names = STEPS if name is WorkerName.ALL else (name.value,)
    with open_for_programs(load_settings()) as system:
        if not drain_:
            serve(system, names)
            return
        if name is WorkerName.WEB:
            raise UsageError("the API and the portal have nothing to drain: callwarden work web")
        report = drain_to_the_end(system, names)
        report.raise_what_all_have()
    print_list(report.rows(), columns=("step", "handled", "left", "why"), as_json=as_json)
    for sentence in report.left_out():
        warn(sentence)
    report.raise_what_is_left()


def dispose_command(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be destroyed.")] = False,
    now: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="Sweep recordings and landing areas as at this instant (ISO 8601 with its offset); embedded and test "
            "systems only. Whatever else time ends goes by the clock.",
        ),
    ] = None,
    actor: Annotated[Actor | None, actor_option(default="you: a sweep within its limits only")] = None,
    as_json: JsonOption = False,
) -> None:
    """The sweep: destroy every version of every recording whose period is over, and prove it.

    Where the clock may be wrong, or more is due at once than the policy lets go, nothing that is due is destroyed until
    one person has asked for it with --as and another has confirmed it in the same way.
    """
    with signed_in(actor or by_token() or account(Role.OPERATOR)) as (system, asking):
        at = _instant(system, now)
        rows: list[Row]
        if dry_run:
            rows = [due_recording_row(one) for one in system.disposal_desk.previewed(asking, at=at)]
            cleared = system.landing_sweep.look(now=at)
        else:
            order = system.disposal_desk.order(asking, at=at, let_go=actor is not None)
            rows = []
            with progress("destroying what is due") as advance:
                for batch in sweep_batches(system, order):
                    advance(count_gone(batch))
                    rows += [
                        {
                            "recording_id": disposed.recording.recording_id,
                            "line": disposed.recording.line,
                            "keep_until": disposed.recording.keep_until,
                            "state": _fate(disposed),
                            "versions": 0 if disposed.erasure is None else len(disposed.erasure.versions),
                            "proven_empty_at": None if disposed.erasure is None else disposed.erasure.proven_empty_at,
                        }
                        for disposed in batch.disposed
                    ]
            cleared = clear_landing(system, order)
            if order.stopped is not None:
                raise RefusedError(tuple(reason.value for reason in order.stopped.reasons), explained(order.stopped))
    columns = ("recording_id", "line", "keep_until", "state")
    print_list(rows, columns=columns, as_json=as_json, title="Due" if dry_run else "Destroyed", empty="Nothing is due.")
    for area in cleared:
        say(_landing_words(area, dry_run=dry_run), as_json=as_json)
    if at is not None:
        say(
            "That instant was taken for recordings and landing areas. What else time ends, such as experiments and "
            "tests on real calls, goes by the clock.",
            as_json=as_json,
        )


def _fate(disposed: Disposed) -> str:
    if disposed.erasure is None:
        return "held_in_vault"
    return "destroyed" if disposed.recording.state is not RecordingState.STORED else "audio_destroyed"


def _landing_words(cleared: Cleared, *, dry_run: bool) -> str:
    if cleared.out_of_reach is not None:
        return f"{cleared.area} could not be looked into: {cleared.out_of_reach}"
    if dry_run:
        return f"{cleared.spared} items are overdue in {cleared.area}: they would be removed."
    spared = f", {cleared.spared} stay: an undecided event may need them" if cleared.spared else ""
    return f"{cleared.removed} overdue items in {cleared.area} were removed{spared}."


def _instant(system: System, now: str | None) -> datetime | None:
    if now is None:
        return None
    if not system.settings.is_embedded:
        raise UsageError("--now is for embedded and test systems: here the sweep uses the clock")
    try:
        instant = datetime.fromisoformat(now)
    except ValueError:
        instant = datetime.min  # noqa: DTZ901 -- naive, so refused below with the one explanation
    if instant.tzinfo is None:
        raise UsageError("--now takes an instant with its offset, such as 2027-05-22T10:00:00+02:00")
    return instant


def demo_command() -> None:
    """The main job on sample calls, without any server: the outcome of every call, and why."""
    settings = load_settings()
    if "home" not in settings.model_fields_set:
        settings = settings.model_copy(update={"home": _DEMO_HOME})
    width = max(shutil.get_terminal_size((132, 40)).columns, 100)
    run_demo(settings, Console(width=width))


def up_command() -> None:
    """The embedded system as a service: every worker, the API and the portal, until Ctrl-C or SIGTERM."""
    with open_for_programs(load_settings()) as system:
        with suppress(RetryableError):  # what is away is waited for below
            _say_how_to_log_in(system)
        serve(system, (*STEPS, "web"))


def where_the_portal_is(settings: Settings) -> str:
    """Its address, unless another program answers there."""
    address, port = settings.portal_address, settings.portal_port
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trying.bind((address, port))
        except OSError as error:
            return (
                f"No portal of this one: {address}:{port} cannot be listened on ({error.strerror}). End what answers "
                "there, which may be another callwarden up, or set CALLWARDEN_PORTAL_PORT to another port."
            )
    return f"The portal: {settings.portal_origin}/"


def _say_how_to_log_in(system: System) -> None:
    if system.provider is not None:
        how = f"People log in at {system.settings.oidc_issuer}."
    elif system.sign_in.has_anybody():
        how = "More people: callwarden people add NAME --role ROLE."
    else:
        how = "Nobody can log in yet. In another terminal: callwarden people add alice --role trainer"
    say(where_the_portal_is(system.settings), as_json=False)
    say(how, as_json=False)
    sys.stdout.flush()
