"""Whole addresses: number, bis/ter, street, building, floor, flat, lieu-dit, postcode and town, spoken or written."""

import re
from collections.abc import Iterator

from pipeline.adapters.redaction.fr.grammar import MONTHS
from pipeline.adapters.redaction.fr.number_words import NUMBER_WORDS, parse_cardinal
from pipeline.adapters.redaction.fr.town import town_end
from pipeline.adapters.redaction.view import Found, View
from pipeline.adapters.redaction.words import word_set
from pipeline.model.redaction import SpanType
from pipeline.rules.redaction.dialogue import Asked

STREETS = word_set(
    "rue avenue av ave boulevard bd bld blvd boul impasse imp allée allées chemin ch route rte quai ruelle sentier sente esplanade promenade "
    "faubourg fbg fg lotissement hameau lieudit venelle traverse montée square mail rond-point r pl strasse straße"
)
# Also ordinary words: only with a number before them or a proper name behind them.
LOOSE = word_set(
    "place cours passage villa résidence domaine clos mas cité quartier voie cour parc galerie côte pont tour zone za zi zac immeuble ferme château manoir villas rocade levée moulin centre"
)
_LINK = word_set("de du des d' la le les l' en sur sous à aux au saint sainte st ste et lès")
_STOP = word_set(
    "et mais donc or car c' c'est oui non euh alors voilà merci s'il je j' tu il elle on nous vous ils elles qui que qu' pour avec chez dans depuis est sont a "
    "ont suis ai appartement bâtiment étage code numéro porte au juste près devant derrière face pas plus où "
    "bon bonjour monsieur madame pardon attendez là ça "
    "avant après quand comme si parce numéro téléphone tél tel interphone digicode où puis ensuite bien "
    "sinon notre votre son mon ma sa se s' n' ne y très tout "
    "moi lui leur leurs ses mes nos vos ici maintenant demain hier aujourd'hui aussi encore ok d'accord hein cedex ville commune hier"
) - {"au", "et", "à"}
_NUMBER_EXTRA = word_set("bis ter quater b c")
_DWELL = re.compile(
    r"(?<![\w'])(?:"
    r"(?:au |le |du |à l'|l')?(?:rez[- ]de[- ]chaussée|(?:\d{1,2}(?:er|e|ème|eme|è)?|premier|deuxième|second|"
    r"troisième|quatrième|cinquième|sixième|septième|huitième|neuvième|dixième|"
    r"dernier) (?:et dernier )?étage(?: (?:à )?(?:gauche|droite|face|porte (?:de )?(?:gauche|droite)))?|"
    r"étage \w+)"
    r"|(?:appartement|appart|appt|apt|logement|studio|chambre|lot|pavillon|villa|local|box) (?:numéro |n° ?|"
    r"no )?(?:[a-z]?\d{1,5}[a-z]?|[a-z](?![\w'])|%N%)(?: ?[a-z](?![\w']))?"
    r"|(?:bâtiment|batiment|bât|bat|immeuble|escalier|esc|entrée|hall|bloc|aile|tour)\.? (?:numéro |"
    r"n° ?)?(?:[a-z]?\d{1,3}[a-z]?|[a-z](?![\w'])(?: comme [\w-]+)?(?: ?\d{1,3})?|%N%)"
    r"|porte (?:numéro |n° ?)(?:\d{1,4}|%N%)|porte (?:\d{1,4}|de gauche|de droite|gauche|droite)"
    r"|(?:boîte postale|bp|cs) (?:\d{1,6}|%N%)"
    r")".replace(
        "%N%",
        rf"(?:{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})(?:[ -](?:et )?(?:{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})){{0,5}}(?![\w'])",
    ),
    re.IGNORECASE,
)
_RESIDENCE = re.compile(
    r"(?<![\w'])(?:résidence|residence|lieu[- ]dit|lieudit|hameau|domaine|lotissement|immeuble|copropriété|"
    r"ehpad|camping|château|clos|villa|zone (?:industrielle|artisanale|commerciale|d'activités?)|"
    r"centre commercial|parc d'activités?|quartier|cité|ferme|manoir) "
    r"(?:(?:de la |de l'|du |des |de |d'|la |le |les |l'|« ?|\" ?)?(?!qui|que|est|et|où|pour|principale|"
    r"secondaire|quatre|deux|trois)[\w'-]+(?: (?-i:[A-ZÀ-Þ])[\w'-]+){0,2}(?: (?:de la |de l'|du |des |de |d'|"
    r"aux |au |à |la |le |les |et |saint |sainte )(?!qui|que|est|où)[\w'-]+){0,2})",
    re.IGNORECASE,
)
_SAME_STREET = re.compile(
    r",? (?:dans la |de la |à la |du |dans le )?même (?:rue|avenue|adresse|immeuble|boulevard|allée|chemin|"
    r"bâtiment|lotissement)",
    re.IGNORECASE,
)
_NAMED_BEFORE = re.compile(
    r"(?:(?:[Ll]es?|[Ll]a|[Ll]['’])\s?)?[A-ZÀ-Þ][\w'’-]+(?: (?:(?:du|de la|des|de|d['’]|aux|"
    r"au) ?)?[A-ZÀ-Þ][\w'’-]+){0,3}, ?\Z"
)
_CEDEX = re.compile(r"^[ ,]{0,2}cedex(?: \d{1,2})?\b", re.IGNORECASE)
_JOIN = re.compile(
    r"^[ ,.\-–\n]{0,3}(?:(?:à|a|au|aux|en|sur|dans le|dans la|et c'est|et|c'est|donc|euh|alors|ville de|"
    r"code postal|commune de|c'est à) ){0,3}$",
    re.IGNORECASE,
)


