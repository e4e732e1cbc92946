"""`callwarden calls`: what became of each event, and whether the sums are right."""

from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from callwarden.custody.balance import Balance
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.outcome import Outcome, Reason
from callwarden.model.recording import RecordingState
from callwarden.ports.catalogue import OutcomeFilter
from callwarden.workers.cli.actor import ActorOption, OperatorOption, signed_in
from callwarden.workers.cli.certificates import certificate_command
from callwarden.workers.cli.days import day_of
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.cli.output import JsonOption, Row, print_list, print_thing, say
from callwarden.workers.cli.pushing import push_command
from callwarden.workers.shapes.calls import call_shape, consultation_row, event_row, sums_shape, waiting_rows

app = typer.Typer(help="The outcome of each event.", no_args_is_help=True)
app.command("certificate")(certificate_command)
app.command("push")(push_command)


@app.command("list")
def list_(
    actor: OperatorOption,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    outcome: Annotated[list[Outcome] | None, typer.Option(help="Only events that ended so; may be repeated.")] = None,
    reason: Annotated[list[Reason] | None, typer.Option(help="Only for this reason; may be repeated.")] = None,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="Only this line.")] = None,
    state: Annotated[
        list[RecordingState] | None, typer.Option(help="Only recordings in this state now; may be repeated.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="D", help="Only calls that ended on this day or later.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="D", help="Only calls that ended by this day.")] = None,
    *,
    untranscribed: Annotated[
        bool, typer.Option("--untranscribed", help="Only recordings that could not be transcribed, or were not to be.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Every event: its outcome, the reason, and how long its recording is kept, or when it went."""
    first, last = day_of("--from", from_), day_of("--to", to)
    with signed_in(actor, reading=True) as (system, asking):
        zone = system.policy.time_zone
        wanted = OutcomeFilter(
            outcomes=frozenset(outcome or ()),
            reasons=frozenset(reason or ()),
            line=None if line is None else LineId(line),
            states=frozenset(state or ()),
            untranscribed=untranscribed,
            ended_from=None if first is None else datetime.combine(first, time(), zone),
            ended_before=None if last is None else datetime.combine(last + timedelta(days=1), time(), zone),
        )
        found = system.call_desk.listed(asking, wanted, limit=limit)
    shown = [event_row(event, found) for event in found.outcomes]
    narrowed = wanted != OutcomeFilter()
    print_list(
        shown if as_json else [{**row, "position": _position(row)} for row in shown],
        columns=(
            *("call_id", "leg", "segment", "line", "outcome", "reason", "recording_id", "ended_at"),
            *("keep_until", "gone_at", "state", "holds", "field", "position"),
            *(("untranscribed",) if untranscribed else ()),
        ),
        as_json=as_json,
        title="Outcomes",
        empty="No event is like this." if narrowed else "No event has come in yet: callwarden publish EVENT.json",
    )


@app.command()
def show(
    which: Annotated[str, typer.Argument(metavar="CALL|RECORDING", help="A call id or a recording id.")],
    actor: OperatorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """One call or recording: its events, its state, what is stored of it."""
    with signed_in(actor, reading=True) as (system, asking):
        found = system.call_desk.shown(asking, which)
    whole = call_shape(found)
    if as_json:
        print_thing(whole, as_json=True)
        return
    events, stored = whole["events"], whole["artefacts"]
    for recording in whole["recordings"]:
        print_thing(recording, as_json=False)
    print_list(
        events,
        columns=("event_id", "leg", "segment", "outcome", "reason", "field", "recording_id"),
        as_json=False,
        title="Events",
    )
    if noted := [note for event in events for note in _noted(event)]:
        print_list(noted, columns=("event_id", "field", "was", "why"), as_json=False, title="Noted")
    print_list(stored, columns=("recording_id", "kind", "bytes", "sha256"), as_json=False, title="Stored")


@app.command()
def transcribe(
    recordings: Annotated[list[str], typer.Argument(metavar="RECORDING...", help="Recordings without a transcript.")],
    actor: ActorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Transcribe recordings again, once the cause of the failure is corrected."""
    with signed_in(actor) as (system, asking):
        again: list[Row] = [
            {"recording_id": name, "untranscribed": system.call_desk.transcribed_again(asking, RecordingId(name))}
            for name in recordings
        ]
        send_outbox(system)
    print_list(again, columns=("recording_id", "untranscribed"), as_json=as_json, title="Transcribed again")


@app.command()
def outcomes(actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """The sums: events published, outcomes, and events in flight. Exit code 1 when they do not add up."""
    with signed_in(actor, reading=True) as (system, asking):
        balance, waits = system.call_desk.sums(asking)
    if as_json:
        print_thing(sums_shape(balance, waits), as_json=True)
    else:
        rows: list[Row] = [{"outcome": outcome, "events": count} for outcome, count in balance.outcomes.items()]
        rows += [{"outcome": "in flight", "events": balance.in_flight}]
        if balance.deleted_unread:
            rows += [{"outcome": "deleted unread", "events": sum(balance.deleted_unread.values())}]
        rows += [{"outcome": "published", "events": balance.published}]
        print_list(rows, columns=("outcome", "events"), as_json=False)
        if waits:
            print_list(waiting_rows(waits), columns=_WAITING, as_json=False, title="Of those in flight, waiting")
        say(_verdict(balance), as_json=False)
    if not balance.balanced:
        raise typer.Exit(1)


@app.command()
def waiting(actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """What events in flight wait for, since when, and why: a possible objection, or a place out of reach."""
    with signed_in(actor, reading=True) as (system, asking):
        waits = system.call_desk.waiting(asking)
    print_list(waiting_rows(waits), columns=_WAITING, as_json=as_json, title="Waiting", empty="No event waits.")


_WAITING = ("waits_for", "events", "since", "why")


def _verdict(balance: Balance) -> str:
    if balance.balanced:
        return "They add up."
    lost = sum(balance.deleted_unread.values())
    why = f": {lost} events were deleted before they were read" if lost else ""
    return f"They do not add up{why}: callwarden reconcile"


@app.command()
def consultations(
    actor: ActorOption,
    number: Annotated[str | None, typer.Option("--number", metavar="N", help="Calls of this telephone number.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", metavar="ID", help="Calls of this customer.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """For the person concerned: when their calls were consulted and what for. No names of staff; itself logged."""
    with signed_in(actor, reading=True) as (system, asking):
        found = system.consultations.of(asking, number=number, customer_id=customer)
    rows = [consultation_row(one) for one in found.consultations]
    columns = ("day", "purpose", "operation", "artefact", "by_machine", "call_ended_at", "line", "times")
    print_list(rows, columns=columns, as_json=as_json, title="Consultations", empty="Nobody has consulted these calls.")
    say(_matched(found.calls), as_json=as_json)


def _matched(calls: int) -> str:
    if not calls:
        return "No call that you may see matches: check the spelling."
    return f"{calls} call{'' if calls == 1 else 's'} matched."


def _position(row: Row) -> str | None:
    """Where on the bus an event lies that became no call of ours: a dead letter, or one without a call's name."""
    settled = row["call_id"] and row["outcome"] != Outcome.DEAD_LETTERED
    return None if settled else f"{row['topic']}/{row['partition']}/{row['offset']}"


def _noted(event: Row) -> list[Row]:
    noted = event["noted"]
    return [{"event_id": event["event_id"], **note} for note in noted] if isinstance(noted, list) else []
