"""Sentences that the product says, as pages say them: found by what is in them, never shown in another language.

A key of a vocabulary of sentences is a part of what a desk or a rule says, with ``{}`` where a value stands; its words
may take these values as ``{0}``, ``{1}`` in another order.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

_VALUE: Final = re.compile(r"\{\}")
_AND: Final = "; "
_ANY: Final = "((?:(?!; ).)+?)"


def found_in(sentence: str, keys: Mapping[str, str]) -> tuple[str, tuple[str, ...]] | None:
    """The words of the first key that is in it, and the values there; None where none is."""
    for key, words in keys.items():
        if (match := _pattern(key).search(sentence)) is not None:
            return words, match.groups()
    return None


def retold(
    sentence: str, keys: Mapping[str, str], *, translated: Callable[[str], str], shown: Callable[[str], str]
) -> str | None:
    """The sentence in the words of `keys`, `translated`, its values as `shown`; part by part, where it has parts that a
    semicolon divides. None where any of it has no words."""
    parts = sentence.split(_AND)
    if len(parts) > 1:
        told = [retold(part, keys, translated=translated, shown=shown) for part in parts]
        known: Sequence[str] = [each for each in told if each is not None]
        if len(known) == len(told):
            return _AND.join(known)
    found = found_in(sentence, keys)
    return None if found is None else translated(found[0]).format(*(shown(value) for value in found[1]))


@lru_cache(maxsize=512)
def _pattern(key: str) -> re.Pattern[str]:
    """A value holds no semicolon with what follows; a key that ends with one reaches to the sentence's end."""
    parts = _VALUE.split(key)
    begins, ends = ("^" if not parts[0] else "", "$" if not parts[-1] else "") if len(parts) > 1 else ("", "")
    return re.compile(begins + _ANY.join(re.escape(part) for part in parts) + ends, re.DOTALL)
