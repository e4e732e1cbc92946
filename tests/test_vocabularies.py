"""A word stands where CONTRIBUTING.md says that a new one has to be written, and nowhere else."""

import re
from pathlib import Path

import pytest

from tests.vocabularies import POLICY_PAGE, renewed_page

ROOT = Path(__file__).parents[1]
WORDS = {
    "waveform": r"\bWAVEFORM\b|[\[,'\"] ?waveform[\],'\"]",
    "fraud_control": r"\bFRAUD_CONTROL\b|\bfraud_control\b",
    "call.monitored": r"\bCallMonitored\b|\"type\": \"call\.monitored\"",
    "recordings.redacted": r"\bRecordingRedacted\b|\"recordings\.redacted\"",
    "PREMISES": r"\bSpanType\.PREMISES\b|\bPREMISES = \"PREMISES\"",
}
"""The examples, and how each is written in code and configuration."""
GENERATED = "*.schema.json"


def listed(word: str) -> list[str]:
    """The files and folders of its row."""
    [row] = re.findall(
        rf"^\| [^|]* \| `{re.escape(word)}` \| (.*) \|$", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.MULTILINE
    )
    return re.findall(r"`((?:pipeline|workers|config|docs)/[^`]+)`", row)


def files() -> list[Path]:
    found = [
        path for top in ("pipeline", "workers", "config/policy.yaml", "config/topics") for path in _under(ROOT / top)
    ]
    kinds = {".py", ".yaml", ".json"}
    return [path for path in found if path.suffix in kinds and not path.match(GENERATED)]


def _under(top: Path) -> list[Path]:
    return [top] if top.is_file() else list(top.rglob("*.*"))


@pytest.mark.parametrize("word", WORDS)
def test_a_new_word_is_written_in_no_more_files_than_contributing_says(word: str) -> None:
    where = {
        str(path.relative_to(ROOT)) for path in files() if re.search(WORDS[word], path.read_text(encoding="utf-8"))
    }
    places = listed(word)
    assert 1 <= len(places) <= 6
    assert not {path for path in where if not path.startswith(tuple(places))}


@pytest.mark.parametrize("word", WORDS)
def test_every_file_contributing_names_is_there(word: str) -> None:
    assert all((ROOT / place).exists() for place in listed(word))


def test_the_words_in_the_page_about_the_policy_are_the_vocabularies() -> None:
    """Renewed with `python -m tests.vocabularies`."""
    page = POLICY_PAGE.read_text(encoding="utf-8")
    assert page == renewed_page(page)
