"""What is said around a name when a person is introduced: relatives, trades, "je m'appelle", "à l'appareil"."""

import re

from callwarden.redaction.view import View
from callwarden.redaction.words import word_set

PEOPLE = word_set(
    "mari femme fils fille frère sœur soeur mère père maman papa voisin voisine ami amie copain copine "
    "collègue compagnon compagne conjoint conjointe épouse époux cousin cousine oncle tante neveu nièce "
    "grand-mère grand-père beau-frère belle-sœur gendre belle-fille beau-père belle-mère beau-fils petit-fils "
    "petite-fille fiancé fiancée parrain marraine filleul filleule jumeau jumelle fiston belle-maman papi "
    "papy mamie mamy tonton tata ex-mari ex-femme ex-compagnon ex-compagne aîné aînée cadet cadette benjamin "
    "benjamine petit petite enfant gardien gardienne concierge employé employée patron patronne chef cheffe "
    "directeur directrice gérant gérante assistante assistant infirmière infirmier auxiliaire locataire "
    "propriétaire technicien technicienne client cliente patient patiente responsable associé associée "
    "secrétaire médecin nounou baby-sitter bénéficiaire agent intervenant intervenante titulaire tuteur "
    "tutrice curateur curatrice aidant aidante vendeur vendeuse stagiaire apprenti apprentie salarié salariée "
    "contact témoin remplaçant remplaçante aide jardinier jardinière plombier électricien électricienne "
    "serrurier menuisier maçon peintre couvreur chauffagiste paysagiste bricoleur artisan ouvrier ouvrière "
    "facteur factrice livreur livreuse chauffeur conducteur conductrice comptable notaire avocat avocate juge "
    "instituteur institutrice maîtresse professeur professeure prof dentiste kiné kinésithérapeute ostéopathe "
    "pharmacien pharmacienne préparateur préparatrice vétérinaire orthophoniste psychologue curé pasteur imam "
    "maire adjoint adjointe conseiller conseillère président présidente trésorier trésorière cuisinier "
    "cuisinière serveur serveuse caissier caissière coiffeur coiffeuse boulanger boulangère boucher fleuriste "
    "pompiste mécanicien garagiste éducateur éducatrice animateur animatrice entraîneur coach nourrice "
    "ménagère manager superviseur superviseuse opérateur opératrice coordinateur coordinatrice syndic "
    "régisseur intendant intendante veilleur veilleuse rondier vigile binôme équipier équipière chargé "
    "chargée commercial commerciale expert experte inspecteur inspectrice formateur formatrice dépanneur "
    "installateur installatrice poseur poseuse "
)
_WHO = (
    r"(?:mon|ma|mes|son|sa|ses|notre|votre|leur|le|la|l'|un|une|du|au)\s?"
    rf"(?:(?:petite?|grande?|jeune|ancien|ancienne|nouveau|nouvelle|autre|fameux|premier|première|deuxième) )?"
    rf"(?:{'|'.join(sorted(PEOPLE, key=len, reverse=True))})"
    r"(?: (?:de ménage|à domicile|ménagère|de nuit|de jour|d'à côté|du dessus|du dessous|d'en face|de garde|"
    r"traitante?))?"
)
INTRO = re.compile(
    r"(?<![\w'])(?:je m'appelle|je m appelle|je me nomme|mon nom(?: de famille)?(?:,)? (?:c'est|est)|"
    r"mon prénom(?:,)? (?:c'est|est)|je me présente,?|moi c'est|moi,? je suis|"
    r"c'est de la part de|de la part de|au nom de(?: famille)?|s'appelle|m'appelle|s'appelait|se nomme|"
    r"nommée?s?|prénommée?|appelée?|nom de famille,?(?: c'est)?|prénom,?(?: c'est)?|"
    r"le nom,?(?: c'est| est)|nom :|prénom :|patient(?:e)?s?(?: présentes?)? :|(?:docteur|interne|secrétaire|"
    r"psychologue|chirurgien|signé|père|mère|assuré|internes) :|"
    r"chez les|la famille|les époux|famille|demand(?:ez|er|e)|prévenir|contacter|prévenez|contactez|joindre|"
    r"appeler|rappeler|appelez|parler à|parlé à|parlé avec|vu avec|avec|chez|pour|cordialement,?|bonjour,?|"
    r"merci,?|monsieur,|madame,|"
    rf"{_WHO}(?:,? (?:qui s'appelle|c'est|est|s'appelle|se nomme))?,?)\s$",
    re.IGNORECASE,
)
RELATED = re.compile(
    rf"(?<![\w'])(?:{_WHO})(?:,?\s(?:qui s'appelle|c'est|est|s'appelle|se nomme))?,?\s+$",
    re.IGNORECASE,
)
WEAK_INTRO = re.compile(
    r"(?<![\w'])(?:je suis|ici|c'est|c est|oui|alors|allô|allo|être|pas|et|à|bonsoir|d'|par|de),?\s$", re.IGNORECASE
)
SURE_INTRO = re.compile(
    r"(?:m'appelle|m appelle|me nomme|mon nom(?: de famille)? (?:c'est|est)|mon prénom (?:c'est|est)|"
    r"au nom de(?: famille)?|s'appelle|s'appelait|se nomme|prénommée?|nom de famille,?(?: c'est)?|"
    r"prénom,?(?: c'est)?|"
    r"le nom,?(?: c'est| est)|de la part de|me présente)\s$",
    re.IGNORECASE,
)
OUTRO = re.compile(
    r"^,?\s+(?:à l'appareil|à votre écoute|à votre service|pour vous servir|bonjour|bonsoir|au téléphone|"
    r"à l appareil|de chez|,? née? le|est mon nom|du service|du centre|de la télésurveillance|du poste|"
    rf"c'est {_WHO}|{_WHO}(?![\w'-])|(?:qui|et qui) (?:habite|travaille|garde|vient|passe))",
    re.IGNORECASE,
)

IT_IS = re.compile(r"(?:c'est|c est|c'était|moi c'est|je suis|ici)\s+$", re.IGNORECASE)
NOT_INTRODUCED = word_set("france franc prune olive")
AFTER_NAME = word_set(
    "je j' de du d' à la le l' votre ton et pour bonjour bonsoir allô au qui que on il elle vous mon ma son sa"
)
_FILLED = re.compile(
    r"(?:(?<![\w'])(?:euh|heu|hum|ben|bah|donc|alors|enfin|voilà|là|eh|hein)(?![\w'])[,.… ]*)+$", re.IGNORECASE
)
WINDOW = 60


def said_before(view: View, at: int) -> str:
    """What is said in the turn right before word ``at``, without the hesitation between ("mon mari, euh, Bernard")."""
    word = view.call.words[at]
    start = view.call.turn_starts[word.turn]
    before = view.call.text[max(start, word.start - WINDOW) : word.start].replace("’", "'")
    return _FILLED.sub("", before)
