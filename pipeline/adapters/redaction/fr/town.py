"""Towns, regions, countries: known ones, compound ones ("Saint-X", "X-sur-Y"), the model's, and after "à"."""

import re
from collections.abc import Iterator

from pipeline.adapters.redaction.fr.greeting import is_own
from pipeline.adapters.redaction.fr.naming import NEVER
from pipeline.adapters.redaction.fr.questions import is_question
from pipeline.adapters.redaction.view import Found, View
from pipeline.adapters.redaction.words import word_set
from pipeline.model.redaction import SpanType
from pipeline.rules.redaction.dialogue import Asked

_PLACE_BEFORE = word_set("à sur vers en au aux depuis ville commune habite habitons village de d' dans près lieu chez")
_SUFFIX = word_set("sur sous en les lès le la de du des d' aux l' saint sainte et")
_COMPOUND = re.compile(
    r"(?<![\w-])(?:(?:Saint|Sainte|St|Ste)-[A-ZÀ-Þ][\w'’]+(?:-[\w'’]+){0,4}|[A-ZÀ-Þ][\w'’]+-(?:sur|sous|en|"
    r"lès|les|le|la|de|du|des|aux|l'|d')-?[\w'’]+(?:-[\w'’]+){0,3})"
)
_RAW_COMPOUND = re.compile(
    r"(?<![\w-])(?:[a-zà-ÿ]{3,20}(?:-[a-zà-ÿ]{2,20})?-(?:sur|lès|lez)-[a-zà-ÿ']{2,20}(?:-[a-zà-ÿ]{2,20}){0,2}|"
    r"sainte?-[a-zà-ÿ]{2,20}(?:-[a-zà-ÿ']{1,20}){0,4})"
)
# What the model calls a place and is none, or is an institution or a people.
NOT_PLACES = word_set(
    "cour chambre commission gouvernement convention état etat états conseil europe union parlement "
    "ministère tribunal règlement protocole comité "
    "président greffier greffe procédure fait droit mm bonjour internet wifi service accueil urgences samu "
    "pompiers police gendarmerie mairie "
    "dr mme mlle madame monsieur zone nord sud est ouest centre secteur salon garage cuisine étage entrée "
    "porte jardin cave hall"
)


MAX_MODEL_WORDS = 7


def town_end(view: View, at: int, *, loose: bool) -> int:
    """Index after the town that begins at word ``at``; 0 when none does. ``loose`` where only a town can stand."""
    words = view.call.words
    if at >= len(words):
        return 0
    turn = words[at].turn
    start = at
    while (
        at < len(words) and at < start + 2 and words[at].turn == turn and words[at].lower in ("la", "le", "les", "l'")
    ):
        at += 1
    if at >= len(words) or words[at].turn != turn or len(words[at].gap) > 3:
        return 0
    if not _may_begin(view, at, loose=loose or at > start):
        return 0
    end = at + 1
    while end < len(words) and words[end].turn == turn and end - at < 9:
        gap, lower = words[end].gap, words[end].lower
        if gap not in (" ", "-", "", "’", "'", "‑"):
            break
        saint = words[end - 1].lower in ("saint", "sainte", "st", "ste")
        link_before = words[end - 1].lower in _SUFFIX and end - 1 > at
        if gap == "-" or gap == "‑" or saint or link_before:
            end += 1
            continue
        if words[at].raw and end == at + 1 and lower in ("de", "sur", "en") and loose and _compound_ahead(view, at):
            end += 2
            continue
        if lower in _SUFFIX and end + 1 < len(words) and words[end + 1].turn == turn and _compound(view, end):
            end += 1
            continue
        if (
            words[end].capital and not words[at].raw and not view.call.sentence_start(end) and lower not in NEVER
        ) and loose:
            end += 1
            continue
        break
    while end > at + 1 and words[end - 1].lower in _SUFFIX:
        end -= 1
    return end


def _compound(view: View, link: int) -> bool:
    """ "Bourg en Bresse", "Neuilly sur Seine" without hyphens; not "Paris et Lyon", "Lyon en voiture"."""
    words = view.call.words
    lower = words[link].lower
    if lower not in ("sur", "sous", "en", "lès", "les", "la", "le", "aux"):
        return False
    nxt = words[link + 1]
    if lower in ("sur", "sous", "lès", "les") and nxt.lower not in NEVER:
        return words[link].raw or nxt.capital
    return (not words[link].raw and nxt.capital) or (
        words[link].raw and not view.dictionary.is_ordinary(nxt.lower) and nxt.lower not in NEVER
    )


