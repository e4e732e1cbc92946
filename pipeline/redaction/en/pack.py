"""The English recognisers: ours for what is spoken, Presidio's own for what is written."""

from functools import partial

from callwarden.redaction import keyed, known_facts
from callwarden.redaction.contexts import ContextWords, read_contexts
from callwarden.redaction.digits import iban, id_number, long_number, phone, secret_code, spelled_name
from callwarden.redaction.en import rules
from callwarden.redaction.en.vocabulary import ASSENT, CUES, GRAMMAR, MONTHS, NEVER, view_turns
from callwarden.redaction.entities import EntityReader
from callwarden.redaction.language import Language
from callwarden.redaction.models import load_model
from callwarden.redaction.numbers import find_runs
from callwarden.redaction.utterances import sentence_ends
from callwarden.redaction.words import CallText

_RULES = (
    ("KnownFacts", known_facts.find),
    ("Keyed", keyed.find),
    ("EnPerson", rules.find_people),
    ("EnAddress", rules.find_places),
    ("EnEmail", rules.find_mail),
    ("EnBirthDate", rules.find_births),
    ("EnSecret", rules.find_secrets),
    ("EnCard", rules.find_cards),
    ("EnPlate", rules.find_plates),
    ("Phone", phone.find),
    ("Iban", iban.find),
    ("IdNumber", id_number.find),
    ("SecretCode", secret_code.find),
    ("LongNumber", long_number.find),
    ("SpelledName", spelled_name.find),
)
_OF_PRESIDIO = (
    "CreditCardRecognizer",
    "IbanRecognizer",
    "IpRecognizer",
    "NhsRecognizer",
    "PhoneRecognizer",
    "UrlRecognizer",
    "UsSsnRecognizer",
)


class _Words:
    """What the shared rules ask of a dictionary, from a short closed list."""

    first_names: frozenset[str] = frozenset()

    def is_ordinary(self, word: str) -> bool:
        return word in NEVER or word.endswith(("s", "ed", "ing", "ly"))


def _read(call: CallText, turn: int) -> str | None:
    return call.turns[turn].text or None


def build(model: str) -> Language:
    """English with the named spaCy model, or "blank" for rules alone. Raises: `ModelMissingError`."""
    nlp = load_model(model, "en")
    words = _Words()
    context_words = ContextWords(CUES, ASSENT | GRAMMAR.fillers, MONTHS | {"in", "since", "of"}, words.is_ordinary)
    return Language(
        code="en",
        find_runs=partial(find_runs, grammar=GRAMMAR),
        find_ends=sentence_ends,
        view_turns=view_turns,
        read_contexts=lambda call, runs, expected: read_contexts(call, runs, expected, context_words),
        entities=EntityReader(nlp, _read),
        dictionary=words,
        rules=_RULES,
        of_presidio=_OF_PRESIDIO,
        may_repeat=lambda word: len(word) >= 4 and word not in NEVER,
        widen=lambda _, found: found,
        announcing=[cue for _, cue in CUES],
        is_common=lambda word: word in ASSENT or words.is_ordinary(word),
    )
