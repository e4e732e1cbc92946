"""The words French callers put around a password: what it is called, what leads up to it, what follows it."""

import re

from callwarden.redaction.fr.number_words import NUMBER_WORDS

# what a password is called; "code" stands apart because it is mostly said in digits
NOUN = (
    r"(?:mots? (?:de |d')(?!la |vous|plus|trop)\w+|mots? (?:du (?:jour|mois|soir|matin|moment)|"
    r"de la (?:semaine|journée|nuit|maison))|"
    r"mot[- ](?:clé|clef|secret|convenu|magique|vocal|code|personnel|confidentiel|choisi|mystère)|"
    r"mot (?:pour|en cas de|sous) (?:la |l')?\w+|code[- ](?:mot|parole|vocal|bis)|nom de code|"
    r"phrases? (?:de passe|de sécurité|de contrainte|de reconnaissance|d'alerte|d'urgence|du jour|secrètes?|convenue|"
    r"clé|clef|code|personnelle|magique|mystère)|passphrase|password|mdp|sésame|"
    r"(?:expression|formule) (?:secrète|convenue|de sécurité|magique|choisie|de passe)|"
    r"réponse secrète|réponse de sécurité)"
)
_BE = r"(?:c'est|c est|c'était|(?<![\w'])est|sera|serait|devient|était|reste|étant|ce sera|ça sera|ce serait)"
ANNOUNCE = re.compile(
    rf"(?:{NOUN}|(?:ma|la) réponse(?: à la question)?|(?:le|mon|notre|un|du|ce|votre) mot(?! (?:de|d'|à)\b)|"
    r"(?:l'|mon |son |votre |notre )(?:identifiant|login|pseudo)|nom d'utilisateur|"
    r"(?:menac\w+|contrainte?\w*|agress\w+|braqu\w+|forcée?|oblig\w+|en danger)(?=[^.?!\n]{0,30}?(?:dire|dis|"
    r"disons|dites|dit|"
    r"répond\w*)(?!\w)))"
    rf"(?:[^.?!\n]{{0,40}}?)(?:,? ?(?:{_BE}|(?<=dois )dire|(?<=doit )dire|(?<=faut )dire|(?<=je )dis|(?<=on )dit|"
    rf"(?<=nous )disons|(?<=vous )dites)(?: bien| toujours| donc| euh| le mot| maintenant| désormais)?(?![\w'])|:)"
    r"\s*[«\"]?\s*",
    re.IGNORECASE,
)
CODE_ANNOUNCE = re.compile(
    r"(?<!sans )(?<!pas )(?<!\w)(?:le|mon|notre|son|leur|un|du|au)(?: \w+)? code(?! (?:d'erreur|erreur|défaut|"
    r"d'événement|postal|barres?|"
    r"produit|"
    r"article|promo|client|d'article|sur l'écran))[^.?!\n\d]{0,40}?,? ?(?:c'est|c est|c'était|:)(?: toujours|"
    r" bien| euh|,)*"
    r"(?![\w'])\s*",
    re.IGNORECASE,
)
DIRECT = re.compile(
    rf"(?<!votre )(?<!ton )(?<!quel )(?<!vos )(?:(?<!\w){NOUN}|(?<!\w)réponse),?\s+(?:euh,? )?[«\"]?\s?(?=\w)",
    re.IGNORECASE,
)

