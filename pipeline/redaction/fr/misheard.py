"""What a recogniser of speech made of personal data: names in small letters behind a title, digits turned into words,
answers of which only scraps are left. Needs a question, a title or a number beside it to say what it was."""

from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.grammar import MONEY, TIME_UNITS, UNITS
from callwarden.redaction.fr.greeting import PUBLIC
from callwarden.redaction.fr.naming import NEVER
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.fr.questions import ASSENT, DENIAL, is_question
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View
from callwarden.redaction.words import Word

_ADDRESSES = lexicon("fr", "addresses")
_NAMES = lexicon("fr", "names")

_TITLES = _NAMES.words("spoken_titles")
_BEFORE_PLACE = _ADDRESSES.words("before_place")
_MEASURES = UNITS | MONEY | TIME_UNITS
_NUMBER_KINDS = (
    (Asked.PHONE, SpanType.PHONE),
    (Asked.CARD, SpanType.CREDIT_CARD),
    (Asked.IBAN, SpanType.IBAN),
    (Asked.NATIONAL_ID, SpanType.NATIONAL_ID),
    (Asked.ID_NUMBER, SpanType.ID_NUMBER),
)
_STREET = _ADDRESSES.words("telling")
MAX_ADDRESS_WORDS = 16
MAX_BETWEEN = 2
MIN_DIGITS = 4


def find(view: View) -> Iterator[Found]:
    """Names, numbers, spellings and addresses that were misheard."""
    yield from _small_names(view)
    for number, turn in enumerate(view.call.turns):
        view.deadline.check()
        first, end = view.call.turn_words[number]
        words = view.call.words[first:end]
        if not words or turn.text.rstrip().endswith("?") or DENIAL.search(turn.text[:2000]):
            continue
        if not view.asks[number]:
            yield from _spelling(view, number, words)
        if not view.asks[number] and not is_question(turn.text):
            yield from _number(view, number, words)
            yield from _address(view, number, words)


def _small_names(view: View) -> Iterator[Found]:
    """ "madame, éleine marchand", "à qualruire": a word of no dictionary in small letters behind a title or "à"."""
    words = view.call.words
    for at in range(1, len(words)):
        word, before = words[at], words[at - 1]
        if word.turn != before.turn or word.capital or word.is_digits or len(word.lower) < 4:
            continue
        titled = before.lower in _TITLES and word.gap.strip() in ("", ",")
        placed = before.lower in _BEFORE_PLACE and not word.gap.strip()
        known = word.lower in view.dictionary.first_names
        if not (titled or placed) or word.lower.endswith("'") or word.lower in NEVER | PUBLIC:
            continue
        if view.dictionary.is_ordinary(word.lower) and not (known and titled):
            continue
        last = at
        if titled and at + 1 < len(words) and words[at + 1].turn == word.turn and not words[at + 1].gap.strip(" -"):
            following = words[at + 1].lower
            surname = following in view.dictionary.surnames or not view.dictionary.is_ordinary(following)
            last = at + 1 if surname and following not in NEVER and following not in ASSENT else at
        kind = SpanType.PERSON if titled or before.lower == "chez" else SpanType.LOCATION
        yield Found(word.start, words[last].end, kind, 0.6, "a word of no dictionary behind a title or 'à'")


def _number(view: View, number: int, words: tuple[Word, ...]) -> Iterator[Found]:
    """ "06, douce, 34, 56, 78": from the first to the last digit of an answer to a question for a number."""
    asked = view.expects(number, *(kind for kind, _ in _NUMBER_KINDS))
    if asked is None or asked.age > 1:
        return
    first = view.call.turn_words[number][0]
    counted = {
        at - first
        for c in view.runs
        if c.quantity and c.run.turn == number
        for at in range(c.run.first, c.run.last + 1)
    }
    digits = [i for i, w in enumerate(words) if i not in counted and _numeric(words, i)]
    if not digits:
        return
    start = digits[0]
    for here, nxt in zip(digits, [*digits[1:], len(words) + MAX_BETWEEN + 2], strict=True):
        if nxt - here - 1 <= MAX_BETWEEN and not any("?" in w.gap for w in words[here + 1 : nxt + 1]):
            continue
        group = [i for i in digits if start <= i <= here]
        start = nxt
        if _measured(words, here):
            continue
        if sum(len(words[i].lower) if words[i].is_digits else 2 for i in group) >= MIN_DIGITS and len(group) > 1:
            kind = dict(_NUMBER_KINDS)[asked.asked]
            yield Found(
                words[group[0]].start,
                words[group[-1]].end,
                kind,
                0.6,
                "numbers and scraps where one was asked for",
            )


def _measured(words: tuple[Word, ...], last: int) -> bool:
    """Whether the number that ends about here counts something ("cent quatre-vingt-sept euros")."""
    after = last + 1
    while after < len(words) and (words[after].is_digits or words[after].lower in NUMBER_WORDS):
        after += 1
    return after < len(words) and words[after].lower in _MEASURES


def _numeric(words: tuple[Word, ...], at: int) -> bool:
    word = words[at]
    if at and words[at - 1].lower in ("heure", "heures"):
        return False
    if not (word.is_digits or (word.lower in NUMBER_WORDS and word.lower not in ("un", "une"))):
        return False
    return at + 1 >= len(words) or words[at + 1].lower not in _MEASURES


def _spelling(view: View, number: int, words: tuple[Word, ...]) -> Iterator[Found]:
    """The whole answer to "vous pouvez épeler ?": its letters are the first thing a recogniser loses."""
    asked = view.expects(number, Asked.SPELLING)
    content = [w for w in words if w.lower not in ASSENT]
    if asked is not None and asked.age == 0 and len(content) >= 2:
        yield Found(content[0].start, words[-1].end, SpanType.PERSON, 0.6, "the answer to a request to spell")


def _address(view: View, number: int, words: tuple[Word, ...]) -> Iterator[Found]:
    """The whole short answer to a question for an address, when a number, a street's word or an unknown word shows it
    for one."""
    asked = view.expects(number, Asked.ADDRESS)
    if asked is None or asked.age > 0 or len(words) > MAX_ADDRESS_WORDS:
        return
    content = [w for w in words if w.lower not in ASSENT]
    telling = [
        i
        for i, w in enumerate(content)
        if w.lower in _STREET or w.is_digits or (len(w.lower) > 3 and not view.dictionary.is_ordinary(w.lower))
    ]
    measured = any(w.lower in MONEY | TIME_UNITS for w in words)
    if len(telling) >= 2 and not measured:
        yield Found(content[0].start, words[-1].end, SpanType.LOCATION, 0.6, "the answer to a question for an address")
