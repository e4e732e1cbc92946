"""People's names: after titles and introductions, first names with what follows, initials, answers, the model's."""

import re
from collections.abc import Iterator

from pipeline.adapters.redaction.fr.greeting import is_own as _own_name
from pipeline.adapters.redaction.fr.naming import NEVER, TITLES, extend, strength
from pipeline.adapters.redaction.fr.questions import is_question
from pipeline.adapters.redaction.view import Found, View
from pipeline.adapters.redaction.words import word_set
from pipeline.model.redaction import SpanType
from pipeline.rules.redaction.dialogue import Asked

_UP = "A-ZÀ-ÖØ-Þ"
_NAME = (
    rf"[{_UP}][\w'’]*(?:[ -](?:(?:de|du|des|la|le|van|von|der|den|ben|el|al|da|dos|di) ){{0,2}}[{_UP}][\w'’]*){{0,3}}"
)
_WRITTEN_TITLE = re.compile(
    rf"(?<![\w'’])(?:M\. et )?(?:Mmes?|MM?\.|M\.|Mr|Mlles?|Mle|Drs?|Dre|Pr|Me|Mgr|"
    rf"Sir)\.?[ \u00a0]?((?:[{_UP}]\.[ \u00a0-]?){{0,4}}{_NAME}|[{_UP}]\.)"
)
_INITIALS = re.compile(rf"(?<![\w'’.])((?:[{_UP}][a-z]?\.[ \u00a0]?-?){{1,3}})({_NAME})")
_RELATION = [
    "mari",
    "femme",
    "fils",
    "fille",
    "frère",
    "sœur",
    "soeur",
    "mère",
    "père",
    "maman",
    "papa",
    "voisin",
    "voisine",
    "ami",
    "amie",
    "copain",
    "copine",
    "collègue",
    "compagnon",
    "compagne",
    "conjoint",
    "conjointe",
    "épouse",
    "époux",
    "cousin",
    "cousine",
    "oncle",
    "tante",
    "neveu",
    "nièce",
    "grand-mère",
    "grand-père",
    "beau-frère",
    "belle-sœur",
    "gendre",
    "belle-fille",
    "beau-père",
    "belle-mère",
    "beau-fils",
    "gardien",
    "gardienne",
    "concierge",
    "employé",
    "employée",
    "patron",
    "patronne",
    "chef",
    "directeur",
    "directrice",
    "gérant",
    "gérante",
    "assistante",
    "assistant",
    "infirmière",
    "infirmier",
    "auxiliaire",
    "locataire",
    "propriétaire",
    "technicien",
    "technicienne",
    "client",
    "cliente",
    "patient",
    "patiente",
    "responsable",
    "associé",
    "associée",
    "secrétaire",
    "médecin",
    "petit-fils",
    "petite-fille",
    "fiancé",
    "fiancée",
    "parrain",
    "marraine",
    "nounou",
    "baby-sitter",
    "bénéficiaire",
    "agent",
    "intervenant",
    "titulaire",
    "tuteur",
    "tutrice",
    "curateur",
    "aidant",
    "aidante",
    "vendeur",
    "vendeuse",
    "stagiaire",
    "apprenti",
    "salarié",
    "salariée",
    "contact",
    "enfant",
    "filleul",
    "filleule",
    "jumeau",
    "témoin",
    "remplaçant",
    "remplaçante",
    "aide",
    "fiston",
    "belle-maman",
]
_INTRO = re.compile(
    r"(?<![\w'])(?:je m'appelle|je m appelle|je me nomme|mon nom(?: de famille)?(?:,)? (?:c'est|est)|"
    r"mon prénom(?:,)? (?:c'est|est)|je me présente,?|moi c'est|moi,? je suis|"
    r"c'est de la part de|de la part de|au nom de(?: famille)?|s'appelle|m'appelle|s'appelait|se nomme|"
    r"nommée?s?|prénommée?|appelée?|nom de famille,?(?: c'est)?|prénom,?(?: c'est)?|"
    r"le nom,?(?: c'est| est)|nom :|prénom :|patient(?:e)?s?(?: présentes?)? :|(?:docteur|interne|secrétaire|"
    r"psychologue|chirurgien|signé|père|mère|assuré|internes) :|"
    r"chez les|la famille|les époux|famille|demand(?:ez|er|e)|prévenir|contacter|prévenez|contactez|joindre|"
    r"appeler|rappeler|appelez|parler à|parlé à|parlé avec|vu avec|avec|chez|pour|cordialement,?|bonjour,?|"
    r"merci,?|monsieur,|madame,|"
    rf"(?:mon|ma|mes|son|sa|ses|notre|votre|leur|le|la|l'|un|"
    rf"une)\s?(?:{'|'.join(_RELATION)})(?:,? (?:qui s'appelle|c'est|est|s'appelle|se nomme))?,?)\s$",
    re.IGNORECASE,
)
_RELATED = re.compile(
    rf"(?<![\w'])(?:mon|ma|mes|son|sa|ses|notre|votre|leur|le|la|l'|un|"
    rf"une)\s?(?:{'|'.join(_RELATION)})(?:,?\s(?:qui s'appelle|c'est|est|s'appelle|se nomme))?,?\s+$",
    re.IGNORECASE,
)
_WEAK_INTRO = re.compile(
    r"(?<![\w'])(?:je suis|ici|c'est|c est|oui|alors|allô|allo|être|pas|et|à|bonsoir|d'|par|de),?\s$", re.IGNORECASE
)
_SURE_INTRO = re.compile(
    r"(?:m'appelle|m appelle|me nomme|mon nom(?: de famille)? (?:c'est|est)|mon prénom (?:c'est|est)|"
    r"au nom de(?: famille)?|s'appelle|s'appelait|se nomme|prénommée?|nom de famille,?(?: c'est)?|"
    r"prénom,?(?: c'est)?|"
    r"le nom,?(?: c'est| est)|de la part de|me présente)\s$",
    re.IGNORECASE,
)
_OUTRO = re.compile(
    r"^,?\s+(?:à l'appareil|à votre écoute|à votre service|pour vous servir|bonjour|bonsoir|au téléphone|"
    r"à l appareil|de chez|,? née? le|est mon nom|du service|du centre|de la télésurveillance|du poste)",
    re.IGNORECASE,
)


