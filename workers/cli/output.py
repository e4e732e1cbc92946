"""What commands print: JSON for programs, tables for a person at a terminal, plain lines for a pipe.

A list is one JSON array, a thing one JSON object. In a pipe a list is its header and its rows with tabs between, a
thing one ``key<tab>value`` a line, what is within it indented under its key. Whatever came from outside is printed with
its control characters made visible.
"""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from callwarden.workers.shapes import Row, plain, to_json

if TYPE_CHECKING:  # loaded for a terminal only: programs and pipes get plain text
    from rich.text import Text

__all__ = [
    "JsonOption",
    "Row",
    "print_list",
    "print_thing",
    "progress",
    "say",
    "shown",
    "to_json",
    "visible",
    "warn",
    "warn_of_altered",
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON: a list as one array, a thing as one object.")]

_STYLES = {
    "stored": "green",
    "applied": "green",
    "refused": "yellow",
    "duplicate": "dim",
    "quarantined": "magenta",
    "dead-lettered": "red",
    "held": "cyan",
}
"""Colours of words a person looks for."""


def print_list(
    rows: Iterable[Row], *, columns: Collection[str], as_json: bool, title: str = "", empty: str = "nothing to show"
) -> None:
    """Print rows. JSON carries every key of a row, a table and a pipe only `columns`, under these names."""
    if as_json:
        _print_array(rows)
    elif sys.stdout.isatty():
        _print_table(list(rows), columns, title=title, empty=empty)
    else:
        sys.stdout.write("\t".join(columns) + "\n")
        for row in rows:
            sys.stdout.write("\t".join(shown(row.get(column)) for column in columns) + "\n")


def print_thing(thing: Row, *, as_json: bool, title: str = "", stream: TextIO | None = None) -> None:
    """Print one thing, every key of it; on standard output, or on `stream` where that is taken by something else."""
    out = sys.stdout if stream is None else stream
    if as_json:
        out.write(to_json(thing) + "\n")
    elif out.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(show_header=False, box=None, title=title or None, title_justify="left", title_style="bold")
        table.add_column(style="bold cyan", no_wrap=True)
        table.add_column(overflow="fold")
        for key, value in _lines(thing):
            table.add_row(Text(key), _text(value))
        Console(file=out).print(table)
    else:
        for key, value in _lines(thing):
            out.write(f"{key}\t{shown(value)}\n")


def _lines(thing: Mapping[str, object], indent: str = "") -> Iterator[tuple[str, object]]:
    """Keys and values, one a line; of an object, and of a list of objects, the key alone and then what is in it."""
    for name, value in thing.items():
        key = f"{indent}{visible(str(name))}"
        parts = [value] if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else []
        if not (parts and all(isinstance(part, Mapping) and part for part in parts)):
            yield key, value
            continue
        for part in parts:
            yield key, None
            yield from _lines(part, f"{indent}  ")


def say(sentence: str, *, as_json: bool) -> None:
    """A sentence for a person at the end of a command; programs that asked for JSON are spared it."""
    if not as_json:
        sys.stdout.write(f"{visible(sentence)}\n")


def warn(sentence: str) -> None:
    """A sentence beside the result, on standard error: something was left out."""
    sys.stderr.write(f"{visible(sentence)}\n")


def warn_of_altered(rows: Iterable[Row]) -> None:
    """Say that some of these were written past the system."""
    if count := sum(bool(row["altered"]) for row in rows):
        warn(
            f"{count} of these were written past the system, so what they say is not to be believed: see altered, and "
            "callwarden reconcile"
        )


@contextmanager
def progress(what: str, *, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far long work has come (on stderr, so that output stays clean).

    Yields a function to call with the number of steps done since the last call.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)


def shown(value: object) -> str:
    """A value as one cell of plain text: nothing for None, yes or no, instants to the second in UTC."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Enum():
            return visible(str(value.value))
        case str():
            return visible(value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        case Mapping():
            return ", ".join(f"{visible(str(key))}={shown(item)}" for key, item in value.items())
        case set() | frozenset():
            return ", ".join(sorted(shown(item) for item in value))
        case list() | tuple():
            return ", ".join(shown(item) for item in value)
    return visible(str(value if isinstance(value, int | float | Decimal) else plain(value)))


def visible(text: str) -> str:
    """The text with everything that does not print, and so could rewrite a terminal, escaped."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def _print_array(rows: Iterable[Row]) -> None:
    """Row by row, so that a long list is never in memory as a whole."""
    opening = "["
    for row in rows:
        sys.stdout.write(f"{opening}{to_json(row)}")
        opening = ",\n "
    sys.stdout.write("[]\n" if opening == "[" else "]\n")


def _print_table(rows: list[Row], columns: Collection[str], *, title: str, empty: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not rows:
        console.print(Text(empty, style="dim"))
        return
    table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold cyan")
    for column in columns:
        numbers = all(isinstance(row.get(column), int | float) for row in rows)
        table.add_column(Text(column.replace("_", " ")), justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_text(row.get(column)) for column in columns))
    console.print(table)


def _text(value: object) -> "Text":
    from rich.text import Text

    # A Text, never markup: brackets in a foreign id are brackets.
    cell = shown(value)
    return Text(cell, style=_STYLES.get(cell, ""))
