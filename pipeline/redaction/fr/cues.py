"""The words by which French agents and callers ask for something, kind by kind."""

import re

from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.secret_vocabulary import NOUN

# Order matters only for SECURITY, which owns the words of the others ("le nom de votre chien").
_CUES: tuple[tuple[Asked, str], ...] = (
    (
        Asked.DISPLAY,
        (
            r"codes? (?:d'erreurs?|erreurs?|défauts?|d'événement|événement|panne)|"
            r"(?:écran|affich\w+|voyant|ça (?:me )?(?:met|marque|dit|indique|donne)|il (?:me )?(?:met|marque|"
            r"affiche|indique)|"
            r"elle (?:me )?(?:met|marque|affiche|indique)|message|défaut|erreur|panne|"
            r"clignot\w+)[\w' ,]{0,30}(?<!\w)codes?(?!\w)|"
            r"codes?(?! \w+ c'est)[\w' ,]{0,20} (?:à l'écran|sur l'écran|affiché\w*|qui s'affiche|de la panne)"
        ),
    ),
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
            r"(?:rue|ville|village|maison|quartier|école|ami|amie|héros|idole|jeu|jouet|"
            r"doudou|peluche|dessin animé|livre|chanson|lieu|endroit) (?:de (?:votre|ton|son) enfance|d'enfance)|"
            r"(?:héros|idole|jeu|jouet|série|film|émission|pays|lieu|endroit|boisson|fruit|légume|gâteau|parfum|"
            r"couleur|"
            r"vin|fromage|peintre|écrivain|club|joueur|saison|chiffre|prénom)[\w' ]{0,16} (?:préférée?|"
            r"favorite?|fétiche)|"
            r"(?:couleur|marque|modèle) de (?:votre|ta|sa|la) (?:première )?(?:voiture|moto|maison)|première moto|"
            r"premier (?:concert|amour|enfant|voyage|petit ami|appartement|chien|chat|ordinateur|téléphone|"
            r"professeur)|"
            r"première (?:petite amie|maison|maîtresse|rue|adresse|moto|chienne|chatte)|"
            r"nom de naissance de (?:votre|ta) (?:mère|maman)|nom de famille de (?:votre|ta) (?:mère|grand-mère)|"
            r"prénom de (?:votre|ton|ta) (?:premier|première|aîné|aînée|mère|père|grand-mère|grand-père|parrain|"
            r"marraine|"
            r"enfant|filleul|conjoint)|métier de (?:votre|ton) (?:père|grand-père|mère)|"
            r"(?:où|année|ville) (?:et |où |dans |à )?[\w' ]{0,24}(?:vous )?(?:êtes-vous mariée?s?|"
            r"vous êtes mariée?s?|"
            r"(?:vos|tes) parents)|(?:vos|tes) parents se sont|"
            r"question (?:perso|de vérification|numéro|d'identification)|"
            r"meilleure? amie?|surnom|"
            r"(?:rencontré|connu) votre (?:conjoint|mari|femme|époux|épouse)|destination de rêve|"
            r"ville (?:de|où) (?:naissance|vous êtes née?|se sont)|lieu de naissance|lieu de vacances"
        ),
    ),
    (
        Asked.SECRET,
        (
            rf"{NOUN}|"
            r"(?:sous|la|pour la|mot de|cas de|en|et) (?:contrainte|menace)|cas d'agression|signal de détresse|"
            r"(?:redire|répéter|redonner|rappeler|confirmer|connaissez|connais|savez|votre|redites|répétez|"
            r"rappelez)[\w' -]{0,12} "
            r"(?:le|votre|ce|ton) mot(?! (?:de|d'|du|à)\b)|votre mot(?! (?:de|d'|du|à)\b)|"
            r"(?:un|quel|autre|nouveau) mot (?:que|qui|facile|simple|à retenir|pour vous|de votre choix)|"
            r"identifiant de connexion|votre login|(?:le|votre) pseudo|nom d'utilisateur|"
            r"(?:portail|coffre(?:[- ]fort)?|boîtiers?|boîte|immeuble|résidence|hall|garage|barrière|porte|"
            r"cadenas|local)"
            r"[\w' ]{0,20} (?:s'ouvre|se déverrouille|on l'ouvre)|(?:entrer|rentrer|accéder|pénétrer) (?:dans|"
            r"à) (?:l'|la |le |"
            r"votre )?(?:immeuble|résidence|hall|bâtiment|copropriété|parking|cour|lotissement|local)|"
            r"(?:tapez|composez|tape|faites|entrez) (?:quoi|quel)|(?:je|on|tu|il|elle) (?:tape|compose|saisis)|"
            r"(?:taper|composer|saisir|tapant|composant)|(?:menace|agress|braqu|contraint|"
            r"force)\w*[^.?!]{0,30}(?:dites|dire|répond\w+)|"
            r"(?<!pas de )(?<!sans )(?<!plus de )codes?(?! (?:postal|postaux|client|barres?|erreurs?|défauts?|"
            r"d'erreur|produit|article|de l'article|d'article|du produit|naf|ape|promo|"
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
            r"code (?:banque|guichet)|compte (?:en|(?:bancaire )?(?:qui )?(?:se )?(?:finit|finissant|termine|"
            r"terminant)(?: bien)? (?:par|en))\b|"
            r"\bbic\b|i\.?b\.?a\.?n"
        ),
    ),
    (
        Asked.NATIONAL_ID,
        (
            r"sécurité sociale|sécu\b|carte vitale|numéro (?:insee|d'assuré|d'immatriculation (?:à la|sociale))|"
            r"\bnir\b|assuré social|numéro national|clé (?:à|de) (?:deux|2) chiffres|"
            r"(?:^|[.,!?…] ?|\b(?:et|alors|puis|oui|ok|euh|bien) )la clé(?= ?\?| ?$| c'est \w+\W*$)|(?:et|pour|"
            r"avec|,) (?:la |une )?clé(?! (?:usb|sous|est sous|"
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
            r"de messagerie)|boîte mail|arobase|[\w.-]@\w"
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
