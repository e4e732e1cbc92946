"""Who may do what is printed, and documented, as it is decided."""

import json

import pytest

from callwarden.rules.rights import Act
from callwarden.workers.cli import run
from tests.policy.acts_page import PAGE, renewed
from tests.rules.test_rights import ROWS


def test_the_page_says_who_may_do_what_as_it_is_now() -> None:
    text = PAGE.read_text()
    assert text == renewed(text), "python -m tests.policy.acts_page"


def test_the_command_prints_the_whole_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "show", "--acts", "--json"]) == 0
    printed = {row["act"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(printed) == {act.value for act in Act}
    for act, row in ROWS.items():
        programs = {f"service:{name}" for name in row.programs}
        assert set(printed[act]["who"]) == row.roles | programs
        assert (printed[act]["reach"], printed[act]["people"]) == (row.reach, 2 if row.two_people else 1)
        assert printed[act]["by_policy"] is row.by_policy
    assert run(["policy", "show", "--acts"]) == 0
    assert "hold.release.confirm\tdpo, legal\tall\t2\tno\thold.released" in capsys.readouterr().out
