"""One transaction on a database."""

from callwarden.adapters.sql.artefacts import ArtefactRows
from callwarden.adapters.sql.custody import CustodyRows
from callwarden.adapters.sql.events import EventRows
from callwarden.adapters.sql.known_keys import KnownKeyRows
from callwarden.adapters.sql.objections import ObjectionRows
from callwarden.adapters.sql.redactions import RedactionRows
from callwarden.adapters.sql.sealing import SealingRows
from callwarden.adapters.sql.set_aside import SetAsideRows
from callwarden.adapters.sql.tokens import TokenRows


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
    """`callwarden.ports.catalogue.Transaction`. Made by `SqlCatalogue.transaction` and valid inside its block."""
