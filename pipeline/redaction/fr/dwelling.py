"""Buildings, floors, flats, residences and hamlets: the pieces of an address without a street."""

import re
from collections.abc import Iterator

from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.fr.street import LINK, STOP, Piece
from callwarden.redaction.view import View

_WORDS = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_DWELL = re.compile(
    r"(?<![\w'])(?:"
    r"(?:au |le |du |à l'|l')?(?:rez[- ]de[- ]chaussée|(?:\d{1,2}(?:er|e|ème|eme|è)?|premier|deuxième|second|"
    r"troisième|quatrième|cinquième|sixième|septième|huitième|neuvième|dixième|"
    r"dernier) (?:et dernier )?étage(?: (?:à )?(?:gauche|droite|face|porte (?:de )?(?:gauche|droite)))?|"
    r"étage \w+|(?<!la )(?:\d{1,2}(?:er|e|ème|eme|è)|premier|deuxième|second|troisième|quatrième|"
    r"cinquième|sixième|septième|huitième|neuvième|dixième),? (?:à )?(?:gauche|droite)(?![\w']))"
    r"|(?:appartement|appart|appt|apt|logement|studio|chambre|lot|pavillon|villa|local|box),? (?:numéro |n° ?|"
    r"no )?(?:[a-z]?\d{1,5}[a-z]?|[a-z](?![\w'])|%N%)(?: ?[a-z](?![\w']))?"
    r"|(?:bâtiment|batiment|bât|bat|immeuble|escalier|esc|entrée|hall|bloc|aile|tour)\.? (?:numéro |"
    r"n° ?)?(?:[a-z]?\d{1,3}[a-z]?|[a-z](?![\w'])(?: comme [\w-]+)?(?: ?\d{1,3})?|%N%)"
    r"|porte (?:numéro |n° ?)(?:\d{1,4}|%N%)|porte (?:\d{1,4}|de gauche|de droite|gauche|droite)"
    r"|(?:boîte postale|bp|cs) (?:\d{1,6}|%N%)"
    r"|section,? (?:[a-z]{1,2}|(?-i:[A-ZÀ-Þ])[\w'-]+)(?: ?(?:numéro )?\d{1,4})?,? (?=lot|parcelle)"
    r"|parcelle (?:numéro |n° ?)?(?:[a-z]{1,2} ?)?(?:\d{1,4}|%N%)"
    r")".replace(
        "%N%",
        rf"(?:{_WORDS})(?:[ -](?:et )?(?:{_WORDS})){{0,5}}(?![\w'])",
    ),
    re.IGNORECASE,
)
_ROAD = re.compile(
    r"(?<!\w)(?:(?:route )?(?:nationale|départementale|autoroute|rocade|rn|rd) (?:[and] ?)?(?:\d{1,4}|%N%)(?![\w'])"
    r"|(?:(?<=sur l')|(?<=sur la )|(?<=par l')|(?<=par la ))(?-i:[AND]) ?(?:\d{1,4}|%N%)(?!\w))".replace(
        "%N%", rf"(?:{_WORDS})(?:[ -](?:et )?(?:{_WORDS})){{0,5}}"
    ),
    re.IGNORECASE,
)
_RESIDENCE = re.compile(
    r"(?<![\w'])(?:résidence|residence|lieu[- ]dit|lieudit|hameau|domaine|lotissement|immeuble|copropriété|"
    r"ehpad|camping|château|clos|villa|mas|moulin|bastide|prieuré|chalet|métairie|borderie|haras|closerie|"
    r"zone (?:industrielle|artisanale|commerciale|d'activités?)|"
    r"centre commercial|parc d'activités?|quartier|cité|ferme|manoir) "
    r"(?:(?:de la |de l'|du |des |de |d'|la |le |les |l'|« ?|\" ?)?(?!qui|que|est|et|où|pour|principale|"
    r"secondaire|(?:quatre|deux|trois)(?!-))[\w'-]+(?: (?-i:[A-ZÀ-Þ])[\w'-]+){0,2}(?: (?:de la |de l'|du |des |de |d'|"
    r"aux |au |à |la |le |les |et |saint |sainte )(?!qui|que|est|où)[\w'-]+){0,2})",
    re.IGNORECASE,
)

_TELLING = ("résidence", "residence", "copropriété", "lotissement", "ehpad", "camping")
_NAMED_WITH_ARTICLE = ("villa", "chalet", "mas", "domaine", "quartier", "cité", "ferme", "clos", "immeuble")
_HAMLET = re.compile(
    r"(?<![\w'])((?:la |le |les |l')?[\w-]{3,25}(?: [\w-]{2,25}){0,2}),? c'est (?:un|le) "
    r"(?:lieu-dit|lieu dit|lieudit|hameau)(?![\w'])",
    re.IGNORECASE,
)
_SAID_FIRST = re.compile(r"^.*(?:c'est|s'appelle|habite|à|au|aux) ", re.IGNORECASE)


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
        loose = re.match(r"tour|local|box|hall|bloc|aile|lot|chambre|entrée|villa|étage|porte", words) is not None
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
        named = any(w[:1].isupper() for w in name[1:]) or head in ("lieu-dit", "lieudit", "lieu", "hameau")
        asked = view.expects(turn, Asked.ADDRESS) is not None
        telling = (
            head in _TELLING
            or match.group().lower().startswith(("zone ", "parc d'activité", "centre commercial"))
            or (head in _NAMED_WITH_ARTICLE and len(name) > 1 and name[1].lower() in ("les", "mon"))
        )
        if not (named or asked or (call.raws[turn] and telling)):
            continue
        if len(name) > 1 and not (len(name) == 2 and name[1].lower() in STOP | LINK):
            yield Piece(match.start(), match.end(), 0.8 if named or asked else 0.6, "a residence, hamlet or estate")
