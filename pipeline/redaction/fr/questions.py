"""What French agents and callers ask for, and how answers put things off or refuse."""

import re

from callwarden.redaction.dialogue import Asked, TurnView
from callwarden.redaction.fr.cues import CUES
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.words import CallText, word_set

_ASKING = re.compile(
    r"\?|\b(?:quelle?s?|pouvez[- ]vous|pourriez[- ]vous|pouvez|peux[- ]tu|donnez|donne[- ]moi|donner|votre|"
    r"vos|rappelez|confirme\w*|"
    r"s'il vous pla[iî]t|s'il te pla[iî]t|c'est quoi|il me faut|il me faudrait|j'ai besoin|j'aurais besoin|"
    r"j'aurai besoin|je vais vous demander|je vous demande|demande|comment|"
    r"dites|indiquez|communique\w*|vérifi\w+|épel\w+|répét\w+|redonne\w*|redire|me dire|précis\w+|"
    r"avez[- ]vous|vous avez|on peut|je peux avoir|"
    r"puis[- ]je|auriez[- ]vous|quel|note|noter|écoute|j'attends|allez[- ]y|ensuite|maintenant|et pour|"
    r"et (?:le|la|les|l'|un|une|son|sa|au|à)|reste|manque)\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"(?:[\w' -]{0,30}?)(?:,|:)?\s*(?:c'est|c est|est|sera|était|:)\s+(?!(?:quoi|bien|lequel|laquelle|toujours|"
    r"à quel|pour|de|il|elle|vous|ce|celle|celui|encore|votre|vos|quelle?|la question|une question|le même|"
    r"la même|pareil|bon|ça)\b)[\w«\"]",
    re.IGNORECASE,
)
_TOLD_NUMBER = re.compile(
    rf"[\w' .,…-]{{0,30}}?[ ,:.…]\s*(?:\d|[a-z](?=[ ,]+[a-z0-9](?!\w))|"
    rf"(?:{'|'.join(sorted(NUMBER_WORDS - {'un', 'une'}))})(?!\w))",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:changer|changé|modifi\w+|oubli\w+|perdu|réinitialis\w+|marche|fonctionne|refus\w+|faux|erroné|"
    r"désactiver|créer)\b(?![^?]{0,60}\b(?:votre|quel|quelle)\b)",
    re.IGNORECASE,
)
_SHORT_ASK = re.compile(
    r"^\W*(?:(?:et|puis|alors|merci|très bien|d'accord|ok|parfait|bien|donc|euh|bon|ensuite|maintenant|"
    r"monsieur|madame)\W+)*(?:le|la|les|l'|un|une|votre|vos|son|nom|prénom|adresse|date|téléphone|mail|code|"
    r"mot)\b",
    re.IGNORECASE,
)

ASSENT = word_set(
    "oui ouais non si ok okay d'accord d' accord voilà exactement exact tout à fait absolument bien "
    "sûr très parfait merci "
    "euh heu hum hein ben bah alors donc attendez attends une un seconde secondes minute instant petite "
    "petit s'il vous te plaît "
    "plait je cherche regarde vais voir le la les l' l'ai sous yeux chercher prends prendre note noter vous "
    "écoute j' j'écoute allez y "
    "allez-y quittez pas ne bouge bouger moment deux trois me souviens souvenir sais plus pas réfléchis "
    "réfléchir rappelle c' est ça "
    "dis dire que qu' ce quoi pourquoi comment ai dans mon sac ma il faut retrouver retrouve trouve lis lire "
    "donne donner vite tiens "
    "voici bon bonne bonjour allô allo monsieur madame et ah oh mais bien entendu compris noté c'est suis "
    "vas-y on va mes lunettes "
    "poche portefeuille papier papiers écrit quelque part là désolé désolée excusez pardon moi même faire "
    "patientez patienter "
    "continuez suite après ensuite puis répéter répétez pouvez entends mal en train compte"
)
DENIAL = re.compile(
    r"je (?:ne )?(?:(?:le|la|l'|les) )?(?:sais|connais|m'en (?:souviens|rappelle)|me (?:souviens|rappelle)|"
    r"retrouve|trouve) (?:plus|pas)|"
    r"(?:je l'ai|j'ai) (?:complètement )?(?:oublié|perdu)|aucune idée|(?:j'ai|je n'ai|on a|j'en ai|"
    r"je n'en ai) (?:pas|aucun)|"
    r"(?:j'en ai|il y en a|y en a) pas|je n'en ai pas|jamais eu|ne (?:m'en|le|la) (?:souviens|connais|sais|"
    r"rappelle)|connais pas|sais plus|sais pas|pas de (?:mot|code|mail|carte)",
    re.IGNORECASE,
)


_SENTENCE = re.compile(r"\S(?:[^?!.]|[.?!](?!\s|$)){0,2000}[?!.]{0,4}")
_QUESTION = re.compile(
    r"^\W*(?:(?:et|alors|euh|mais|pardon|oui|non|bien|d'accord|ok|merci)\W+)*(?:quel|quelle|quels|quelles|"
    r"comment|où|pourquoi|est-ce|pouvez|pourriez|combien|qui|quand|c'est quoi|avez|êtes)\b",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    """Whether a turn asks rather than answers."""
    return text.rstrip().endswith("?") or bool(_QUESTION.match(text))


def view_turns(call: CallText) -> list[TurnView]:
    """What each turn asks for, whether it says nothing yet, whether it refuses to answer."""
    views: list[TurnView] = []
    last: dict[str, tuple[int, tuple[Asked, ...]]] = {}
    for number, turn in enumerate(call.turns):
        text = turn.text.replace("’", "'")
        first, end = call.turn_words[number]
        words = call.words[first:end]
        empty = all(w.lower in ASSENT for w in words)
        asks = asked_in(text)
        if not asks and turn.speaker in last and _ELLIPSIS.search(text[-60:]):
            when, before = last[turn.speaker]
            asks = before if number - when <= KEPT_TURNS else ()  # "et le nouveau ?"
        if asks:
            last[turn.speaker] = (number, asks)
        views.append(TurnView(turn.speaker, asks, empty, bool(DENIAL.search(text))))
    return views


_HOW = re.compile(
    r"combien|comment (?:(?:je|on|tu|vous|faire pour|fait-on pour|est-ce (?:que|qu')) ?(?:je |on |vous |fais pour |"
    r"fait pour )?)?"
    r"(?:peux |peut |dois |doit |pourrais |faut )?(?:le |la )?(?:chang|modifi|réinitialis|supprim|cré|ajout|"
    r"effac|programm|"
    r"remplac|activ|désactiv|bloqu)\w+|oublié",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(
    r"(?:^|[.!?,] ?|\b(?:oui|ok|bien|merci|d'accord|noté|parfait) )(?:et |puis |alors )*(?:pour )?(?:le|la|l'|"
    r"les|l) ?"
    r"(?:nouveau|nouvelle|nouveaux|ancien|ancienne|autre|autres|second|seconde|deuxième|troisième|suivant|suivante|"
    r"dernier|dernière|premier|première|actuel|actuelle|prochain|vôtre|sien|sienne|fin|suite|reste|début)\W*$",
    re.IGNORECASE,
)
KEPT_TURNS = 6


def asked_in(text: str) -> tuple[Asked, ...]:
    """The kinds of thing a turn asks for, in the order of the cue table."""
    if len(text) > 4000:
        text = text[-4000:]
    found: list[Asked] = []
    for piece in _SENTENCE.finditer(text):
        sentence = piece.group()
        asking = bool(_ASKING.search(sentence) or _SHORT_ASK.search(sentence))
        for asked, cue in CUES:
            match = cue.search(sentence)
            if match and asked not in found:
                if asked is Asked.SECRET and Asked.DISPLAY in found and not match.group().lower().startswith("mot"):
                    continue  # "vous avez un code à l'écran ?"
                if asked is Asked.SECRET and _HOW.search(sentence[: match.start()]):
                    continue  # "comment je change le code ?"
                if "?" not in sentence and _ABOUT.search(sentence[max(0, match.start() - 24) : match.start()]):
                    continue  # "je voudrais changer mon code"
                if not asking and len(sentence[match.end() :].split()) > 3:
                    continue  # neither asks nor ends with the word
                if "?" not in sentence and (
                    _GIVEN.match(sentence, match.end()) or _TOLD_NUMBER.match(text, piece.start() + match.end())
                ):
                    continue  # "le code du portail c'est…": told, not asked
                if asked in (Asked.NAME, Asked.PHONE, Asked.ADDRESS, Asked.SECRET) and Asked.SECURITY in found:
                    continue
                found.append(asked)
    return tuple(found)
