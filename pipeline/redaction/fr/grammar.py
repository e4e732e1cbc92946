"""French fillers, units and labels around numbers."""

from callwarden.redaction.fr.number_words import NUMBER_WORDS, parse_cardinal
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.numbers import read_grammar

_NUMBERS = lexicon("fr", "numbers")
GRAMMAR = read_grammar("fr", parse_cardinal, NUMBER_WORDS)
MONTHS, WEEKDAYS, UNITS = GRAMMAR.months, GRAMMAR.weekdays, GRAMMAR.units
TIME_UNITS, MONEY, FILLERS = GRAMMAR.time_units, GRAMMAR.money_units, GRAMMAR.fillers
PUBLIC_LINES = _NUMBERS.words("public_lines")
PUBLIC_FORMS = _NUMBERS.pattern("public_forms")
REFERENCE = _NUMBERS.pattern("reference", r"(?<!\w)", r"[ .:-]{0,3}$")
CALLING = _NUMBERS.pattern("calling", after=r"[ ,:](?:[\w' ]{0,14} )?(?:le |au )$")