def _may_begin(view: View, at: int, *, loose: bool) -> bool:
    word = view.call.words[at]
    lower = word.lower
    if lower in ("saint", "sainte", "st", "ste"):
        return (word.capital or word.raw) and at + 1 < len(view.call.words)
    if word.is_digits or len(lower) < 2 or lower.endswith("'") or lower in NEVER:
        return False
    known = view.dictionary.is_place(lower)
    ordinary = view.dictionary.is_ordinary(lower)
    if known and (word.capital or (word.raw and (loose or not ordinary))):
        return True
    if not loose:
        return False
    if not word.raw:
        return word.capital
    return not ordinary or _compound_ahead(view, at)


def _compound_ahead(view: View, at: int) -> bool:
    """An ordinary word that begins a compound ("mont-de-marsan", "mont de marsan")."""
    words = view.call.words
    if at + 2 >= len(words) or words[at + 2].turn != words[at].turn:
        return False
    if words[at + 1].gap == "-" and words[at + 2].gap == "-":
        return True
    return (
        words[at + 1].lower in ("de", "sur", "en", "sous", "lès")
        and not view.dictionary.is_ordinary(words[at + 2].lower)
        and words[at + 2].lower not in NEVER
    )


def find(view: View) -> Iterator[Found]:
    """Towns, regions and countries of the call."""
    call = view.call
    words = call.words
    for at, word in enumerate(words):
        if (word.lower.endswith("'") and not word.capital) or word.is_digits or is_own(view, at):
            continue
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
            and _may_begin(view, at, loose=True)
            and (word.capital or word.raw)
            and not call.sentence_start(at)
        ):
            if view.dictionary.is_first_name(word.lower) or (word.raw and len(word.lower) < 4):
                continue
            end = town_end(view, at, loose=True)
            if end:
                yield Found(word.start, words[end - 1].end, SpanType.LOCATION, 0.65, "a proper name after 'à'")
    for match in _COMPOUND.finditer(call.text):
        yield Found(match.start(), match.end(), SpanType.LOCATION, 0.7, "a compound name of a town")
    for match in _RAW_COMPOUND.finditer(call.text):
        if call.raws[call.turn_at(match.start())]:
            yield Found(match.start(), match.end(), SpanType.LOCATION, 0.65, "a compound name of a town")
    yield from _answers(view)
    yield from _model(view)


_CONTRACTED = word_set("au aux du des")


def _after_contraction(view: View, at: int) -> bool:
    """Without capitals, "au mans", "des sables-d'olonne": a known town, or a compound no dictionary holds."""
    words = view.call.words
    d = view.dictionary
    seen = d.look(words[at].lower)
    if words[at].lower in d.places or (d.is_place(words[at].lower) and seen is not None and seen.share >= 0.6):
        return bool(not d.is_ordinary(words[at].lower) or words[at - 1].lower == "au" or words[at].lower in d.places)
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
                and _may_begin(view, at, loose=True)
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
    for entity in view.entities:
        if entity.label != "LOC":
            continue
        first, end = call.word_at(entity.start), min(call.word_at(entity.end - 1) + 1, len(call.words))
        while (
            first < end
            and (call.words[first].lower in NEVER or call.words[first].lower.endswith("'"))
            and not _street(call.words[first].lower)
        ):
            first += 1
        if first >= end or is_own(view, first):
            continue
        if (
            not call.words[first].raw
            and call.words[first].text.isupper()
            and end - first == 1
            and len(call.words[first].text) <= 4
        ):
            continue
        inside = call.words[first:end]
        if all(w.lower in NOT_PLACES or w.lower in NEVER or w.is_digits or len(w.lower) < 3 for w in inside):
            continue
        if end - first > MAX_MODEL_WORDS and not _street(call.words[first].lower):
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
        if call.words[first].raw and unknown and not _street(call.words[first].lower):
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
        yield Found(
            call.words[first].start,
            call.words[end - 1].end,
            SpanType.LOCATION,
            0.6 if not unknown else 0.7,
            "the language model takes it for a place",
        )


def _proper(view: View, at: int) -> bool:
    """A word that can be a place's name: no greeting, no institution, with a capital or of no dictionary."""
    word = view.call.words[at]
    if word.lower in NEVER or word.lower in NOT_PLACES:
        return False
    if word.raw:
        return not view.dictionary.is_ordinary(word.lower)
    return word.capital and not view.call.sentence_start(at)


def _street(word: str) -> bool:
    return word in ("rue", "avenue", "boulevard", "place", "impasse", "allée", "chemin", "route", "quai", "cours")
