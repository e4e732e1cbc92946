"""The revisions of the tables: the names of the files say what Alembic reads in them."""

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from callwarden.accesslog.book.upgrade import LOG
from callwarden.adapters.sql.upgrade import CATALOGUE, Revisions


@pytest.mark.parametrize("revisions", [CATALOGUE, LOG], ids=lambda one: one.version_table)
def test_the_revisions_are_one_chain_in_the_order_of_their_files(revisions: Revisions) -> None:
    config = Config()
    config.set_main_option("script_location", str(CATALOGUE.folder.parent).replace("%", "%%"))
    config.set_main_option("version_locations", str(revisions.folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    chain = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]
    assert chain == sorted(revisions.known, reverse=True)
