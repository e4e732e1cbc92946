"""The number of a house: behind its street ("Kerkstraat, treize"), before a hamlet, alone if the street is known."""

import re
from collections.abc import Iterator, Sequence

from callwarden.redaction.fr.grammar import MONEY, MONTHS, TIME_UNITS, UNITS
from callwarden.redaction.fr.number_words import NUMBER
from callwarden.redaction.fr.street import STOP, Piece
from callwarden.redaction.fr.town_name import town_end
from callwarden.redaction.lexicon import either
from callwarden.redaction.view import View

_COUNTED = either(UNITS | MONEY | TIME_UNITS | MONTHS)
_HOUSE = rf"(?:\d{{1,4}}|{NUMBER})(?: bis| ter)?"
_OR = rf"(?: (?:ou|et) (?:le |au |du )?{_HOUSE})?"
_UNCOUNTED = rf"(?![\w'’-])(?! (?:{_COUNTED}|étage|%))"
_BEHIND = re.compile(
    rf"(,? ?(?:euh,? )?(?:au numéro|au|numéro|n°|c['’]est le) ?{_HOUSE}{_OR}){_UNCOUNTED}|"
    rf"(,? ?(?:le )?(?!une?(?![\w-])){_HOUSE}(?: ?[a-fA-F](?!\w))?{_OR}(?:,? ?(?:boîte|bte) ?(?:\d{{1,3}}|{NUMBER}))?)"
    rf"(?![\w'’-])(?=\W*$|\W*\n|[.!?;]|,| (?:à|la|et|{either(STOP)})(?!\w)| \d{{4}}| {NUMBER} )",
    re.IGNORECASE,
)
_ALONE = re.compile(
    rf"(?<![\w'’-])(?P<told>(?:suis|habite|habitons|sommes|est|loge|vit) (?=au )|c['’](?:est|était) (?=le |au )"
    rf"|(?<=\n)(?:(?:oui|non|si),? )?(?=(?:le|au) (?:numéro )?{_HOUSE}{_OR}[.,?!\n]))?"
    rf"(?P<house>(?:au (?:numéro )?|le )?{_HOUSE}{_OR}){_UNCOUNTED}(?P<town> à )?",
    re.IGNORECASE,
)
_ADDRESS_IS = re.compile(
    rf"(?<!\w)adresse(?: exacte)?,? (?:c['’]est|est)(?: bien| toujours)? ((?:le |au )?{_HOUSE}{_OR}){_UNCOUNTED}",
    re.IGNORECASE,
)
_HAMLET = re.compile(
    rf"(?<!\w)(?i:au|habite|numéro) ((?i:{_HOUSE}),? (?:(?:[Ll][ea]s? |[Ll]['’])[A-ZÀ-Þ][\w'’-]+"
    rf"(?: (?:(?:de la |de l['’]|du |des |de |d['’])?[A-ZÀ-Þ][\w'’-]+)){{0,3}}|(?i:le bourg)(?!\w)))"
)
_SMALL_HAMLET = re.compile(
    rf"(?<!\w)au ({_HOUSE}) ((?:la|le|les) [\w'-]{{3,20}}(?: [\w'-]{{3,20}})?) (?P<to>à )?(?=\w)"
)
_NEXT_TURNS = 1


def number_end(text: str, end: int) -> int:
    """Where the number said behind a street ends (", numéro quarante", ", treize", "vingt-six ou vingt-huit")."""
    match = _BEHIND.match(text, end)
    return match.end(match.lastindex or 0) if match else end


def house_numbers(view: View) -> Iterator[Piece]:
    """ "au dix-neuf, le Bourg", "l'adresse exacte, c'est cinq bis ou sept"."""
    for pattern in (_HAMLET, _ADDRESS_IS):
        for match in pattern.finditer(view.call.text):
            yield Piece(match.start(1), match.end(1), 0.8, "the number of a house")
    for match in _SMALL_HAMLET.finditer(view.call.text):
        at = view.call.word_at(match.end())
        if view.call.raws[view.call.turn_at(match.start())] and town_end(view, at, loose=bool(match["to"])):
            yield Piece(match.start(1), match.end(2), 0.8, "the number of a house")


def houses(view: View, streets: Sequence[int]) -> Iterator[Piece]:
    """Numbers alone in the turns in which a street is named and the next one; ``streets`` is where streets begin."""
    call = view.call
    near = {call.turn_at(at) + more for at in streets for more in range(_NEXT_TURNS + 1)}
    for match in _ALONE.finditer(call.text):
        if call.turn_at(match.start("house")) not in near:
            continue
        if match["told"] is not None or (match["town"] and town_end(view, call.word_at(match.end()), loose=True)):
            yield Piece(match.start("house"), match.end("house"), 0.7, "a number in a street named before")
