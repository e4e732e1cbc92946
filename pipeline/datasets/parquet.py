"""The lines of a data set as Parquet, beside them. Needs the extra `parquet`, and is imported by nothing before."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from callwarden.datasets.items import LINES, read_lines
from callwarden.errors import ConfigurationError

TABLE: Final = "items.parquet"
_PORTION: Final = 1000


def write_parquet(folder: Path) -> None:
    """Write the table anew from the lines that are there, a thousand rows at a time; nothing where there are none.

    Raises ConfigurationError where the extra is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise ConfigurationError("Parquet needs the extra: pip install 'callwarden[parquet]'") from error
    text, seconds = pa.string(), pa.float64()
    turn = pa.struct([("speaker", text), ("start_s", seconds), ("end_s", seconds), ("text", text)])
    unfinished = folder / f".{TABLE}"
    with (folder / LINES).open("rb") as file:
        empty = not file.readline()
    if empty:
        (folder / TABLE).unlink(missing_ok=True)
        return
    rows = _rows(folder)
    first = list(islice(rows, _PORTION))
    schema = pa.schema([(name, pa.list_(turn) if name == "turns" else text) for name in first[0]])
    with parquet.ParquetWriter(unfinished, schema) as writer:
        while first:
            writer.write_table(pa.Table.from_pylist(first, schema=schema))
            first = list(islice(rows, _PORTION))
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.rename(folder / TABLE)


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    for said, _ in read_lines(folder):
        yield dict(said)
