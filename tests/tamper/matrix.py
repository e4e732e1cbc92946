"""Every cell."""

from tests.tamper import of_the_catalogue, of_the_checkpoints, of_the_journal, of_the_log, of_the_vault
from tests.tamper.cells import Cell

CELLS: tuple[Cell, ...] = (
    *of_the_log.CELLS,
    *of_the_catalogue.CELLS,
    *of_the_vault.CELLS,
    *of_the_checkpoints.CELLS,
    *of_the_journal.CELLS,
)
