"""Runs of numbers and single letters: "zéro six, douze…", "06 12", "A B, un deux trois, C D" alike.

A run is a list of atoms (one number or one letter each) with only fillers between them; its digits are what
the speaker dictated as far as it can be told. The language says what its number words, fillers and units
are (`NumberGrammar`); whether a run is personal is for the recognisers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum

from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.words import CallText, Word


class Kind(Enum):
    """What an atom is."""

    NUMBER = "number"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Atom:
    """One number or letter; ``first``..``last`` are word indices, last included; ``bound`` says what an
    atom belongs to (a unit, a time, a date, a label such as "zone") when it is not dictated data."""

    kind: Kind
    first: int
    last: int
    digits: str = field(repr=False)
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Atoms in a row within one turn."""

    atoms: tuple[Atom, ...]
    turn: int

    @property
    def first(self) -> int:
        return self.atoms[0].first

    @property
    def last(self) -> int:
        return self.atoms[-1].last

    @property
    def digits(self) -> str:
        return "".join(a.digits for a in self.atoms if a.kind is Kind.NUMBER)

    @property
    def letters(self) -> int:
        return sum(a.kind is Kind.LETTER for a in self.atoms)

    @property
    def numbers(self) -> int:
        return sum(a.kind is Kind.NUMBER for a in self.atoms)


@dataclass(frozen=True, slots=True)
class NumberGrammar:
    """What a language brings: its parser of one cardinal and its small closed word lists."""

    parse: Callable[[Sequence[Word], int], tuple[int, int] | None]
    fillers: frozenset[str]
    letter_names: frozenset[str]
    never_letters: frozenset[str]
    as_in: frozenset[str]
    double: frozenset[str]
    times: frozenset[str]
    units: frozenset[str]
    time_units: frozenset[str]
    money_units: frozenset[str]
    decimal: frozenset[str]
    out_of: frozenset[str]
    months: frozenset[str]
    weekdays: frozenset[str]
    labels: frozenset[str]
    lists: frozenset[str]
    label_links: frozenset[str]
    clause_words: frozenset[str]
    told: frozenset[str]
    percent: frozenset[str]
    hundred: frozenset[str]
    alphabet: frozenset[str]
    number_words: frozenset[str]


def read_grammar(
    language: str, parse: Callable[[Sequence[Word], int], tuple[int, int] | None], number_words: frozenset[str]
) -> NumberGrammar:
    """The lists of the language's ``numbers.txt`` of the same names."""
    lists = lexicon(language, "numbers")
    named = {one.name for one in fields(NumberGrammar)} - {"parse", "number_words"}
    return NumberGrammar(parse=parse, number_words=number_words, **{name: lists.words(name) for name in named})


MAX_FILLERS = 5
_NEAR = " ,-–—./_\u00a0\u202f|:;+()*#'…"


def find_runs(call: CallText, grammar: NumberGrammar) -> list[Run]:
    """Every run of the call, in order; atoms bound to units, times, dates or labels end a run."""
    runs: list[Run] = []
    current: list[Atom] = []
    fillers = 0
    at = 0
    words = call.words
    for first, end in call.turn_words:
        current, fillers, at = [], 0, first
        listed: Atom | None = None  # the last of a label's numbers ("zones 1, 2 et 3")
        plural = False  # the label announces a list: "zones 104, 105 et 106" is nothing dictated
        while at < end:
            atom = _atom(words, at, end, grammar)
            if (
                atom is not None
                and not atom.bound
                and _goes_on(words, listed, atom)
                and (plural or not _dictated(words, atom, end, grammar))
            ):
                listed, at = atom, atom.last + 1
                continue
            if atom is not None and not atom.bound:
                if current and not _may_join(words, atom):
                    _close(runs, current, words)
                    current = []
                current.append(atom)
                fillers = 0
                at = atom.last + 1
                continue
            if atom is not None:
                listed = atom if atom.bound in ("label", "labels") else None
                plural = atom.bound == "labels"
                _close(runs, current, words)
                current = []
                at = atom.last + 1
                continue
            fillers += 1
            if current and (words[at].lower not in grammar.fillers or fillers > MAX_FILLERS or _breaks(words[at].gap)):
                _close(runs, current, words)
                current = []
            at += 1
        _close(runs, current, words)
    return runs


def _close(runs: list[Run], atoms: list[Atom], words: Sequence[Word]) -> None:
    """Keep a run without a lone letter hanging off a word at its edges."""
    if any(a.kind is Kind.NUMBER for a in atoms) or len(atoms) >= 2:
        runs.append(Run(tuple(atoms), words[atoms[0].first].turn))


def _breaks(gap: str) -> bool:
    return any(c in '?!\n«»"' for c in gap)


def _may_join(words: Sequence[Word], b: Atom) -> bool:
    gap = words[b.first].gap
    return not (_breaks(gap) or len(gap) > 6 or gap.strip(_NEAR))


