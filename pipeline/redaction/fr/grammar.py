"""French fillers, units and labels around numbers."""

import re

from callwarden.redaction.fr.number_words import NUMBER_WORDS, parse_cardinal
from callwarden.redaction.numbers import NumberGrammar


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


MONTHS = _set(
    "janvier février fevrier mars avril mai juin juillet août aout septembre octobre novembre décembre decembre"
)
WEEKDAYS = _set("lundi mardi mercredi jeudi vendredi samedi dimanche")
UNITS = _set(
    "an ans année années mois jour jours semaine semaines trimestre trimestres nuit nuits fois pourcent % "
    "volt volts v mv kv ampère ampères mah watt watts w kw kwh mètre mètres m km kilomètres kilomètre cm mm "
    "centimètre centimètres millimètre millimètres hertz mhz ghz hz méga mégas mo go ko gigas giga gigaoctets "
    "mégaoctets mégabits degré degrés celsius gramme grammes kilo kilos kg mg g ml cl l litre litres mmol mol "
    "bar bars décibels décibel db lux lumens pixels pouces pouce carrés carré cube cubes "
    "personne personnes enfants enfant clients appels appel caméra caméras détecteur détecteurs badge badges piles "
    "pile zones capteurs capteur sirènes télécommandes claviers étages pièces portes fenêtres chambres employés "
    "salariés agents techniciens interventions alarmes déclenchements essais tentatives bips coups sonneries "
    "sonnerie "
    "points étoiles millions millième tonnes hommes femmes voitures véhicules individus "
    "équipes exemplaires contacts numéros codes chiffres lettres caractères utilisateurs lignes câbles fils boutons "
    "touches voyants modèles versions photos images vidéos messages courriers factures mensualités échéances ouvrés "
    "euro prochain prochains prochaines dernières derniers premières premiers autres options choix solutions étapes"
)
TIME_UNITS = _set("heure heures h minute minutes min mn seconde secondes s sec")
MONEY = _set("euro euros eur € centime centimes cts francs dollars")
LABELS = _set(
    "zone zones étape étapes touche touches menu page pages niveau version canal canaux caméra caméras détecteur "
    "détecteurs capteur capteurs partition partitions groupe groupes secteur secteurs boucle boucles voie "
    "voies relais "
    "option options catégorie classe norme normes nf article articles alinéa paragraphe paragraphes chapitre annexe "
    "phase point points module modules sortie sorties entrée entrées loi décret type génération position port ports "
    "formule formules pack essai tableau figure bouton boutons télécommande clavier sirène saison tome volume "
    "année années depuis jusqu'en vers environ presque entre pendant durant dans toutes tous sous mois "
    "janvier février "
    "mars avril mai juin juillet août septembre octobre novembre décembre erreur défaut événement évènement "
    "windows iso "
    "android ios pile piles ip67 quai porte salle voiture ligne heures heure minutes euros à-peu-près plus "
    "moins après avant environ §"
) - {"plus", "port", "point", "porte"}
LINKS = _set("le la les l' du de des en n n' no nº numéro numéros d' à et")
FILLERS = _set(
    "euh heu hum hein ben bah alors et puis ensuite après attendez attends pardon non oui donc voilà c' est "
    "le la les "
    "l' tiret tirets espace virgule point slash barre suivi suivie de du plutôt enfin bon excusez moi désolé désolée "
    "je me suis trompé trompée rectifie reprends dis disais clé clef encore plus fin pour les finit par commence "
    "accent aigu grave circonflexe tréma cédille majuscule majuscules minuscule trait union apostrophe "
    "accents chapeau "
    "sur bis d' mm mmh ok d'accord que dire veux voulais attendez-moi deux-points"
) - {"pour", "sur", "bis", "fin", "que"}
FILLERS |= _set("étoile dièse astérisque croisillon oblique")

PUBLIC_LINES = _set("15 17 18 112 114 115 116 119 191 196 197 3114 3919 3939 3919 118218 116117")
CALLING = re.compile(
    r"(?:appel\w*|compos\w*|fai[st]\w*|faire|joindre|joint|préven\w*|contact\w*|alert\w*|télépho\w*|\bou|\bet|"
    r"\bc'est|urgences?|secours|police|pompiers|samu)[ ,:](?:[\w' ]{0,14} )?(?:le |au )$",
    re.IGNORECASE,
)

GRAMMAR = NumberGrammar(
    parse=parse_cardinal,
    fillers=FILLERS,
    letter_names=_set(
        "bé cé dé effe gé ache ji ka elle emme enne pé ku cu erre esse té vé double-vé ixe igrec zède zed"
    ),
    never_letters=_set("a à y o ô é è ù l d c j m n s t"),
    as_in=_set("comme"),
    double=_set("double triple"),
    times=_set("fois"),
    units=UNITS,
    time_units=TIME_UNITS,
    money_units=MONEY,
    decimal=_set("virgule"),
    months=MONTHS,
    weekdays=WEEKDAYS,
    labels=LABELS,
    label_links=LINKS,
    prefixes=_set("plus"),
    clause_words=_set(
        "il qu'il ils elle on ça y n' n qui en t' m' l' nous vous lui leur client dame monsieur madame "
        "alarme centrale détecteur personne"
    ),
    percent=_set("pour"),
    hundred=_set("cent mille"),
    number_words=NUMBER_WORDS,
    alphabet=_set(
        "alpha alfa bravo charlie delta echo écho foxtrot golf "
        "hotel hôtel india juliet juliett juliette kilo lima mike "
        "novembre november oscar papa quebec québec romeo roméo sierra tango"
        "  uniform uniforme victor whisky x-ray xray "
        "yankee zoulou zulu"
    ),
    told=_set("est c' code lettre lettres c'est dièse étoile portail digicode"),
)
