"""Web addresses and handles that name somebody; public ones and the organisation's own stay."""

import re
from collections.abc import Iterator, Sequence

from callwarden.model.redaction import SpanType
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
    rf"(?P<host>(?:[\w-]{{1,40}}\.){{1,4}}(?:{_TLDS}|me|tv|gg|ly|app|link|page|example|[a-z]{{2,12}}(?=/\w)))(?![\w@]|-\w)"
    rf"(?P<rest>[/?#][^\s,;<>\"»)]{{0,300}})?)(?!\s?@)",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@.])@ ?[\w.-]{2,40}(?!\s?@)|///[\w.]{3,60}")
_NAMED = _MAIL.pattern("network", r"(?<![\w.])", r"\s*")
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


def _said(view: View) -> Iterator[Found]:
    """ "dupont tiret serrurerie point fr", "facebook point com slash marc point lebrun"."""
    words = view.call.words
    done = -1
    for at in range(1, len(words) - 1):
        if at <= done or words[at].lower not in ("point", "dot") or words[at + 1].turn != words[at - 1].turn:
            continue
        if words[at + 1].lower not in _SAID_TLDS:
            continue
        first, last, page = _start(words, at - 1), at + 1, 0
        while last + 2 < len(words) and words[last + 1].lower in _JOINS and words[last + 2].turn == words[at].turn:
            page = page or (last + 1 if words[last + 1].lower != "point" else 0)
            last += 2
        done = last
        if any(w.lower in ("arobase", "arobas", "at") for w in words[max(first - 3, 0) : last + 1]):
            continue  # an e-mail address
        host = "".join(_JOINED.get(w.lower, w.lower) for w in words[first : page or last + 1])
        if _names_somebody(view, host, "" if not page else words[page + 1].lower, words[first].start):
            yield view.found(first, last, SpanType.URL, 0.8, "an address of the web, as said")


def _start(words: Sequence[Word], at: int) -> int:
    """Index of the first word of the host whose last word before its top level is ``at``."""
    first = at
    while first >= 2 and words[first - 1].lower in _JOINS and words[first - 2].turn == words[at].turn:
        first -= 2
        while first and words[first].lower == "w" and words[first - 1].lower == "w":
            first -= 1
    return first


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
