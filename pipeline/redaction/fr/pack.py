"""The French recognisers, in one list."""

from functools import partial

from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, IbanRecognizer, IpRecognizer

from pipeline.model.redaction import SpanType
from pipeline.redaction import known_facts
from pipeline.redaction.contexts import ContextWords, read_contexts
from pipeline.redaction.digits import iban, id_number, long_number, phone, secret_code, spelled_name
from pipeline.redaction.entities import EntityReader
from pipeline.redaction.fr import (
    address,
    birth_date,
    card,
    email_spoken,
    health,
    ip,
    misheard,
    nir,
    organisation,
    person,
    plate,
    secret_word,
    town,
    unknown_name,
)
from pipeline.redaction.fr.casing import NameCase
from pipeline.redaction.fr.cues import CUES
from pipeline.redaction.fr.dictionary import Dictionary, load_dictionary
from pipeline.redaction.fr.edges import widen
from pipeline.redaction.fr.grammar import CALLING, FILLERS, GRAMMAR, MONTHS, PUBLIC_LINES
from pipeline.redaction.fr.naming import NEVER
from pipeline.redaction.fr.questions import ASSENT, view_turns
from pipeline.redaction.language import Language
from pipeline.redaction.models import load_model
from pipeline.redaction.numbers import find_runs
from pipeline.redaction.view import RuleRecognizer
from pipeline.redaction.words import word_set

_BESIDE = word_set("c' est le la les l' de du et mon ma mes numéro code alors oui c'est à au j' ai je vous donne suis")
_BEFORE_YEARS = MONTHS | word_set(
    "en depuis de année l'année l'an d' fin début courant été hiver printemps automne vers pour jusqu'en"
)
_RULES = (
    ("KnownFacts", known_facts.find, (SpanType.PERSON, SpanType.ID_NUMBER)),
    ("FrPhone", phone.find, (SpanType.PHONE,)),
    ("FrCard", card.find, (SpanType.CREDIT_CARD,)),
    ("FrIban", iban.find, (SpanType.IBAN,)),
    ("FrNir", nir.find, (SpanType.NATIONAL_ID,)),
    ("FrBirthDate", birth_date.find, (SpanType.DATE_OF_BIRTH,)),
    ("FrEmail", email_spoken.find, (SpanType.EMAIL,)),
    ("FrPlate", plate.find, (SpanType.LICENCE_PLATE,)),
    ("FrIdNumber", id_number.find, (SpanType.ID_NUMBER,)),
    ("FrIp", ip.find, (SpanType.IP,)),
    ("FrSecretCode", secret_code.find, (SpanType.SECRET,)),
    ("FrSecretWord", secret_word.find, (SpanType.SECRET,)),
    ("FrLongNumber", long_number.find, (SpanType.ID_NUMBER,)),
    ("FrPerson", person.find, (SpanType.PERSON,)),
    ("FrSpelledName", spelled_name.find, (SpanType.PERSON,)),
    ("FrAddress", address.find, (SpanType.LOCATION,)),
    ("FrTown", town.find, (SpanType.LOCATION,)),
    ("FrUnknownName", unknown_name.find, (SpanType.PERSON,)),
    ("FrOrganisation", organisation.find, (SpanType.ORGANISATION,)),
    ("FrMisheard", misheard.find, (SpanType.PERSON, SpanType.LOCATION, SpanType.PHONE)),
    ("FrHealth", health.find, (SpanType.HEALTH,)),
)


def build(model: str) -> Language:
    """French with the named spaCy model. Raises: `ModelMissingError`."""
    nlp = load_model(model, "fr")
    dictionary = load_dictionary(nlp)
    recognizers: list[EntityRecognizer] = [RuleRecognizer(name, rule, types, "fr") for name, rule, types in _RULES]
    recognizers += [
        # Presidio's e-mail recogniser asks the public suffix list of the network: ours does without
        IbanRecognizer(supported_language="fr"),
        CreditCardRecognizer(supported_language="fr"),
        IpRecognizer(supported_language="fr"),
    ]
    context_words = ContextWords(
        CUES, ASSENT | FILLERS | _BESIDE, _BEFORE_YEARS, dictionary.is_ordinary, PUBLIC_LINES, CALLING
    )
    return Language(
        code="fr",
        find_runs=partial(find_runs, grammar=GRAMMAR),
        view_turns=view_turns,
        read_contexts=lambda call, runs, expected: read_contexts(call, runs, expected, context_words),
        entities=EntityReader(nlp, NameCase(dictionary)),
        dictionary=dictionary,
        recognizers=recognizers,
        may_repeat=partial(_may_repeat, dictionary),
        widen=widen,
    )


def _may_repeat(dictionary: Dictionary, word: str) -> bool:
    """Whether a found word is a name wherever else it is said in the call."""
    return len(word) >= 3 and word not in NEVER and not dictionary.is_ordinary(word) and not word.isdigit()
