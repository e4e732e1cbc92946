"""One transaction on a database."""

from pipeline.adapters.sql.artefacts import ArtefactRows
from pipeline.adapters.sql.custody import CustodyRows
from pipeline.adapters.sql.events import EventRows
from pipeline.adapters.sql.known_keys import KnownKeyRows
from pipeline.adapters.sql.objections import ObjectionRows
from pipeline.adapters.sql.redactions import RedactionRows
from pipeline.adapters.sql.sealing import SealingRows
from pipeline.adapters.sql.set_aside import SetAsideRows
from pipeline.adapters.sql.tokens import TokenRows


class SqlTransaction(
    EventRows,
    SealingRows,
    ArtefactRows,
    KnownKeyRows,
    ObjectionRows,
    CustodyRows,
    RedactionRows,
    SetAsideRows,
    TokenRows,
):
    """`pipeline.ports.catalogue.Transaction`. Made by `SqlCatalogue.transaction` and valid inside its block."""