_HUMS = (
    r"euh|heu|hum|mmh|ben|bah|ah|oh|ouh|ouf|oups|là|mince|zut|purée|flûte|aïe|hélas|bon|alors|donc|voilà|tenez|tiens|"
    r"écoutez|voyons|attendez|attends|pardon|excusez-moi|excuse-moi|désolée?|oui|ouais|non|si|mais|et|puis|enfin|"
    r"bien sûr|bien|d'accord|ok|okay|effectivement|évidemment|naturellement|absolument|tout à fait|volontiers|"
    r"madame|monsieur|bonjour|bonsoir|s'il vous plaît|merci|une seconde|deux secondes|un instant|une minute|"
    r"deux minutes|un moment|je cherche|je réfléchis|laissez-moi (?:réfléchir|chercher|voir)|eh|ou|sinon|plutôt|"
    r"justement|simplement|tout simplement|tout bêtement|exactement|allez-y|allez|très|parfait|ça y est|"
    r"j'y suis|comment ça|quoi|non plus|"
    r"je me souviens|je m'en souviens|je me rappelle|je sais|alors là|hein"
)
_DOUBT = (
    r"je crois(?: que)?|je pense(?: que)?|il me semble(?: que)?|je dirais|j'ai l'impression que|"
    r"si je me (?:souviens|rappelle)(?: bien)?|si (?:je (?:ne )?me trompe(?: pas)?|ma mémoire est bonne)|"
    r"sauf erreur(?: de ma part)?|de mémoire|normalement|peut-être(?: bien)?|peut être|sans doute|probablement|"
    r"à mon avis|logiquement|en principe|a priori|sûrement|certainement|je suppose(?: que)?|"
    r"(?:je|j') ?(?:ne )?(?:le |la |l'|m'en |me |en )?(?:sais|connais|souviens|rappelle|suis)(?: plus| pas)"
    r"(?: trop| sûre?| bien)?|j'hésite(?: entre)?|(?:que )?je (?:cherche|regarde|réfléchis\w*|voie|vois|retrouve|me "
    r"(?:souvienne|rappelle|concentre)|vérifie|demande|consulte|prends|sors|suis sortie?|m'éloigne)"
    r"(?: (?:dans |sur |à )?(?:mon|ma|mes|le|la|l') ?\w+)?|"
    r"(?:je )?l'ai (?:noté|marqué|écrit|quelque part|là|sur le bout de la langue|sous les yeux)|"
    r"ça (?:va )?me (?:revient|revenir)|ça y est|laissez-moi (?:deux secondes|une seconde|le temps|réfléchir)"
)
_SUBJECT = (
    r"(?:(?:je|on|nous|vous|il|elle|ils|elles|tu|ça|qui|(?:mon|ma|notre|le|la|mes|sa|son|nos) [\w-]+) |j'|m')?"
    r"(?:ne )?(?:l'|m'|t'|s'|me l'|nous l'|(?:nous|vous|lui|leur|me|le|la|les|en|se) )?"
)
_AUXILIARY = (
    r"(?:(?:ai|as|a|avons|avez|ont|avait|avais|avaient|avions|aurait|aurais|va|vais|allait|allons|doit|dois|"
    r"devait|devais|"
    r"faut|fallait|veut|veux|voulait|voudrais|aimerais|peut|pourrait|suis|était|est|sommes|"
    r"êtes)(?: (?:censée?s?(?: de)?|supposée?s?(?: de)?|obligée?s? de|bien|donc|toujours|"
    r"simplement|juste|dû|pu|finalement|plutôt|déjà))? (?:m'|l'|le |la )?)?"
)
_TELL = (
    r"(?:mise?|mets|met|mettre|mettra|mettrait|mettons|mettez|prise?|prends|prend|prenons|prendre|prendrai|"
    r"prenez|choisie?|"
    r"choisis|choisit|choisir|choisissons|gardée?|garde|gardons|garder|gardez|dite?|dis|dire|dirai|dirais|"
    r"disons|dites|disait|"
    r"disais|répondu|réponds|répond|répondre|donnée?|donnait|notée?|note|notez|marquée?|écrite?|inscrite?|"
    r"enregistrée?|appelée?|"
    r"appelle|appelait|appelaient|appelais|nommée?|baptisée?|surnommée?|surnommait|remplacée? par|"
    r"changée? (?:pour|en|par|avec)|voulait|voulais|"
    r"préfère|préférait|opté pour|proposée?|propose|partis? sur|part sur|partons sur|restée?s? sur|reste sur|"
    r"restons sur|"
    r"essaye|essaie|essayez|retenue?|transformée? en|va pour|laisse|laissez|laissé|hésite entre|adore|adorait|"
    r"aime|aimait)"
)
_TOLD = (
    r"c'est|c est|c'était|(?:il|elle) était|ce serait|ça serait|ça doit être|ça devait être|ça pourrait être|"
    r"ça sera|ce sera|est|était|"
    rf"serait|{_SUBJECT}{_AUXILIARY}{_TELL}(?! quelqu)|du nom de"
)
_ABOUT = (
    rf"(?:le |mon |notre |votre |un |du |ce |son |la |ma )?(?:{NOUN})|"
    r"(?:pour |de |en )?(?:cette semaine|aujourd'hui|ce mois-ci|ce soir|ce matin|ce moment|le moment|la semaine)|"
    rf"{NOUN}|(?:le|mon|notre|un|du|ce|son) (?:mot|code|mien|nôtre|sien|tout|premier|deuxième|second|normal|bon|"
    r"vrai|nouveau|même)|(?:la|ma|sa) (?:réponse|mienne|nouvelle|première|deuxième)|"
    r"l'(?:ancien|ancienne|autre|actuel|actuelle)|celui d'avant|celui-ci|celui-là|"
    r"(?:moi|nous|lui|elle)(?= ?,| c'est| s'app| ?$)|chez nous|pour (?:nous|moi|lui|elle|la contrainte|ça|l'alarme)|"
    r"(?:on|je|ça|il|elle)(?: l'| l| nous l'| )?(?:a|ai|'ai)? ?changée?|on a changé|j'ai changé|je l'ai changée?|"
    r"on l'a changée?|qui (?:l'|nous l'|m'|me l')?(?:a|avait|ont) (?:changée?|choisie?|mise?|donnée?|créée?|décidée?|"
    r"trouvée?|dite?)|je vous (?:le|la) donne|je vous dis|toujours|que|quelque chose comme|genre|"
    r"(?:en )?réponse|la question|pas(?! de\b| en\b)|plus(?! de\b)"
)
_PETS = (
    r"(?:(?:on|j'|nous|je) ?(?:avait|avais|avions|ai eu|a eu) )?(?:mon|ma|notre|nos|le|la|un|une) "
    r"(?:tout |toute |petite? |vieux |vieille |grosse? )?(?:premier |première )?"
    r"(?:chien|chienne|chat|chatte|lapin|poney|cheval|jument|hamster|perroquet|perruche|tortue|poisson rouge|canari|"
    r"cochon d'inde|furet|âne|labrador|berger allemand|caniche|épagneul|mère|père|maman|papa|grand-mère|grand-père|"
    r"instituteur|institutrice|maîtresse|maître|prof|professeur)(?= ?(?:,|s'app|c'|qui|euh|$)|$)"
)
LEAD = re.compile(rf"(?:[^\w]*(?:{_PETS}|{_TOLD}|{_DOUBT}|{_ABOUT}|{_HUMS})(?![\w'’]|-\w))+[^\w]*", re.IGNORECASE)
TOLD = re.compile(rf"(?<![\w'])(?:{_TOLD})(?![\w'-])", re.IGNORECASE)
ALTERNATIVE = re.compile(
    r"^\W*(?:ou|non|sinon|plutôt|pardon|enfin|si|ah|attendez|ça y est|mais non|voilà)\b", re.IGNORECASE
)

