"""What the pages point to exists: files, anchors' files, commands."""

import re
from pathlib import Path

import pytest
import typer.main

from callwarden.workers.cli import application
from tests.deploy.compose_file import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "config").rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(callwarden [^`]+)`")
_WORD = re.compile(r"[a-z][a-z-]*")


def commands(text: str) -> set[tuple[str, ...]]:
    """The commands a page shows: the words after `callwarden`, up to the first that is an argument."""
    lines = [line for block in _BLOCK.findall(text) for line in block.splitlines() if line.startswith("callwarden ")]
    found = set()
    for line in [*lines, *_INLINE.findall(text)]:
        words = []
        for word in line.split()[1:]:
            if not _WORD.fullmatch(word):
                break
            words.append(word)
        found.add(tuple(words[:2]))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_a_page_links_to_exists(page: Path) -> None:
    missing = [target for target in _LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_a_page_shows_exists(page: Path) -> None:
    root = typer.main.get_command(application())
    known = getattr(root, "commands", {})
    for words in commands(page.read_text()):
        if not words or words[0] in {"in"}:  # prose: "callwarden in a container"
            continue
        assert words[0] in known, words
        below = getattr(known[words[0]], "commands", None)
        if below is not None and len(words) > 1:
            assert words[1] in below, words


def test_no_page_is_about_anything_but_the_product() -> None:
    for page in PAGES:
        assert not re.search(r"TODO|FIXME|lorem|example\.com|/(work|root)/", page.read_text()), page
