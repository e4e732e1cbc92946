"""README.md shows what the demonstration prints."""

from pathlib import Path

import pytest

from tests.deploy.demo_page import README, renewed, shown_by_the_demonstration


@pytest.mark.timeout(600)  # twelve calls are transcribed
def test_the_readme_shows_what_the_demonstration_prints(tmp_path: Path) -> None:
    page = README.read_text()
    assert page == renewed(page, shown_by_the_demonstration(tmp_path)), "run: python -m tests.deploy.demo_page"
