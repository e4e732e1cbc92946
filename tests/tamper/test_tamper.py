"""What somebody without the keys changes is seen, harmless, or a limit that is written down (I4, I7, U2, U3, L2)."""

from pathlib import Path

import pytest

from tests.tamper.cells import Cell, Harmless, Limit, SeenBy
from tests.tamper.looks import Evidence, Seen, evidence, look
from tests.tamper.matrix import CELLS
from tests.tamper.town import Town, build
from tests.tamper_page import PAGE, page


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return build(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def before(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return evidence(town.at(tmp_path_factory.mktemp("before") / "home"))


def test_of_a_town_nobody_has_touched_there_is_nothing_to_say(town: Town, before: Evidence, tmp_path: Path) -> None:
    assert len(before.of_held) > 4
    assert before.told > 4
    assert look(town.at(tmp_path / "home"), before) == Seen()


@pytest.mark.parametrize("cell", CELLS, ids=[f"{one.part.name.lower()}: {one.what}" for one in CELLS])
def test_a_change_is_what_the_page_says_of_it(cell: Cell, town: Town, before: Evidence, tmp_path: Path) -> None:
    changed = town.at(tmp_path / "home")
    cell.change(changed)
    found = look(changed, before)
    match cell.verdict:
        case SeenBy(alarms=alarms):
            assert set(alarms) <= found.alarms
            assert alarms
            assert found.opened | found.lost == set(cell.costs)
        case Harmless():
            assert found == Seen()
        case Limit(costs=costs, noticed=noticed):
            assert found.alarms == set(noticed)
            assert found.opened | found.lost == set(costs)


def test_the_matrix_is_as_large_as_was_promised_and_no_cell_is_there_twice() -> None:
    assert len({(one.part, one.what) for one in CELLS}) == len(CELLS) >= 60


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.tamper_page"
