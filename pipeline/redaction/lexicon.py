"""Reads vocabularies: plain text beside the rules of a language, by subject, for whoever knows the language best.

A file is a subject, a section in it a list, a line that begins with # a comment:

    # Titles before a name.
    [titles]
    monsieur madame docteur

    # Before a name and nothing else.
    [introduction: patterns]
    je m'appelle|de la part d(?:e|u) {titles}
    mon nom (?:c'est|est)

Words are divided by blanks. Patterns are regular expressions, whatever their capitals, of which one has to fit and the
first that fits is taken; the end of a line divides them as | does, an indented line goes on with the line above, and
{titles} or {names.titles} stands for another section, of this file or of another one beside it. Values are numbers by
word (`onze=11`). Phrases stand one a line, behind "=" their other forms divided by "|".
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_HEAD = re.compile(r"\[(\w+)(?:: (patterns|values|phrases))?\]")
_ONE_WORD = re.compile(r"(?:[^\W\d_]|\\w[+*]|\?|-)+")
_REFERENCE = re.compile(r"\{(?:(\w+)\.)?([a-z]\w*)\}")


class Section(NamedTuple):
    """One list as it is written: its kind ("" for words) and its lines."""

    kind: str
    lines: tuple[str, ...]


class Lexicon:
    """The lists of one subject. A list that is not there raises KeyError: the file and the rules do not fit."""

    def __init__(self, language: str, sections: dict[str, Section]) -> None:
        self._language = language
        self._sections = sections

    def __iter__(self) -> Iterator[str]:
        return iter(self._sections)

    def words(self, name: str = "") -> frozenset[str]:
        """The words of a list."""
        return frozenset(" ".join(self._sections[name].lines).split())

    def values(self, name: str) -> dict[str, int]:
        """The numbers of a list, by word."""
        pairs = (pair.split("=") for pair in " ".join(self._sections[name].lines).split())
        return {word: int(number) for word, number in pairs}

    def phrases(self, name: str) -> dict[str, tuple[str, ...]]:
        """The phrases of a list, each with its other forms."""
        pairs = (line.partition(" = ") for line in self._sections[name].lines)
        return {one: tuple(form.strip() for form in forms.split("|") if form) for one, _, forms in pairs}

    def either(self, name: str, **more: str) -> str:
        """A list as one regular expression to be put in brackets; ``more`` are further things that it refers to."""
        section = self._sections[name]
        if not section.kind:
            return either(self.words(name))

        def of(match: re.Match[str]) -> str:
            subject, other = match.groups()
            if other in more:
                return f"(?:{more[other]})"
            return f"(?:{(lexicon(self._language, subject) if subject else self).either(other, **more)})"

        return _REFERENCE.sub(of, "|".join(section.lines))

    def pattern(
        self, name: str, before: str = "", after: str = "", *, flags: int = re.IGNORECASE, **more: str
    ) -> re.Pattern[str]:
        """A list, compiled, between what has to stand before and after it."""
        return re.compile(f"{before}(?:{self.either(name, **more)}){after}", flags)


def one_word(pattern: str) -> re.Pattern[str]:
    """The alternatives of a pattern that are one word ("asthm\\w+"), compiled, where many words are to be tried."""
    return re.compile("|".join(each for each in pattern.split("|") if _ONE_WORD.fullmatch(each)), re.IGNORECASE)


def either(words: frozenset[str]) -> str:
    """One of the words, the longest first, as a regular expression to be put in brackets."""
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


@cache
def lexicon(language: str, subject: str) -> Lexicon:
    """The lists of a subject (a file in ``lexicon/`` of the language's folder), read once."""
    text = (files(__package__) / language / "lexicon" / f"{subject}.txt").read_text(encoding="utf-8")
    return Lexicon(language, read_sections(text))


def read_sections(text: str) -> dict[str, Section]:
    """The sections of a file; lines before the first heading are the section ""."""
    name, kind, lines = "", "", list[str]()
    sections: dict[str, Section] = {}
    for line in text.splitlines():
        if head := _HEAD.fullmatch(line):
            sections[name] = Section(kind, tuple(lines))
            name, kind, lines = head[1], head[2] or "", []
        elif line.startswith((" ", "\t")) and lines:
            lines[-1] += line.strip()
        elif line and not line.startswith("#"):
            lines.append(line.strip())
    sections[name] = Section(kind, tuple(lines))
    return {name: section for name, section in sections.items() if name or section.lines}
