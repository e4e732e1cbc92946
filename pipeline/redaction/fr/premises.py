"""What a burglar would want to know: where the key lies, when nobody is in, where the alarm is off or a door open."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.questions import is_question
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_PREMISES = lexicon("fr", "premises")
_BEFORE, _AFTER = r"(?<![\w'-])", r"(?![\w-])"
_KEY, _LEFT, _LIES, _PLACE = map(_PREMISES.either, ("key", "left", "lies", "place"))
_THINGS = rf"(?:{_KEY}|{_PREMISES.either('valuables')})"
_HIDDEN = re.compile(
    rf"{_BEFORE}(?:(?:{_LEFT}) {_THINGS}(?: [\w'-]+){{0,3}}? (?:{_PLACE})"
    rf"|(?:il y a |y a |j'ai |on a ){_THINGS} ?(?:{_LIES}) (?:{_PLACE})"
    rf"|{_THINGS}(?:,? (?:elle|il|elles|ils))? (?=\w)(?!(?:{_PLACE}) )(?:{_LIES}) (?:{_PLACE})"
    rf"|(?:la |une )?boîte à (?:clés?|clefs?) (?:{_LIES} )?(?:{_PLACE})){_AFTER}",
    re.IGNORECASE,
)
_HAS_KEY = re.compile(rf"{_BEFORE}{_THINGS}{_AFTER}", re.IGNORECASE)
_LYING = re.compile(rf"{_BEFORE}(?:{_PLACE}) (?!(?:{_PREMISES.either('no_place')}){_AFTER})[\w']", re.IGNORECASE)
_TOLD = [
    ("when nobody is in", _PREMISES.pattern("nobody", _BEFORE)),
    ("where the alarm is off", _PREMISES.pattern("blind", _BEFORE, _AFTER)),
    ("what stands open", _PREMISES.pattern("open", _BEFORE, _AFTER)),
    ("where something lies", _HIDDEN),
]
_HOLDER = _PREMISES.pattern("holder", _BEFORE, _AFTER)
_AWAY = _PREMISES.pattern("away", _BEFORE, _AFTER)
_WHEN = _PREMISES.pattern("when", _BEFORE)
_ANSWER = re.compile(rf"{_BEFORE}(?:{_PLACE}|{_PREMISES.either('when')})", re.IGNORECASE)
_OURS = re.compile(r"agence|au centre|armoire sécurisée|scellé", re.IGNORECASE)
_END = _PREMISES.pattern("end")
_STOP = re.compile(r"[.?!;:\n]")
MAX_CLAUSE = 110
MAX_ANSWER = 25
"""Words of a turn that says where the key is without naming it again."""


def find(view: View) -> Iterator[Found]:
    """What is told of the premises, clause by clause."""
    call = view.call
    for number, turn in enumerate(call.turns):
        view.deadline.check()
        text = turn.text.replace("’", "'")
        base = call.turn_starts[number]
        for why, pattern in _TOLD:
            for match in pattern.finditer(text):
                end = _clause_end(text, match.end())
                if not _OURS.search(text, match.start(), end):
                    yield Found(base + match.start(), base + end, SpanType.PREMISES, 0.9, why)
        for place in _by_a_key(view, number, text):
            end = _clause_end(text, place)
            if not _OURS.search(text, 0, end):
                yield Found(base + place, base + end, SpanType.PREMISES, 0.75, "a place beside a key")
        for match in _AWAY.finditer(text):
            first, end = _with_time(text, match.start(), match.end())
            if end:
                yield Found(base + first, base + end, SpanType.PREMISES, 0.9, "that nobody is in, and when")
        for match in _HOLDER.finditer(text):
            end = _clause_end(text, match.end())
            if not text[end:].lstrip().startswith("?") and not _OURS.search(text, match.start(), end):
                yield Found(base + match.start(), base + end, SpanType.PREMISES, 0.75, "who can open")
        asked = view.expects(number, Asked.PREMISES)
        if asked is not None and asked.age <= 1 and not is_question(text):
            for match in _ANSWER.finditer(text):
                end = _clause_end(text, match.end())
                yield Found(
                    base + match.start(), base + end, SpanType.PREMISES, 0.7, "how one gets in, or when, as asked"
                )


def _by_a_key(view: View, number: int, text: str) -> Iterator[int]:
    """Where a place is named behind a key in its sentence, or at once in the turns that answer a turn about one."""
    keys = [match.end() for match in _HAS_KEY.finditer(text)]
    places = [match.start() for match in _LYING.finditer(text)]
    if keys:
        for place in places:
            before = max((key for key in keys if key <= place), default=None)
            if before is not None and not _STOP.search(text, before, place):
                yield place
        return
    earlier = view.call.turns[max(0, number - 2) : number]
    answers = bool(places) and len(text.split()) <= MAX_ANSWER and not is_question(text)
    if answers and any(_HAS_KEY.search(turn.text.replace("’", "'")) for turn in earlier):
        yield places[0]


def _clause_end(text: str, at: int) -> int:
    match = _END.search(text, at, at + MAX_CLAUSE)
    return match.start() if match else min(len(text), at + MAX_CLAUSE)


def _with_time(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause widened to the time said in its sentence; (0, 0) when none is."""
    after = _WHEN.search(text, end, min(len(text), end + MAX_CLAUSE // 2))
    if after and not _STOP.search(text, end, after.start()):
        return start, _clause_end(text, after.end())
    first = max(text.rfind(mark, 0, start) for mark in ".?!;:\n") + 1
    for before in _WHEN.finditer(text, max(first, start - MAX_CLAUSE // 2), start):
        return before.start(), _clause_end(text, end)
    inside = _WHEN.search(text, start, end)
    return (start, _clause_end(text, end)) if inside and inside.group().lower() != "jamais" else (0, 0)
