"""What `callwarden log verify` and `callwarden log status` say."""

from pathlib import Path
from typing import TYPE_CHECKING

from callwarden.workers.cli.output import print_list, print_thing, say
from callwarden.workers.processes.log_figures import LogFigures
from callwarden.workers.shapes.log import faults_of, report_shape

if TYPE_CHECKING:
    from callwarden.accesslog.proof.export import Report


def print_report(
    report: "Report", *, as_json: bool, exported: bool = False, place: Path | None = None, waiting: int = 0
) -> None:
    """Print what a verification found, for people or for a program. ``exported``: it was an export; ``place`` is where
    its outside checkpoints were looked for; ``waiting`` have no number yet and are not verified."""
    from callwarden.accesslog.proof.note import format_key

    if as_json:
        print_thing(report_shape(report, waiting=waiting), as_json=True)
        return
    faults = faults_of(report)
    if faults:
        print_list(faults, columns=("kind", "message", "checkpoint"), as_json=False, title="What is wrong")
    verdict = "this is NOT the log that was signed"
    if report.ok:
        verdict = "nothing is wrong"
    elif report.is_unsigned:
        verdict = "nothing was ever signed, so nothing is proven yet: callwarden log checkpoint"
    elif report.only_lost:
        verdict = "they are the signed entries; others that were signed are lost"
    elif report.entries_stand:
        verdict = "they are the signed entries; the fault is in data stored beside them"
    beside = f", {report.of_lost} of lost entries" if report.of_lost else ""
    say(
        f"{report.size} entries ({report.expired} expired), the first {report.anchored} of them proven, "
        f"{report.outside} of {report.given} outside checkpoints hold{beside}: {verdict}.",
        as_json=False,
    )
    if exported and any(fault.kind == "rolled_back" for fault in report.faults):
        say(
            "A checkpoint signed after the export looks the same: copy the checkpoints first, then export.",
            as_json=False,
        )
    if waiting:
        say(
            f"{waiting} more wait for their number and are not proven: callwarden log checkpoint",
            as_json=False,
        )
    for handover in report.handovers:
        say(
            f"At {handover.size} entries the key {format_key(handover.by)} handed over to {format_key(handover.to)}.",
            as_json=False,
        )
    for loss in report.losses:
        if loss.accepted:
            say(f"Accepted: {loss.message.partition(';')[0]}.", as_json=False)
    say(_about_timestamps(report), as_json=False)
    if report.outside == 0:
        say(_about_outside(report, exported=exported, place=place), as_json=False)


def _about_outside(report: "Report", *, exported: bool, place: Path | None) -> str:
    """Why no outside checkpoint holds, and what that means."""
    if report.given:
        return "None of the outside checkpoints could be held against this log."
    unseen = "a log set back or replaced as a whole would not be noticed."
    if place is not None:
        return f"There is no checkpoint in {place}: {unseen}"
    if exported:
        return (
            f"No outside checkpoint was given: {unseen} The export's own copies prove no roll-back; give --checkpoints."
        )
    return f"No outside checkpoint: {unseen}"


def _about_timestamps(report: "Report") -> str:
    stamps = report.timestamps
    if stamps.kept == 0:
        return "No time-stamp of a third party: only the log's own clock says when it had this state."
    if not stamps.checked:
        return f"{stamps.kept} time-stamps, not checked: name the authority's roots with --timestamp-roots."
    if stamps.latest is None:
        return f"{stamps.holding} of {stamps.kept} time-stamps hold, none of a checkpoint that agrees with the log."
    latest = stamps.latest
    signed = "" if latest.signed_at is None else f" (the log's own clock said {latest.signed_at:%Y-%m-%d %H:%M:%S} UTC)"
    return (
        f"{stamps.holding} of {stamps.kept} time-stamps hold: the first {latest.size} entries existed at "
        f"{latest.at:%Y-%m-%d %H:%M:%S} UTC{signed}."
    )


def print_status(figures: LogFigures) -> None:
    """Print how the log stands, for people."""
    row, status = figures.as_row(), figures.status
    thing = {key: row[key] for key in ("origin", "entries", "waiting", "root")}
    for part in ("checkpoint", "unanchored", "timestamp"):
        thing |= {part: None} if row[part] is None else {f"{part} {key}": value for key, value in row[part].items()}
    print_thing(thing, as_json=False, title="Access log")
    if status.segments:
        columns = ("name", "state", "first", "end", "since")
        print_list(row["segments"], columns=columns, as_json=False, title="Months")
    if status.set_back is not None:
        say(f"rolled_back: {status.set_back}", as_json=False)
    for place in status.missing_outside or ():
        say(
            f"checkpoint_missing_outside: the newest checkpoint is not in {place} any more, so nothing counts as "
            "anchored. callwarden work log brings it there again, or: callwarden log checkpoint",
            as_json=False,
        )
    for one in status.out_of_reach or ():
        say(f"A place of checkpoints could not be looked at: {one}", as_json=False)
    if figures.is_late:
        say(
            "Entries have waited too long for a checkpoint: callwarden work log does not run, or a place of "
            "checkpoints is out of reach.",
            as_json=False,
        )
