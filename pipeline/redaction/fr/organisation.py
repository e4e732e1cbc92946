"""Organisations: hospitals, schools and companies by their head word, and the model's; never the company itself."""

import re
from collections.abc import Iterator, Sequence

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.greeting import PUBLIC, entities, is_own
from callwarden.redaction.fr.naming import NEVER, TITLES
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.fr.secret_answer import read_values
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View
from callwarden.redaction.words import Word

_ORGANISATIONS = lexicon("fr", "organisations")
_CARE, _SCHOOLS, _TRADES, _FORMS = map(_ORGANISATIONS.words, ("care", "schools", "trades", "forms"))
_KINDS_OF_HOUSE = _ORGANISATIONS.words("kinds_of_house")
_COMMON_BEHIND = _ORGANISATIONS.words("common_behind")

_UP = "A-ZÀ-ÖØ-Þ"


def _heads() -> str:
    """The head words in small letters, with a capital, and companies' forms in capitals."""
    heads = sorted(_CARE | _SCHOOLS | _TRADES, key=len, reverse=True)
    shapes = [f"[{h[0]}{h[0].upper()}]{h[1:]}" for h in heads]
    return "|".join([*shapes, *(h.upper() for h in (*sorted(_FORMS), "ehpad", "chu", "chru", "chr", "iut"))])


_HEAD = re.compile(
    rf"(?<!\w)(?:CH|GHU|AP-HP|APHP|Banque|banque|Crédit|crédit|[Cc]entre [Hh]ospitalier|"
    rf"[Mm]aison de (?:santé|retraite|repos)|[Cc]entre (?:médical|de santé|de rééducation)|"
    rf"[Cc]abinet (?:médical|dentaire)|"
    rf"{_heads()})"
    rf"(?: (?:de la |de l['’]|du |des |de |d['’]|la |le |les |l['’]|aux |au |à la |à l['’])?(?:[{_UP}][\w'’.-]+)"
    rf"(?: (?:(?:de la |de |du |des |d['’]|et |en |la |le |au |aux |& |sur )?[{_UP}][\w'’.-]+)){{0,4}})"
)
_CAPITALS = re.compile(
    rf"(?<![\w'’-])(?:[LD]['’])?[{_UP}][\w'’-]*"
    rf"(?: (?:de la |de l['’]|du |des |de |d['’]|et |& |aux |au |à la |en |sur )?[{_UP}][\w'’-]+)+"
)
_BODIES = _ORGANISATIONS.pattern("public", flags=0)
_SUFFIXED = _ORGANISATIONS.pattern("suffixes", rf"(?<![\w'’])(?:[{_UP}][\w&'’-]+ (?:& )?){{1,4}}", r"\b", flags=0)
_RAW_HEADS = _CARE | _SCHOOLS | _TRADES | _FORMS
_OWN_ARTICLES = _ORGANISATIONS.words("own_articles")
_WHEN = _ORGANISATIONS.words("when")
_LINKS = _ORGANISATIONS.words("links")
_PARTNERS = _ORGANISATIONS.words("partners")
_TECHNICAL = _ORGANISATIONS.words("technical")
_GENERIC = _ORGANISATIONS.words("generic")
_ASKED = _ORGANISATIONS.pattern("asked", r"(?<!\w)")
_CHEZ = re.compile(r"(?:oui|euh|ben|alors|[ ,])*(?:chez|pour) ", re.IGNORECASE)
MAX_ANSWER = 5


def find(view: View) -> Iterator[Found]:
    """Organisations of the call."""
    call = view.call
    for pattern, score in ((_HEAD, 0.75), (_BODIES, 0.6), (_SUFFIXED, 0.65)):
        for match in pattern.finditer(call.text):
            view.deadline.check()
            if not _own(match.group(), view) and not _technical(match.group().split()[1:]):
                yield Found.of(match, SpanType.ORGANISATION, score, "a name behind a word for an organisation")
    yield from _without_capitals(view)
    yield from _in_capitals(view)
    yield from _chez(view)
    yield from _answers(view)
    for first, end in entities(view, "ORG"):
        inside = call.words[first:end]
        if end < len(call.words) and call.words[end].turn == inside[0].turn and _figure(call.words[end]):
            continue
        if inside[0].text.isupper() and len(inside) <= 3 and inside[-1].is_digits:
            continue  # "un NV 500", "un KP-210", "une Peugeot deux cent huit"
        if inside[0].raw or all(w.lower in _GENERIC or len(w.lower) < 2 for w in inside):
            continue
        if inside[0].lower in _GENERIC or (
            all(view.dictionary.is_ordinary(w.lower) for w in inside) and call.sentence_start(first)
        ):
            continue
        if not _own(call.text[inside[0].start : inside[-1].end], view):
            yield view.found(
                first, end - 1, SpanType.ORGANISATION, 0.6, "the language model takes it for an organisation"
            )


