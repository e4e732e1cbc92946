"""What is said of a person's health: conditions, medicines, falls and faints, with the clause they stand in."""

import re
from collections.abc import Iterator

from pipeline.adapters.redaction.fr.questions import ASSENT, DENIAL, is_question
from pipeline.adapters.redaction.view import Found, View
from pipeline.model.redaction import SpanType
from pipeline.rules.redaction.dialogue import Asked

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
    r"bronchite|bpco|pneumonie|covid|insomni\w+|crise (?:d'angoisse|de panique|cardiaque|d'épilepsie|"
    r"d'asthme)|angine de poitrine|mucoviscidose|migraines?|vertiges?|glaucome|cataracte|incontinen\w+|"
    r"sous tutelle|suicid\w+"
)
_TERM = re.compile(rf"(?<![\w'-])(?:{_TERMS})(?![\w-])", re.IGNORECASE)
_SUBJECT = re.compile(
    r"(?:\b(?:je|j'|il|elle|on|tu|vous|ils|elles|nous)\b|\b(?:mon|ma|mes|son|sa|ses|notre|votre|leur|le|"
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
            if words and len(words) <= 6 and not DENIAL.search(text):
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
