"""English recognisers: people, addresses, spoken e-mail, birth dates and passwords by what was asked."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.en.vocabulary import ASSENT, DENIAL, MONTHS, NEVER, QUESTION
from callwarden.redaction.lexicon import either, lexicon
from callwarden.redaction.view import Found, View

_ADDRESSES = lexicon("en", "addresses")
_NAMES = lexicon("en", "names")
_SECRETS = lexicon("en", "secrets")

_NAME = r"[A-Z][\w'’-]+(?: (?:(?:van|von|de|al|el|bin|O['’])\s?)?[A-Z][\w'’-]+){0,3}"
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Lady)\.? ({_NAME})")
_INTRODUCED = re.compile(rf"(?i:\b(?:{_NAMES.either('introduced')})) ({_NAME})")
_SPEAKING = re.compile(rf"({_NAME}) (?i:speaking|here|on the line|at the)\b")
_RAW_NAME = re.compile(r"\b(?:my name is|my name's|this is|mr|mrs|ms|miss|dr) ((?:[a-z][a-z'-]+ ?){1,2})")
_STREET = _ADDRESSES.pattern("street")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}\b")
_MAIL = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|(?:[\w-]+ (?:dot|underscore|dash|"
    r"hyphen) ){0,4}[\w-]+ at [\w-]+(?: (?:dot|dash) [\w-]+){1,4}"
)
_SAID = _SECRETS.pattern("said")
_LEAD = _SECRETS.pattern("lead", "^", "*")
_DATE = re.compile(
    rf"(?i)\b(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?|"
    rf"[a-z]+(?:[- ][a-z]+)?)(?: of)? (?:{either(MONTHS)})\b,?(?: (?:\d{{2,4}}|(?:nineteen|"
    rf"twenty|two thousand)(?:[ -](?:and )?[a-z]+){{1,3}}))?|\b\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}\b"
)


def find_people(view: View) -> Iterator[Found]:
    """Names by title, introduction, answer; the model's when there is one."""
    text = view.call.text.replace("’", "'")
    for pattern, score, why in (
        (_TITLED, 0.9, "a title"),
        (_INTRODUCED, 0.8, "an introduction"),
        (_SPEAKING, 0.75, "a greeting"),
    ):
        for match in pattern.finditer(text):
            view.deadline.check()
            if match.group(1).split()[0].lower() not in NEVER:
                yield Found.of(match, SpanType.PERSON, score, f"a name by {why}", group=1)
    for match in _RAW_NAME.finditer(text):
        if not set(match.group(1).split()) & NEVER:
            yield Found.of(match, SpanType.PERSON, 0.75, "a name by an introduction", group=1)
    for entity in view.entities:
        kind = {
            "PERSON": SpanType.PERSON,
            "GPE": SpanType.LOCATION,
            "LOC": SpanType.LOCATION,
            "FAC": SpanType.LOCATION,
            "ORG": SpanType.ORGANISATION,
        }.get(entity.label)
        if kind is not None:
            yield Found(entity.start, entity.end, kind, 0.7, "the language model")
    for at, word in enumerate(view.call.words):
        asked = view.expects(word.turn, Asked.NAME, Asked.ADDRESS)
        if (
            asked is None
            or asked.age > 1
            or word.lower in NEVER
            or word.lower in ASSENT
            or word.is_digits
            or len(word.lower) < 2
        ):
            continue
        short = view.call.turn_words[word.turn][1] - view.call.turn_words[word.turn][0] <= 5
        if (word.capital and (short or not view.call.sentence_start(at))) or (word.raw and short):
            kind = SpanType.PERSON if asked.asked is Asked.NAME else SpanType.LOCATION
            yield Found(word.start, word.end, kind, 0.65, "the answer to a question for a name or place")


def find_places(view: View) -> Iterator[Found]:
    """Streets with their number and town, postcodes."""
    for match in _STREET.finditer(view.call.text):
        view.deadline.check()
        asked = view.expects(view.call.turn_at(match.start()), Asked.ADDRESS)
        if asked or re.match(r"\d", match.group()) or re.search(r"[A-Z]", match.group()):
            yield Found.of(match, SpanType.LOCATION, 0.8, "a street")
    for match in _POSTCODE.finditer(view.call.text):
        yield Found.of(match, SpanType.LOCATION, 0.85, "a postcode")


def find_mail(view: View) -> Iterator[Found]:
    """E-mail addresses, written or as spoken ("jane dot smith at example dot com")."""
    for match in _MAIL.finditer(view.call.text):
        view.deadline.check()
        yield Found.of(match, SpanType.EMAIL, 0.9, "an at sign, written or spoken")


def find_births(view: View) -> Iterator[Found]:
    """Dates after "born" or where a date of birth was asked for."""
    for match in _DATE.finditer(view.call.text):
        view.deadline.check()
        before = view.call.text[max(0, match.start() - 40) : match.start()].lower()
        turn = view.call.turn_at(match.start())
        if "born" in before or "birth" in before or view.expects(turn, Asked.BIRTH):
            yield Found.of(match, SpanType.DATE_OF_BIRTH, 0.9, "a date where a birth is spoken of")
    for context in view.runs:
        if context.means(Asked.BIRTH):
            yield context.found(SpanType.DATE_OF_BIRTH, 0.85, "digits where a birth date was asked for")


def find_secrets(view: View) -> Iterator[Found]:
    """Passwords announced, or answered to a question for one."""
    call = view.call
    for match in _SAID.finditer(call.text):
        yield Found.of(match, SpanType.SECRET, 0.9, "words after a word for password", group=1)
    for number, turn in enumerate(call.turns):
        view.deadline.check()
        asked = view.expects(number, Asked.SECRET, Asked.SECURITY)
        if (
            asked is None
            or asked.age > 0
            or DENIAL.search(turn.text)
            or QUESTION.match(turn.text)
            or turn.text.rstrip().endswith("?")
        ):
            continue
        lead = _LEAD.match(turn.text)
        start = lead.end() if lead else 0
        piece = re.split(r"[.,?!;\n]", turn.text[start : start + 200])[0]
        if piece.strip() and any(w.lower() not in ASSENT for w in piece.split()) and len(piece.split()) <= 5:
            base = call.turn_starts[number] + start
            yield Found(base, base + len(piece), SpanType.SECRET, 0.8, "the answer to a question for a password")


def find_cards(view: View) -> Iterator[Found]:
    """Card numbers, expiry dates and security codes where they were asked for or named."""
    for context in view.runs:
        if context.means(Asked.CARD) and len(context.run.digits) >= 3:
            yield context.found(SpanType.CREDIT_CARD, 0.85, "digits where a card was asked for")


def find_plates(view: View) -> Iterator[Found]:
    """Registrations where they were asked for or named."""
    for context in view.runs:
        if context.means(Asked.PLATE):
            yield context.found(SpanType.LICENCE_PLATE, 0.85, "letters and digits of a registration")