def _technical(words: Sequence[str]) -> bool:
    """Whether what stands behind the word for an organisation is technology's ("la société DTMF")."""
    named = [word.lower().strip(".'’") for word in words if word.lower() not in _LINKS]
    return bool(named) and all(word in _TECHNICAL for word in named)


def _figure(word: Word) -> bool:
    return not word.gap.strip(" -") and (word.is_digits or word.lower in NUMBER_WORDS - {"un", "une"})


def _without_capitals(view: View) -> Iterator[Found]:
    """ "clinique des ormeaux", "transports guilbaud", "sci bellerive": heads with their names in small letters."""
    words = view.call.words
    for at, word in enumerate(words[:-1]):
        lower = word.lower
        housed = at and lower in _KINDS_OF_HOUSE and words[at - 1].lower in ("de", "centre", "cabinet", "groupe")
        if not word.raw or (lower not in _RAW_HEADS and not housed):
            continue
        view.deadline.check()
        name = at + 1
        while name < len(words) and name < at + 3 and words[name].turn == word.turn and words[name].lower in _LINKS:
            name += 1
        if name >= len(words) or words[name].turn != word.turn or len(words[name].gap) > 1:
            continue
        link = words[name - 1].lower if name > at + 1 else ""
        counted = link in ("des", "les", "aux") and words[name].lower in NUMBER_WORDS
        if counted and name + 1 < len(words) and words[name + 1].turn == word.turn and _goes_on(view, name + 1):
            yield view.found(at, name + 1, SpanType.ORGANISATION, 0.6, "a name behind a word for an organisation")
            continue
        if not _is_name(
            view,
            name,
            head="clinique" if housed else lower,
            link="own" if words[at + 1].lower in _OWN_ARTICLES else link,
        ):
            continue
        end = _name_end(view, name, loose=words[at + 1].lower in _OWN_ARTICLES)
        first = at
        while first and words[first - 1].turn == word.turn and not words[first].gap.strip(" "):
            before = first - (words[first - 1].lower == "de") - 1
            if before < 0 or words[before].lower not in _RAW_HEADS | {"centre", "caisse", "banque"}:
                break
            first = before
        yield view.found(first, end - 1, SpanType.ORGANISATION, 0.6, "a name behind a word for an organisation")


def _in_capitals(view: View) -> Iterator[Found]:
    """ "Froid du Plateau", "Les Amis du Moulin": capitals in a row, whatever the words are."""
    call = view.call
    for match in _CAPITALS.finditer(call.text):
        view.deadline.check()
        at, end = call.word_at(match.start()), call.word_at(match.end() - 1) + 1
        while at < end and call.sentence_start(at) and not _may_begin(view, at):
            at += 1
            while at < end and not call.words[at].capital:
                at += 1
        inside = call.words[at:end]
        if not inside or " " not in call.text[inside[0].start : inside[-1].end]:
            continue
        lowers = {w.lower for w in inside}
        if lowers & (TITLES | PUBLIC) or all(w.text.isupper() for w in inside[1:] if w.capital):
            continue
        if inside[0].turn and not is_own(view, at) and not _own(call.text[inside[0].start : inside[-1].end], view):
            yield view.found(at, end - 1, SpanType.ORGANISATION, 0.6, "capitals in a row")


def _may_begin(view: View, at: int) -> bool:
    """Whether a word with the capital of its sentence can be the first one of a name."""
    lower = view.call.words[at].lower
    d = view.dictionary
    return lower not in NEVER and not lower.endswith("'") and (lower in d.nominal or not d.is_ordinary(lower))


