"""Licence plates: AB-123-CD, older 1234 AB 69, and both dictated letter by letter."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.numbers import Kind
from callwarden.redaction.view import Found, View

_VEHICLES = lexicon("fr", "vehicles")

_WORDS = _VEHICLES.words("short_words")
_SIV = re.compile(r"\b[a-hj-np-tv-z]{2}[ \t.-]{0,3}\d{3}[ \t.-]{0,3}[a-hj-np-tv-z]{2}\b", re.IGNORECASE)
_SIV_SAID = re.compile(r"\b[A-HJ-NP-TV-Z]{2}(?:[ .,-]|euh){1,7}\d{3}(?:[ .,-]|euh){1,7}[A-HJ-NP-TV-Z]{2}\b")
_PART = re.compile(r"\b[A-HJ-NP-TV-Z]{2}[ .-]?\d{3}\b(?![ -]?\d)")
_VEHICLE = _VEHICLES.pattern("vehicle", r"\b", r"\b")
_SEEN = _VEHICLES.pattern("seen", flags=0)
NEAR_TURNS = 3
# British, Belgian, Swiss, German; in the singular forms no device has.
_FOREIGN = re.compile(
    r"(?<![\w-])(?:[A-Z]{2}\d{2} ?[A-Z]{3}|[1-9]-[A-Z]{3}-\d{3}|"
    r"(?:A[GIR]|B[ELS]|FR|G[ELR]|JU|LU|N[EW]|OW|S[GHOZ]|T[GI]|UR|V[DS]|Z[GH])"
    r" ?\d{3}[ '’]?\d{2,3}|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} \d{2,4})(?![\w-])"
)
# Any group of letters and digits, where a plate is spoken of.
_PIECES = re.compile(r"(?<![\w-])(?:[a-z]{1,3}|\d{1,6})(?:[ -]?(?:[a-z]{1,3}|\d{1,6})){1,3}(?![\w-])", re.IGNORECASE)
_PLATE = _VEHICLES.pattern("plate", r"\b", r"\b")
_FNI = re.compile(r"\b\d{1,4}[ -]{1,2}[A-HJ-NP-TV-Z]{2,3}[ -]{1,2}(?:\d{2,3}|2[AB])\b")


def find(view: View) -> Iterator[Found]:
    """Plates of the call."""
    for match in _SIV.finditer(view.call.text):
        first, last = match.group()[:2], match.group()[-2:]
        if (not first.isupper() and first.lower() in _WORDS) or (not last.isupper() and last.lower() in _WORDS):
            continue  # "le détecteur NV 500 ne répond plus"
        if first.isupper() != last.isupper():
            continue
        yield Found.of(match, SpanType.LICENCE_PLATE, 0.9, "two letters, three digits, two letters")
    for match in _SIV_SAID.finditer(view.call.text):
        yield Found.of(match, SpanType.LICENCE_PLATE, 0.85, "two letters, three digits, two letters")
    near = _near_vehicles(view)
    for match in _PART.finditer(view.call.text):
        if view.call.turn_at(match.start()) in near:
            yield Found.of(match, SpanType.LICENCE_PLATE, 0.7, "part of a plate in talk of a vehicle")
    for match in _FOREIGN.finditer(view.call.text):
        yield Found.of(match, SpanType.LICENCE_PLATE, 0.75, "the shape of a foreign plate")
    done = 0
    for plate in _PLATE.finditer(view.call.text):
        end = min(plate.end() + 60, len(view.call.text))
        for match in _PIECES.finditer(view.call.text, max(plate.start() - 24, done), end):
            done = match.end()
            whole = _shaped(view, match)
            if whole is not None:
                yield Found(*whole, SpanType.LICENCE_PLATE, 0.75, "letters and digits behind a word for a plate")
    for match in _FNI.finditer(view.call.text):
        yield Found.of(match, SpanType.LICENCE_PLATE, 0.75, "shape of an older plate")
    for context in view.runs:
        view.deadline.check()
        atoms = context.run.atoms
        if len(atoms) > 1 and view.call.words[atoms[0].first].lower in ("un", "une"):
            atoms = atoms[1:]  # "c'est un N V R seize"
        kinds = "".join("L" if a.kind is Kind.LETTER else "N" for a in atoms)
        shape = re.fullmatch(r"L{1,3}N{1,4}L{1,3}", kinds) or re.fullmatch(r"N{1,4}L{2,3}N{1,2}", kinds)
        if context.means(Asked.PLATE) and (len(context.run.digits) >= 2 or context.run.letters >= 2):
            yield context.found(SpanType.LICENCE_PLATE, 0.9, "letters and digits after a word for plate")
        elif (
            context.run.turn in near
            and _SEEN.search(context.before)
            and not context.quantity
            and (2 <= len(context.run.digits) <= 4 or context.run.letters == 2)
        ):
            yield context.found(SpanType.LICENCE_PLATE, 0.6, "what was seen of a plate")
        elif (
            context.run.turn in near
            and re.fullmatch(r"L{2,3}N{1,4}|N{1,4}L{2,3}", kinds)
            and 2 <= len(context.run.digits) <= 4
        ):
            yield context.found(SpanType.LICENCE_PLATE, 0.7, "part of a plate in talk of a vehicle")
        elif shape and 2 <= len(context.run.digits) <= 4:
            yield context.found(SpanType.LICENCE_PLATE, 0.75, "letters, digits and letters as on a plate")


def _near_vehicles(view: View) -> set[int]:
    """The turns in which or shortly before which a vehicle is spoken of."""
    near: set[int] = set()
    for number, turn in enumerate(view.call.turns):
        if _VEHICLE.search(turn.text):
            near.update(range(number, number + NEAR_TURNS + 1))
    return near


def _shaped(view: View, match: re.Match[str]) -> tuple[int, int] | None:
    """The letters and digits of a plate without the words beside them; None when they make none."""
    pieces = [(m.start() + match.start(), m.group()) for m in re.finditer(r"[a-z]+|\d+", match.group(), re.IGNORECASE)]

    def ordinary(piece: str) -> bool:
        return piece.lower() in _WORDS or (
            len(piece) == 3 and not piece.isupper() and view.dictionary.is_ordinary(piece.lower())
        )

    while pieces and ordinary(pieces[0][1]):
        pieces.pop(0)
    while pieces and ordinary(pieces[-1][1]):
        pieces.pop()
    if not pieces:
        return None
    start, end = pieces[0][0], pieces[-1][0] + len(pieces[-1][1])
    letters = sum(p.isalpha() for _, p in pieces)
    size = sum(len(p) for _, p in pieces)
    joined = "-" in view.call.text[start:end]
    plain = any(ordinary(p) for _, p in pieces) and not joined
    return (start, end) if letters and letters < len(pieces) and 4 <= size <= 9 and not plain else None
