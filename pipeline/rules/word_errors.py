"""Word error rate: the least number of words to change, over the number of words that were said."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WordErrors:
    """`errors` are substitutions, deletions and insertions together; `words` are those truly said."""

    errors: int
    words: int

    @property
    def rate(self) -> float:
        """0 is perfect; may exceed 1. Zero when nothing was said and nothing heard."""
        return self.errors / self.words if self.words else float(self.errors > 0)

    def __add__(self, other: "WordErrors") -> "WordErrors":
        return WordErrors(errors=self.errors + other.errors, words=self.words + other.words)


def word_errors(said: Sequence[str], heard: Sequence[str]) -> WordErrors:
    """Levenshtein's distance between two lists of words."""
    row = list(range(len(heard) + 1))
    for index, word in enumerate(said, start=1):
        diagonal, row[0] = row[0], index
        for column, other in enumerate(heard, start=1):
            diagonal, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other)),
            )
    return WordErrors(errors=row[-1], words=len(said))
