"""Whole addresses: number, bis/ter, street, building, floor, flat, lieu-dit, postcode and town, spoken or written."""

import re
from collections.abc import Iterator
from itertools import pairwise

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.dwelling import beside, dwellings, hamlets, landmarks, residences, roads
from callwarden.redaction.fr.house_number import house_numbers, houses, number_end
from callwarden.redaction.fr.number_words import NUMBER_WORDS, parse_cardinal
from callwarden.redaction.fr.street import LINK, STOP, Piece, streets
from callwarden.redaction.fr.town_name import town_end
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, RunContext, View

_ADDRESSES = lexicon("fr", "addresses")

_SAME_STREET = _ADDRESSES.pattern("same_street", r",? (?:dans la |de la |à la |du |dans le )?même ")
_NAMED_BEFORE = re.compile(
    r"(?:(?:[Ll]es?|[Ll]a|[Ll]['’])\s?)?[A-ZÀ-Þ][\w'’-]+(?: (?:(?:du|de la|des|de|d['’]|aux|"
    r"au) ?)?[A-ZÀ-Þ][\w'’-]+){0,3}, ?\Z"
)
_CEDEX = re.compile(r"^[ ,]{0,2}cedex(?: \d{1,2})?\b", re.IGNORECASE)
_BEFORE_TOWN = _ADDRESSES.words("before_town")
_JOIN = _ADDRESSES.pattern("join", r"^[ ,.\-–\n]{0,3}", r"{0,3}$")


def find(view: View) -> Iterator[Found]:
    """Addresses of the call."""
    call = view.call
    pieces = [
        *streets(view),
        *dwellings(view),
        *residences(view),
        *hamlets(view),
        *roads(view),
        *landmarks(view),
        *beside(view),
        *house_numbers(view),
        *_postcodes(view),
    ]
    for context in view.runs:
        if _SAME_STREET.match(call.text[context.end : context.end + 40]):
            after = _SAME_STREET.match(call.text, context.end)
            end = after.end() if after else context.end
            pieces.append(Piece(context.start, end, 0.8, "a number in a street named before"))
    pieces += houses(view, [piece.start for piece in pieces if piece.why.startswith("a street")])
    yield from _chain(view, pieces)
    for context in view.runs:
        if (
            context.means(Asked.ADDRESS)
            and not context.quantity
            and (context.alone or len(context.run.digits) >= 4 or _closes(view, context))
        ):
            yield context.found(SpanType.LOCATION, 0.7, "a number where an address was asked for")


def _closes(view: View, context: RunContext) -> bool:
    """ "Le Vieux Pont, quarante-sept.": a number behind a comma that ends what is said."""
    words = view.call.words
    return bool(re.match(r" ?(?:[.?!\n]|$)", view.call.text[context.end : context.end + 2])) and (
        "," in words[context.run.first].gap or words[context.run.first].raw
    )


def _postcodes(view: View) -> Iterator[Piece]:
    """A postcode before its town: "31000 Toulouse", "trente et un mille Toulouse"."""
    words = view.call.words
    for context in view.runs:
        digits = context.run.digits
        atoms = context.run.atoms
        if len(digits) not in (4, 5) or context.run.letters > 1 or context.quantity:
            continue
        if any(b.first - a.last > 1 and words[a.last + 1].lower != "euh" for a, b in pairwise(atoms)):
            continue  # "1080 et un IP 67"
        after = context.run.last + 1
        if after < len(words) and words[after].gap.strip() == ".":
            continue
        while (
            after < len(words)
            and words[after].lower in ("à", "a", "c'", "est")
            and words[after].turn == context.run.turn
        ):
            after += 1
        end = town_end(view, after, loose=True) if after < len(words) and words[after].turn == context.run.turn else 0
        if end:
            yield Piece(context.start, words[end - 1].end, 0.85, "a postcode and a town")
    stated = {context.run.first for context in view.runs if context.quantity}
    for at, word in enumerate(words):
        # "trente et un mille Toulouse" is one cardinal and may have been taken for an amount
        if word.lower not in NUMBER_WORDS or (
            at and words[at - 1].lower in NUMBER_WORDS and words[at - 1].turn == word.turn and not word.gap.strip(" -")
        ):
            continue
        parsed = parse_cardinal(words, at)
        if parsed and 1000 <= parsed[0] <= 98999 and parsed[1] < len(words) and words[parsed[1]].turn == word.turn:
            end = town_end(view, parsed[1], loose=True)
            if end and at not in stated and words[parsed[1]].gap.strip() != ".":
                yield Piece(word.start, words[end - 1].end, 0.85, "a postcode in words and a town")


