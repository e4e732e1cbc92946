"""The text of a dialogue as a recogniser without capitals and punctuation would write it, marks moved along."""

import copy
from typing import Any

_SILENT = ',.?!;:«»"'


def as_heard(document: dict[str, Any]) -> dict[str, Any]:
    """Lower case, no punctuation, single blanks."""
    heard = copy.deepcopy(document)
    places: list[list[int]] = []
    for turn in heard["turns"]:
        out: list[str] = []
        moved: list[int] = []
        for char in turn["text"]:
            moved.append(len(out))
            lower = char.lower() if len(char.lower()) == 1 else char
            lower = " " if lower in _SILENT else lower
            if lower != " " or (out and out[-1] != " "):
                out.append(lower)
        moved.append(len(out))
        turn["text"] = "".join(out).rstrip()
        places.append(moved)
    for span in heard["spans"]:
        moved = places[span["turn"]]
        span["start"], span["end"] = (
            moved[span["start"]],
            min(moved[span["end"]], len(heard["turns"][span["turn"]]["text"])),
        )
    return heard
