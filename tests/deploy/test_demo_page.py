"""docs/demo.md and the picture in README.md show what the demonstration prints."""

from pathlib import Path

import pytest

from tests.deploy.demo_page import PAGE, PICTURE, picture, renewed, shown_by_the_demonstration


@pytest.mark.timeout(600)  # twelve calls are transcribed
def test_page_and_picture_show_what_the_demonstration_prints(tmp_path: Path) -> None:
    shown = shown_by_the_demonstration(tmp_path)
    page = PAGE.read_text()
    assert page == renewed(page, shown), "run: python -m tests.deploy.demo_page"
    assert PICTURE.read_text() == picture(shown), "run: python -m tests.deploy.demo_page"
