"""`callwarden redaction status|report|cases|rerun`: what became of redactions, and what people do about them."""

import re
from typing import Annotated

import typer

from callwarden.errors import UsageError
from callwarden.model.ids import RecordingId
from callwarden.model.transcript import TimeRange
from callwarden.workers.cli.actor import ActorOption, OperatorOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.cli.redaction_text import app
from callwarden.workers.shapes.redactions import redaction_row

_PLACE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)-([0-9]{1,6}(?:\.[0-9]{1,3})?)")

RecordingArgument = Annotated[str, typer.Argument(metavar="REC", help="A recording id.")]


def status_command(
    actor: OperatorOption,
    recording: Annotated[
        str | None, typer.Argument(metavar="[REC]", help="A recording id; without one, all that are not released.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    *,
    as_json: JsonOption = False,
) -> None:
    """The state of a recording's redaction, or which ones are withheld or withdrawn, and why."""
    with signed_in(actor) as (system, asking):
        if recording is not None:
            found = [system.redaction_desk.status(asking, RecordingId(recording))]
        else:
            found = list(system.redaction_desk.not_released(asking, limit=limit))
    rows = [redaction_row(record) for record in found]
    if recording is None:
        columns = ("recording_id", "status", "reasons", "version", "decided_at")
        print_list(rows, columns=columns, as_json=as_json, title="Not released", empty="Every redaction is released.")
    else:
        print_thing(rows[0], as_json=as_json)


def report_command(
    recording: RecordingArgument,
    actor: ActorOption,
    at: Annotated[
        list[str] | None,
        typer.Option(metavar="FROM-TO", help="Where, in seconds from the start, such as 12.5-14; may be repeated."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Report that something was missed: the redaction is withdrawn at once. With --at it is done again without what is
    said there; without, it stays withdrawn until a person has looked."""
    places = [_place(one) for one in at or ()]
    with signed_in(actor) as (system, asking):
        record = system.redaction_desk.report_missed(asking, RecordingId(recording), places=places)
    print_thing(redaction_row(record), as_json=as_json)


def cases_command(
    actor: OperatorOption,
    limit: Annotated[int, typer.Option(min=1, help="At most so many recordings.")] = 100,
    *,
    as_json: JsonOption = False,
) -> None:
    """What reviewers have reported, by recording and time: what the recognisers should have found, and whether the
    present redaction is released, without it."""
    with signed_in(actor) as (system, asking):
        found = list(system.redaction_desk.reported(asking, limit=limit))
    rows = [redaction_row(record) for record in found]
    columns = ("recording_id", "reported", "status", "version", "decided_at")
    print_list(rows, columns=columns, as_json=as_json, title="Reported", empty="Nothing is reported.")


def rerun_command(
    actor: OperatorOption,
    recording: Annotated[
        str | None,
        typer.Argument(
            metavar="[REC]", help="One recording that you have looked at, also if reported without a place."
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Redo every redaction this version did not make.")
    ] = None,
    *,
    withheld: Annotated[bool, typer.Option("--withheld", help="Redo those that are withheld.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Redo older redactions with the current recognisers; what is released stays readable until then. What was reported
    without a place is redone by its id only: a person has to look first."""
    if (recording is None) == (since is None and not withheld):
        raise UsageError("say which: one recording, or --since VERSION, --withheld, or both")
    if recording is not None:
        with signed_in(actor) as (system, asking):
            record = system.redaction_desk.redo_one(asking, RecordingId(recording))
        print_thing(redaction_row(record), as_json=as_json)
        return
    with signed_in(actor) as (system, asking):
        asked = list(system.redaction_desk.redo(asking, version=since, withheld=withheld))
    print_thing({"since": since, "withheld": withheld, "asked_for": len(asked)}, as_json=as_json)


def _place(text: str) -> TimeRange:
    found = _PLACE.fullmatch(text)
    if found is None or float(found[1]) > float(found[2]):
        raise UsageError(f"--at {text!r}: write FROM-TO in seconds, such as 12.5-14")
    return TimeRange(start_s=float(found[1]), end_s=float(found[2]))


# Beside the commands that need no system.
app.command("status")(status_command)
app.command("report")(report_command)
app.command("cases")(cases_command)
app.command("rerun")(rerun_command)