def _chain(view: View, pieces: list[Piece]) -> Iterator[Found]:
    """Pieces of one address that follow each other are one; a town right behind a piece goes with it."""
    call = view.call
    sure = {call.turn_at(p.start) for p in pieces if p.score >= 0.75}
    merged: list[Piece] = []
    for piece in sorted(Piece(_with_name(view, p.start), p.end, p.score, p.why) for p in pieces):
        turn = call.turn_at(piece.start)
        near = piece.score < 0.5 and bool({turn - 1, turn} & sure)  # a floor beside an address belongs to it
        end = number_end(call.text, piece.end) if piece.why == "a street" else piece.end
        piece = piece._replace(end=_with_town(view, end), score=0.6 if near else piece.score)
        last = merged[-1] if merged else None
        if (
            last is not None
            and call.turn_at(last.start) == turn
            and (piece.start <= last.end or _JOIN.match(call.text[last.end : piece.start]))
        ):
            merged[-1] = last._replace(end=max(last.end, piece.end), score=max(last.score, piece.score, 0.7))
        else:
            merged.append(piece)
    for piece in merged:
        if piece.score >= 0.5:
            yield Found(piece.start, piece.end, SpanType.LOCATION, piece.score, piece.why)


def _with_name(view: View, start: int) -> int:
    """Takes in a residence's bare name before its building ("Les Terrasses du Lac, bâtiment D")."""
    call = view.call
    if not re.match(r"(?i)b[âa]t|esc|app|rés|hall|entrée", call.text[start : start + 6]):
        return start
    turn_start = call.turn_starts[call.turn_at(start)]
    before = _NAMED_BEFORE.search(call.text[max(turn_start, start - 60) : start])
    return start - len(before.group()) if before else start


def _with_town(view: View, end: int) -> int:
    """Takes in ", 69100 Villeurbanne", ", à Villeurbanne", " Cedex" behind a piece."""
    call = view.call
    words = call.words
    turn = call.turn_at(end - 1)
    at = call.word_at(end)
    steps = 0
    while at < len(words) and words[at].turn == turn and steps < 9:
        gap = words[at].gap
        if gap.strip(" ,-–\n") and not (gap.strip() == "." and words[at].is_digits):
            break
        lower = words[at].lower
        if lower in _BEFORE_TOWN:
            town = town_end(view, at + 1, loose=lower in ("à", "au", "aux", "a", "ville", "de") and lower != "de")
            if not town and call.raws[turn] and lower == "à" and steps == 0:
                town = _plain_town(view, at + 1)
            if town and at + 1 < len(words) and words[at + 1].turn == turn:
                return _cedex(call.text, words[town - 1].end)
            at += 1
            steps += 1
            continue
        if (
            (words[at].is_digits and len(lower) == 5)
            or lower in NUMBER_WORDS
            or (words[at].is_digits and len(lower) in (2, 3))
        ):
            at += 1
            steps += 1
            continue
        town = town_end(view, at, loose=steps > 0 and (words[at - 1].is_digits or words[at - 1].lower in NUMBER_WORDS))
        if town:
            return _cedex(call.text, words[town - 1].end)
        break
    # a postcode without a known town behind it
    tail = re.match(r"[ ,\n]{1,3}(?:\d{2} ?\d{3})\b", call.text[end : end + 12])
    return end + len(tail.group()) if tail else end


def _plain_town(view: View, at: int) -> int:
    """Behind a street and "à", without capitals: one ordinary noun with its article is a town too ("à la flèche")."""
    words = view.call.words
    noun = at + 1 if at < len(words) and words[at].lower in ("la", "le", "les") else at
    if (
        noun >= len(words)
        or words[noun].turn != words[at].turn
        or words[noun].lower in STOP
        or words[noun].lower in LINK
    ):
        return 0
    lower = words[noun].lower
    return (
        noun + 1
        if lower in view.dictionary.nominal
        and lower not in ("côté", "droite", "gauche", "partir", "peu", "cause", "part", "fond")
        else 0
    )


def _cedex(text: str, end: int) -> int:
    match = _CEDEX.match(text[end : end + 12])
    return end + len(match.group()) if match else end
