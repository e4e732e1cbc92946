"""What French agents and callers ask for, and how answers put things off or refuse."""

import re

from callwarden.redaction.dialogue import Asked, TurnView, read_cues
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.lexicon import either, lexicon
from callwarden.redaction.words import CallText

_ANSWERS = lexicon("fr", "answers")
CUES = read_cues("fr")

ASKING = _ANSWERS.pattern("asking")
GIVEN = _ANSWERS.pattern("given")
_TOLD_NUMBER = re.compile(
    rf"[\w' .,…-]{{0,30}}?[ ,:.…]\s*(?:\d|[a-z](?=[ ,]+[a-z0-9](?!\w))|"
    rf"(?:{either(NUMBER_WORDS - {'un'})})(?!\w))",
    re.IGNORECASE,
)
ABOUT = _ANSWERS.pattern("about", r"\b", r"\b(?![^?]{0,60}\b(?:votre|quel|quelle)\b)")
SHORT_ASK = _ANSWERS.pattern("short_ask")

ASSENT = _ANSWERS.words("assent")
DENIAL = _ANSWERS.pattern("denial")


_SENTENCE = re.compile(r"\S(?:[^?!.]|[.?!](?!\s|$)){0,2000}[?!.]{0,4}")
_QUESTION = _ANSWERS.pattern("question")


def is_question(text: str) -> bool:
    """Whether a turn asks rather than answers."""
    return text.rstrip().endswith("?") or bool(_QUESTION.match(text))


def view_turns(call: CallText) -> list[TurnView]:
    """What each turn asks for, whether it says nothing yet, whether it refuses to answer."""
    views: list[TurnView] = []
    last: dict[str, tuple[int, tuple[Asked, ...]]] = {}
    for number, turn in enumerate(call.turns):
        text = turn.text.replace("’", "'")
        first, end = call.turn_words[number]
        words = call.words[first:end]
        empty = all(w.lower in ASSENT for w in words)
        asks = asked_in(text)
        if not asks and turn.speaker in last and _ELLIPSIS.search(text[-60:]):
            when, before = last[turn.speaker]
            asks = before if number - when <= KEPT_TURNS else ()  # "et le nouveau ?"
        if asks:
            last[turn.speaker] = (number, asks)
        views.append(TurnView(turn.speaker, asks, empty, bool(DENIAL.search(text))))
    return views


_WAY = re.compile(r"\bcomment\b", re.IGNORECASE)
_HOW = _ANSWERS.pattern("how")
_ELLIPSIS = _ANSWERS.pattern("ellipsis")
KEPT_TURNS = 6


def asked_in(text: str) -> tuple[Asked, ...]:
    """The kinds of thing a turn asks for, in the order of the cue table."""
    if len(text) > 4000:
        text = text[-4000:]
    found: list[Asked] = []
    for piece in _SENTENCE.finditer(text):
        sentence = piece.group()
        asking = bool(ASKING.search(sentence) or SHORT_ASK.search(sentence))
        for asked, cue in CUES:
            match = cue.search(sentence)
            if match and asked not in found:
                if asked is Asked.SECRET and Asked.DISPLAY in found and not match.group().lower().startswith("mot"):
                    continue  # "vous avez un code à l'écran ?"
                if asked is Asked.SECRET and _HOW.search(sentence[: match.start()]):
                    continue  # "comment je change le code ?"
                if ("?" not in sentence or _WAY.search(sentence)) and ABOUT.search(
                    sentence[max(0, match.start() - 24) : match.start()]
                ):
                    continue  # "je voudrais changer mon code"
                if not asking and len(sentence[match.end() :].split()) > 3:
                    continue  # neither asks nor ends with the word
                if "?" not in sentence and (
                    GIVEN.match(sentence, match.end()) or _TOLD_NUMBER.match(text, piece.start() + match.end())
                ):
                    continue  # "le code du portail c'est…": told, not asked
                if asked in (Asked.NAME, Asked.PHONE, Asked.ADDRESS, Asked.SECRET) and Asked.SECURITY in found:
                    continue
                found.append(asked)
    return tuple(found)