def find(view: View) -> Iterator[Found]:
    """Names of people in the call."""
    yield from _titled(view)
    yield from _spoken(view)
    yield from _initials(view)
    yield from _model(view)
    yield from _answers(view)
    yield from _farewell(view)


_FAREWELL = re.compile(
    r"\b(?:bonne (?:journée|soirée|fin de [\w]+|nuit|continuation)|au revoir|merci(?: bien| beaucoup)?),? "
    r"(?:monsieur|madame|mademoiselle),? ((?!et |de |pour |vous |je |à |au |c'est |on |il |elle |nous |bonne |merci |"
    r"votre |d'|l'intervention|pas )[^.?!,\n]{2,30})(?=[.?!\n]|$)",
    re.IGNORECASE | re.MULTILINE,
)


def _farewell(view: View) -> Iterator[Found]:
    """ "Bonne journée, monsieur le 7-1": what stands at the end where only a name can stand is one, however heard."""
    for match in _FAREWELL.finditer(view.call.text.replace("’", "'")):
        words = match.group(1).split()
        plain = [w for w in words if w.lower() in NEVER and w.lower() not in ("le", "la", "de", "du")]
        if len(words) <= 3 and not plain:
            yield Found(match.start(1), match.end(1), SpanType.PERSON, 0.6, "the end of a farewell to a person")


def _titled(view: View) -> Iterator[Found]:
    call = view.call
    for match in _WRITTEN_TITLE.finditer(call.text):
        if match.group(1).split()[0].lower() not in NEVER:
            yield Found(match.start(), match.end(), SpanType.PERSON, 0.92, "a name after a title")
    for at, word in enumerate(call.words[:-1]):
        if word.lower not in TITLES or (len(word.lower) <= 2 and not word.capital):
            continue
        nxt = call.words[at + 1]
        if nxt.turn != word.turn or nxt.gap.strip(" .") or len(nxt.gap) > 2:
            continue
        article = nxt.lower in ("la", "le", "l'", "les", "de", "du", "des", "d'")
        if article and not _surname_article(view, at + 1):
            continue
        if (nxt.lower in NEVER and not article) or (len(nxt.lower) < 2 and not nxt.capital):
            continue
        if not word.raw and not nxt.capital and nxt.lower not in ("ben", "el", "van", "von") and not article:
            continue
        if (
            word.raw
            and strength(view, at + 1) == 0
            and nxt.lower not in ("de", "d'", "du", "ben", "el", "le", "la", "van", "von", "da", "dos")
        ):
            continue
        if word.raw and nxt.lower in ("de", "d'", "du") and strength(view, min(at + 2, len(call.words) - 1)) < 2:
            continue
        end = max(extend(view, at + 1, least=2 if word.raw else 1), at + 2)
        if (
            word.raw
            and end == at + 2
            and nxt.lower in ("de", "d'", "du", "le", "la", "ben", "el", "van", "von", "da", "dos")
        ):
            end = min(at + 3, len(call.words))
        yield _named(view, at + 1, end, 0.9, "a name after a title")


