"""What `callwarden reconcile --repair` brings back once somebody has put older true rows in the place of today's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tamper.of_the_catalogue import back_with_its_objects, before_the_objection, quarantined_again, released_again
from tests.tamper.of_the_checkpoints import released_everywhere
from tests.tamper.town import Town, build


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return build(tmp_path_factory.mktemp("town"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (back_with_its_objects, "erased_is_back"),
        (before_the_objection, "objection_undone"),
        (quarantined_again, "clearing_undone"),
        (released_again, "redaction_revived"),
        (released_everywhere, "hold_gone"),
    ],
)
def test_the_journal_replayed_from_its_start_does_again_what_an_older_row_has_undone(
    change: Callable[[Town], None], code: str, town: Town, tmp_path: Path
) -> None:
    changed = town.at(tmp_path / "home")
    change(changed)
    with changed.open() as site:
        assert code in {one.code for one in site.report().breaches}
        site.system.replay_from_start()
        assert code not in {one.code for one in site.report().breaches}
    assert not changed.objects("gone")