def _chez(view: View) -> Iterator[Found]:
    """ "chez fleurs delacourt", in small letters: a noun without an article behind "chez" is a company's name."""
    words = view.call.words
    for at, word in enumerate(words[:-1]):
        first = at + 1
        if not word.raw or word.lower != "chez" or words[first].turn != word.turn:
            continue
        lower = words[first].lower
        if lower in NEVER or lower in TITLES or not _noun(view, first) or is_own(view, first):
            continue
        end = first + 1
        while end < len(words) and end - first < MAX_ANSWER and words[end].turn == word.turn:
            nxt = end + (words[end].lower in ("de", "du", "des", "d'", "et", "aux"))
            if nxt >= len(words) or words[nxt].turn != word.turn or not _goes_on(view, nxt):
                break
            end = nxt + 1
        yield view.found(first, end - 1, SpanType.ORGANISATION, 0.6, "a noun without an article behind chez")


def _goes_on(view: View, at: int) -> bool:
    lower, d = view.call.words[at].lower, view.dictionary
    if lower in NEVER or lower in _WHEN or view.call.words[at].is_digits or lower.endswith("'"):
        return False
    return not d.is_ordinary(lower) or _noun(view, at)


def _noun(view: View, at: int) -> bool:
    """Whether a word is a noun or adjective, in the plural too."""
    lower, d = view.call.words[at].lower, view.dictionary
    return not d.is_verb(lower) and (lower in d.nominal or (lower[:-1] in d.nominal and lower[-1] in "sx"))


def _answers(view: View) -> Iterator[Found]:
    """The answer to "quelle société ?", "où travaillez-vous ?"."""
    call = view.call
    for number in range(1, len(call.turns)):
        if not _ASKED.search(call.turns[number - 1].text[-200:].replace("’", "'")):
            continue
        text = call.turns[number].text.replace("’", "'")
        behind = _CHEZ.match(text)
        start = behind.end() if behind else 0
        for value in read_values(text, start, told=bool(behind)):
            if value.sentence == 0 and value.words <= MAX_ANSWER and value.start - start < 20:
                base = call.turn_starts[number]
                yield Found(
                    base + value.start,
                    base + value.end,
                    SpanType.ORGANISATION,
                    0.6,
                    "the answer to a question for a company",
                )
            break


def _is_name(view: View, at: int, *, head: str, link: str) -> bool:
    word = view.call.words[at]
    lower = word.lower
    if (
        lower in NEVER
        or lower in _COMMON_BEHIND
        or lower in _TECHNICAL
        or lower in TITLES
        or word.is_digits
        or len(lower) < 3
    ):
        return False
    d = view.dictionary
    if head in _FORMS or lower in ("saint", "sainte"):
        return True
    if not d.is_ordinary(lower) or d.is_first_name(lower) or (not link and d.may_be_surname(lower)):
        return not d.is_verb(lower)
    if link == "own" and head in _CARE | _SCHOOLS | _TRADES:
        return lower not in _WHEN and not d.is_verb(lower)
    if head in _CARE | _SCHOOLS and link in ("des", "du", "la", "les", "l'"):
        return lower in d.nominal or lower.endswith(("s", "x"))
    return link in ("aux", "au") and head in _TRADES and (lower in d.nominal or lower.endswith("s"))


def _name_end(view: View, at: int, *, loose: bool) -> int:
    """Where the name ends; ``loose`` behind an article of its own ("restaurant le petit gourmand")."""
    words = view.call.words
    end = at + 1
    while end < len(words) and words[end].turn == words[at].turn and end - at < 6:
        lower = words[end].lower
        if words[end].gap in ("-", "") or lower in ("saint", "sainte"):
            end += 1
            continue
        nxt = end + 1 if lower in ("de", "du", "des", "d'", "et") and end + 1 < len(words) else end
        if words[nxt].turn != words[at].turn or words[nxt].lower in NEVER or words[nxt].is_digits:
            break
        d = view.dictionary
        if loose and end == at + 1 and words[nxt].lower in d.nominal and words[nxt].lower not in _WHEN:
            end = nxt + 1
            continue
        lower = words[nxt].lower
        if d.is_ordinary(lower) and not d.is_first_name(lower) and lower not in _PARTNERS:
            break
        end = nxt + 1
    return end


def _own(text: str, view: View) -> bool:
    """The organisation's own name, by policy or because the call was answered with it."""
    lower = text.lower()
    if any(word in lower for word in view.own_words):
        return True
    greeting = view.call.turns[0].text[:120].lower() if len(view.call.turns) > 1 else ""
    return lower in greeting and ("bonjour" in greeting or "bonsoir" in greeting)
