"""K4: an old backup brings words back with everything else; the journal's replay takes them away again."""

import shutil
from pathlib import Path

from callwarden.model.ids import LineId
from tests.journal.test_restore import NOW, Site, identity


def found(site: Site) -> set[str]:
    with site.catalogue.snapshot() as tx:
        return {hit.recording_id for hit in tx.search.find("tournesol", limit=9)}


def test_what_was_destroyed_since_the_backup_is_not_found_after_restoring_it(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    for number in (1, 2):
        site.store(number)
        with site.catalogue.transaction() as tx:
            tx.search.index(
                identity(number), generation=1, line=LineId("sales"), ended_at=NOW, text=f"tournesol {number}"
            )
    site.catalogue.close()
    shutil.copytree(site.backed_up, tmp_path / "backup")

    site = Site(tmp_path / "site")
    site.erase(identity(1))
    assert found(site) == {identity(2)}
    site.catalogue.close()

    shutil.rmtree(site.backed_up)
    shutil.copytree(tmp_path / "backup", site.backed_up)
    restored = Site(tmp_path / "site")
    assert found(restored) == {identity(1), identity(2)}, "without the journal the backup brings it back"
    restored.replay()
    assert found(restored) == {identity(2)}
    restored.catalogue.close()