def _atom(words: Sequence[Word], at: int, end: int, g: NumberGrammar) -> Atom | None:
    number = _number(words, at, end, g)
    if number is not None:
        return _bind(words, number, end, g)
    word = words[at]
    if _letter(words, at, end, g):
        last = at
        if at + 2 < end and words[at + 1].lower in g.as_in:
            last = at + 2
            if words[last].lower.endswith("'") and last + 1 < end:
                last += 1
            # "V comme Jean-Pierre": a hyphenated example is one example
            while last + 1 < end and words[last + 1].gap == "-":
                last += 1
        return Atom(Kind.LETTER, at, last, word.lower[0])
    return None


def _number(words: Sequence[Word], at: int, end: int, g: NumberGrammar) -> Atom | None:
    word = words[at]
    if word.is_digits:
        return Atom(Kind.NUMBER, at, at, word.lower)
    # "double zéro", "triple neuf"
    if word.lower in g.double and at + 1 < end:
        inner = _number(words, at + 1, end, g)
        if inner is not None:
            return Atom(Kind.NUMBER, at, inner.last, inner.digits * 2)
        if _letter(words, at + 1, end, g):
            return Atom(Kind.LETTER, at, at + 1, words[at + 1].lower[0])
    parsed = g.parse(words, at)
    if parsed is None:
        return None
    value, after = parsed
    # "deux fois le quatre", "deux fois zéro"
    if after < end and words[after].lower in g.times and value <= 9:
        target = after + 1
        while target < end and words[target].lower in g.label_links and target < after + 3:
            target += 1
        if target < end and not words[target].gap.strip(" "):
            inner = _number(words, target, end, g)
            if inner is not None and len(inner.digits) <= 2:
                return Atom(Kind.NUMBER, at, inner.last, inner.digits * value)
            if _letter(words, target, end, g):
                return Atom(Kind.LETTER, at, target, words[target].lower[0])
    return Atom(Kind.NUMBER, at, after - 1, str(value))


def _letter(words: Sequence[Word], at: int, end: int, g: NumberGrammar) -> bool:
    word = words[at]
    if len(word.text) == 1 and word.text.isalpha():
        if at + 1 < end and words[at + 1].lower in g.as_in:
            return True
        if word.lower not in g.never_letters:
            return True
        # "a", "y", "d": a letter only when it is written as one, or stands among letters
        if word.text.isupper() and not word.gap.strip(_NEAR) and not _sentence_word(words, at):
            return True
        return _among_letters(words, at, end, g)
    if word.lower in g.alphabet:
        return _alphabet(words, at, end, g)
    if word.lower in g.letter_names:
        beside = [words[i] for i in (at - 1, at + 1) if 0 <= i < end and words[i].turn == word.turn]
        return any(len(b.text) == 1 or b.lower in g.letter_names or b.is_digits for b in beside)
    return False


def _alphabet(words: Sequence[Word], at: int, end: int, g: NumberGrammar) -> bool:
    """Whether "tango" stands for its letter: another such word or a letter stands right beside it."""
    for beside in (at - 1, at + 1):
        if not 0 <= beside < end or words[beside].turn != words[at].turn or words[max(at, beside)].gap.strip(" ,-"):
            continue
        other = words[beside].lower
        if other in g.alphabet or (len(other) == 1 and other.isalpha() and other not in "àay"):
            return True
    return False


def _sentence_word(words: Sequence[Word], at: int) -> bool:
    """A capital "À" or "A" that begins a sentence and is followed by a plain word."""
    first = at == 0 or words[at - 1].turn != words[at].turn or "." in words[at].gap
    return first and at + 1 < len(words) and len(words[at + 1].text) > 1 and not words[at + 1].is_digits


def _among_letters(words: Sequence[Word], at: int, end: int, g: NumberGrammar) -> bool:
    word = words[at]
    if word.lower == "à":
        return False
    before = words[at - 1] if at and words[at - 1].turn == word.turn else None
    after = words[at + 1] if at + 1 < end else None
    if word.lower in ("a", "y") and before is not None and before.lower in g.clause_words:
        return False  # "il y a deux", "on a trois"
    if (
        before is not None
        and before.lower == "y"
        and word.lower == "a"
        and at >= 2
        and words[at - 2].lower in g.clause_words
    ):
        return False
    example = at >= 2 and words[at - 2].turn == word.turn and words[at - 2].lower in g.as_in
    beside = [b for b in (before, after) if b is not None and len(b.text) == 1 and b.text.isalpha() and b.lower != "à"]
    between = before is not None and (before.is_digits or before.lower in g.number_words)
    named = before is not None and (
        before.lower in g.told or (between and word.lower == "a" and not word.gap.strip(" ,"))
    )
    number = after is not None and (after.is_digits or g.parse(words, at + 1) is not None)
    return (
        example
        or bool(beside)
        or (named and number)
        or (
            word.lower != "a"
            and number
            and word.gap.strip(" ,") == ""
            and word.lower != "à"
            and not word.text.endswith("'")
        )
    )


