"""Web addresses and handles that name somebody; public ones and the organisation's own stay."""

import re
from collections.abc import Iterator, Sequence

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.naming import NEVER
from callwarden.redaction.fr.number_words import NUMBER
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View
from callwarden.redaction.words import Word

_MAIL = lexicon("fr", "mail")

_TLDS = _MAIL.either("top_levels")
_PUBLIC = _MAIL.words("public_sites")
_JOINS = _MAIL.words("site_joins")
_SAID_TLDS = (_MAIL.words("top_levels") - frozenset(("de", "es", "it"))) | {
    "me",
    "exemple",
    "example",
}  # "à point de": words of French
_JOINED = {"point": ".", "dot": ".", "tiret": "-", "underscore": "_"}
_ADDRESS = re.compile(
    rf"(?<![\w@.-])(?:(?P<scheme>https?://)[^\s,;<>\"»)]{{1,300}}|"
    rf"(?P<host>(?:[\w-]{{1,40}}\.){{1,4}}(?:{_TLDS}|me|tv|gg|ly|app|link|page|exemple|example|[a-z]{{2,12}}(?=/\w)))(?![\w@]|-\w)"
    rf"(?P<rest>[/?#][^\s,;<>\"»)]{{0,300}})?)(?!\s?@)",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@.])@ ?[\w.-]{2,40}(?!\s?@)|///[\w.]{3,60}")
_NAMED = _MAIL.pattern("network", r"(?<![\w.])", r"\s*")
_WORLD = frozenset(("www", "w"))
_OF_JOINS = frozenset(("oblique", "bas"))
_STOP = _MAIL.words("stop") | NEVER | frozenset(_JOINS)
_BEFORE = _MAIL.words("before_site")
MAX_HOST = 8
MAX_NAME = 6
MAX_PAGE = 4
_LINED = re.compile(
    r"(?<![\w@.-])(?P<name>[\w-]{2,30}(?: point [\w-]{2,30}){0,2}"
    r"(?:(?: (?:tiret (?:du )?(?:bas|huit|8)|underscore) [\w-]{2,30}){1,3}"
    rf"|(?:_[\w-]{{1,30}}){{1,3}})(?: (?:(?:{NUMBER}|\d+)(?: a(?!\w))?|[b-xz](?!\w)|(?-i:A(?!\w)))){{0,3}})"
    rf"(?![\w@./]*[@/])(?!,? (?:arobase|at) )",
    re.IGNORECASE,
)
_DOTTED = re.compile(
    rf"(?<!\w)(?:{_MAIL.either('accounts')}),? (?:c['’]est |: ?)?"
    rf"(?P<name>[\w-]{{2,30}}(?: point [\w-]{{2,30}}|\.[\w-]{{2,30}}){{1,3}}(?: (?:{NUMBER}|\d+)){{0,3}})"
    rf"(?![\w@/])(?!,? (?:arobase|at) )",
    re.IGNORECASE,
)
_CALLED = re.compile(
    rf"(?<!\w)(?:mon pseudo(?: c['’]est)?|(?:inscrite?|connue?) sous|sous le (?:nom|pseudo)(?: de)?|"
    rf"sur [\w-]{{3,20}},? je suis) "
    rf"(?P<name>(?P<word>[^\W\d]{{3,20}})(?:[._-]?\d{{1,5}}| (?:{NUMBER}|\d{{1,4}})))(?![\w@])(?!,? (?:arobase|at) )",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"(?:arobase |@ ?)?[\w:.-]{2,40}(?: (?:underscore|tiret|point|slash|du|de|des|\d+) ?[\w.-]{0,40}){0,5}"
)


def find(view: View) -> Iterator[Found]:
    """Addresses and handles of the call."""
    text = view.call.text
    for match in _ADDRESS.finditer(text):
        view.deadline.check()
        whole = match["host"] or match.group()[len(match["scheme"] or "") :].split("/")[0]
        page = match["rest"] if match["host"] else match.group()[len(match["scheme"] or "") + len(whole) :]
        if _names_somebody(view, whole.lower(), (page or "").strip("/?#"), match.start()):
            yield Found.of(match, SpanType.URL, 0.85, "an address of the web")
    for match in _HANDLE.finditer(text):
        yield Found.of(match, SpanType.URL, 0.85, "an at sign before a handle")
    for match in _NAMED.finditer(text.replace("’", "'")):
        value = _VALUE.match(text, match.end())
        word = view.call.word_at(match.end())
        if value is None or word >= len(view.call.words):
            continue
        if re.search(r"[._:\d]", value.group()) or not view.dictionary.is_ordinary(view.call.words[word].lower):
            yield Found(value.start(), value.end(), SpanType.URL, 0.75, "a handle behind the name of a network")
    yield from _said(view)
    yield from _handles(view)


