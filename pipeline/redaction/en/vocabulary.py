"""English number words, fillers, units, questions and words that are never names."""

import re
from collections.abc import Sequence

from callwarden.redaction.dialogue import Asked, TurnView
from callwarden.redaction.numbers import NumberGrammar
from callwarden.redaction.words import CallText, Word, word_set

_ONES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_ONES |= {"oh": 0, "nought": 0, "nil": 0}
_TENS = {
    w: 10 * n for n, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}


def parse_cardinal(words: Sequence[Word], at: int) -> tuple[int, int] | None:
    """Value and next index of the cardinal at ``at``; None when none begins there."""
    first = words[at].lower
    if first in _TENS:
        if at + 1 < len(words) and _glued(words, at + 1) and 1 <= _ONES.get(words[at + 1].lower, 0) <= 9:
            return _scaled(words, _TENS[first] + _ONES[words[at + 1].lower], at + 2)
        return _scaled(words, _TENS[first], at + 1)
    if first in _ONES:
        return _scaled(words, _ONES[first], at + 1)
    return None


def _scaled(words: Sequence[Word], value: int, nxt: int) -> tuple[int, int]:
    if not value or nxt >= len(words) or not _glued(words, nxt):
        return value, nxt
    scale = {"hundred": 100, "thousand": 1000}.get(words[nxt].lower)
    if scale is None:
        return value, nxt
    value, nxt = value * scale, nxt + 1
    if nxt < len(words) and words[nxt].lower == "and" and nxt + 1 < len(words) and _glued(words, nxt + 1):
        nxt += 1
    rest = parse_cardinal(words, nxt) if nxt < len(words) and _glued(words, nxt) else None
    return (value + rest[0], rest[1]) if rest and 0 < rest[0] < scale else (value, nxt)


def _glued(words: Sequence[Word], at: int) -> bool:
    return words[at].turn == words[at - 1].turn and not words[at].gap.strip(" -")