SAYS = re.compile(
    r"(?<!vous )(?:dire|dit|dis|dirai|disons|dites|réponds?|répondre)(?: que| qu'| euh|,)*\W*$", re.IGNORECASE
)

# where one clause of an answer ends and another begins, with and without commas
BREAK = re.compile(
    r",|(?<![\w'])(?:euh|heu|hum|mmh|hein|ben|bah)(?![\w'])|"
    r"(?<=[\w'!#*])(?<!comment) (?=(?:(?:mon|ma|mes|notre|nos) (?:mari|femme|fils|fille|frère|sœur|mère|père|parents|"
    r"enfants?|maman|papa|compagnon|compagne|conjointe?|collègue)|c'est|c'était|ce serait|ça|je|j'|on|il|elle|"
    r"ils|elles|vous|tu|nous|mais|"
    r"parce|puisque|"
    r"car|voilà|merci|s'il (?:vous|te)|pardon|attendez|attends|ah|oh|non|"
    r"mettez|mettons|essayez|notez|disons|prenez|gardez|ou (?:le|la|les|un|une|du|des|alors|bien|peut-être|"
    r"sinon|plutôt|c'est|j'|je|on)|"
    r"sinon|"
    r"comme (?:d'habitude|le|la|les|un|une|mon|ma|l'|ça|toujours)|avec (?:un|une|des|deux|trois|la|les|le|l'|mon|ma)|"
    r"en (?:un|deux|trois|majuscules?|minuscules?|lettres|capitales|entier)|"
    r"tout (?:attaché|en|simplement|collé|court|bêtement|ça)|sans (?:espaces?|accents?|tirets?|majuscules?|s)|"
    r"normalement|si (?:je|j'|vous)|qui|et (?:mon|ma|mes|je|j'|c'est|pour|on|vous|puis|voilà|ça|"
    r"(?:le|la|l'|un|une) (?:mot|code|numéro|nom|contrat|clé|adresse|date|deuxième|second|seconde|autre|contrainte)))"
    r"(?![\w-]))",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"[^.?!;:…\n»«\"]{1,400}(?:[.!?](?=[\w#*])[^.?!;:…\n»«\"]{1,80}){0,3}[.?!;:…»\"]*")

