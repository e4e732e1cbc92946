"""Towns, regions, countries: known ones, compound ones ("Saint-X", "X-sur-Y"), the model's, and after "à"."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.grammar import UNITS
from callwarden.redaction.fr.greeting import entities, is_nobodys, is_own
from callwarden.redaction.fr.naming import NEVER
from callwarden.redaction.fr.questions import is_question
from callwarden.redaction.fr.town_name import may_begin, town_end
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_ADDRESSES = lexicon("fr", "addresses")
_TOP_LEVELS = lexicon("fr", "mail").words("top_levels")

_COMPOUND = re.compile(
    r"(?<![\w-])(?:(?:Saint|Sainte|St|Ste)-[A-ZÀ-Þ][\w'’]+(?:-[\w'’]+){0,4}|(?!Au-|Là-|Ci-|Par-)[A-ZÀ-Þ][\w'’]+-(?:sur|sous|en|"
    r"lès|les|le|la|de|du|des|aux|l'|d')-?[\w'’]+(?:-[\w'’]+){0,3})"
)
_RAW_COMPOUND = re.compile(
    r"(?<![\w-])(?:[a-zà-ÿ]{3,20}(?:-[a-zà-ÿ]{2,20})?-(?:sur|lès|lez)-[a-zà-ÿ']{2,20}(?:-[a-zà-ÿ]{2,20}){0,2}|"
    r"sainte?-[a-zà-ÿ]{2,20}(?:-[a-zà-ÿ']{1,20}){0,4})"
)
# What the model calls a place and is none, or is an institution or a people.
NOT_PLACES = _ADDRESSES.words("not_places") | UNITS


_STREETS = _ADDRESSES.words("named_streets")
MAX_MODEL_WORDS = 7


def find(view: View) -> Iterator[Found]:
    """Towns, regions and countries of the call."""
    call = view.call
    words = call.words
    for at, word in enumerate(words):
        if (word.lower.endswith("'") and not word.capital) or word.is_digits or is_own(view, at):
            continue
        if at + 1 < len(words) and words[at + 1].gap == ".":
            continue  # "orange.fr"
        before = words[at - 1].lower if at and words[at - 1].turn == word.turn and not word.gap.strip(" ") else ""
        cued = before in ("à", "vers", "habite", "commune", "ville", "près") or (
            before in ("sur", "en", "de", "d'", "au", "aux") and not word.raw
        )
        if view.dictionary.is_place(word.lower) and before not in ("monsieur", "madame", "m", "mme"):
            ordinary = view.dictionary.is_ordinary(word.lower)
            if (word.capital and not (ordinary and call.sentence_start(at) and not _stands_alone(view, at))) or (
                word.raw and (not ordinary or before in ("à", "ville", "habite"))
            ):
                end = town_end(view, at, loose=cued)
                if end:
                    yield Found(word.start, words[end - 1].end, SpanType.LOCATION, 0.75, "a town, region or country")
                    continue
        if word.raw and before in _CONTRACTED and _after_contraction(view, at):
            end = town_end(view, at, loose=True)
            if end:
                yield Found(word.start, words[end - 1].end, SpanType.LOCATION, 0.65, "a town behind its article")
                continue
        if before == "à" and word.lower in ("la", "le", "les", "l'") and (word.capital or _article_town(view, at)):
            end = town_end(view, at, loose=True)
            if end:
                yield Found(word.start, words[end - 1].end, SpanType.LOCATION, 0.65, "a proper name after 'à'")
                continue
        if (
            before == "à"
            and may_begin(view, at, loose=True)
            and (word.capital or word.raw)
            and not call.sentence_start(at)
        ):
            if view.dictionary.is_first_name(word.lower) or (word.raw and len(word.lower) < 4):
                continue
            end = town_end(view, at, loose=True)
            if end:
                yield Found(word.start, words[end - 1].end, SpanType.LOCATION, 0.65, "a proper name after 'à'")
    for match in _COMPOUND.finditer(call.text):
        if not is_nobodys(view, match.start()):
            yield Found.of(match, SpanType.LOCATION, 0.7, "a compound name of a town")
    for match in _RAW_COMPOUND.finditer(call.text):
        if call.raws[call.turn_at(match.start())] and not is_nobodys(view, match.start()):
            yield Found.of(match, SpanType.LOCATION, 0.65, "a compound name of a town")
    yield from _answers(view)
    yield from _model(view)


_CONTRACTED = _ADDRESSES.words("contracted")
_ARTICLE_TOWNS = _ADDRESSES.words("article_towns")


def _after_contraction(view: View, at: int) -> bool:
    """Without capitals, "au mans", "des sables-d'olonne": a known town, or a compound no dictionary holds."""
    words = view.call.words
    d = view.dictionary
    lower = words[at].lower
    if lower in _ARTICLE_TOWNS or (d.is_place(lower) and not d.is_ordinary(lower)):
        return True
    end = at
    while (
        end + 1 < len(words)
        and end - at < 6
        and words[end + 1].turn == words[at].turn
        and words[end + 1].gap in ("-", "")
    ):
        end += 1
    links = any(words[i].lower in ("de", "d'", "sur", "sous", "en", "lès", "lez") for i in range(at + 1, end))
    return end > at + 1 and links and not d.is_ordinary(view.call.text[words[at].start : words[end].end].lower())


def _article_town(view: View, at: int) -> bool:
    """Without capitals, "à la rochelle": an article and a known town that is no ordinary word."""
    words = view.call.words
    if not words[at].raw or at + 1 >= len(words) or words[at + 1].turn != words[at].turn:
        return False
    lower = words[at + 1].lower
    return bool(view.dictionary.is_place(lower) and not view.dictionary.is_ordinary(lower))


def _answers(view: View) -> Iterator[Found]:
    """Proper words of a short answer where an address or town was asked for."""
    call = view.call
    for number in range(len(call.turns)):
        asked = view.expects(number, Asked.ADDRESS)
        first, end = call.turn_words[number]
        if asked is None or asked.age > 1 or is_question(call.turns[number].text) or end - first > 12:
            continue
        at = first
        while at < end:
            word = call.words[at]
            proper = not view.dictionary.is_ordinary(word.lower) or (
                word.capital and not word.raw and not call.sentence_start(at)
            )
            if (
                proper
                and word.lower not in NEVER
                and may_begin(view, at, loose=True)
                and not view.dictionary.is_first_name(word.lower)
            ):
                stop = max(town_end(view, at, loose=True), at + 1)
                yield Found(
                    word.start,
                    call.words[stop - 1].end,
                    SpanType.LOCATION,
                    0.65,
                    "a proper name where a place was asked for",
                )
                at = stop
            else:
                at += 1


def _stands_alone(view: View, at: int) -> bool:
    """Punctuation, a line's end or nothing behind the word: "Lieu : Paris"."""
    words = view.call.words
    if at + 1 >= len(words) or words[at + 1].turn != words[at].turn:
        return True
    return bool(words[at + 1].gap.strip(" -'’")) or "\n" in words[at + 1].gap


