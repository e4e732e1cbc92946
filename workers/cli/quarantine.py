"""`callwarden quarantine`: what was set aside, and what people do about it."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.content import Content
from callwarden.model.ids import CallId, LineId, RecordingId
from callwarden.model.purpose import OBJECTABLE, Purpose
from callwarden.rules.clearing import Correction
from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.opening import System, send_outbox
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, say
from callwarden.workers.cli.reading import let_out
from callwarden.workers.shapes.reading import What
from callwarden.workers.shapes.set_aside import cleared_row, discarded_row, set_aside_parts, set_aside_row

app = typer.Typer(
    help="Recordings in quarantine: see why, clear one, have it decided again, destroy it.", no_args_is_help=True
)

RecordingArgument = Annotated[str, typer.Argument(metavar="REC", help="A recording: callwarden quarantine list.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why. It is stored encrypted.")]


@app.command("list")
def list_(
    actor: ActorOption,
    reason: Annotated[str | None, typer.Option(metavar="CODE", help="Only what was set aside for this.")] = None,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="Only this line.")] = None,
    older_than: Annotated[int | None, typer.Option(metavar="DAYS", min=0, help="Only what is older.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Recordings in quarantine, the longest first."""
    with signed_in(actor) as (system, asking):
        found = system.quarantine_desk.listed(
            asking,
            reason=reason,
            line=None if line is None else LineId(line),
            older_than=None if older_than is None else timedelta(days=older_than),
        )
        now = system.clock.now()
    rows = [set_aside_row(aside, now) for aside in found]
    columns = (
        "recording_id",
        "call_id",
        "leg",
        "segment",
        "line",
        "reason",
        "field",
        "since",
        "age_days",
        "keep_until",
    )
    print_list(rows, columns=columns, as_json=as_json, title="Quarantine", empty="Nothing is in quarantine.")


@app.command()
def show(
    recording: RecordingArgument,
    actor: ActorOption,
    *,
    event: Annotated[
        bool, typer.Option("--event", help="With the event itself and the reasons people gave: for legal and DPO.")
    ] = False,
    audio: Annotated[
        bool, typer.Option("--audio", help="Its original audio, into a file, and nothing else: for legal and DPO.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="With --audio: where to write it; - for standard output.")
    ] = None,
    purpose: Annotated[Purpose | None, typer.Option(help="With --audio: what for.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What was expected and what was found; with --event also what stood in wrong fields. With --audio what was
    recorded: a reading like any other, in the access log before its first byte."""
    recording_id = RecordingId(recording)
    if audio or output is not None or purpose is not None:
        if not audio or output is None or purpose is None or event:
            raise UsageError("its audio is written with --audio -o FILE --purpose PURPOSE, and without --event")
        _hear(recording_id, purpose, actor, output, as_json=as_json)
        return
    with signed_in(actor) as (system, asking):
        shown = system.quarantine_desk.shown(asking, recording_id)
        opened = system.quarantine_desk.opened(asking, recording_id) if event else None
        now = system.clock.now()
    thing, found, noted, acts = set_aside_parts(shown, now=now, opened=opened)
    if as_json:
        print_thing({**thing, "differences": found, "noted": noted, "acts": acts}, as_json=True)
        return
    print_thing(thing, as_json=False)
    print_list(found, columns=("field", "expected", "found"), as_json=False, title="Expected and found")
    if noted:
        print_list(noted, columns=("field", "was", "why", "needed"), as_json=False, title="Noted")
    if acts:
        print_list(acts, columns=("at", "act", "reason"), as_json=False, title="What was done about it")


@app.command()
def clear(
    recording: RecordingArgument,
    actor: ActorOption,
    reason: ReasonOption,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="The line it was on.")] = None,
    started_at: Annotated[str | None, typer.Option(metavar="INSTANT", help="When the call began.")] = None,
    ended_at: Annotated[str | None, typer.Option(metavar="INSTANT", help="When the call ended.")] = None,
    call_id: Annotated[str | None, typer.Option("--call", metavar="ID", help="Which call it is.")] = None,
    leg: Annotated[str | None, typer.Option(metavar="LEG", help="Which leg of it.")] = None,
    segment: Annotated[int | None, typer.Option(metavar="N", min=0, help="Which segment of it.")] = None,
    objections: Annotated[
        str | None, typer.Option(metavar="PURPOSES", help="What the caller objected to: none, or words with commas.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Store it after all, with your corrections. Audio that you have checked is taken as it is."""
    correction = Correction(
        line=None if line is None else LineId(line),
        started_at=_instant("--started-at", started_at),
        ended_at=_instant("--ended-at", ended_at),
        call_id=None if call_id is None else CallId(call_id),
        leg=leg,
        segment=segment,
        objections=_objections(objections),
    )
    with signed_in(actor) as (system, asking):
        saved = system.quarantine_desk.cleared(asking, RecordingId(recording), correction, reason=reason)
        send_outbox(system)
    print_thing(cleared_row(saved), as_json=as_json)


@app.command()
def retry(recording: RecordingArgument, actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Have it decided again: after the policy was changed, or its audio was put where the event says."""
    with signed_in(actor) as (system, asking):
        saved = system.quarantine_desk.retried(asking, RecordingId(recording))
        send_outbox(system)
    if saved is None:
        print_thing({"recording_id": recording, "state": "sent_again"}, as_json=as_json)
        say("Its event was sent again: callwarden calls show has its outcome.", as_json=as_json)
    else:
        print_thing(cleared_row(saved), as_json=as_json)


@app.command()
def discard(
    recording: RecordingArgument, actor: ActorOption, reason: ReasonOption, *, as_json: JsonOption = False
) -> None:
    """Destroy it now, with a certificate: callwarden calls certificate."""
    with signed_in(actor) as (system, asking):
        gone = system.quarantine_desk.discarded(asking, RecordingId(recording), reason=reason)
    print_thing(discarded_row(gone), as_json=as_json)


def _hear(recording_id: RecordingId, purpose: Purpose, actor: Actor, output: Path, *, as_json: bool) -> None:
    def heard(system: System, asking: Actor) -> Content:
        return system.gate.hear_set_aside(asking, purpose, recording_id)

    let_out(heard, actor, output, what=What.ORIGINAL_AUDIO, as_json=as_json)


def _instant(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = datetime.combine(date.min, time())  # naive, so refused below with the one explanation
    if instant.tzinfo is None:
        raise UsageError(f"{option} takes an instant with its offset, such as 2026-11-20T10:25:01+01:00")
    return instant


def _objections(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    if text == "none":
        return frozenset()
    words = frozenset(word.strip() for word in text.split(","))
    if not words <= OBJECTABLE:
        raise UsageError(f"--objections takes none, or of {', '.join(sorted(OBJECTABLE))} with commas between")
    return words
