"""A table as a file for a spreadsheet."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Final

from callwarden.workers.cli.output import shown
from callwarden.workers.shapes import Row

_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


def as_csv(columns: Sequence[str], rows: Sequence[Row], *, delimiter: str) -> bytes:
    """RFC 4180, with a byte order mark, by which spreadsheets know UTF-8. A text that one would take for a formula
    begins with an apostrophe; numbers stay numbers."""
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    text = shown(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) and not is_number else text
