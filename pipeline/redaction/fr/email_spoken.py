"""E-mail addresses as people say them: "julien point lefebvre arobase exemple point fr"."""

import re
from collections.abc import Iterator, Sequence

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.grammar import MONEY, TIME_UNITS
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.fr.questions import DENIAL, is_question
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View
from callwarden.redaction.words import Word

_MAIL = lexicon("fr", "mail")

_AT = frozenset(("arobase", "at"))
_JOIN = _MAIL.words("join")
_AFTER_TIRET = _MAIL.words("after_tiret")
_STOP = _MAIL.words("stop")
_BEFORE_INITIAL = _MAIL.words("before_initial")
_TLDS = _MAIL.words("top_levels")
_CORRECT = re.compile(r"[?!\n]")
_WRITTEN = re.compile(
    r"(?<!\w)@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|"
    r"(?:[\w+-]{1,40}(?: [._-] ?|[._] (?=[\w.-]{1,40} ?@))){0,4}[\w.+-]{1,64}"
    r"\s?(?:@|[(\[{](?:at|a|arobase)[)\]}])\s?(?:[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|"
    r"[\w-]{1,63}(?: ?[._-] ?[\w-]{1,63}){0,3} ?\. ?[a-z]{2,10}(?![\w'’]))|"
    r"[\w+-]{1,40}(?:\.[\w+-]{1,40}){0,4} (?:at|arobase) [\w-]{2,40}(?: (?:dot|point) |\.)[a-z]{2,6}(?!\w)"
)


_DOTTED = re.compile(r"(?<![\w@])[\w-]{1,40}(?:[._][\w-]{1,40}){1,4}(?!\w)")


def find(view: View) -> Iterator[Found]:
    """Addresses of the call, dictated ones from their first word to the end of the domain."""
    call = view.call
    for match in _WRITTEN.finditer(call.text):
        yield Found.of(match, SpanType.EMAIL, 0.97, "an at sign between a name and a domain")
    for at, word in enumerate(call.words):
        hosted = word.lower == "chez" and _word(call.words, at + 1, word.turn) in _HOSTS
        if word.lower in _AT or hosted or (word.lower == "a" and _word(call.words, at + 1, word.turn) == "commercial"):
            if hosted and not _mailbox(view, at):
                continue
            if word.lower == "at" and not _domain_follows(call.words, at):
                continue
            view.deadline.check()
            asked = view.expects(word.turn, Asked.EMAIL) is not None
            first, last = _left(call.words, at, asked=asked), _right(call.words, at)
            if first == last:
                continue  # the separator alone tells nothing
            yield Found(
                call.words[first].start, call.words[last].end, SpanType.EMAIL, 0.95, "words around a spoken at sign"
            )
    yield from _bare_domains(view)
    yield from _pieces(view)


_BARE_DOMAIN = _MAIL.pattern("bare_domain")
_SITE = re.compile(r"(?:site|www\.|internet|sur|page)\W{0,3}$", re.IGNORECASE)


def _bare_domains(view: View) -> Iterator[Found]:
    """ "gmil.com" where an address was asked for: its at sign is lost, the box is what its sentence has before it."""
    call = view.call
    for match in [m for m in _BARE_DOMAIN.finditer(call.text) if view.expects(call.turn_at(m.start()), Asked.EMAIL)]:
        at = call.word_at(match.start())
        first, end = call.turn_words[call.words[at].turn]
        if _SITE.search(call.text[max(0, match.start() - 20) : match.start()]):
            continue
        start = at
        while start > first and at - start < 16 and not any(c in "?!:" for c in call.words[start].gap):
            if call.words[start].gap.strip() == "." and call.words[start].gap.endswith(" "):
                break
            start -= 1
        while start < at and (call.words[start].lower in _STOP or call.words[start].lower in _LEADING):
            start += 1
        last = call.word_at(match.end() - 1)
        while last + 1 < end and last - at < 10 and not any(c in "?!:" for c in call.words[last + 1].gap):
            if call.words[last + 1].gap.strip() == "." and call.words[last + 1].gap.endswith(" "):
                break
            last += 1
        yield view.found(start, last, SpanType.EMAIL, 0.7, "a bare domain where an address was asked for")


def _pieces(view: View) -> Iterator[Found]:
    """Turns that answer a question for an address and hold a spoken separator or little else."""
    call = view.call
    for number in range(len(call.turns)):
        asked = view.expects(number, Asked.EMAIL)
        first, end = call.turn_words[number]
        if asked is None or end == first or is_question(call.turns[number].text):
            continue
        words = call.words[first:end]
        dotted = [m for m in _DOTTED.finditer(call.turns[number].text) if "@" not in m.group()]
        for match in [m for m in dotted if any(c.isalpha() for c in m.group())][:3]:
            base = call.turn_starts[number]
            yield Found(
                base + match.start(),
                base + match.end(),
                SpanType.EMAIL,
                0.8,
                "words joined by dots where an address was asked for",
            )
        joins = [i for i, w in enumerate(words) if w.lower in ("point", "tiret", "underscore", "arobase")]
        if asked.age and all(
            w.is_digits or w.lower in NUMBER_WORDS | _JOIN | {"oui", "non", "avec"} for w in words[:4]
        ):
            continue  # a version, an amount
        if joins and len(words) > 1:
            start = 0
            while start < joins[0] - 1 and words[start].lower in _STOP:
                start += 1
            stop = joins[-1] + 1
            while stop < len(words) - 1 and words[stop].gap.strip() == "" and words[stop + 1].gap.strip() == "":
                stop += 1
            yield Found(
                words[start].start,
                words[min(stop, len(words) - 1)].end,
                SpanType.EMAIL,
                0.8,
                "spoken separators where an address was asked for",
            )
        elif asked.age == 0 and asked.asked_in == number - 1 and call.turns[number].speaker != "agent":
            yield from _garbled(view, words)