def _surname_article(view: View, at: int) -> bool:
    """ "madame le goff": an article before a word that is nothing but a name."""
    words = view.call.words
    if at + 1 >= len(words) or words[at + 1].turn != words[at].turn:
        return False
    return strength(view, at + 1) >= (1 if words[at].capital else 2)


def _spoken(view: View) -> Iterator[Found]:
    call = view.call
    at = 0
    words = call.words
    while at < len(words):
        level = strength(view, at)
        if not level:
            at += 1
            continue
        view.deadline.check()
        if _own_name(view, at):
            at += 1
            continue
        word_raw = words[at].raw
        start = words[at].start
        before = call.text[max(call.turn_starts[words[at].turn], start - 60) : start].replace("’", "'")
        sure = bool(_SURE_INTRO.search(before))
        intro = sure or bool(_INTRO.search(before))
        first = words[at].lower in view.dictionary.first_names
        least = 2 if words[at].raw else 1
        end = max(extend(view, at, least=least), at + 1)
        outro = bool(_OUTRO.match(call.text[words[end - 1].end : words[end - 1].end + 30].replace("’", "'")))
        best = max(strength(view, i) for i in range(at, end))
        if sure and (level >= 1):
            yield _named(view, at, end, 0.9, "a name after an introduction")
        elif (
            word_raw
            and re.search(
                r"(?i)(?:chez les|la famille|les époux|(?:les|des) voisins,? les|un certain|une certaine)\s+$", before
            )
            and level
            and not words[at].lower.endswith(("s", "x"))
        ):
            yield _named(view, at, end, 0.7, "a family's name")
        elif (
            first
            and intro
            and not re.search(r"(?i)(?:avec|chez|pour|merci),?\s+$", before)
            and words[at].lower not in ("france", "franc", "prune", "olive")
        ):
            yield _named(view, at, end, 0.8, "a first name after words that introduce a person")
        elif level >= 2 and words[at].raw and _RELATED.search(before) and words[at].lower not in view.dictionary.places:
            yield _named(view, at, end, 0.75, "a name after a word for a relative or colleague")
        elif first and word_raw and _said_to_be(view, at, end, before):
            yield _named(view, at, end, 0.6, "a first name after 'c'est', and no more of a clause behind it")
        elif first and (outro or re.search(r"(?i)(?:bonjour|bonsoir),?\s+$", before)):
            yield _named(view, at, end, 0.8, "a first name in a greeting")
        elif (
            (intro or outro)
            and best >= (2 if not words[at].raw or end - at > 1 or outro else 3)
            and words[at].lower not in view.dictionary.places
        ):
            yield _named(view, at, end, 0.85, "a name after words that introduce a person")
        elif first and (level == 3 or (level >= 1 and end - at >= 2 and best >= 2)):
            yield _named(view, at, end, 0.75, "a first name" + (" and what follows it" if end - at > 1 else ""))
        elif not words[at].raw and end - at >= 2 and _capitals_and_first(view, at, end):
            yield _named(view, at, end, 0.7, "a surname in capitals and a first name")
        elif (
            level == 2
            and _WEAK_INTRO.search(before)
            and end - at == 2
            and words[at].lower not in view.dictionary.places
        ):
            yield _named(view, at, end, 0.6, "two words that only a name can be")
        at = max(end, at + 1)


_IT_IS = re.compile(r"(?:c'est|c est|c'était|moi c'est|je suis|ici)\s+$", re.IGNORECASE)
_NOT_SAID = word_set(
    "parfait juste clément constant prudence noël claire clair aimé désiré france franc prune olive rose"
)
_AFTER_NAME = word_set(
    "je j' de du d' à la le l' votre ton et pour bonjour bonsoir allô au qui que on il elle vous mon ma son sa"
)


