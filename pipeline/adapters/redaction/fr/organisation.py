"""Organisations: hospitals, schools and companies by their head word, and the model's; never the company itself."""

import re
from collections.abc import Iterator

from pipeline.adapters.redaction.fr.greeting import is_own
from pipeline.adapters.redaction.fr.naming import NEVER
from pipeline.adapters.redaction.view import Found, View
from pipeline.adapters.redaction.words import word_set
from pipeline.model.redaction import SpanType

_UP = "A-ZÀ-ÖØ-Þ"
_HEAD = re.compile(
    r"(?<!\w)(?:[Hh][ôo]pital|[Cc]linique|CHU|CHRU|CHR|CH|GHU|AP-HP|APHP|[Uu]niversité|[ÉEée]cole|[Ll]ycée|"
    r"[Cc]ollège|[Ii]nstitut|[Ff]ondation|[Aa]ssociation|[Ss]ociété|[Cc]abinet|[Gg]roupe|[Ll]aboratoires?|"
    r"[Bb]anque|[Cc]rédit|[Ss]yndicat|[Cc]entre [Hh]ospitalier|[Ee]ntreprise|EHPAD)"
    rf"(?: (?:de la |de l['’]|du |des |de |d['’]|la |le |les |l['’])?(?:[{_UP}][\w'’.-]+)(?: (?:(?:de la |de |"
    rf"du |des |d['’]|et |en |la |le )?[{_UP}][\w'’.-]+)){{0,4}})"
)
_PUBLIC = re.compile(
    rf"(?<!\w)(?:Mairie|Ministère|Tribunal|Préfecture|Centre|Agence|Chambre|Région|Département|Commission|"
    rf"Conseil|Rectorat|Hôtel|Musée|Théâtre) (?:de la |de l['’]|du |des |de |"
    rf"d['’])?[{_UP}][\w'’.-]+(?: (?:(?:de la |de |du |des |d['’]|et )?[{_UP}][\w'’.-]+)){{0,4}}"
)
_SUFFIXED = re.compile(
    rf"(?<![\w'’])(?:[{_UP}][\w&'’-]+ ){{1,4}}(?:SA|SAS|SARL|SASU|Group|Groupe|Inc|Corp|GmbH|Ltd|International|"
    rf"Consulting|France|Europe|Solutions|Services|Ventures|Foundation|Capital|Partners|Technologies|Systems|"
    rf"Conseil|Industries|Assurances|Sécurité)\b"
)
_GENERIC = word_set(
    "cour commission convention gouvernement état etat conseil comité parlement europe union chambre "
    "ministère tribunal protocole procédure règlement "
    "samu pompiers police gendarmerie télésurveillance téléassistance internet gsm wifi sms email vp ceo cto "
    "cfo drh rse pdg dsi ecg orl irm rdv avc usi ehpad chu hta tva dab gps siret siren cnil rgpd dr mme mlle "
    "mm ipp nda rdv irm ecg covid siv iban rib cb pdf usb ok "
    "scanner service bureau direction interne adsl pin cvv vpn nvr dvr led nir bic sav ht ttc"
)


def find(view: View) -> Iterator[Found]:
    """Organisations of the call."""
    call = view.call
    for pattern, score in ((_HEAD, 0.75), (_PUBLIC, 0.6), (_SUFFIXED, 0.65)):
        for match in pattern.finditer(call.text):
            view.deadline.check()
            if not _own(match.group(), view):
                yield Found(
                    match.start(), match.end(), SpanType.ORGANISATION, score, "a name behind a word for an organisation"
                )
    for entity in view.entities:
        if entity.label != "ORG" or call.raws[call.turn_at(entity.start)]:
            continue
        first, end = call.word_at(entity.start), min(call.word_at(entity.end - 1) + 1, len(call.words))
        while first < end and (call.words[first].lower in NEVER or call.words[first].lower.endswith("'")):
            first += 1
        inside = call.words[first:end]
        if not inside or all(w.lower in _GENERIC or len(w.lower) < 2 for w in inside):
            continue
        if inside[0].lower in _GENERIC or (
            all(view.dictionary.is_ordinary(w.lower) for w in inside) and call.sentence_start(first)
        ):
            continue
        if is_own(view, first):
            continue
        text = call.text[inside[0].start : inside[-1].end]
        if not _own(text, view):
            yield Found(
                inside[0].start,
                inside[-1].end,
                SpanType.ORGANISATION,
                0.6,
                "the language model takes it for an organisation",
            )


def _own(text: str, view: View) -> bool:
    """The organisation's own name, by policy or because the call was answered with it."""
    lower = text.lower()
    if any(word in lower for word in view.own_words):
        return True
    greeting = view.call.turns[0].text[:120].lower() if len(view.call.turns) > 1 else ""
    return lower in greeting and ("bonjour" in greeting or "bonsoir" in greeting)