def _model(view: View) -> Iterator[Found]:
    call = view.call
    for first, end in entities(view, "LOC", keep=_STREETS):
        if (
            not call.words[first].raw
            and call.words[first].text.isupper()
            and end - first == 1
            and len(call.words[first].text) <= 4
        ):
            continue
        inside = call.words[first:end]
        if any(w.gap == "." and w.lower in _TOP_LEVELS for w in inside[1:]):
            continue  # "Amara.org"
        if all(w.lower in NOT_PLACES or w.lower in NEVER or w.is_digits or len(w.lower) < 3 for w in inside):
            continue
        if end - first > MAX_MODEL_WORDS and call.words[first].lower not in _STREETS:
            continue  # the model lost its way in a misheard sentence
        proper = [i for i in range(first, end) if _proper(view, i)]
        unknown = [
            i
            for i in range(first, end)
            if not view.dictionary.is_ordinary(call.words[i].lower)
            and call.words[i].lower not in NEVER
            and len(call.words[i].lower) > 2
            and not call.words[i].is_digits
        ]
        if call.words[first].raw and unknown and call.words[first].lower not in _STREETS:
            # without capitals the model takes in whole clauses: only what no dictionary holds is a place's name
            known = [i for i in range(first, end) if view.dictionary.is_place(call.words[i].lower)]
            first, end = min(unknown + known), max(unknown + known) + 1
        if (not proper and not unknown) or (
            end - first == 1
            and call.sentence_start(first)
            and not view.dictionary.is_place(call.words[first].lower)
            and not _stands_alone(view, first)
        ):
            continue
        if (
            not unknown
            and not any(view.dictionary.is_place(call.words[i].lower) for i in range(first, end))
            and all(view.dictionary.is_ordinary(call.words[i].lower) for i in range(first, end))
            and call.sentence_start(first)
        ):
            continue
        yield view.found(
            first, end - 1, SpanType.LOCATION, 0.6 if not unknown else 0.7, "the language model takes it for a place"
        )


def _proper(view: View, at: int) -> bool:
    """A word that can be a place's name: no greeting, no institution, with a capital or of no dictionary."""
    word = view.call.words[at]
    if word.lower in NEVER or word.lower in NOT_PLACES:
        return False
    if word.raw:
        return not view.dictionary.is_ordinary(word.lower)
    return word.capital and not view.call.sentence_start(at)
