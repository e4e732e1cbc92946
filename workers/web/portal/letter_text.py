"""A letter as plain text: what will be read, without its page."""

from html.parser import HTMLParser
from typing import Final

_BREAKS: Final = frozenset({"p", "br", "div", "li", "h1", "h2", "h3", "tr", "address", "section", "header", "footer"})
_UNSEEN: Final = frozenset({"style", "script", "head", "title"})


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if tag in _BREAKS:
            self.lines.append("– " if tag == "li" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen -= 1
        if tag in _BREAKS and tag != "br":
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            words = " ".join(data.split())
            space = " " if data[:1].isspace() and self.lines[-1] else ""
            self.lines[-1] += space + words + (" " if data[-1:].isspace() and words else "")


def text_of(page: str) -> str:
    """The words of a page of ours, a line for each of its paragraphs."""
    reader = _Text()
    reader.feed(page)
    reader.close()
    lines = [line.strip() for line in reader.lines]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept).strip()
