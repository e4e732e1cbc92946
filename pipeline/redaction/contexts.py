"""The meaning of a run of numbers: the nearest label before it and the question that was open."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callwarden.redaction.dialogue import Asked, Expectation
from callwarden.redaction.numbers import Run
from callwarden.redaction.view import RunContext
from callwarden.redaction.words import CallText

_WINDOW = 110
_LONG_LINE = 4
_NATIONAL = 10
_OR = re.compile(r"(?:[ ,.]|\b(?:ou|et|à|puis|or|and|to|la|le|les|version)\b){1,12}")
_WRITTEN_DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])(?P<sep>[/.-])(?:0?[1-9]|1[0-2])(?P=sep)(?:19|20)\d\d"
    r"|(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2])/\d\d"
)
_CARD = re.compile(r"\bcart|\bcb\b|\bcard", re.IGNORECASE)
_PERSONAL = frozenset(
    (
        Asked.SECRET,
        Asked.SECURITY,
        Asked.IBAN,
        Asked.NATIONAL_ID,
        Asked.BIRTH,
        Asked.PHONE,
        Asked.PLATE,
        Asked.ID_NUMBER,
    )
)
_DICTATED = _PERSONAL - {Asked.PHONE, Asked.BIRTH}


@dataclass(frozen=True, slots=True)
class ContextWords:
    """What a language brings: its cues, words that count for nothing beside a number, words before a year."""

    cues: Sequence[tuple[Asked, re.Pattern[str]]]
    beside: frozenset[str]
    before_years: frozenset[str]
    is_ordinary: Callable[[str], bool]
    public_lines: frozenset[str] = frozenset()
    calling: re.Pattern[str] = re.compile(r"(?!)")
    """Numbers anybody may ring ("17", "112") and what stands before one that is rung."""
    reference: re.Pattern[str] = re.compile(r"(?!)")
    """What stands before the number of a version, norm or law."""
    public_forms: re.Pattern[str] = re.compile(r"(?!)")
    """Numbers of services, the digits put behind what is said before them."""


def read_contexts(
    call: CallText, runs: Sequence[Run], expected: Sequence[Sequence[Expectation]], language: ContextWords
) -> list[RunContext]:
    """Each run with its context."""
    out: list[RunContext] = []
    stated: set[str] = set()  # numbers of versions, norms and laws: they stay when they are said again
    for run in runs:
        first, last = call.words[run.first], call.words[run.last]
        turn_start = call.turn_starts[run.turn]
        before = call.text[max(turn_start, first.start - _WINDOW) : first.start].replace("’", "'")
        label, distance = _nearest_label(before, language)
        asked = any(e.age == 0 and e.asked in _DICTATED for e in expected[run.turn])
        refers = not asked and (bool(language.reference.search(before)) or _listed(call, run, out, stated))
        if refers:
            stated.add(run.digits)
        harmless = (
            refers
            or (run.digits in stated and label not in _DICTATED and not asked)
            or (
                not asked
                and label not in _PERSONAL
                and not (label is Asked.CARD and _CARD.search(before))
                and _WRITTEN_DATE.fullmatch(call.text, first.start, last.end) is not None
            )
            or _public(run, before, language, safe=label not in _PERSONAL and not asked)
            or _service(run, before, language, label, expected[run.turn])
        )
        out.append(
            RunContext(
                run=run,
                start=first.start,
                end=last.end,
                label=label,
                label_distance=distance,
                asked=tuple(expected[run.turn]),
                alone=_alone(call, run, language),
                quantity=harmless or _quantity(call, run, language),
                before=before.lower(),
            )
        )
    return out


def _nearest_label(before: str, language: ContextWords) -> tuple[Asked | None, int]:
    best: tuple[int, int, Asked] | None = None
    for order, (asked, cue) in enumerate(language.cues):
        if asked is Asked.PREMISES:
            continue
        for match in cue.finditer(before):
            key = (match.end(), -order, asked)
            if best is None or key[:2] > best[:2]:
                best = key
    if best is None:
        return None, 10**6
    if best[2] in (Asked.NAME, Asked.SPELLING, Asked.HEALTH):
        return None, 10**6
    return best[2], len(before) - best[0]


def _alone(call: CallText, run: Run, language: ContextWords) -> bool:
    """Whether next to nothing stands beside the run in its turn, or nothing at all in its sentence."""
    start, end = call.turn_words[run.turn]
    before = [at for at in range(start, run.first) if call.words[at].lower not in language.beside]
    behind = [at for at in range(run.last + 1, end) if call.words[at].lower not in language.beside]
    if len(before) + len(behind) <= 2:
        return True
    starts = not before or any(call.sentence_start(at) for at in range(before[-1] + 1, run.first + 1))
    return starts and (not behind or "." in call.words[run.last + 1].gap)


def _public(run: Run, before: str, language: ContextWords, *, safe: bool) -> bool:
    """A line anybody may ring. A short one needs a word for ringing before it, as it is also an ordinary number; one of
    four digits and more that one, or that nothing personal is asked for (``safe``)."""
    if run.letters:
        return False
    rung = bool(language.calling.search(before))
    if rung and all(a.digits in language.public_lines for a in run.atoms):
        return True
    digits = run.digits
    four = [digits[at : at + _LONG_LINE] for at in range(0, len(digits), _LONG_LINE)]
    return (safe or rung) and all(len(one) == _LONG_LINE and one in language.public_lines for one in four)


def _service(
    run: Run, before: str, language: ContextWords, label: Asked | None, expected: Sequence[Expectation]
) -> bool:
    """A number whose form is a service's. In talk of telephones only a whole one: a short one may be a part."""
    whole = {Asked.PHONE} if len(run.digits) == _NATIONAL else set()
    meant = {label, *(e.asked for e in expected if e.age == 0)}
    if run.letters or meant & (_PERSONAL - whole):
        return False
    return language.public_forms.search(before.lower() + run.digits) is not None


def _listed(call: CallText, run: Run, before: Sequence[RunContext], stated: set[str]) -> bool:
    """Whether only "or" and the like stand between a version, norm or law and this number."""
    last = before[-1] if before else None
    if last is None or last.run.turn != run.turn or last.run.digits not in stated:
        return False
    return _OR.fullmatch(call.text, last.end, call.words[run.first].start) is not None


def _quantity(call: CallText, run: Run, language: ContextWords) -> bool:
    """One cardinal that counts the ordinary word after it ("deux mille clients"), or is a year after "en"."""
    if run.numbers != 1 or run.letters or (len(run.digits) > 4 and not run.digits.endswith("000")):
        return False
    atom = run.atoms[0]
    first = call.words[run.first]
    year = len(atom.digits) == 4 and atom.digits[:2] in ("19", "20")
    before = call.words[run.first - 1] if run.first else None
    if year and before is not None and before.turn == run.turn and before.lower in language.before_years:
        return True
    after = run.last + 1
    if after < len(call.words) and call.words[after].turn == run.turn:
        word = call.words[after]
        if not word.gap.strip() and not first.is_digits and len(word.lower) > 3:
            return (
                word.lower.endswith(("s", "x"))
                and word.lower not in language.beside
                and language.is_ordinary(word.lower)
            )
        if not word.gap.strip() and len(word.lower) > 3 and word.lower.endswith("s"):
            return language.is_ordinary(word.lower) and word.lower not in language.beside
    return False
