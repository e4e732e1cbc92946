"""What French agents and callers ask for, and how answers put things off or refuse."""

import re

from pipeline.adapters.redaction.fr.number_words import NUMBER_WORDS
from pipeline.adapters.redaction.fr.secret_vocabulary import NOUN
from pipeline.adapters.redaction.words import CallText, word_set
from pipeline.rules.redaction.dialogue import Asked, TurnView

_GAP = r"(?:[ ,'’-]+[\w'’]+){0,3}?[ ,'’-]+"

# Order matters only for SECURITY, which owns the words of the others ("le nom de votre chien").
_CUES: tuple[tuple[Asked, str], ...] = (
    (
        Asked.SECURITY,
        (
            r"question (?:de sécurité|secrète|personnelle|de contrôle)|réponse (?:secrète|de sécurité|à (?:la|"
            r"votre) question)|"
            r"nom de jeune fille|premier animal|animal de compagnie|"
            r"(?:nom|prénom|s'appelle|appelait|s'appelait)(?:[ ,'’-]+[\w'’]+){0,3}? (?:chien|chienne|chat|chatte|"
            r"animal|grand-mère|"
            r"grand-père|instituteur|institutrice|maîtresse|professeur|école|meilleur|meilleure|film|livre|héros|"
            r"marraine|parrain|poney|cheval|hamster|perroquet)|"
            r"(?:film|livre|plat|couleur|chanteur|chanteuse|chanson|acteur|sport|équipe|animal|groupe|personnage|"
            r"fleur|dessert|auteur)[\w ]{0,12}"
            r" (?:préféré|préférée|favori|favorite)|"
            r"première voiture|premier véhicule|premier métier|première école|premier emploi|premier employeur|"
            r"premier patron|premier travail|école (?:primaire|maternelle)|premier collège|premier lycée|"
            r"(?:rue|ville|village) de (?:votre|ton) enfance|meilleure? amie?|surnom|"
            r"(?:rencontré|connu) votre (?:conjoint|mari|femme|époux|épouse)|destination de rêve|"
            r"ville (?:de|où) (?:naissance|vous êtes née?|se sont)|lieu de naissance|lieu de vacances"
        ),
    ),
    (
        Asked.SECRET,
        (
            rf"{NOUN}|"
            r"(?:sous|la|pour la|mot de|cas de|en|et) (?:contrainte|menace)|cas d'agression|signal de détresse|"
            r"mot de détresse|"
            r"(?<!pas de )(?<!sans )(?<!plus de )codes?(?! (?:postal|postaux|client|barres?|erreurs?|défauts?|"
            r"d'erreur|produit|article|naf|ape|promo|"
            r"d'événement|événement|couleur|iban|du contrat|contrat|de la route|site|"
            r"swift|bic|guichet|banque|pays|dossier|adhérent|abonné))|"
            r"digicode|identifiant et|cryptogramme secret|combinaison|pin\b|"
            r"(?:portail|portillon|grille|coffre(?:[- ]fort)?|boîte à clés?|boîtier à clés?|cadenas|immeuble|"
            r"hall|sas|"
            r"parking|barrière|porte d'entrée|entrée)[\w' ,]{0,20} c'est (?:toujours |bien |maintenant |"
            r"encore )*(?:le |la )?"
            r"(?=\s*$|\d|[a-z]\b|(?:zéro|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|"
            r"quatorze|quinze|"
            r"seize|vingt|trente|quarante|cinquante|soixante|cent|mille)\b)"
        ),
    ),
    (
        Asked.CARD,
        (
            r"(?:numéros?|chiffres?)[\w ]{0,20} (?:de|sur|sous) (?:la |votre |ta |cette )?(?:carte|cb)|"
            r"carte (?:bancaire|bleue|de crédit|visa|mastercard|de paiement)|"
            r"votre carte|la carte|date d'expiration|date de validité|date de fin(?: de validité)?|"
            r"derrière(?= c'est| il y a| y a)|expire|expiration|"
            r"(?:trois|3) (?:derniers )?chiffres|cryptogramme|"
            r"code de sécurité (?:au dos|de la carte)|chiffres? (?:au dos|du dos|derrière)|au dos de|(?:valide|"
            r"valable) jusqu\w*|cvv|cvc|cb\b|numéro de cb|validité"
        ),
    ),
    (
        Asked.IBAN,
        (
            r"\biban\b|\brib\b|relevé d'identité|coordonnées bancaires|numéro de compte|références bancaires|"
            r"code (?:banque|guichet)|compte (?:en|qui finit|qui se termine|se terminant|finissant|terminant)\b|"
            r"\bbic\b|i\.?b\.?a\.?n"
        ),
    ),
    (
        Asked.NATIONAL_ID,
        (
            r"sécurité sociale|sécu\b|carte vitale|numéro (?:insee|d'assuré|d'immatriculation (?:à la|sociale))|"
            r"\bnir\b|assuré social|numéro national|(?:et|pour|avec|,) (?:la |une )?clé(?! (?:usb|sous|est sous|"
            r"de la|du|qui|chez))\b"
        ),
    ),
    (
        Asked.BIRTH,
        (
            r"date de naissance|née? (?:le|quand|en)\b|êtes[- ]vous née?|vous êtes née?|jour de naissance|"
            r"année de naissance|votre naissance|date de nais"
        ),
    ),
    (
        Asked.EMAIL,
        (
            r"(?:adresse )?(?:e[- ]?mail|mail|courriel|mèl|mél)s?\b|adresse (?:électronique|internet|gmail|"
            r"de messagerie)|boîte mail|arobase"
        ),
    ),
    (
        Asked.PHONE,
        (
            r"téléphone|portable|numéro (?:où|pour|auquel|sur lequel|de contact|de rappel|fixe|direct|joignable|"
            r"de mobile|qui)|vous (?:joindre|rappeler|contacter|recontacter)|"
            r"la joindre|le joindre|les joindre|joignable|(?:son|leur|votre|quel|quel est le|un|ton|le bon|"
            r"bon) numéro(?! (?:de|d'|client))|coordonnées|numéro de téléphone|\btél\b|rappelle|rappelions|mobile"
        ),
    ),
    (Asked.PLATE, r"immatricul\w+|plaques?\b|plaque d'immatriculation"),
    (
        Asked.ID_NUMBER,
        (
            r"(?:numéros?|num|n°|référence|références|identifiant|code) (?:de |du |d'|d’|de la |de votre |"
            r"du site |de l'|de l’)?"
            r"(?:votre )?(?:clients?|contrats?|dossiers?|abonnés?|abonnements?|adhérents?|commandes?|factures?|"
            r"série|site|badge|matricule|intervention|"
            r"tickets?|sinistre|police|installation|transmetteur|centrale|agent|intervenant|carte professionnelle|"
            r"compte client|suivi|devis|réclamation|demande|bon|sociétaire|passeport|permis|pièce d'identité|"
            r"carte d'identité|siret|siren)|"
            r"matricule|(?:votre|la|quelle|une|sa) référence|numéro de (?:la )?centrale|réf\b|votre identifiant|"
            r"carte pro\b|badge(?: visiteur| d'accès)?,? (?:(?:c'est|est|le|au) )*(?:numéro|num|n°)|badge (?=\d|$)|"
            r"(?:passeport|carte d'identité)"
        ),
    ),
    (
        Asked.IP,
        r"adresse ip|adresse i p|adresse du (?:routeur|boîtier|serveur|modem|nvr|dvr|enregistreur)|passerelle|masque",
    ),
    (
        Asked.SPELLING,
        (
            r"épel\w+|épl\w+|comment (?:ça|cela|est-ce que ça) s'écrit|ça s'écrit comment|s'écrit|l'orthographe|"
            r"lettre par lettre|vous l'écrivez"
        ),
    ),
    (
        Asked.ADDRESS,
        (
            r"adresse(?! (?:e-?mail|mail|électronique|ip|i p|internet|gmail|courriel|du routeur|de messagerie))|"
            r"où (?:habitez|êtes|vous habitez|se trouve|se situe|est-ce que vous|résidez|dois-je|faut-il|j'envoie|"
            r"exactement|on envoie)|"
            r"où ça|vous habitez|quelle (?:rue|ville|commune|adresse)|code postal|domicile|vous vous trouvez|"
            r"vous êtes où|c'est où|(?:quelle? |l'|votre )(?:étage|bâtiment|appartement|numéro de rue|immeuble)|"
            r"(?:il|elle|ils|elles|tu) habite\w*|habite[- ](?:t[- ])?(?:il|elle|où)|à quel endroit|demeurez|"
            r"vous (?:venez|appelez) d'où|le village|quel (?:village|hameau|quartier)|la ville|commune|"
            r"bâtiment|localisation|lieu d'intervention"
        ),
    ),
    (
        Asked.NAME,
        (
            r"(?:votre|vos|son|ses|leur|leurs|quel|quels|le|les|un|au|nom et|du|ton) (?:noms?|prénoms?)\b|"
            r"noms?,? (?:et )?prénoms?|comment (?:vous|s'|tu) ?(?:vous |t')?appel\w+|"
            r"vous (?:vous )?appelez|qui (?:êtes[- ]vous|est à l'appareil|est-ce|ai-je|est le titulaire|dois-je|"
            r"peut-on|faut-il|s'en occupe|vous accompagne|habite)|à qui (?:ai-je|je parle|parle)|"
            r"vous êtes (?:monsieur|madame|qui)\b|"
            r"(?:êtes|c'est) (?:bien )?(?:monsieur|madame)\b|identité|titulaire|personne à (?:prévenir|contacter)|"
            r"personnes à (?:prévenir|contacter)|contact\b|s'appelle\w*|de la part de qui|c'est qui|"
            r"nom de famille|prénom"
        ),
    ),
    (
        Asked.HEALTH,
        (
            r"médicaments?|traitements?|allergi\w+|antécédents?|problèmes? (?:de santé|médica\w+)|maladies?|"
            r"état de santé|vous êtes blessée?|pathologies?|enceinte|conscient|respire|souffr\w+"
        ),
    ),
)
CUES = tuple((asked, re.compile(rf"(?<!\w)(?:{pattern})", re.IGNORECASE)) for asked, pattern in _CUES)

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
    r"(?:[\w' -]{0,30}?)(?:,|:)?\s*(?:c'est|c est|est|sera|était|:)\s+(?!quoi|bien|lequel|laquelle|toujours|"
    r"à quel|pour|de|il|elle|vous|ce|celle|celui|encore)[\w«\"]",
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


_DISPLAY = re.compile(r"écran|affich\w+|voyant|clignot\w+|erreur|défaut|panne|message", re.IGNORECASE)
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
                if asked is Asked.SECRET and match.group().lower().startswith("code") and _DISPLAY.search(sentence):
                    continue  # "vous avez un code à l'écran ?"
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
