"""Buildings, floors, flats, residences and hamlets: the pieces of an address without a street."""

import re
from collections.abc import Iterator

from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.number_words import NUMBER
from callwarden.redaction.fr.street import LINK, STOP, Piece
from callwarden.redaction.fr.town_name import town_end
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import View

_ADDRESSES = lexicon("fr", "addresses")

_DWELL = _ADDRESSES.pattern("dwelling", r"(?<![\w'])", number=NUMBER + r"(?![\w'])")
_ROAD = _ADDRESSES.pattern("road", r"(?<!\w)", number=NUMBER)
_RESIDENCE = _ADDRESSES.pattern("residence")

_TELLING = ("résidence", "residence", "copropriété", "lotissement", "ehpad", "camping")
_NAMED_WITH_ARTICLE = ("villa", "chalet", "mas", "domaine", "quartier", "cité", "ferme", "clos", "immeuble")
_HAMLET = _ADDRESSES.pattern("hamlet")
_SAID_FIRST = re.compile(r"^.*(?:c'est|s'appelle|habite|à|au|aux) ", re.IGNORECASE)

_CLAUSE = ("j'", "c'", "n'", "s'", "m'", "t'")
MIN_UNKNOWN = 4
_BESIDE = re.compile(
    r"(?:(?<![\w'])(?P<dwelling>(?:(?:premi[eè]re?|deuxième|seconde?|troisième|dernière?) )?"
    rf"(?:{_ADDRESSES.either('dwelling_place')})) (?:[^\s.?!]{{1,30}} ){{0,4}})?"
    rf"(?<![\w'])(?:{_ADDRESSES.either('beside')})",
    re.IGNORECASE,
)
_LANDMARKS, _OF = _ADDRESSES.words("landmarks"), frozenset(("de", "du", "des", "d'", "la", "l'", "le", "les"))


def hamlets(view: View) -> Iterator[Piece]:
    """ "La Petite Haie, c'est un lieu-dit": what the speaker explains is the name."""
    for match in _HAMLET.finditer(view.call.text.replace("’", "'")):
        view.deadline.check()
        before = _SAID_FIRST.match(match.group(1))
        start = match.start(1) + (len(before.group()) if before else 0)
        if start < match.end(1):
            yield Piece(start, match.end(1), 0.7, "a hamlet, as the speaker says")


def roads(view: View) -> Iterator[Piece]:
    """Roads by number: "la nationale cent vingt-quatre", "l'A10"."""
    for match in _ROAD.finditer(view.call.text.replace("’", "'")):
        yield Piece(match.start(), match.end(), 0.7, "a road by its number")


def dwellings(view: View) -> Iterator[Piece]:
    """Buildings, floors and flats; a floor alone scores low, detectors stand on floors too."""
    call = view.call
    for match in _DWELL.finditer(call.text.replace("’", "'")):
        view.deadline.check()
        words = match.group().lower()
        loose = (
            re.match(
                r"boîte|bte|kilomètre|km|pk|tour|local|box|hall|bloc|aile|lot|chambre|entrée|villa|étage|porte", words
            )
            is not None
        )
        floor = "étage" in words or "chaussée" in words
        asked = view.expects(call.turn_at(match.start()), Asked.ADDRESS) is not None
        score = 0.8 if asked else 0.35 if floor or loose else 0.65
        yield Piece(match.start(), match.end(), score, "a building, floor or flat")


def residences(view: View) -> Iterator[Piece]:
    """Residences, hamlets and estates by name."""
    call = view.call
    for match in _RESIDENCE.finditer(call.text.replace("’", "'")):
        view.deadline.check()
        name = match.group().split()
        head = name[0].lower()
        turn = call.turn_at(match.start())
        named = (
            any(w[:1].isupper() for w in name[1:])
            or head in ("lieu-dit", "lieudit", "lieu", "hameau")
            or (call.raws[turn] and _unknown(view, name[1]))
        )
        asked = view.expects(turn, Asked.ADDRESS) is not None
        telling = (
            head in _TELLING
            or match.group().lower().startswith(("zone ", "parc d'activité", "centre commercial"))
            or (head in _NAMED_WITH_ARTICLE and len(name) > 1 and name[1].lower() in ("les", "mon"))
        )
        if not (named or asked or (call.raws[turn] and telling)):
            continue
        if not (name[-1].lower().startswith(_CLAUSE) or (len(name) == 2 and name[1].lower() in STOP | LINK)):
            yield Piece(match.start(), match.end(), 0.8 if named or asked else 0.6, "a residence, hamlet or estate")


def _unknown(view: View, word: str) -> bool:
    """Without capitals, "cité beauregard": a word of no dictionary."""
    return len(word) >= MIN_UNKNOWN and "'" not in word and not view.dictionary.is_ordinary(word)


def beside(view: View) -> Iterator[Piece]:
    """ "la deuxième ferme après le calvaire", "un peu avant la scierie": what stands near; alone it is no address."""
    for match in _BESIDE.finditer(view.call.text.replace("’", "'")):
        asked = view.expects(view.call.turn_at(match.start()), Asked.ADDRESS) is not None
        yield Piece(match.start(), match.end(), 0.6 if asked or match["dwelling"] else 0.4, "what stands near")


def landmarks(view: View) -> Iterator[Piece]:
    """ "derrière l'église de Vernoux", "la plage de Trestraou": a landmark and the name of its place."""
    words = view.call.words
    for at, word in enumerate(words[:-2]):
        if word.lower not in _LANDMARKS:
            continue
        name = at + 1
        while name < min(at + 3, len(words) - 1) and words[name].lower in _OF:
            name += 1
        if name == at + 1 or words[name].turn != word.turn:
            continue
        end = town_end(view, name, loose=True)
        if end:
            yield Piece(word.start, words[end - 1].end, 0.7, "a landmark and its place")