def _bind(words: Sequence[Word], atom: Atom, end: int, g: NumberGrammar) -> Atom:
    """The atom with what it belongs to, when a unit, a time, a month or a label says so."""

    def bound(reason: str, last: int = atom.last) -> Atom:
        return Atom(atom.kind, atom.first, last, atom.digits, reason)

    after = atom.last + 1
    follows = words[after] if after < end else None
    near = follows is not None and not follows.gap.strip(" -\u00a0\u202f")
    if follows is not None and follows.lower in g.alphabet and _alphabet(words, after, end, g):
        return atom  # "quatre un deux kilo lima": a letter, no weight
    if follows is not None and near:
        if follows.lower in g.months:
            return bound("date")
        short = len(follows.lower) == 1 and (
            not words[atom.first].is_digits or (after + 1 < end and len(words[after + 1].lower) == 1)
        )
        glued = not follows.gap and follows.text == "h" and words[atom.first].is_digits  # "20h"
        if follows.lower in g.time_units and (glued or not short):
            # "quatorze heures trente", "14h30": the minutes go with it
            minutes = _number(words, after + 1, end, g) if after + 1 < end else None
            if minutes is not None and len(minutes.digits) <= 2 and not words[minutes.first].gap.strip(" "):
                return bound("time", minutes.last)
            if after + 2 < end and words[after + 1].lower in g.out_of:
                always = _number(words, after + 2, end, g)
                if always is not None:
                    return bound("time", always.last)
            return bound("time", after)
        if follows.lower in g.money_units:
            cents = _number(words, after + 1, end, g) if after + 1 < end else None
            if cents is not None and len(cents.digits) <= 2 and not words[cents.first].gap.strip(" "):
                return bound("money", cents.last)
            return bound("money", after)
        if follows.lower in g.units and not short and not (len(atom.digits) >= 5 and words[atom.first].is_digits):
            return bound("unit", after)
        if follows.lower == "g" and atom.digits in ("2", "3", "4", "5"):
            return bound("unit", after)  # a generation of mobile networks
        if follows.lower in g.percent and after + 1 < end and words[after + 1].lower in g.hundred:
            return bound("unit", after + 1)
        if follows.lower in g.decimal:
            fraction = _number(words, after + 1, end, g) if after + 1 < end else None
            if fraction is not None:
                inner = _bind(words, fraction, end, g)
                if inner.bound in ("unit", "money", "time"):
                    return bound(inner.bound, inner.last)
    if follows is not None and follows.gap in (",", ".") and follows.is_digits and atom.last == atom.first:
        tail = words[after + 1] if after + 1 < end else None
        symbol = tail is not None and tail.lower in g.units | g.money_units and not tail.gap.strip(" ")
        if tail is not None and tail.gap.strip()[:1] in ("€", "%", "°", "$", "£"):
            return bound("money", after)
        if symbol or (follows.gap == "," and len(atom.digits) <= 3 and len(follows.lower) <= 2 and tail is None):
            return bound("unit", after + 1 if symbol else after)
    if follows is not None and follows.gap.strip() in ("€", "%", "°", "$", "£"):
        return bound("unit")
    dotted = near and follows is not None and follows.lower == "point"
    dotted = dotted or (follows is not None and follows.gap in (".", "-", "/") and follows.is_digits)
    label = _label(words, atom.first, g) if len(atom.digits) <= 4 and not dotted else ""
    if label == "labels" and atom.digits.startswith("0"):
        label = "label"
    if label and (label == "labels" or not _dictated(words, atom, end, g)):
        return bound(label)
    return atom


def _goes_on(words: Sequence[Word], listed: Atom | None, atom: Atom) -> bool:
    """Whether the atom carries on a list of numbers behind a label: only a comma or "et" in between, and no longer."""
    if listed is None or atom.kind is not Kind.NUMBER or atom.digits.startswith("0"):
        return False
    if len(atom.digits) > max(2, len(listed.digits)):
        return False
    between = words[listed.last + 1 : atom.first]
    return (
        len(between) <= 1
        and all(w.lower in ("et", "ou", "à", "and", "or") for w in between)
        and not any(c in ".?!;:" for w in words[listed.last + 1 : atom.first + 1] for c in w.gap)
    )


def _dictated(words: Sequence[Word], atom: Atom, end: int, g: NumberGrammar) -> bool:
    """Whether so many digits follow at once that something is being dictated ("depuis le 06 39 98…")."""
    digits = [atom.digits]
    at = atom.last + 1
    while at < end and len(digits) < 4 and not words[at].gap.strip(" ,-./"):
        if words[at].lower == "point" and at + 1 < end:  # of an address: "depuis deux cent trois point zéro point …"
            at += 1
        following = _number(words, at, end, g)
        if following is None:
            break
        digits.append(following.digits)
        at = following.last + 1
    return len("".join(digits)) >= 6 and any(len(d) > 1 or d == "0" for d in digits)


def _label(words: Sequence[Word], first: int, g: NumberGrammar) -> str:
    back = first - 1
    steps = 0
    while back >= 0 and words[back].turn == words[first].turn and steps < 3:
        if words[back + 1].gap.strip(" -°:"):
            return ""
        word = words[back].lower
        if word in g.lists:
            return "labels"
        if word in g.labels:
            return "label"
        if word in g.weekdays:
            return "date"
        if word not in g.label_links:
            return ""
        back -= 1
        steps += 1
    return ""
