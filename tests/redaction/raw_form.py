"""Annotated dialogues as a recording would give them: without capitals, on one channel, in one piece, cut anywhere.

Marks move along with their words; a mark that is cut in two becomes two.
"""

import copy
import random
import zlib
from collections.abc import Callable
from typing import Any

_SILENT = ',.?!;:«»"'
SEGMENT_WORDS = (4, 14)
"""How long a recogniser's segments are, about: they end wherever its window does."""

Document = dict[str, Any]


def as_heard(document: Document) -> Document:
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


def as_mono(document: Document) -> Document:
    """The same turns, and nobody knows who speaks."""
    mono = copy.deepcopy(document)
    for turn in mono["turns"]:
        turn["speaker"] = "unknown"
    return mono


def as_one_text(document: Document) -> Document:
    """The whole call in one turn, a blank between what were turns."""
    starts: list[int] = []
    at = 0
    for turn in document["turns"]:
        starts.append(at)
        at += len(turn["text"]) + 1
    text = " ".join(turn["text"] for turn in document["turns"])
    spans = [
        {**s, "turn": 0, "start": starts[s["turn"]] + s["start"], "end": starts[s["turn"]] + s["end"]}
        for s in document["spans"]
    ]
    return {**document, "turns": [{"speaker": "unknown", "text": text}], "spans": spans}


def as_segments(document: Document) -> Document:
    """The whole call in pieces of a few words that end anywhere, always the same for the same call."""
    whole = as_one_text(document)
    text = whole["turns"][0]["text"]
    chance = random.Random(zlib.crc32(text.encode()))
    pieces: list[tuple[int, int]] = []
    start, words = 0, chance.randint(*SEGMENT_WORDS)
    for at, char in enumerate(text):
        if char == " " and at > start:
            words -= 1
            if not words:
                pieces.append((start, at))
                start, words = at + 1, chance.randint(*SEGMENT_WORDS)
    pieces.append((start, len(text)))
    spans = [
        {**s, "turn": n, "start": max(s["start"], a) - a, "end": min(s["end"], b) - a}
        for s in whole["spans"]
        for n, (a, b) in enumerate(pieces)
        if s["start"] < b and a < s["end"]
    ]
    turns = [{"speaker": "unknown", "text": text[a:b]} for a, b in pieces]
    return {**document, "turns": turns, "spans": sorted(spans, key=lambda s: (s["turn"], s["start"]))}


FORMS: dict[str, Callable[[Document], Document]] = {
    "stereo": lambda document: document,
    "mono": as_mono,
    "one text": as_one_text,
    "segments": as_segments,
    "stereo, heard": as_heard,
    "mono, heard": lambda document: as_mono(as_heard(document)),
    "one text, heard": lambda document: as_one_text(as_heard(document)),
    "segments, heard": lambda document: as_segments(as_heard(document)),
}
"""A call on two channels and on one; "heard" is as some recognisers write it."""