_HOSTS = _MAIL.words("hosts")
MIN_GARBLED = 4


def _garbled(view: View, words: Sequence[Word]) -> Iterator[Found]:
    """An answer in which the recogniser lost the separators: all of it, unless it refuses or puts off."""
    text = view.call.turns[words[0].turn].text.replace("’", "'")
    first = 0
    while first < len(words) and words[first].lower in _STOP | _LEADING:
        first += 1
    rest = words[first:]
    host = any(w.lower in _HOSTS or w.lower in _TLDS - {"de", "es", "it", "ch", "me"} for w in rest)
    said = sum(len(w.lower) > 1 for w in rest)
    if any(w.lower in MONEY | TIME_UNITS for w in rest) and not host:
        return
    if not rest or DENIAL.search(text) or (_NO.match(text) and not host) or view.asks[words[0].turn]:
        return
    if host or (said >= MIN_GARBLED and not all(w.is_digits or w.lower in NUMBER_WORDS for w in rest)):
        yield Found(
            rest[0].start, rest[-1].end, SpanType.EMAIL, 0.6, "an unclear answer where an address was asked for"
        )


_LEADING = _MAIL.words("leading")
_NO = _MAIL.pattern("no", r"^\W*(?:euh\W+)?", r"\b")


def _mailbox(view: View, at: int) -> bool:
    """Whether "chez gmail" stands behind a mailbox: one was asked for, or a separator is said before it."""
    words = view.call.words
    before = words[max(at - 6, view.call.turn_words[words[at].turn][0]) : at]
    return view.expects(words[at].turn, Asked.EMAIL) is not None or any(
        w.lower in ("underscore", "tiret", "point") for w in before
    )


def _left(words: Sequence[Word], at: int, *, asked: bool) -> int:
    """Index of the address's first word; where one was asked for, commas and articles in it do not end it."""
    first = at
    back = at - 1
    steps = 0
    start = next((i + 1 for i in range(at - 1, -1, -1) if words[i].turn != words[at].turn), 0)
    while back >= 0 and words[back].turn == words[at].turn and steps < 24:
        gap = words[back + 1].gap
        if _CORRECT.search(gap) or "." in gap or ":" in gap:
            break
        lower = words[back].lower
        joined = lower in _JOIN or words[back + 1].lower in _JOIN or words[back + 1].lower in _AT
        small = (
            len(lower) == 1
            or lower in NUMBER_WORDS
            or lower.isdigit()
            or lower in _AFTER_TIRET
            or lower in ("comme", "double", "deux", "fois")
        )
        named = back >= 1 and words[back - 1].lower == "comme"
        beside = (back >= 1 and words[back - 1].turn == words[at].turn and len(words[back - 1].lower) == 1) or len(
            words[back + 1].lower
        ) == 1
        if lower in _STOP and back == at - 1 and len(lower) > 3 and lower not in ("c'est", "mail", "adresse", "email"):
            first = back
            back -= 1
            steps += 1
            continue
        after_join = back >= 1 and words[back - 1].turn == words[at].turn and words[back - 1].lower in _JOIN
        before_join = len(lower) > 3 and words[back + 1].lower in ("point", "tiret", "underscore")
        article = (lower in ("le", "la") and after_join) or before_join
        initial = lower in ("a", "à") and (
            back == start or words[back - 1].lower in _BEFORE_INITIAL or "," in words[back].gap
        )
        if lower in _STOP and not article and not (lower == "a" and (joined or beside)) and not initial:
            break
        numbered = words[back + 1].is_digits or words[back + 1].lower in NUMBER_WORDS
        if "," in gap and not (joined or small or named or article or numbered or (asked and lower not in _STOP)):
            break
        if not (joined or small or named) and lower.endswith("'"):
            break
        first = back
        back -= 1
        steps += 1
    return first


def _right(words: Sequence[Word], at: int) -> int:
    last = at
    nxt = at + 1
    seen_point = False
    while nxt < len(words) and words[nxt].turn == words[at].turn and nxt - at < 16:
        gap = words[nxt].gap
        if _CORRECT.search(gap):
            break
        lower = words[nxt].lower
        if gap != "." and gap.strip() == "." and not (lower in _TLDS or lower == "point"):
            break
        if seen_point and words[nxt - 1].lower in _TLDS and lower not in ("point",):
            break
        if lower in ("point", "tiret"):
            seen_point = seen_point or lower == "point"
        elif (
            seen_point
            and words[nxt - 1].lower not in ("point", "tiret", "du", "six")
            and not (len(lower) <= 2 and len(words[nxt - 1].lower) == 1)
        ):
            break
        last = nxt
        nxt += 1
    return last


def _domain_follows(words: Sequence[Word], at: int) -> bool:
    turn = words[at].turn
    dotted = any(_word(words, i, turn) in ("point", "dot") for i in range(at + 1, at + 6))
    return dotted or _word(words, at + 1, turn) in _HOSTS


def _word(words: Sequence[Word], at: int, turn: int) -> str:
    return words[at].lower if 0 <= at < len(words) and words[at].turn == turn else ""