def _said(view: View) -> Iterator[Found]:
    """ "dupont tiret serrurerie point fr", "facebook point com slash marc point lebrun"."""
    words = view.call.words
    done = -1
    for at in range(1, len(words) - 1):
        if at <= done or words[at].lower not in ("point", "dot") or words[at + 1].turn != words[at - 1].turn:
            continue
        if words[at + 1].lower not in _SAID_TLDS:
            continue
        first, last, page = _start(view, at - 1), at + 1, 0
        while (after := _behind_join(words, last)) and words[after].turn == words[at].turn:
            page = page or (last + 1 if words[last + 1].lower != "point" else 0)
            last = after
        if page:
            last = _page_end(view, last)
        done = last
        if any(w.lower in ("arobase", "arobas", "at") for w in words[max(first - 3, 0) : last + 1]):
            continue  # an e-mail address
        host = "".join(_JOINED.get(w.lower, w.lower) for w in words[first : page or last + 1])
        if _names_somebody(view, host, "" if not page else words[page + 1].lower, words[first].start):
            yield view.found(first, last, SpanType.URL, 0.8, "an address of the web, as said")


def _behind_join(words: Sequence[Word], at: int) -> int:
    """Index of the word behind the separator behind ``at`` ("slash", "barre oblique"); 0 when there is none."""
    if at + 2 >= len(words) or words[at + 1].lower not in _JOINS:
        return 0
    after = at + 3 if words[at + 2].lower in _OF_JOINS and at + 3 < len(words) else at + 2
    return 0 if any(c in ".?!\n" for i in range(at + 1, after + 1) for c in words[i].gap) else after


def _start(view: View, at: int) -> int:
    """Index of the first word of the host whose last word before its top level is ``at``: also of one in several
    words ("www point les amis de gustave rivet point fr", "lassalle maroquinerie point fr")."""
    words = view.call.words
    first, turn = at, view.call.turn_words[words[at].turn][0]
    for back in range(at - 1, max(at - MAX_HOST, turn), -1):
        if any(c in ".?!\n" for c in words[back + 1].gap):
            break
        if words[back].lower == "point" and words[back - 1].lower in _WORLD:
            first = back - 1
            break
    while first - 2 >= turn and words[first - 1].lower in _JOINS:
        first -= 2
    while first > turn and words[first].lower == "w" and words[first - 1].lower == "w":
        first -= 1
    while first > turn and words[first].gap == " " and _in_host(view, first - 1) and at - first < MAX_HOST:
        first -= 1
    for back in range(first - 1, max(first - MAX_NAME, turn) - 1, -1):
        if words[back + 1].gap.strip("'’ "):
            break
        if words[back].lower in _BEFORE:
            return back + 1  # "mon site c'est boulangerie du port point com"
    return first


def _in_host(view: View, at: int) -> bool:
    """A word of no dictionary or a first name that stands before the last word of a host."""
    lower = view.call.words[at].lower
    name = not view.dictionary.is_ordinary(lower) or view.dictionary.is_first_name(lower)
    return name and lower not in _STOP and len(lower) > 1 and not lower.endswith("'")


def _page_end(view: View, at: int) -> int:
    """Index of the last word of a page's name: what closes the clause, and a word behind a name."""
    words = view.call.words
    end = at + 1
    while end < len(words) and end - at < MAX_PAGE and words[end].turn == words[at].turn and words[end].gap == " ":
        if words[end].lower in _STOP or words[end].lower.endswith("'"):
            break
        end += 1
    closes = end >= len(words) or words[end].turn != words[at].turn or bool(words[end].gap.strip())
    return end - 1 if closes else at + 1 if end > at + 1 and _in_host(view, at) else at


def _handles(view: View) -> Iterator[Found]:
    """ "ange tiret bas santucci deux A", "mon compte, nadège point tourne dix-sept"; written, "ange_santucci2"."""
    call = view.call
    for match in _CALLED.finditer(call.text):
        if not view.dictionary.is_ordinary(match["word"].lower()):
            yield Found.of(match, SpanType.URL, 0.7, "letters and figures that somebody goes by", group="name")
    for pattern, why in ((_LINED, "words joined by a line"), (_DOTTED, "a handle behind a word for an account")):
        for match in pattern.finditer(call.text):
            view.deadline.check()
            first, last = call.word_at(match.start("name")), call.word_at(match.end("name") - 1)
            names = [i for i in range(first, last + 1) if len(call.words[i].lower) > 2 and _in_host(view, i)]
            if names:
                yield Found(match.start("name"), match.end("name"), SpanType.URL, 0.75, why)


def _names_somebody(view: View, host: str, page: str, at: int) -> bool:
    """A page does unless the site is public and no place of people; a site does unless it is public or one's own."""
    plain = host.removeprefix("www.").removeprefix("w-w-w.").removeprefix("www")
    labels = re.split(r"[.]", plain)
    if any(own and own in plain.replace("-", " ") for own in view.own_words):
        return False
    network = any(label in _MAIL.words("networks") for label in labels)
    if page and (network or not _is_public(plain)):
        return True
    agent = view.call.turns[view.call.turn_at(at)].speaker == "agent"
    return not (network or agent or _is_public(plain))


def _is_public(host: str) -> bool:
    return any(host == site or host.endswith(f".{site}") for site in _PUBLIC)