MONTHS = word_set(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sept sep oct nov dec"
)
NEVER = MONTHS | word_set(
    "i you he she it we they me him her us them my your his our their the a an this that these those "
    "and or but if so because "
    "as at by for from in into of on to with without about is are was were be been am do does did "
    "have has had will would can "
    "could should may might must not no yes yeah ok okay hello hi bye goodbye good morning evening "
    "afternoon please thanks thank "
    "sorry well right sure alarm police fire service customer security monitoring station control "
    "room site panel code password "
    "number name address phone email mail date birth account contract card street road avenue lane "
    "drive sir madam mr mrs ms miss dr "
    "monday tuesday wednesday thursday friday saturday sunday what when where who why how which "
    "there here now then just also very all "
    "could speaking calling called let one two three four five six seven eight nine ten zero oh zone "
    "keypad engineer operator "
    "don't it's i'm that's i'll you're we're he's she's there's what's let's isn't didn't can't won't"
)
GRAMMAR = NumberGrammar(
    parse=parse_cardinal,
    fillers=word_set(
        "uh um er erm and then dash hyphen space slash sorry no wait i mean rather the it's is so okay ok"
    ),
    letter_names=frozenset(),
    never_letters=word_set("a i o s t d m"),
    as_in=word_set("for like as"),
    double=word_set("double triple"),
    times=frozenset(),
    units=word_set(
        "year years month months week weeks day days volt volts amp amps watts metre metres meter meters "
        "feet percent % degrees "
        "times people persons zones detectors cameras doors windows floors batteries beeps calls visits "
        "miles kilometres km kg kilos"
    ),
    time_units=word_set("hour hours minute minutes second seconds am pm o'clock"),
    money_units=word_set("pound pounds euro euros dollar dollars pence cents quid"),
    decimal=word_set("point"),
    months=MONTHS,
    weekdays=word_set("monday tuesday wednesday thursday friday saturday sunday"),
    labels=word_set(
        "zone zones step steps page option menu version channel detector camera level since until around "
        "about within key keys line"
    ),
    label_links=word_set("the number no to and"),
    prefixes=word_set("plus"),
    clause_words=word_set("in for at on is was it's there's have got need there and or"),
    told=word_set("is code letter letters it's"),
    percent=word_set("per"),
    hundred=word_set("cent"),
    number_words=frozenset({*_ONES, *_TENS, "hundred"}),
)
_CUES: tuple[tuple[Asked, str], ...] = (
    (Asked.SECURITY, (r"security question|mother's maiden name|maiden name|first pet|pet's name|name of your (?:first |"
r"favourite )?(?:pet|dog|cat|school)|place of birth|memorable (?:word|place|date)")),
    (Asked.SECRET, (r"pass ?words?|pass ?phrase|pass ?code|code ?words?|duress|safe ?word|(?:alarm|entry|door|gate|"
r"panel|key ?safe|access|disarm|user|engineer) codes?|pin\b|codes?(?! (?:is wrong|error))")),
    (Asked.CARD, (r"card number|(?:credit|debit|bank) card|your card|long number|expiry|expires?|expiration|"
r"security code|cvv|cvc|three digits|back of the card")),
    (Asked.IBAN, r"\biban\b|sort code|account number|bank details"),
    (Asked.NATIONAL_ID, r"national insurance|social security|nhs number"),
    (Asked.BIRTH, r"date of birth|birth ?day|born|d\.?o\.?b\b"),
    (Asked.EMAIL, r"e-?mail"),
    (Asked.PHONE, (r"(?:phone|mobile|telephone|landline|contact|call ?back) ?(?:number)?|number (?:to|we can|for|"
r"where)|(?:reach|ring|call) (?:you|him|her|them) (?:on|at|back)")),
    (Asked.PLATE, r"registration|number plate|licence plate|license plate|\breg\b"),
    (Asked.ID_NUMBER, (r"(?:customer|account|contract|reference|policy|site|badge|staff|order|case|job|ticket|serial|"
r"membership|invoice) (?:number|id|reference|no)|reference|collar number")),
    (Asked.SPELLING, r"spell"),
    (Asked.ADDRESS, (r"address|post ?code|zip ?code|where (?:do you live|are you|is it|is that)|which (?:town|street|"
r"floor|flat|road)|house number")),
    (Asked.NAME, (r"(?:your|his|her|their|full|first|last|sur|family) ?names?|who am i (?:speaking|talking)|"
r"who(?:'s| is) (?:calling|this|speaking)|speaking (?:to|with)|key ?holder")),
    (Asked.HEALTH, r"medications?|allerg\w+|medical|condition|hurt|injured|pain"),
)  # fmt: skip
CUES = tuple((asked, re.compile(rf"(?<!\w)(?:{pattern})", re.IGNORECASE)) for asked, pattern in _CUES)
_ASKING = re.compile(
    r"\?|\b(?:what|can|could|may|your|please|confirm|give|tell|need|which|who|and the|spell|repeat|have)\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"[\w' ]{0,16}?(?:is|was|:)\s+(?!what|it|that|there|this|correct|right|wrong|the same|please)\w", re.IGNORECASE
)
QUESTION = re.compile(
    r"^\W*(?:(?:and|so|ok|okay|right|sorry|thanks|thank you)\W+)*(?:what|who|where|when|why|how|which|"
    r"can|could|may|do|does|is|are|have)\b",
    re.IGNORECASE,
)
ASSENT = word_set(
    "yes yeah yep no ok okay sure right well um uh er erm so let me see hang on hold a second moment "
    "just it's it is i'm i think the "
    "that's please thanks thank you of course certainly absolutely sorry go ahead wait looking for "
    "checking got here there my our"
)
DENIAL = re.compile(
    r"(?:don't|do not|can't|cannot|didn't) (?:know|remember|recall|have)|forgot(?:ten)?|no idea|haven't got",
    re.IGNORECASE,
)


def asked_in(text: str) -> tuple[Asked, ...]:
    """The kinds of thing a turn asks for."""
    found: list[Asked] = []
    for sentence in re.split(r"(?<=[?!.])\s+", text[-4000:].replace("’", "'")):
        for asked, cue in CUES:
            match = cue.search(sentence)
            if (
                match is None
                or asked in found
                or not (_ASKING.search(sentence) or len(sentence[match.end() :].split()) <= 2)
            ):
                continue
            if "?" not in sentence and _GIVEN.match(sentence, match.end()):
                continue
            if asked in (Asked.NAME, Asked.SECRET) and Asked.SECURITY in found:
                continue
            found.append(asked)
    return tuple(found)


def view_turns(call: CallText) -> list[TurnView]:
    """What each turn asks for, whether it says nothing yet, whether it refuses to answer."""
    views: list[TurnView] = []
    for number, turn in enumerate(call.turns):
        words = call.words[slice(*call.turn_words[number])]
        empty = all(w.lower in ASSENT for w in words)
        views.append(TurnView(turn.speaker, asked_in(turn.text), empty, bool(DENIAL.search(turn.text))))
    return views
