"""`callwarden report`: figures of groups of calls that point at nobody."""

from pathlib import Path
from typing import Annotated, Any

import typer

from callwarden.desks.figures import Report
from callwarden.errors import UsageError
from callwarden.model.ids import LineId
from callwarden.rules.figures.asking import By
from callwarden.rules.figures.reporting import VALUE, Kind, ReportRow
from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.appearing_file import appearing
from callwarden.workers.cli.days import day_of
from callwarden.workers.cli.output import JsonOption, print_list, say
from callwarden.workers.cli.spreadsheet import as_csv
from callwarden.workers.shapes.reports import file_rows, plain_cell, plain_rows, row_shapes, told_apart

app = typer.Typer(
    help="Figures of weeks that are over, of groups too large to point at a caller or an employee.",
    no_args_is_help=True,
)
HELP = {
    Kind.CALLS: "How many calls there were.",
    Kind.ANSWER_TIMES: "How soon calls were answered: the mean in seconds, an alarm line apart from the others.",
    Kind.DURATIONS: "How long calls took, and how long agents, callers and nobody spoke: means in seconds.",
    Kind.OUTCOMES: "How many calls there were, to how many somebody objected, and how many were set aside.",
    Kind.OBJECTIONS: "Of how many calls somebody objected to a use, or to recording where one may.",
    Kind.EVALUATIONS: "What evaluations gave: the mean score, and how many there were.",
}


def _command(kind: Kind) -> Any:
    def report(
        by: Annotated[By, typer.Option("--by", help="What a row is of.")],
        first: Annotated[str, typer.Option("--from", metavar="DAY", help="A Monday, such as 2026-11-02.")],
        last: Annotated[str, typer.Option("--to", metavar="DAY", help="A Sunday.")],
        actor: ActorOption,
        line: Annotated[str | None, typer.Option("--line", help="This line only.")] = None,
        csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write a CSV file.")] = None,
        *,
        as_json: JsonOption = False,
    ) -> None:
        begin, end = day_of("--from", first), day_of("--to", last)
        if begin is None or end is None:
            raise UsageError("figures are of weeks: --from a Monday --to a Sunday")
        with signed_in(actor) as (system, asking):
            minimums = system.policy.figures
            found = system.figure_desk.read(asking, kind, by, begin, end, line=None if line is None else LineId(line))
        if csv is not None:
            with appearing(csv) as file:
                file.write(as_csv(*file_rows(found), delimiter=","))
        columns, rows = plain_rows(found)
        if as_json:
            print_list(row_shapes(found), columns=columns, as_json=True)
            return
        print_list(rows, columns=columns, as_json=False, title=HELP[kind])
        if any("withheld" in row.values() for row in rows):
            say(
                f"Withheld is a figure of fewer than {minimums.callers} callers or {minimums.employees} employees, or "
                f"of which more than {(minimums.share * 100).normalize():f} % is one person's; one that would leave "
                "such a rest of another figure; and one of weeks that are not closed. Which of these it is would tell "
                "of somebody.",
                as_json=False,
            )
        for row in told_apart(found):
            weeks = row.week if row.week == row.until else f"{row.week} to {row.until} together"
            say(f"{row.line}, {weeks}{_beyond(row, found)}: {row.value}", as_json=False)
        if found.whole is not None:
            say(f"All lines together: {plain_cell(found.whole, VALUE)}", as_json=False)
        if found.closed is None or found.closed < found.last:
            known = "no week is" if found.closed is None else f"weeks up to {found.closed.sunday} are"
            say(f"Closed so far: {known}; what is later is withheld until it is.", as_json=False)

    report.__doc__ = HELP[kind]
    return report


def _beyond(group: ReportRow, asked: Report) -> str:
    """That weeks are told together with others than those that were asked for."""
    before = group.week is not None and group.week < asked.first
    after = group.until is not None and group.until > asked.last
    where = " and ".join(word for word, there in (("before", before), ("after", after)) if there)
    return f" (from {where} what you asked for)" if where else ""


for each in Kind:
    app.command(each.value)(_command(each))