def find(view: View) -> Iterator[Found]:
    """Addresses of the call."""
    call = view.call
    pieces: list[tuple[int, int, float, str]] = []
    pieces.extend(_streets(view))
    text = call.text.replace("’", "'")
    for match in _DWELL.finditer(text):
        sure = not re.match(
            r"(?i)(?:tour|local|box|hall|bloc|aile|lot|chambre|entrée|villa|étage|porte)", match.group()
        )
        asked = view.expects(call.turn_at(match.start()), Asked.ADDRESS) is not None
        floor = "étage" in match.group().lower() or "chaussée" in match.group().lower()
        score = 0.8 if asked else 0.35 if floor or not sure else 0.65
        pieces.append((match.start(), match.end(), score, "a building, floor or flat"))
    for match in _RESIDENCE.finditer(text):
        name = match.group().split()
        named = any(w[:1].isupper() for w in name[1:]) or name[0].lower() in ("lieu-dit", "lieudit", "lieu", "hameau")
        asked = view.expects(call.turn_at(match.start()), Asked.ADDRESS) is not None
        if (
            named
            or asked
            or (
                call.raws[call.turn_at(match.start())]
                and name[0].lower() in ("résidence", "residence", "copropriété", "lotissement", "ehpad", "camping")
            )
        ):
            if len(name) > 1 and not (len(name) == 2 and name[1].lower() in _STOP | _LINK):
                pieces.append(
                    (match.start(), match.end(), 0.8 if named or asked else 0.6, "a residence, hamlet or estate")
                )
    pieces.extend(_postcodes(view))
    for context in view.runs:
        if _SAME_STREET.match(call.text[context.end : context.end + 40]):
            pieces.append((context.start, context.end, 0.8, "a number in a street named before"))
    yield from _chain(view, pieces)
    for context in view.runs:
        if context.means(Asked.ADDRESS) and not context.quantity and (context.alone or len(context.run.digits) >= 4):
            yield Found(context.start, context.end, SpanType.LOCATION, 0.7, "a number where an address was asked for")


