"""What `callwarden log verify` and `callwarden log status` say."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from workers.cli.output import print_list, print_thing, say
from workers.log_figures import LogFigures

if TYPE_CHECKING:
    from pipeline.wiring.log import Report


def print_report(report: "Report", *, as_json: bool) -> None:
    """Print what a verification found, for people or for a program."""
    from pipeline.wiring.log import written_keys

    faults = [
        {
            "kind": fault.kind,
            "message": fault.message,
            "first": fault.first,
            "end": fault.end,
            "segment": fault.segment,
            "checkpoint": fault.checkpoint,
        }
        for fault in report.faults
    ]
    if as_json:
        print_thing(
            {
                "ok": report.ok,
                "size": report.size,
                "root": b64encode(report.root).decode(),
                "anchored": report.anchored,
                "expired": report.expired,
                "outside_checkpoints": report.outside,
                "uncheckable": report.uncheckable,
                "timestamps": _timestamps_row(report),
                "handovers": [
                    {"by": by, "to": to, "size": one.size}
                    for one in report.handovers
                    for by, to in (written_keys([one.by, one.to]),)
                ],
                "faults": faults,
            },
            as_json=True,
        )
        return
    if faults:
        print_list(faults, columns=("kind", "message", "checkpoint"), as_json=False, title="What is wrong")
    verdict = "nothing is wrong" if report.ok else "this is NOT the log that was signed"
    say(
        f"{report.size} entries ({report.expired} expired), {report.anchored} of them proven, "
        f"{report.outside} outside checkpoints hold: {verdict}.",
        as_json=False,
    )
    for one in report.handovers:
        by, to = written_keys([one.by, one.to])
        say(f"At {one.size} entries the key {by} handed over to {to}.", as_json=False)
    say(_about_timestamps(report), as_json=False)
    if report.outside == 0:
        say("No outside checkpoint: a log that was set back or replaced as a whole could not be told.", as_json=False)


def _timestamps_row(report: "Report") -> dict[str, Any]:
    stamps = report.timestamps
    latest = stamps.latest
    return {
        "kept": stamps.kept,
        "checked": stamps.checked,
        "holding": stamps.holding,
        "latest": None
        if latest is None
        else {
            "checkpoint": latest.checkpoint,
            "size": latest.size,
            "proven_at": latest.at,
            "signed_at": latest.signed_at,
        },
    }


def _about_timestamps(report: "Report") -> str:
    stamps = report.timestamps
    if stamps.kept == 0:
        return "No time-stamp of a third party: when the log was as it is rests on its own clock."
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
    if figures.is_late:
        say(
            "Entries have waited too long for a checkpoint: callwarden work log does not run, or a place of "
            "checkpoints is out of reach.",
            as_json=False,
        )
