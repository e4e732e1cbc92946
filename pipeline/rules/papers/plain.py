"""Papers as plain text: for a terminal, and for whoever reads them aloud."""

from html.parser import HTMLParser
from typing import Final

from callwarden.model.paper import Notice, Paper, Table

_BLOCKS: Final = frozenset({"h1", "h2", "p", "li"})
_UNSEEN: Final = frozenset({"style", "title"})


def plain(made: Paper | Notice) -> str:
    return _notice(made) if isinstance(made, Notice) else _paper(made)


def _paper(paper: Paper) -> str:
    head = [paper.title, paper.stamp, paper.lead]
    missing = [paper.missing_title, *(f"- {one}" for one in paper.missing)] if paper.missing else []
    colon = paper.language.colon
    blocks = [_block(table, index, colon) for table in paper.tables for index in range(len(table.rows))]
    return "\n".join([*head, *(["", *missing] if missing else []), *blocks]) + "\n"


def _block(table: Table, index: int, colon: str) -> str:
    """One row: its table's title before the first, then what stands in each column."""
    row, lines = table.rows[index], [] if index else ["", f"== {table.title}"]
    first, *others = (column for column in table.columns if row.get(column[0]))
    lines += ["", f"{first[1]}{colon}{', '.join(row[first[0]])}"]
    for code, label in others:
        values = row[code]
        lines += (
            [f"  {label}: {values[0]}"] if len(values) == 1 else [f"  {label}:", *(f"    - {one}" for one in values)]
        )
    return "\n".join(lines)


def _notice(notice: Notice) -> str:
    said = [line for one in notice.announcements for line in ("", f"== {one.line} ({one.seconds:g} s)", one.text)]
    return "\n".join([notice.title, *said, "", words_of(notice.page)]) + "\n"


def words_of(page: str) -> str:
    """What a reader of an HTML page sees."""
    lines = []
    for kind, text in blocks_of(page):
        lines += {"h2": ["", text], "li": [f"- {text}"]}.get(kind, [text])
    return "\n".join(lines).strip()


def blocks_of(page: str) -> list[tuple[str, str]]:
    """Its headings, paragraphs and points: which of them (``h1 h2 p li``) and what it says."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.blocks


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[str, str]] = []
        self._text: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self._text = []

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN
        text = " ".join("".join(self._text).split())
        if tag in _BLOCKS and text:
            self.blocks.append((tag, text))
            self._text = []

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._text.append(data)