# how a clause begins that is talk and no password
_TALK = (
    r"(?:le|son) (?:nom|prénom|surnom) (?:de|du) (?:ma|mon|mes|notre|sa|son) [\w-]+\W*$|"
    r"je|j'|tu|t'|il|elle|on|nous|vous|ils|elles|ça|cela|y a|il y|qui|que|qu'|quoi|quel\w*|comment|pourquoi|où|quand|"
    r"combien|est-ce|lequel|laquelle|parce|puisque|comme|car|si|lorsque|pendant|sauf|avec|sans|sur|dans|sous|"
    r"pour|par|"
    r"depuis|chez|derrière|devant|avant|après|entre|vers|ne|n'|pas|jamais|rien|aucune?|personne|quelqu'un|celui|"
    r"celle|"
    r"ceux|ce que|ce qui|c'|même|tout (?:va|est|de suite|à l'heure|en|d'abord|seul)|tout|en (?:cas|effet|fait|tout|"
    r"train|cours|minuscules?|majuscules?|un|deux|trois|plus)|encore|déjà|maintenant|aujourd'hui|hier|demain|"
    r"ensuite|et (?:après|ensuite)|suivant|tant|trop|assez|vraiment|juste|seulement|toujours|beaucoup|"
    r"au (?:revoir|téléphone|secours|moins|plus|fait|cas)|"
    r"à (?:personne|quelqu'un|ma|mon|mes|un|une|chaque|droite|gauche|bientôt|tout|plus|l'heure|l'instant|vous|"
    r"moi|nous|votre|cause|côté|quel\w*|propos|"
    r"distance)|de (?:quel\w*|"
    r"quoi|rien|toute|votre|mon|la part)|du coup|d'ailleurs|avec plaisir|ici|allô|vite|faut|désormais|"
    r"(?:bonne|bonnes|bon|belle|joyeuses?) (?:journée|soirée|nuit|vacances|fêtes|courage|week|fin|continuation|"
    r"après-midi|appétit|retour|route|année|idée|question|code|mot)|aucun problème|pas (?:de|en)|en|ce|ceci|"
    r"(?:touche|zone|étape|page|menu|option|poste|niveau) \w+$|fausse (?:alarme|alerte|"
    r"manipulation|manœuvre)|(?:mon|ma|votre|sa|son|ta) (?:carte|adresse|nom|prénom|numéro|téléphone|maison|mot|code|"
    r"date|contrat|dossier|compte|faute)|"
    r"(?:un|une|le|la|les|l'|des|deux|trois) ?(?:truc|technicien\w*|"
    r"question\w*|essais?|"
    r"seconde\w*|minute\w*|instant|moment|intervenant\w*|police|pompiers|gendarmes?|alarme|sirène|client\w*|zone\w*|"
    r"autres?|fois|problème\w*|erreur\w*|lettres?|chiffres?|majuscules?|minuscules?|espaces?|tirets?|accents?|mots?|"
    r"codes?|quai|clavier|écran|centrale|boîtier|détecteur\w*|capteur\w*|utilisateur\w*|badge\w*)|du (?:clavier|"
    r"portail|garage|contrat|"
    r"client|site)|de (?:l'alarme|la maison|la centrale|passe)"
)
_FEELING = (
    r"changer|modifier|garder|vérifier|voir|regarder|demander|rappeler|annuler|raccrocher|partir|rentrer|sortir|"
    r"entrer|"
    r"attendre|chercher|réfléchir|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|"
    r"décembre|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|gratuit|payant|utilisateur|cher|compris|inclus|"
    r"facile|simple|bête|normal|bon|bonne|bien|super|génial|top|nickel|impeccable|impec|parfait|cool|merci|bonjour|"
    r"bonsoir|urgent|grave|pénible|compliqué|dommage|marrant|drôle|idiot|logique|sûre?|certain|vrai|faux|exact|"
    r"correct|incorrect|possible|impossible|noté|entendu|compris|promis|confidentiel|personnel|secret|important|"
    r"gentil|"
    r"sympa|vieux|bloqué|fini|fait|terminé|prêt|ouf|bravo|tant mieux|tant pis|elle|lui|moi|eux|affirmatif|reçu|roger|"
    r"lisible|bizarre|étrange|original|rigolo|pratique|embêtant|nul|ridicule|long|court|dur|difficile|tard|tôt|"
    r"urgence|validé|valide|enregistré|confirmé|en ordre|changé|pareil|identique|différent|bientôt|ensemble|seule?s?"
)
_KIN = (
    r"(?:mon|ma|mes|notre|nos|le|la|les|un|une|l') ?(?:mari|femme|fils|fille|frère|sœur|mère|père|maman|papa|voisin|"
    r"voisine|gardien|gardienne|propriétaire|gérante?|patron|patronne|collègue|technicien|locataire|employée?|"
    r"grand-mère|grand-père|femme de ménage|belle-mère|beau-père|tante|oncle|cousine?|neveu|nièce|facteur|"
    r"livreur|chat|chien|vent|directeur|directrice|responsable|titulaire|client|cliente|"
    r"compagnon|compagne|copain|copine|conjointe?|enfants?|famille|personne|dame|monsieur|installateur|banque)|"
    r"(?:mon|ma|le|la|les|l'|un|une) ?(?:petite? |grande? |vieille |vieux |nouveau |nouvelle )?(?:digicode|portillon|"
    r"portail|clés?|clefs?|porte|coffre|badge|boîte|garage|interphone|immeuble|entrée|sonnette|bouton|télécommande)"
)
TALK = re.compile(
    rf"\W*(?:(?:{_TALK})(?![\w-])|(?:j|t|qu|n|c|s|m)'|(?:{_FEELING})(?![\w'-])\W*(?:(?:à|de|pour|d'|que|comme|"
    rf"par|dans|en|hein|non)(?!\w).*|\w+\W*)?$|(?:{_KIN})\W*$)",
    re.IGNORECASE,
)
# "prévenez", "évitez", "j'attendrai": somebody is told or promised something
ORDER = re.compile(
    r"^\W*(?i:prévenez|appelez|envoyez|venez|attendez|regardez|écoutez|faites|donnez|passez|arrêtez|coupez|"
    r"annulez|laissez|"
    r"dépêchez|rappelez|vérifiez|tapez|appuyez|cherchez|demandez|expliquez|dites|pouvez|voulez|avez|savez|"
    r"restez|ouvrez|"
    r"fermez|changez|entrez|sortez|répétez|parlez|évitez|oubliez|excusez|patientez|continuez)\W*$|(?i:dépêche|"
    r"aide)\b|"
    r"(?<![\w-])(?!chez|assez|nez|rez|[A-ZÀ-Þ])[\w'é]{2,20}ez(?:-\w+)?(?![\w'])|"
    r"^\W*(?!Chez)[A-ZÀ-Þ]\w{2,20}ez(?:-\w+)? [a-zà-ÿ]"
)
PHRASE = re.compile(
    r"\W*(?:il|elle|on|ils|elles) (?!est|a|va|était|faut|y|ne|me|se|le|la|les|lui|peut|doit|sait|dit|veut|arrive|"
    r"habite|dort|vient|revient|avait|sera|fait|voulait|fallait|vous|nous|m'|s'|l'|n'|en|attend|"
    r"appelle)\w+(?: [\w'-]+){1,4}\W*$",
    re.IGNORECASE,
)
# what may follow "mot de passe" when it is spoken about and not said
NO_VALUE = re.compile(
    r"\W*(?:(?:vous|tu|quel\w*|lequel|comment|pourquoi|où|celui|celle|le même|pour|obligatoire|demandée?|"
    r"correct|erroné|"
    r"faux|fausse|bon|bonne|exact|valide|validé|importante?|oubliée?|changée?|confidentiel\w*|nécessaire|"
    r"enregistrée?|"
    r"personnel\w*|différente?|pas|plus|question|doit|devra|devrait|peut|pourra|va|vont|ne|sert|change|a|ont|avait|"
    r"sera|seront|marche|fonctionne|contient|comporte|permet|choisie?|communiquée?|donnée?|habituel\w*|à|en|par|sur|"
    r"dans|chez|votre|notre|son|ton|leur|mon|une question|la suivante|le suivant|un peu|trop|périmé|refusée?|"
    r"rejetée?|invalide|inexact|acceptée?|reconnue?|manquant|absent|vide|expirée?|"
    r"bloquée?|"
    r"définie?|modifiée?|en place|requise?|notée?|indispensable|inconnu|s'il|svp|stp|de|du|des|et|est|ou|au|"
    r"aux|je|on|il|elle|nous|ils|que|qui|avant|après|actuel\w*|incorrect\w*|ce|ça|cela|si|merci|voilà|alors|oui|non|"
    r"pardon|parce|mais|donc|unique|provisoire|temporaire|initial\w*|général\w*|commune?|alternatif|spécial\w*|"
    r"supplémentaire|principal|secondaire|administrateur|utilisateur|maître|wi-?fi|internet|installateur|"
    r"technicien|famille|du site|web|invité|gérant|agent|opérateur|complet|entier|précis|"
    r"convenu|secret|prévu|attendu|reçu|perdu|trouvé|existant|standard|compliqué|simple|facile|fort|faible|"
    r"par défaut|quand|lors|avec|sans|sous|aussi|maintenant|aujourd'hui|ensuite|puis|enfin|hier|tout|toute|"
    r"toujours|jamais|encore|déjà|madame|monsieur|mademoiselle|c'est|était|soit|serait|reste|hein|ok|allez|donnez|"
    r"dites|rappelez|tapez|saisissez|composez|entrez|vérifi\w+|modifi\w+|comme|car|"
    r"client|clients|chiffré|écrit|dit|mot|code|se|les|sont|ait|aura|auront|était|étaient|permettra|bis)(?![\w'-])|"
    r"(?:d'|n'|l'(?:a(?!\w)|alarme|ancien)|c'(?!est \w)|s'|j'|qu'|m'|t'))",
    re.IGNORECASE,
)
REJECTED = re.compile(
    r"^\W*(?:ah |euh,? |mmh,? |hélas,? )?non\b|"
    r"\b(?:(?:pas|plus) (?:celui|ça|cela|ce que|le bon|bon|correct|exact|encore|lui|du tout|valable|celle|la bonne)|"
    r"toujours pas|(?:ne )?(?:passe|marche|fonctionne|colle|trouve|correspond) pas|incorrect|faux|erroné|autre|"
    r"correspond|invalide|réessay\w+|essayez|non plus|presque|refusé|raté|perdu)",
    re.IGNORECASE,
)
# choosing one, where the talk is about passwords and nobody put a question
CHOICE = re.compile(
    r"(?<![\w'])(?:mettez|mettons|on met|je mets|on prend|je prends|prenez|prenons|je choisis|on choisit|disons|"
    r"ce sera|ça sera|je (?:voudrais|veux) mettre|j'ai choisi|on a choisi|j'ai mis|on a mis|va pour|on part sur|"
    r"partons sur|gardez|on garde|"
    r"je garde|plutôt)\s+(?:donc |alors |euh,? |plutôt |bien )?"
    r"(?!(?:en|y|le|la|les|l'|moi|un|une|des|du|ça|vous|nous|pas|que|bien|sur|à|au|votre|mon|ma|mes|notre|"
    r"votre|son|sa|ses|tout|quand|pour|avec|sans|dans|rendez|deux fois)(?!\w))(?=[\w«\"])",
    re.IGNORECASE,
)
TOPIC = re.compile(rf"(?<!\w)(?:{NOUN}|contrainte)(?!\w)", re.IGNORECASE)
SYMBOL_NAMES = (
    "étoile", "dièse", "astérisque", "croisillon", "carré", "arobase", "point", "tiret", "slash", "exclamation",
    "interrogation", "majuscule", "minuscule", "espace", "plus", "moins", "dollar", "underscore", "d'", "et", "fois",
    "double", "triple", "le", "lettre", "suivi", "de",
)  # fmt: skip
ONLY_NUMBERS = NUMBER_WORDS | frozenset(SYMBOL_NAMES)
