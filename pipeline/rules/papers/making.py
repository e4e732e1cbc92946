"""What every paper has: its title, its stamp, and what is missing."""

from callwarden.model.paper import Cells, Paper, PaperKind, Table
from callwarden.model.paper_words import Heading
from callwarden.rules.papers.telling import Telling

Sections = tuple[tuple[str, tuple[Heading, ...]], ...]
"""Codes of titles, and the columns that stand under each."""


def paper(telling: Telling, kind: PaperKind, tables: tuple[Table, ...], *, missing: tuple[str, ...] = ()) -> Paper:
    sources = telling.of
    return Paper(
        kind=kind,
        language=sources.words.language,
        title=sources.words.of("papers", kind.value),
        lead=telling.says(f"lead_{kind.value}"),
        stamp=telling.stamp(),
        policy_version=sources.policy.version,
        made_on=sources.today,
        missing_title=telling.says("missing"),
        missing=telling.missing(*missing),
        tables=tables,
    )


def table(telling: Telling, code: str, *columns: Heading, rows: tuple[Cells, ...], sections: Sections = ()) -> Table:
    return Table(
        code=code,
        title=telling.says(code),
        columns=tuple((one.value, telling.of.words.of("headings", one.value)) for one in columns),
        rows=rows,
        sections=tuple((telling.says(title), tuple(one.value for one in held)) for title, held in sections),
    )


def cells(**values: str | list[str] | None) -> Cells:
    """One row; what is empty is left empty."""
    return {
        column: (value,) if isinstance(value, str) else tuple(each for each in value or () if each)
        for column, value in values.items()
        if value
    }
