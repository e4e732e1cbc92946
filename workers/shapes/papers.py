"""Papers from the policy, in every form they are given in."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callwarden.desks.papers import PaperDesk
from callwarden.errors import UsageError
from callwarden.model.letter import Language
from callwarden.model.paper import NOTICES, Notice, Paper, PaperKind
from callwarden.rules.papers.plain import plain, words_of
from callwarden.workers.shapes import Row, to_json


class PaperForm(StrEnum):
    """``ods`` is an OpenDocument spreadsheet."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"
    ODS = "ods"


MEDIA: Final = {
    PaperForm.TEXT: "text/plain; charset=utf-8",
    PaperForm.HTML: "text/html; charset=utf-8",
    PaperForm.JSON: "application/json",
    PaperForm.ODS: "application/vnd.oasis.opendocument.spreadsheet",
}
_ENDS: Final = {PaperForm.TEXT: "txt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFile:
    """`missing`: what must be written before anybody relies on it."""

    name: str
    media_type: str
    content: bytes
    missing: tuple[str, ...]


def forms_of(kind: PaperKind) -> list[PaperForm]:
    """What it is given in: a notice is no table."""
    return [form for form in PaperForm if kind not in NOTICES or form is not PaperForm.ODS]


def paper_list(desk: PaperDesk, language: Language) -> list[Row]:
    """What papers there are."""
    return [{"paper": kind, "title": title, "formats": forms_of(kind)} for kind, title in desk.titles(language).items()]


def paper_shape(made: Paper | Notice) -> Row:
    """A paper's tables, row by row, or a notice's words; every column holds a list."""
    head: Row = {
        "paper": made.kind,
        "language": made.language,
        "title": made.title,
        "policy_version": made.policy_version,
        "made_on": made.made_on,
        "missing": list(made.missing),
    }
    if isinstance(made, Notice):
        announcements = [{"line": one.line, "text": one.text, "seconds": one.seconds} for one in made.announcements]
        return {**head, "announcements": announcements, "text": words_of(made.page)}
    tables = [
        {
            "table": table.code,
            "title": table.title,
            "columns": [{"column": code, "title": label} for code, label in table.columns],
            "rows": [{code: list(row.get(code, ())) for code, _ in table.columns} for row in table.rows],
        }
        for table in made.tables
    ]
    return {**head, "tables": tables}


def paper_file(desk: PaperDesk, made: Paper | Notice, form: PaperForm) -> PaperFile:
    """Raises UsageError for a form this paper is not given in."""
    match form:
        case PaperForm.TEXT:
            content = plain(made).encode()
        case PaperForm.HTML:
            content = desk.page(made).encode()
        case PaperForm.JSON:
            content = f"{to_json(paper_shape(made))}\n".encode()
        case PaperForm.ODS:
            if isinstance(made, Notice):
                raise UsageError("a notice is no table: it is given as text, html or json")
            content = desk.sheets(made)
    ends = _ENDS.get(form, form.value)
    name = f"callwarden-{made.kind}-{made.language}-{made.policy_version.partition(':')[2][:12]}.{ends}"
    return PaperFile(name=name, media_type=MEDIA[form], content=content, missing=made.missing)
