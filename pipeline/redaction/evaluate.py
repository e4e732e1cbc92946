"""How much personal data a finder covers and how much else it takes, counted on annotated documents.

Only letters and digits count (`str.isalnum`). A gold span is *fully covered* when each of its characters
lies in some prediction of any type; *leaked characters* are those of gold spans that no prediction covers,
a character counted once. A prediction is right when it overlaps any gold span. Plain dates are left out of
the summary's recall (redacting them is policy) but a prediction on one is not wrong.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FIXED_FORM = (
    "PHONE", "CREDIT_CARD", "IBAN", "NATIONAL_ID", "EMAIL", "DATE_OF_BIRTH", "LICENCE_PLATE", "SECRET",
)  # fmt: skip
NAMES_AND_PLACES = ("PERSON", "LOCATION")
LEFT_OUT = frozenset({"DATE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One annotated or predicted stretch; ``turn`` is 0 in a document of one text."""

    turn: int
    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One document: its texts, what is marked in it, and what was found."""

    texts: tuple[str, ...]
    gold: tuple[Mark, ...]
    found: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeScore:
    """Counts for one type. ``touched`` counts gold spans that a prediction of the *same* type overlaps."""

    spans: int
    covered: int
    touched: int
    characters: int
    leaked: int
    predictions: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The counts of a whole set; the properties are shares in 0..1, None where nothing was counted."""

    documents: int
    without_leak: int
    spans: int
    covered: int
    characters: int
    leaked: int
    predictions: int
    right: int
    predicted_characters: int
    right_characters: int
    words: int
    words_gone: int
    by_type: Mapping[str, TypeScore]

    @property
    def recall(self) -> float | None:
        """Share of gold spans fully covered, plain dates apart."""
        return _share(self.covered, self.spans)

    @property
    def whole(self) -> float | None:
        """Share of documents of which no marked letter or digit stays readable, plain dates apart."""
        return _share(self.without_leak, self.documents)

    @property
    def leak(self) -> float | None:
        """Share of marked letters and digits that stay readable, plain dates apart."""
        return _share(self.leaked, self.characters)

    @property
    def precision(self) -> float | None:
        """Share of predictions that overlap a gold span of any type."""
        return _share(self.right, self.predictions)

    @property
    def precision_characters(self) -> float | None:
        """Share of predicted letters and digits that are marked."""
        return _share(self.right_characters, self.predicted_characters)

    @property
    def gone(self) -> float | None:
        """Share of all words that a prediction touches."""
        return _share(self.words_gone, self.words)

    def recall_of(self, types: Iterable[str]) -> float | None:
        """Share of gold spans of these types fully covered."""
        scores = [self.by_type[t] for t in types if t in self.by_type]
        return _share(sum(s.covered for s in scores), sum(s.spans for s in scores))


def evaluate(documents: Iterable[Scored]) -> Evaluation:
    """Count everything over all documents."""
    total = dict.fromkeys(
        ("documents", "without_leak", "spans", "covered", "characters", "leaked", "predictions", "right",
         "predicted_characters", "right_characters", "words", "words_gone"), 0,
    )  # fmt: skip
    kinds: dict[str, dict[str, int]] = {}
    for document in documents:
        total["documents"] += 1
        _count_document(document, total, kinds)
    by_type = {kind: TypeScore(**counts) for kind, counts in sorted(kinds.items())}
    return Evaluation(by_type=by_type, **total)


def _count_document(document: Scored, total: dict[str, int], kinds: dict[str, dict[str, int]]) -> None:
    found = _characters(document.found, document.texts)
    marked = _characters(document.gold, document.texts)
    wanted: set[tuple[int, int]] = set()
    for mark in document.gold:
        chars = _alnum(mark, document.texts)
        counts = kinds.setdefault(mark.type, _no_counts())
        covered = chars <= found
        counts["spans"] += 1
        counts["covered"] += covered
        counts["characters"] += len(chars)
        counts["leaked"] += len(chars - found)
        counts["touched"] += any(_overlap(mark, p) and p.type == mark.type for p in document.found)
        if mark.type not in LEFT_OUT:
            total["spans"] += 1
            total["covered"] += covered
            wanted |= chars
    for prediction in document.found:
        counts = kinds.setdefault(prediction.type, _no_counts())
        right = any(_overlap(prediction, mark) for mark in document.gold)
        counts["predictions"] += 1
        counts["right"] += right
        total["predictions"] += 1
        total["right"] += right
    total["characters"] += len(wanted)
    total["without_leak"] += wanted <= found
    total["leaked"] += len(wanted - found)
    total["predicted_characters"] += len(found)
    total["right_characters"] += len(found & marked)
    for turn, text in enumerate(document.texts):
        for start, end in words_of(text):
            total["words"] += 1
            total["words_gone"] += any((turn, at) in found for at in range(start, end))


def words_of(text: str) -> list[tuple[int, int]]:
    """Offsets of what stands between blanks and holds a letter or digit."""
    out: list[tuple[int, int]] = []
    at = 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        if any(c.isalnum() for c in word):
            out.append((start, at))
    return out


def _no_counts() -> dict[str, int]:
    return dict.fromkeys(
        ("spans", "covered", "touched", "characters", "leaked", "predictions", "right"), 0
    )  # fmt: skip


def _alnum(mark: Mark, texts: Sequence[str]) -> set[tuple[int, int]]:
    text = texts[mark.turn]
    return {(mark.turn, at) for at in range(mark.start, min(mark.end, len(text))) if text[at].isalnum()}


def _characters(marks: Iterable[Mark], texts: Sequence[str]) -> set[tuple[int, int]]:
    return {place for mark in marks for place in _alnum(mark, texts)}


def _overlap(a: Mark, b: Mark) -> bool:
    return a.turn == b.turn and a.start < b.end and b.start < a.end


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
