"""Notes of what was wrong with a recorded call: what is said of it openly, and what is kept sealed (decision 16)."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from callwarden.model.form_reading import Wrong
from callwarden.model.note import Note, NoteWhy

NOTES: Final = "callwardennotes"
"""The extension of an event of ours that keeps its notes, from when it was read first."""

LONGEST_WAS: Final = 200
"""Characters kept of what a wrong field held."""

_KIND: Final = re.compile(r"[a-z0-9][a-z0-9 .,-]{0,99}")
_WORDS: Final = {
    NoteWhy.ABSENT: "is missing",
    NoteWhy.WRONG_TYPE: "is of another type",
    NoteWhy.NOT_PRINTABLE: "holds characters that do not print",
    NoteWhy.TOO_LONG: "is too long",
    NoteWhy.EMPTY: "is empty",
    NoteWhy.TOO_MANY: "has too many items",
    NoteWhy.OUT_OF_RANGE: "is out of range",
    NoteWhy.UNKNOWN_WORD: "is not a known word",
    NoteWhy.NOT_SHA256: "must be 64 hexadecimal digits",
    NoteWhy.NOT_A_TIME: "must be an instant with an offset, such as 2026-11-20T10:25:01+01:00",
}


def explained(why: NoteWhy) -> str:
    """What is wrong with a field, in words."""
    return _WORDS[why]


def noted(wrong: Iterable[Wrong]) -> dict[str, Note]:
    """One note for each field: the first thing that was wrong with it."""
    notes: dict[str, Note] = {}
    for fault in wrong:
        if fault.path not in notes:
            kind, was = _kind_of(fault.value), _beginning_of(fault.value)
            notes[fault.path] = Note(field=fault.path, why=fault.why, kind=kind, was=was, needed=fault.needed)
    return notes


def written_notes(notes: Sequence[Note]) -> list[dict[str, object]]:
    """Notes as they stand in an event of ours."""
    return [
        {"field": note.field, "why": note.why.value, "kind": note.kind, "was": note.was, "needed": note.needed}
        for note in notes
    ]


def kept_notes(kept: object, *, known: frozenset[str]) -> dict[str, Note]:
    """Notes from when the event was read first, about `known` fields. Whatever else stands there is no note."""
    notes: dict[str, Note] = {}
    for item in kept if isinstance(kept, list) else ():
        match item:
            case {"field": str(path), "why": str(why), "kind": str(kind), "was": str(was), "needed": bool(needed)}:
                if path in known and why in set(NoteWhy) and _KIND.fullmatch(kind) and len(was) <= 2000:
                    notes[path] = Note(field=path, why=NoteWhy(why), kind=kind, was=was, needed=needed)
    return notes


def _kind_of(value: object) -> str:
    """What this is, in words that tell nothing of anybody."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return f"a text of {len(value)} characters"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return f"an object of {len(value)} fields"
    return "something else"


def _beginning_of(value: object) -> str:
    """The beginning of this as JSON, to be kept sealed."""
    written = json.dumps(value, ensure_ascii=False)[:LONGEST_WAS]
    return written.encode("utf-8", "backslashreplace").decode()
