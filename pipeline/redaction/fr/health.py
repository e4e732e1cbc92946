"""What is said of a person's health: conditions, medicines, falls and faints, with the clause they stand in."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.questions import ASSENT, DENIAL, is_question
from callwarden.redaction.view import Found, View

_BODY = (
    r"(?:cœur|coeur|dos|ventre|bras|poignet|coude|épaules?|main|mains|doigts?|hanche|genou|genoux|jambes?|"
    r"pieds?|chevilles?|"
    r"tête|crâne|cou|nuque|gorge|oreilles?|yeux|œil|dents?|mâchoire|poitrine|côtes?|thorax|poumons?|estomac|"
    r"foie|reins?|"
    r"vessie|intestins?|prostate|utérus|seins?|colonne|vertèbres?|bassin|cuisses?|mollets?|orteils?|nez|visage|"
    r"cerveau|"
    r"cataracte|appendicite|hernie|thyroïde|amygdales|col du fémur|fémur|tibia|clavicule|rotule|ménisque|aorte)"
)
_AT_BODY = rf"(?:au|aux|à la|à l'|à mon|à ma|à un|à une|dans (?:le|la|les|l'|mon|ma)) ?(?:\w+ )?{_BODY}"
_OF_BODY = rf"(?:du|de la|de l'|des|aux|au) ?(?:\w+ )?{_BODY}"
_TERMS = (
    r"diabète|diabétique|insuline|insulino\w*|asthm\w+|épilep\w+|cardiaques?|hypertension|hypertendue?|"
    r"hypotension|tension artérielle|anti-?coagulants?|anticoagulée?|"
    r"cancer\w*|tumeurs?|leucémie|chimio\w*|radiothérapie|dialys\w+|greffée?|alzheimer|parkinson\w*|démence|"
    r"dépress\w+|bipolaire|schizophr\w+|"
    r"alcooli\w+|toxicoman\w+|séropositi\w+|vih|sida|hépatite|cirrhose|insuffisan\w+ (?:cardiaque|rénale|"
    r"respiratoire)|avc|infarctus|pacemaker|stimulateur|embolie|phlébite|thrombose|"
    r"arthrose|ostéoporose|fractur\w+ (?:du|de la|de l'|au|à)|col du fémur|prothèse|enceinte|grossesse|"
    r"fausse couche|accouch\w+|contractions|malaise|syncope|évanouie?|"
    r"inconsciente?|allergi\w+|œdème|oxygène|sous morphine|morphine|cortisone|antibiotiques?|antidépresseurs?|"
    r"anxiolytiques?|somnifères?|bêta-?bloquants?|aspirine|kardégic|previscan|lévothyrox|metformine|"
    r"handicap\w*|paralys\w+|hémiplég\w+|tétraplég\w+|paraplég\w+|fauteuil roulant|déambulateur|malvoyante?|"
    r"aveugle|malentendante?|sourde?|appareillée?|"
    r"opérée? (?:du|de la|de l'|des)|hospitalisée?|à l'hôpital|aux urgences|sclérose|fibromyalgie|maladie\w*|"
    r"bronchite|bpco|pneumonie|covid|insomni\w+|corset|crises? de \w+|crise (?:d'angoisse|de panique|cardiaque|"
    r"d'épilepsie|"
    r"d'asthme)|angine de poitrine|mucoviscidose|migraines?|vertiges?|glaucome|cataracte|incontinen\w+|"
    r"sous tutelle|suicid\w+|"
    # pains and injuries
    rf"(?:très |si |trop |vraiment |super )?mal (?:partout|au cœur|au crâne|{_AT_BODY})|douleurs?|douloureu\w+|"
    rf"souffr\w+|"
    r"saign\w+|hémorragie|ensanglantée?|blessée?s?|blessures?|brûlée?|brûlures?|coupée? (?:au|à la|le|la)|plaie|"
    r"points de "
    r"suture|(?:s'est|me suis|s'étaient?|m'étais) (?:cassé|foulé|tordu|brûlé|coupé|ouvert|fait mal|cogné|luxé|"
    r"déboîté|"
    r"démis|blessée?|évanouie?|étouffée?)\w*|cassé (?:le|la|un|une|l')|entorse|luxation|foulure|hématome|contusion|"
    r"traumatisme|commotion|électrocutée?|intoxiquée?|empoisonnée?|étouff\w+|noyée?|"
    # how somebody is
    r"(?:du mal|des difficultés|de la peine|difficile|n'arrive (?:pas|plus)|arrive (?:pas|plus)) à (?:respirer|"
    r"marcher|"
    r"bouger|parler|se lever|me lever|se relever|avaler|voir|entendre|dormir|manger|tenir debout)|"
    r"(?:entend|voit|marche|respire|bouge|parle|mange|dort|tien[st] debout) (?:presque |quasiment |vraiment |"
    r"quasi )?(?:plus|pas|mal|très mal|"
    r"à peine|difficilement)"
    r"(?: (?:très bien|bien|rien|trop|beaucoup|du tout|debout))?|vomi\w*|nausées?|fièvre|grippe|toux|tousse|"
    r"migraineu\w+|"
    r"convulsions?|tremblements?|délire|confuse?|désorientée?|perd la (?:mémoire|tête)|perte de (?:mémoire|"
    r"connaissance)|"
    r"perdu connaissance|troubles? (?:de la|du|de l'|cardiaques?|cognitifs?|psych\w+|bipolaires?|neuro\w+)|"
    r"claustrophobe|agoraphobe|phobi\w+|angoissée?|anxieu\w+|burn[- ]?out|déprim\w+|autis\w+|trisomi\w+|dyslexi\w+|"
    r"hyperactif|alité\w*|grabataire|en fin de vie|condamnée?|soins palliatifs|mourante?|dénutrition|obèse|obésité|"
    # treatment and devices
    rf"opérations? (?:{_OF_BODY}|à cœur)|opérée? (?:hier|récemment|à|en|il y a|lundi|mardi|demain|bientôt)|"
    rf"(?:me faire|se faire) "
    r"(?:opérer|hospitaliser|soigner|poser)|sort(?:i|ie)? (?:juste )?de (?:l'hôpital|clinique|réanimation|chirurgie|"
    r"rééducation)|perfusion|transfus\w+|sonde|stoma\w*|poche de|cathéter|stents?|valve|pontage|défibrillateur|"
    r"holter|"
    r"appareil (?:respiratoire|auditif|pour dormir|à oxygène|pour respirer)|appareillage|apnées?|respirateur|"
    r"bouteille "
    r"d'oxygène|béquilles?|minerve|plâtrée?|dans le plâtre|attelle|fauteuil|lit médicalisé|kiné\w*|"
    r"infirmière à domicile|"
    r"rayons|scanner|irm|biopsie|coloscopie|ordonnance|ventoline|doliprane|paracétamol|ibuprofène|codéine|"
    r"tramadol|xanax|"
    r"lexomil|valium|levothyrox|insulines?|pénicilline|médicaments? (?:pour|contre)|traitement (?:pour|contre|"
    r"lourd|de)|"
    r"sous (?:traitement|oxygène|antidépresseurs|anticoagulants|insuline|chimio|méthadone)|"
    # conditions
    r"prostate|thyroïde|cholestérol|ulcère|calculs? (?:rénaux|biliaires?)|cystite|eczéma|psoriasis|zona|arthrite|"
    r"polyarthrite|rhumatismes?|sciatique|lumbago|hernie|scoliose|tendinite|goutte|anémie|leucémique|lymphome|"
    r"mélanome|"
    r"métastases?|endométriose|ménopause|stérile|fiv|tuberculose|pneumothorax|gangrène|diabètes?|hypoglycémie|"
    r"hyperglycémie|arythmie|tachycardie|fibrillation|tension|souffle au cœur|insuffisant\w*|anévrisme|méningite|"
    r"spina bifida|myopathe|myopathie|charcot|dmla|surdité|cécité|amputée?|prothèses?|infirme|invalid\w+|incapacité"
)
_TERM = re.compile(rf"(?<![\w-])(?:{_TERMS})(?![\w-])", re.IGNORECASE)
_SUBJECT = re.compile(
    r"(?:\b(?:je|j'|il|elle|on|tu|vous|ils|elles|nous)\b(?! y\b)|\b(?:mon|ma|mes|son|sa|ses|notre|votre|leur|le|"
    r"la)\s+(?:\w{3,20}|père|maman|papa|frère|sœur|soeur|grand-mère|grand-père|voisine?|patiente?|vendeuse|"
    r"vendeur|collègue|bébé|tante|oncle|épouse|époux|dame|monsieur|salariée?|employée?|belle-mère|"
    r"beau-père)\b)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[.?!;:\n]|, (?=il |elle |je |on |vous |faites|venez|c'est)|(?<=\w) (?=mais |donc |parce que |alors )"
)
_GENERIC = re.compile(
    r"(?:détecteur|capteur|bouton|accident|alarme|arrêt|assurance|caisse|congé|carte) (?:d'|de |du |"
    r"cardiaque)?\w*$|assurance maladie|congé maladie|arrêt maladie|carte vitale",
    re.IGNORECASE,
)


def find(view: View) -> Iterator[Found]:
    """Health of the people in the call."""
    call = view.call
    if len(call.turns) < 2:
        return  # clinical notes and the like are about nothing else: policy, not redaction, keeps them in
    for number, turn in enumerate(call.turns):
        base = call.turn_starts[number]
        text = turn.text.replace("’", "'")
        asked = view.expects(number, Asked.HEALTH)
        if asked is not None and asked.age == 0 and not is_question(text):
            words = [w for w in call.words[slice(*call.turn_words[number])] if w.lower not in ASSENT]
            if words and len(words) <= 6 and not view.asks[number] and not DENIAL.search(text):
                yield Found(
                    words[0].start, words[-1].end, SpanType.HEALTH, 0.55, "the answer to a question about health"
                )
        for match in _TERM.finditer(text):
            view.deadline.check()
            start, end = _clause(text, match.start(), match.end())
            head = text[start : match.start()]
            if _GENERIC.search(text[max(0, match.start() - 24) : match.end()]):
                continue
            if re.search(r"^[^.!\n]{0,80}\?", text[match.end() : match.end() + 90]):
                continue  # a question about it, not an answer
            subject = _SUBJECT.search(head)
            if subject is None and asked is None:
                continue
            if subject is not None and subject.group().lower() == "vous" and view.asks[number]:
                continue  # asked of the other, in text without question marks
            from_ = start + subject.start() if subject else start
            yield Found(
                base + from_,
                base + end,
                SpanType.HEALTH,
                0.75 if subject else 0.65,
                "a medical term in a clause about a person",
            )


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    first = 0
    for match in _CLAUSE.finditer(text, 0, start):
        first = match.end()
    after = _CLAUSE.search(text, end)
    last = after.start() if after else len(text)
    return max(first, start - 120), min(last, end + 80)
