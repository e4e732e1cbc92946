"""The French recognisers, in one list."""

from functools import partial

from callwarden.redaction import keyed, known_facts
from callwarden.redaction.contexts import ContextWords, read_contexts
from callwarden.redaction.digits import iban, id_number, long_number, phone, secret_code, spelled_name
from callwarden.redaction.entities import EntityReader
from callwarden.redaction.fr import (
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
    position,
    premises,
    secret_word,
    town,
    unknown_name,
    web,
)
from callwarden.redaction.fr.announcing import ANNOUNCING
from callwarden.redaction.fr.casing import NameCase
from callwarden.redaction.fr.cutting import find_ends
from callwarden.redaction.fr.dictionary import Dictionary, load_dictionary
from callwarden.redaction.fr.edges import widen
from callwarden.redaction.fr.grammar import CALLING, FILLERS, GRAMMAR, MONTHS, PUBLIC_FORMS, PUBLIC_LINES, REFERENCE
from callwarden.redaction.fr.naming import NEVER
from callwarden.redaction.fr.questions import ASSENT, CUES, view_turns
from callwarden.redaction.fr.respell import respeller
from callwarden.redaction.fr.second_reader import SecondReader
from callwarden.redaction.language import Language, as_found
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.models import load_model
from callwarden.redaction.numbers import find_runs

_NUMBERS = lexicon("fr", "numbers")

_BESIDE = _NUMBERS.words("beside")
_BEFORE_YEARS = MONTHS | _NUMBERS.words("before_years")
_RULES = (
    ("KnownFacts", known_facts.find),
    ("Keyed", keyed.find),
    ("FrPhone", phone.find),
    ("FrCard", card.find),
    ("FrIban", iban.find),
    ("FrNir", nir.find),
    ("FrBirthDate", birth_date.find),
    ("FrEmail", email_spoken.find),
    ("FrWeb", web.find),
    ("FrPlate", plate.find),
    ("FrIdNumber", id_number.find),
    ("FrIp", ip.find),
    ("FrPosition", position.find),
    ("FrSecretCode", secret_code.find),
    ("FrSecretWord", secret_word.find),
    ("FrLongNumber", long_number.find),
    ("FrPerson", person.find),
    ("FrSpelledName", spelled_name.find),
    ("FrAddress", address.find),
    ("FrTown", town.find),
    ("FrUnknownName", unknown_name.find),
    ("FrOrganisation", organisation.find),
    ("FrMisheard", misheard.find),
    ("FrHealth", health.find),
    ("FrPremises", premises.find),
)
_OF_PRESIDIO = ("IbanRecognizer", "CreditCardRecognizer", "IpRecognizer")
# Not its e-mail recogniser, which asks the network for the list of public suffixes: ours does without.


def build(model: str, *, learned: bool) -> Language:
    """French with the named spaCy model, and the learned reader where it is wanted. Raises: `ModelMissingError`."""
    nlp = load_model(model, "fr")
    dictionary = load_dictionary(nlp)
    context_words = ContextWords(
        CUES,
        ASSENT | FILLERS | _BESIDE,
        _BEFORE_YEARS,
        dictionary.is_ordinary,
        PUBLIC_LINES,
        CALLING,
        REFERENCE,
        PUBLIC_FORMS,
    )
    return Language(
        code="fr",
        find_runs=partial(find_runs, grammar=GRAMMAR),
        find_ends=find_ends,
        view_turns=view_turns,
        read_contexts=lambda call, runs, expected: read_contexts(call, runs, expected, context_words),
        entities=EntityReader(nlp, NameCase(dictionary)),
        dictionary=dictionary,
        rules=_RULES,
        of_presidio=_OF_PRESIDIO,
        may_repeat=partial(_may_repeat, dictionary),
        widen=widen,
        announcing=ANNOUNCING,
        is_common=partial(_is_common, dictionary),
        second=SecondReader(dictionary).join if learned else as_found,
        respell=respeller(dictionary),
    )


def _is_common(dictionary: Dictionary, word: str) -> bool:
    return word in NEVER or word in ASSENT or dictionary.is_common(word)


def _may_repeat(dictionary: Dictionary, word: str) -> bool:
    """Whether a found word is a name wherever else it is said in the call."""
    return len(word) >= 3 and word not in NEVER and not dictionary.is_ordinary(word) and not word.isdigit()
