"""The meaning of a run of numbers in French: the nearest label before it and the question that was open."""

from collections.abc import Sequence

from pipeline.adapters.redaction.fr.dictionary import Dictionary
from pipeline.adapters.redaction.fr.grammar import FILLERS, MONTHS
from pipeline.adapters.redaction.fr.questions import ASSENT, CUES
from pipeline.adapters.redaction.numbers import Run
from pipeline.adapters.redaction.view import RunContext
from pipeline.adapters.redaction.words import CallText, word_set
from pipeline.rules.redaction.dialogue import Asked, Expectation

_WINDOW = 110
_PLAIN = word_set("c' est le la les l' de du et mon ma mes numéro code alors oui c'est à au j' ai je vous donne suis")

_BEFORE_YEARS = MONTHS | word_set(
    "en depuis de année l'année l'an d' fin début courant été hiver printemps automne vers pour jusqu'en"
)


def read_contexts(
    call: CallText, runs: Sequence[Run], expected: Sequence[Sequence[Expectation]], dictionary: Dictionary
) -> list[RunContext]:
    """Each run with its context."""
    out: list[RunContext] = []
    for run in runs:
        first, last = call.words[run.first], call.words[run.last]
        turn_start = call.turn_starts[run.turn]
        before = call.text[max(turn_start, first.start - _WINDOW) : first.start].replace("’", "'")
        label, distance = _nearest_label(before)
        out.append(
            RunContext(
                run=run,
                start=first.start,
                end=last.end,
                label=label,
                label_distance=distance,
                asked=tuple(expected[run.turn]),
                alone=_alone(call, run),
                quantity=_quantity(call, run, dictionary),
                before=before.lower(),
            )
        )
    return out


def _nearest_label(before: str) -> tuple[Asked | None, int]:
    best: tuple[int, int, Asked] | None = None
    for order, (asked, cue) in enumerate(CUES):
        for match in cue.finditer(before):
            key = (match.end(), -order, asked)
            if best is None or key[:2] > best[:2]:
                best = key
    if best is None:
        return None, 10**6
    if best[2] in (Asked.NAME, Asked.SPELLING, Asked.HEALTH):
        return None, 10**6
    return best[2], len(before) - best[0]


def _alone(call: CallText, run: Run) -> bool:
    start, end = call.turn_words[run.turn]
    others = [
        w
        for w in (*call.words[start : run.first], *call.words[run.last + 1 : end])
        if w.lower not in ASSENT and w.lower not in FILLERS and w.lower not in _PLAIN
    ]
    return len(others) <= 2


def _quantity(call: CallText, run: Run, dictionary: Dictionary) -> bool:
    """One cardinal that counts the ordinary word after it ("deux mille clients"), or is a year after "en"."""
    if run.numbers != 1 or run.letters or (len(run.digits) > 4 and not run.digits.endswith("000")):
        return False
    atom = run.atoms[0]
    first = call.words[run.first]
    year = len(atom.digits) == 4 and atom.digits[:2] in ("19", "20")
    before = call.words[run.first - 1] if run.first else None
    if year and before is not None and before.turn == run.turn and before.lower in _BEFORE_YEARS:
        return True
    after = run.last + 1
    if after < len(call.words) and call.words[after].turn == run.turn:
        word = call.words[after]
        if not word.gap.strip() and not first.is_digits and len(word.lower) > 3:
            return word.lower.endswith(("s", "x")) and dictionary.is_ordinary(word.lower)
        if not word.gap.strip() and len(word.lower) > 3 and word.lower.endswith("s"):
            return dictionary.is_ordinary(word.lower) and word.lower not in FILLERS
    return False
