"""The English recognisers: ours for what is spoken, Presidio's own for what is written."""

from functools import partial

from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    IbanRecognizer,
    IpRecognizer,
    NhsRecognizer,
    PhoneRecognizer,
    UrlRecognizer,
    UsSsnRecognizer,
)

from pipeline.model.redaction import SpanType
from pipeline.redaction import known_facts
from pipeline.redaction.contexts import ContextWords, read_contexts
from pipeline.redaction.digits import iban, id_number, long_number, phone, secret_code, spelled_name
from pipeline.redaction.en import rules
from pipeline.redaction.en.vocabulary import ASSENT, CUES, GRAMMAR, MONTHS, NEVER, view_turns
from pipeline.redaction.entities import EntityReader
from pipeline.redaction.language import Language
from pipeline.redaction.models import load_model
from pipeline.redaction.numbers import find_runs
from pipeline.redaction.view import RuleRecognizer
from pipeline.redaction.words import CallText

_RULES = (
    ("KnownFacts", known_facts.find, (SpanType.PERSON, SpanType.ID_NUMBER)),
    ("EnPerson", rules.find_people, (SpanType.PERSON, SpanType.LOCATION, SpanType.ORGANISATION)),
    ("EnAddress", rules.find_places, (SpanType.LOCATION,)),
    ("EnEmail", rules.find_mail, (SpanType.EMAIL,)),
    ("EnBirthDate", rules.find_births, (SpanType.DATE_OF_BIRTH,)),
    ("EnSecret", rules.find_secrets, (SpanType.SECRET,)),
    ("EnCard", rules.find_cards, (SpanType.CREDIT_CARD,)),
    ("EnPlate", rules.find_plates, (SpanType.LICENCE_PLATE,)),
    ("Phone", phone.find, (SpanType.PHONE,)),
    ("Iban", iban.find, (SpanType.IBAN,)),
    ("IdNumber", id_number.find, (SpanType.ID_NUMBER,)),
    ("SecretCode", secret_code.find, (SpanType.SECRET,)),
    ("LongNumber", long_number.find, (SpanType.ID_NUMBER,)),
    ("SpelledName", spelled_name.find, (SpanType.PERSON,)),
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
    recognizers: list[EntityRecognizer] = [RuleRecognizer(name, rule, types, "en") for name, rule, types in _RULES]
    recognizers += [
        cls(supported_language="en")
        for cls in (
            CreditCardRecognizer,
            IbanRecognizer,
            IpRecognizer,
            NhsRecognizer,
            PhoneRecognizer,
            UrlRecognizer,
            UsSsnRecognizer,
        )
    ]
    context_words = ContextWords(CUES, ASSENT | GRAMMAR.fillers, MONTHS | {"in", "since", "of"}, words.is_ordinary)
    return Language(
        code="en",
        find_runs=partial(find_runs, grammar=GRAMMAR),
        view_turns=view_turns,
        read_contexts=lambda call, runs, expected: read_contexts(call, runs, expected, context_words),
        entities=EntityReader(nlp, _read),
        dictionary=words,
        recognizers=recognizers,
        may_repeat=lambda word: len(word) >= 4 and word not in NEVER,
        widen=lambda _, found: found,
    )
