"""The page about the security standard names every requirement, and tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
LINES = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| (.+) \|$", PAGE, flags=re.MULTILINE)

# Levels 1 and 2 of ASVS 5.0.0, by section: how many, counted from the first; where level 3 lies between, each.
LEVEL_2 = """
1.1 2   1.2 9   1.3 11  1.4 3   1.5 2   2.1 3   2.2 3   2.3 4   2.4 1   3.2 2   3.3 4   3.4 6   3.5 5   3.7 2
4.1 3   4.2 1   4.3 2   4.4 4   5.1 1   5.2 3   5.3 2   5.4 3   6.1 3   6.2 12  6.3 4   6.4 4   6.5 5   6.6 3   6.8 4
7.1 3   7.2 4   7.3 2   7.4 5   7.5 2   7.6 2   8.1 2   8.2 3   8.3 1   8.4 1   9.1 3   9.2 4
10.1 2  10.2 2  10.3 4  10.4 11 10.5 5  10.6 2  10.7 3  11.1 2  11.2 3  11.3 3  11.4 4  11.5 1  11.6 1
12.1 3  12.2 2  12.3 4  13.1 1  13.2 5  13.3 2  13.4 5  14.1 2  14.2 4  14.3 3  15.1 3  15.2 3  15.3 7
16.1 1  16.2 5  16.3 4  16.4 3  16.5 3  17.1 1  17.2 4  17.3 2
"""
NUMBERS = [
    f"{section}.{number}"
    for section, count in re.findall(r"(\d+\.\d+) +(\d+)", LEVEL_2)
    for number in range(1, int(count) + 1)
]


def test_every_requirement_has_its_line_in_order() -> None:
    assert [number for number, _, _ in LINES] == NUMBERS
    assert len(NUMBERS) == 253


def test_every_line_names_what_exists_or_says_why_there_is_nothing() -> None:
    for number, _, said in LINES:
        mark, _, rest = said.partition(" ")
        assert mark in {"**yes**", "**partly**", "**no**", "**n/a**", "**yours**"}, number
        named = re.findall(r"`((?:tests|workers|pipeline)/[\w./]+)`", rest)
        assert [one for one in named if not (ROOT / one).exists()] == [], number
        assert rest or mark == "**n/a**", number