def _said_to_be(view: View, at: int, end: int, before: str) -> bool:
    words = view.call.words
    if not _IT_IS.search(before) or words[at].lower in _NOT_SAID:
        return False
    return end >= len(words) or words[end].turn != words[at].turn or words[end].lower in _AFTER_NAME


def _capitals_and_first(view: View, at: int, end: int) -> bool:
    """ "MARTIN Paul", "Félicia LIMONE", "DA COSTA ANA": capitals beside a first name or a word that is nothing else."""
    words = view.call.words[at:end]
    capitals = [w for w in words if w.text.isupper() and len(w.text) > 1]
    firsts = [w for w in words if w.lower in view.dictionary.first_names]
    others = [w for w in words if w not in capitals]
    if capitals and firsts:
        return True
    unknown = all(not view.dictionary.is_ordinary(w.lower) and len(w.text) > 2 for w in words)
    return bool(capitals and others) and unknown


def _initials(view: View) -> Iterator[Found]:
    for match in _INITIALS.finditer(view.call.text):
        view.deadline.check()
        head = re.split(r"[ -]", match.group(2))[0].lower()
        opening = (
            not view.call.text[: match.start()].rstrip(" ") or view.call.text[: match.start()].rstrip(" ")[-1] in ".\n:"
        )
        ordinary = view.dictionary.is_ordinary(head) and head not in view.dictionary.surnames
        if head in NEVER or (ordinary and (opening or match.group(2).isupper())):
            continue
        yield Found(match.start(), match.end(), SpanType.PERSON, 0.8, "initials before a name")


def _model(view: View) -> Iterator[Found]:
    call = view.call
    for entity in view.entities:
        if entity.label != "PER":
            continue
        first, end = call.word_at(entity.start), min(call.word_at(entity.end - 1) + 1, len(call.words))
        while first < end and (call.words[first].lower in NEVER or call.words[first].lower.endswith("'")):
            first += 1
        while end > first and call.words[end - 1].lower in NEVER:
            end -= 1
        if first >= end or _own_name(view, first):
            continue
        if (
            all(call.words[i].text.isupper() and len(call.words[i].text) <= 4 for i in range(first, end))
            and not call.words[first].raw
        ):
            continue
        best = max(strength(view, i) for i in range(first, end))
        if best >= 2 or (
            best == 1
            and not call.words[first].raw
            and any(not call.sentence_start(i) and call.words[i].capital for i in range(first, end))
        ):
            yield _named(view, first, end, 0.8 if best >= 2 else 0.6, "the language model takes it for a person")


_DETERMINERS = word_set("le la les l' un une des du de mon ma mes son sa ses notre votre leur en au aux ce cette d'")


def _answers(view: View) -> Iterator[Found]:
    call = view.call
    for number in range(len(call.turns)):
        asked = view.expects(number, Asked.NAME, Asked.SPELLING)
        if (
            asked is None
            or asked.age > 2
            or is_question(call.turns[number].text)
            or (view.asks[number] and not _SURE_INTRO.search(call.turns[number].text))
        ):
            continue
        first, end = call.turn_words[number]
        content = [i for i in range(first, end) if call.words[i].lower not in NEVER and not call.words[i].is_digits]
        least = 1 if len(content) <= 4 and asked.age == 0 else 2
        at = first
        while at < end:
            weak = strength(view, at) < 2 and at > first and call.words[at - 1].lower in _DETERMINERS
            if weak:
                at += 1
            elif strength(view, at) >= least or (
                least == 1 and at in content and not call.words[at].raw and call.words[at].capital
            ):
                stop = max(extend(view, at, least=least), at + 1)
                if not view.dictionary.is_verb(call.words[at].lower):
                    yield _named(view, at, stop, 0.75, "a name where one was asked for")
                at = stop
            else:
                at += 1


def _named(view: View, first: int, end: int, score: float, why: str) -> Found:
    words = view.call.words
    start = words[first].start
    initials = re.search(rf"(?:[{_UP}]\.[ -]?){{1,3}}$", view.call.text[max(0, start - 12) : start])
    return Found(start - (len(initials.group()) if initials else 0), words[end - 1].end, SpanType.PERSON, score, why)
