"""Vocabularies: how their files are read, and that every list in them is one a rule asks for."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from callwarden import redaction
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.lexicon import Lexicon, lexicon, read_sections
from callwarden.redaction.numbers import NumberGrammar
from callwarden.redaction.version import meaning

HOUSE = Path(redaction.__file__).parent
FILES = sorted(HOUSE.glob("*/lexicon/*.txt"))
SMALL = """\
# Titles before a name.
[titles]
madame monsieur
maître

# What leads up to it.
[asks: patterns]
bonjour|au nom de {titles}
je cherche (?:la dame|
  le monsieur)
\\#\\d{2,3}

[cardinals: values]
dix=10 onze=11
"""


@pytest.fixture
def small() -> Lexicon:
    return Lexicon("fr", read_sections(SMALL))


def test_words_are_divided_by_blanks_and_lines(small: Lexicon) -> None:
    assert small.words("titles") == {"madame", "monsieur", "maître"}
    assert small.values("cardinals") == {"dix": 10, "onze": 11}


@pytest.mark.parametrize("said", ["Bonjour", "au nom de maître", "je cherche le monsieur", "#123"])
def test_a_pattern_fits_whatever_its_capitals_and_takes_in_other_lists(small: Lexicon, said: str) -> None:
    assert small.pattern("asks").fullmatch(said)
    assert not small.pattern("asks", after="!").fullmatch(said)


def test_of_two_words_the_longer_fits_first(small: Lexicon) -> None:
    longer = Lexicon("fr", read_sections("[words]\nmer merci\n"))
    assert longer.either("words") == "merci|mer"


def test_a_list_that_is_not_there_is_an_error(small: Lexicon) -> None:
    with pytest.raises(KeyError, match="surnames"):
        small.words("surnames")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_every_list_says_what_it_is_for_and_names_nothing_twice(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    for heading in re.finditer(r"^\[\w+(?:: \w+)?\]$", text, re.MULTILINE):
        assert re.search(r"# .+\n(\[\w+\]\n)*\Z", text[: heading.start()]), heading.group()
    for name, section in read_sections(text).items():
        words = " ".join(section.lines).split() if not section.kind else list(section.lines)
        assert len(words) == len(set(words)), name
        if section.kind == "patterns":
            lexicon(path.parts[-3], path.stem).pattern(name, number="x")


def test_every_list_is_asked_for_by_a_rule_or_another_list() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in [*HOUSE.rglob("*.py"), *FILES])
    named = {field.name for field in fields(NumberGrammar)} | {str(kind) for kind in Asked}
    for path in FILES:
        for name in read_sections(path.read_text(encoding="utf-8")):
            read = re.search(rf"""["']{name or path.stem}["']|\{{(?:\w+\.)?{name}\}}""", source)
            assert read or name in named, f"{path.parts[-3]}/{path.stem}: [{name}] is read by nothing"


def test_a_word_more_makes_another_version_and_a_comment_does_not() -> None:
    before = meaning(".txt", SMALL)
    assert meaning(".txt", "# Read by many.\n\n" + SMALL) == before
    assert meaning(".txt", SMALL.replace("maître", "maître maîtresse")) != before