def _streets(view: View) -> Iterator[tuple[int, int, float, str]]:
    call = view.call
    words = call.words
    for at, word in enumerate(words):
        strict = word.lower in STREETS or word.lower.endswith(("strasse", "straße"))
        if not strict and word.lower not in LOOSE:
            continue
        if word.lower in ("r", "ch", "pl", "fg", "av", "mail", "imp") and not (at and _digit_before(view, at)):
            continue
        view.deadline.check()
        first, numbered = _number_before(view, at)
        end, proper = _tail(view, at)
        asked = view.expects(word.turn, Asked.ADDRESS) is not None
        if end == at + 1:
            if not (numbered and strict):
                continue
        if strict and (numbered or proper or asked):
            score = 0.93 if numbered else 0.85
        elif (
            strict
            and word.raw
            and words[at + 1].lower in ("de", "du", "des", "d'", "saint", "sainte", "victor", "jean", "général")
        ):
            score = 0.6
        elif (
            not strict
            and numbered
            and (proper or asked or words[at + 1].lower in _LINK)
            and (
                words[at + 1].lower not in ("de", "d'")
                or words[min(at + 2, len(words) - 1)].lower in ("la", "l'", "les")
            )
        ) or (not strict and numbered and proper):
            score = 0.85
        elif (
            not strict
            and end > at + 1
            and words[at + 1].lower in ("de", "du", "des")
            and _with_town(view, words[end - 1].end) > words[end - 1].end
        ) or (
            not strict
            and proper
            and not word.raw
            and word.lower not in ("zone", "centre", "tour", "cour", "côte", "parc")
        ):
            score = 0.75
        else:
            continue
        if (
            first
            and words[first - 1].lower in ("le", "la", "l'", "les")
            and words[first - 1].turn == word.turn
            and not words[first].gap.strip(" ")
        ):
            first -= 1
        yield words[first].start, words[end - 1].end, score, "a street" + (" with its number" if numbered else "")


def _digit_before(view: View, at: int) -> bool:
    return view.call.words[at - 1].is_digits or view.call.words[at - 1].lower in _NUMBER_EXTRA


def _number_before(view: View, at: int) -> tuple[int, bool]:
    words = view.call.words
    first = at
    back = at - 1
    numbered = False
    while back >= 0 and words[back].turn == words[at].turn and at - back <= 8:
        gap = words[back + 1].gap
        if gap.strip(" ,-–/n°º\u00a0") or len(gap) > 4:
            break
        lower = words[back].lower
        if words[back].is_digits or (lower in NUMBER_WORDS and _whole_number(view, back)):
            numbered = True
            first = back
        elif (
            lower in ("bis", "ter", "quater")
            or (
                len(lower) == 1
                and lower in "abcdef"
                and (words[back - 1].is_digits or words[back - 1].lower in NUMBER_WORDS)
            )
            or (
                lower in ("et", "à")
                and numbered
                and back
                and words[back - 1].lower in NUMBER_WORDS | frozenset(("vingt",))
            )
            or (
                lower in ("numéro", "euh", "la", "de")
                and not numbered
                and back
                and (words[back - 1].is_digits or words[back - 1].lower in NUMBER_WORDS)
                and lower == "euh"
            )
        ):
            pass
        else:
            break
        back -= 1
    return first, numbered


def _whole_number(view: View, at: int) -> bool:
    return view.call.words[at].lower != "un" or at + 1 < len(view.call.words)


def _tail(view: View, at: int) -> tuple[int, bool]:
    """Where the street's name ends, and whether a proper name is in it."""
    words = view.call.words
    end = at + 1
    proper = False
    nouns = 0
    nxt = at + 1
    while nxt < len(words) and words[nxt].turn == words[at].turn and nxt - at <= 9:
        gap = words[nxt].gap
        lower = words[nxt].lower
        if gap.strip(" -‑'’.\u00a0\n") or len(gap) > 3:
            break
        if "." in gap and not (
            (len(words[nxt - 1].lower) <= 3 and words[nxt - 1].capital)
            or words[nxt - 1].lower in ("av", "bd", "st", "ste", "rte", "imp", "al")
        ):
            break
        hyphen = gap.strip() in ("-", "‑")
        if lower in _STOP and not hyphen:
            break
        if lower in _LINK and not hyphen:
            if lower in ("à", "au", "aux", "en", "sur", "sous", "et") and nouns and not _inner_link(view, nxt):
                break
            nxt += 1
            continue
        if (
            words[nxt].is_digits
            and nouns == 0
            and lower.isdigit()
            and nxt + 1 < len(words)
            and (words[nxt + 1].lower in MONTHS)
        ):
            nxt += 1
            continue
        if words[nxt].is_digits:
            if _is_strasse(words[at].lower):
                end = nxt + 1
                proper = True
            break
        if lower in NUMBER_WORDS and nouns:
            break
        ordinary = view.dictionary.is_ordinary(lower)
        capital = words[nxt].capital
        if capital or (words[at].raw and (not ordinary or lower in view.dictionary.first_names)):
            proper = True
        elif nouns >= 1 and not hyphen and words[nxt - 1].lower not in _LINK and not (words[at].raw and not ordinary):
            # a second plain word without a link: "rue haute", "rue des vieux moulins" keep one adjective
            if (
                nouns >= 2
                or view.dictionary.is_verb(lower)
                or (not words[at].raw and not capital and nouns >= 1 and not _adjective(words[nxt - 1].lower))
            ):
                break
        elif not ordinary:
            proper = proper or words[at].raw
        nouns += 1
        nxt += 1
        end = nxt
        if nouns >= 6:
            break
    return end, proper


def _adjective(word: str) -> bool:
    return word in (
        "grand",
        "grande",
        "vieux",
        "vieille",
        "petit",
        "petite",
        "haut",
        "haute",
        "bas",
        "basse",
        "beau",
        "belle",
        "trois",
        "quatre",
        "deux",
        "nouveau",
        "nouvelle",
        "bon",
        "anciens",
        "ancien",
        "ancienne",
        "vieilles",
    )


def _is_strasse(word: str) -> bool:
    return word.endswith(("strasse", "straße"))


def _inner_link(view: View, at: int) -> bool:
    """ "rue de la Croix au Loup" goes on; "rue des Lilas à Lyon" is told by the town rule."""
    words = view.call.words
    return (
        words[at].lower in ("aux", "et", "sur") and at + 1 < len(words) and words[at + 1].capital and not words[at].raw
    )


def _postcodes(view: View) -> Iterator[tuple[int, int, float, str]]:
    """A postcode before its town: "31000 Toulouse", "trente et un mille Toulouse", "soixante-neuf, zéro zéro trois, Lyon"."""
    words = view.call.words
    for context in view.runs:
        digits = context.run.digits
        if len(digits) not in (4, 5) or context.run.letters > 1:
            continue
        after = context.run.last + 1
        while (
            after < len(words)
            and words[after].lower in ("à", "a", "c'", "est")
            and words[after].turn == context.run.turn
        ):
            after += 1
        end = town_end(view, after, loose=True) if after < len(words) and words[after].turn == context.run.turn else 0
        if end:
            yield context.start, words[end - 1].end, 0.85, "a postcode and a town"
    for at, word in enumerate(words):
        # "trente et un mille Toulouse" is one cardinal and may have been taken for an amount
        if word.lower not in NUMBER_WORDS or (
            at and words[at - 1].lower in NUMBER_WORDS and words[at - 1].turn == word.turn and not word.gap.strip(" -")
        ):
            continue
        parsed = parse_cardinal(words, at)
        if parsed and 1000 <= parsed[0] <= 98999 and parsed[1] < len(words) and words[parsed[1]].turn == word.turn:
            end = town_end(view, parsed[1], loose=True)
            if end:
                yield word.start, words[end - 1].end, 0.85, "a postcode in words and a town"


def _chain(view: View, pieces: list[tuple[int, int, float, str]]) -> Iterator[Found]:
    """Pieces of one address that follow each other are one; a town right behind a piece goes with it."""
    call = view.call
    pieces = [(_with_name(view, s), e, c, w) for s, e, c, w in pieces]
    pieces.sort()
    sure = {call.turn_at(start) for start, _, score, _ in pieces if score >= 0.75}
    pieces = [
        (s, e, 0.6 if c < 0.5 and {call.turn_at(s) - 1, call.turn_at(s)} & sure else c, w) for s, e, c, w in pieces
    ]
    merged: list[list[int | float | str]] = []
    for start, end, score, why in pieces:
        end = _with_town(view, end)
        if (
            merged
            and call.turn_at(start) == call.turn_at(int(merged[-1][0]))
            and (start <= int(merged[-1][1]) or _JOIN.match(call.text[int(merged[-1][1]) : start]))
        ):
            merged[-1][1] = max(int(merged[-1][1]), end)
            merged[-1][2] = max(float(merged[-1][2]), score, 0.7)
        else:
            merged.append([start, end, score, why])
    for start, end, score, why in merged:
        if float(score) >= 0.5:
            yield Found(int(start), int(end), SpanType.LOCATION, float(score), str(why))


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
        if lower in (
            "à",
            "a",
            "au",
            "aux",
            "en",
            "sur",
            "dans",
            "euh",
            "c'",
            "est",
            "donc",
            "alors",
            "le",
            "la",
            "les",
            "code",
            "postal",
            "et",
            "ville",
            "commune",
            "de",
            "ici",
            "là",
        ):
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
        or words[noun].lower in _STOP
        or words[noun].lower in _LINK
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
